"""A recording as it is stored: its peaks and a small sheet of its spectrum."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attribution.features import second_look, triples
from attribution.features.second_look import COLUMN, Sheet
from attribution.features.spectra import FRAMES_PER_SECOND, whitened
from attribution.features.triples import Floats, Peaks
from core.media import Sound

PEAKS = 16  # a second
_FINE = 4  # steps of a frame and of a band that peaks are stored in
_FORM = b"\x01"


@dataclass(frozen=True, eq=False)
class Heard:
    """A recording as it is stored: `peaks` and the `sheet` uint8 [columns, 28] of its whitened spectrum."""

    peaks: Peaks
    sheet: Sheet

    @property
    def seconds(self) -> float:
        return len(self.sheet) * COLUMN / FRAMES_PER_SECOND


def of(sound: Sound) -> Heard:
    """What a recording is stored by."""
    found, sheets, first = [], [], 0
    for block in whitened(sound):
        found.append(triples.peaks(block, first, PEAKS))
        sheets.append(second_look.sheet(block))
        first += block.shape[1]
    return Heard(_rounded(_joined(found)), np.concatenate(sheets))


def pack(heard: Heard) -> bytes:
    """As it is stored, about 250 bytes a second."""
    times = np.round(heard.peaks.times * _FINE).astype(np.uint32)
    columns = (
        np.diff(times, prepend=np.uint32(0)).astype("<u4"),
        np.round(heard.peaks.heights * _FINE).astype("<u2"),
        np.round(heard.peaks.strengths * 16).clip(0, 255).astype(np.uint8),
    )
    planes = [column.view(np.uint8).reshape(len(times), column.itemsize).T.tobytes() for column in columns]
    head = np.array([len(times), len(heard.sheet)], "<u4").tobytes()
    return _FORM + zlib.compress(head + b"".join(planes) + heard.sheet.tobytes(), 6)


def unpack(data: bytes) -> Heard:
    """What was stored; ValueError for what `pack` did not write."""
    try:
        raw = np.frombuffer(zlib.decompress(data[1:]), np.uint8)
        count, columns = (int(number) for number in raw[:8].view("<u4"))
        if data[:1] != _FORM or len(raw) != 8 + 7 * count + second_look.ROWS // 2 * columns:
            raise ValueError("its length is not what it says")
    except (ValueError, zlib.error) as wrong:
        raise ValueError(f"these are no stored features of a recording ({wrong}): hear it again") from wrong
    planes = raw[8 : 8 + 7 * count].reshape(7, count).T
    deltas = np.ascontiguousarray(planes[:, :4]).view("<u4").ravel()
    heights = np.ascontiguousarray(planes[:, 4:6]).view("<u2").ravel()
    times = np.cumsum(deltas, dtype=np.uint32)
    marks = Peaks(
        (times / _FINE).astype(np.float32), (heights / _FINE).astype(np.float32), (planes[:, 6] / 16).astype(np.float32)
    )
    return Heard(marks, raw[8 + 7 * count :].reshape(columns, -1))


def _rounded(marks: Peaks) -> Peaks:
    """As exact as what is stored."""

    def to(values: Floats, steps: int) -> Floats:
        return np.asarray(np.round(values.clip(0) * steps) / steps, np.float32)

    return Peaks(to(marks.times, _FINE), to(marks.heights, _FINE), to(marks.strengths, 16).clip(0, 255 / 16))


def _joined(parts: Sequence[Peaks]) -> Peaks:
    columns = [np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return Peaks(*(column[order] for column in columns))
