"""A second look at what landmarks found: the two spectra, one laid over the other at the voted pitch, tempo and place.

Of a registered recording a small sheet is kept: its whitened spectrum at 12 bands an octave and 5.4 columns a second,
4 bits a cell, 151 bytes a second. The spectrum that is asked is warped onto it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attribution.features.spectra import BANDS, Spectrum

COLUMN = 8  # frames in a column of a sheet
ROW = 3  # bands in a row
ROWS = BANDS // ROW
LOW, HIGH = -1.5, 2.5  # of the whitened spectrum, in 16 steps
_LEAST = 12  # columns that must overlap
_WRONG = 48  # wrong places that the right one is compared with
_APART = 4  # columns between a wrong place and the right one
_SMOOTH = 5  # columns over which agreement is averaged

Sheet = NDArray[np.uint8]  # [columns, rows / 2]: two cells a byte
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Alignment:
    """Frame t of what is asked is frame `tempo` * t + `offset` of the work, `shift` bands higher there.

    `r` is the correlation of the spectra, -1 to 1, and `z` by how many standard deviations that lies above wrong places
    of the same work. It is from frame `begin` to `end` of what is asked that they agree.
    """

    shift: float
    tempo: float
    offset: float
    r: float = -1.0
    z: float = 0.0
    begin: float = 0.0
    end: float = 0.0


def pooled(spectrum: Spectrum) -> Floats:
    """[columns, rows]: the mean of each cell; the last column may be of fewer frames."""
    starts = np.arange(0, spectrum.shape[1], COLUMN)
    lengths = np.diff(np.append(starts, spectrum.shape[1]))
    sums = np.add.reduceat(spectrum, starts, axis=1) / lengths
    return np.asarray(sums.reshape(ROWS, ROW, -1).mean(axis=1).T, np.float32)


def sheet(spectrum: Spectrum) -> Sheet:
    """The sheet of a whitened spectrum, uint8 [columns, 28]."""
    steps = np.round((pooled(spectrum).clip(LOW, HIGH) - LOW) * (15 / (HIGH - LOW))).astype(np.uint8)
    return np.asarray(steps[:, 0::2] | steps[:, 1::2] << 4, np.uint8)


def cells(packed: Sheet) -> Floats:
    """[columns, rows]: the values of a sheet, about 0 on average."""
    out = np.empty((len(packed), ROWS), np.float32)
    out[:, 0::2], out[:, 1::2] = packed & 15, packed >> 4
    return out * np.float32((HIGH - LOW) / 15) + np.float32(LOW)


@dataclass(frozen=True)
class Origin:
    """Correlations, -1 to 1: of what is asked with the `work`, with the `source` that the work was made from, and
    `between` the two."""

    work: float
    source: float
    between: float

    @property
    def share(self) -> float:
        """The part of what both explain by least squares that is the work's: about 1 of a copy, 0 of the source.

        Whatever is laid over a copy lowers both correlations and leaves this alone.
        """
        own, other = (one - self.between * two for one, two in ((self.work, self.source), (self.source, self.work)))
        return own / max(own + other, 1e-6)


class Asked:
    """A whitened spectrum [bands, frames], ready to be warped onto sheets."""

    def __init__(self, spectrum: Spectrum) -> None:
        self.frames = int(spectrum.shape[1])
        self._bands = spectrum
        self._shifted: dict[int, Floats] = {}

    def columns(self, at: Alignment, length: int) -> tuple[int, int]:
        """The first column of a work of this length that the spectrum covers there, and the one after the last."""
        first = max(0, int(np.ceil(at.offset / COLUMN)))
        last = min(length, int(np.floor((at.tempo * self.frames + at.offset) / COLUMN)))
        return first, max(first, last)

    def warped(self, tried: Sequence[Alignment], first: int, last: int) -> Floats:
        """[tried, columns, rows]: these columns of the work as the spectrum has them, at alignments of one shift."""
        sums = self._sums(round(tried[0].shift))
        offsets, tempos = (np.array([[getattr(at, name)] for at in tried]) for name in ("offset", "tempo"))
        edges = ((np.arange(first, last + 1) * COLUMN - offsets) / tempos).clip(0, self.frames)
        whole = np.minimum(edges.astype(int), self.frames - 1)
        part = (edges - whole).astype(np.float32)[..., None]
        at = sums[whole] * (1 - part) + sums[whole + 1] * part
        return np.asarray(at[:, 1:] - at[:, :-1], np.float32)

    def _sums(self, shift: int) -> Floats:
        """[frames + 1, rows]: running sums of the spectrum `shift` bands higher, as rows of a sheet."""
        if shift not in self._shifted:
            moved = np.zeros_like(self._bands)
            up, down = max(0, shift), max(0, -shift)
            moved[up : BANDS - down] = self._bands[down : BANDS - up]
            rows = moved.reshape(ROWS, ROW, -1).sum(axis=1).T
            self._shifted[shift] = np.concatenate([np.zeros((1, ROWS), np.float32), np.cumsum(rows, axis=0)])
        return self._shifted[shift]


def look(asked: Asked, packed: Sheet, start: Alignment) -> Alignment:
    """The alignment near `start` at which the spectra correlate best."""
    first, last = asked.columns(start, len(packed))
    if last - first < _LEAST:
        return start
    work = cells(packed)
    kept = _rows(start)
    part = work[first:last, kept].reshape(1, -1)
    best = start
    for step, bends in ((3.0, (0.99, 1.0, 1.01)), (1.0, (0.9967, 1.0, 1.0033))):
        tried = [_moved(best, bend, move * step, asked.frames / 2) for bend in bends for move in (-2, -1, 0, 1, 2)]
        warped = asked.warped(tried, first, last)[:, :, kept].reshape(len(tried), -1)
        r = _correlations(warped, part)
        best = replace(tried[int(r.argmax())], r=float(r.max()))
    warped = asked.warped([best], first, last)[0][:, kept]
    wrong = _elsewhere(warped, work[:, kept], first)
    z = float((best.r - np.median(wrong)) / (wrong.std() + 0.02))
    ends = first + np.array(_agreeing(warped, work[first:last, kept]))
    begin, end = ((ends * COLUMN - best.offset) / best.tempo).clip(0, asked.frames)
    return replace(best, z=z, begin=float(begin), end=float(end))


def origin(asked: Asked, work: Sheet, source: Sheet, start: Alignment) -> Origin | None:
    """Whether the work or its source is asked, where both keep the same time; None where neither is there."""
    at = look(asked, work, start)
    first, last = asked.columns(at, min(len(work), len(source)))
    if last - first < _LEAST or at.r <= 0:
        return None
    kept = _rows(at)
    warped = asked.warped([at], first, last)[0][:, kept]
    both = np.stack([cells(one[first:last])[:, kept].ravel() for one in (work, source)])
    with_work, with_source = _correlations(warped.reshape(1, -1), both)
    return Origin(float(with_work), float(with_source), float(_correlations(both[:1], both[1:])[0]))


def _agreeing(one: Floats, other: Floats) -> tuple[int, int]:
    """The columns in which two spectra [columns, rows] agree as well as in the best quarter: first, and one after."""
    products = (one * other).sum(axis=1) / np.sqrt((one * one).sum(axis=1) * (other * other).sum(axis=1) + 1e-9)
    smooth = np.convolve(products, np.full(_SMOOTH, 1 / _SMOOTH), mode="same")
    sums = np.concatenate([[0.0], np.cumsum(products - np.quantile(smooth, 0.75) / 2)])
    gains = sums - np.minimum.accumulate(sums)
    end = int(gains.argmax())
    begin = int(sums[: end + 1].argmin())
    if end - begin < _LEAST:
        middle = (begin + end) // 2
        begin = min(max(0, middle - _LEAST // 2), len(one) - _LEAST)
        end = begin + _LEAST
    return begin, end


def _moved(at: Alignment, bend: float, by: float, middle: float) -> Alignment:
    """At another tempo around the middle, and moved by so many frames."""
    return Alignment(at.shift, at.tempo * bend, at.offset + by + at.tempo * (1 - bend) * middle)


def _rows(at: Alignment) -> slice:
    """The rows of a work that the spectrum, shifted, still covers."""
    shift = round(at.shift)
    return slice(-(-max(0, shift) // ROW), ROWS + min(0, shift) // ROW)


def _correlations(some: Floats, others: Floats) -> Floats:
    """Correlation of each of [n, cells] with each of [m, cells], where n or m is 1: float32 [n * m]."""
    some, others = (values - values.mean(axis=1, keepdims=True) for values in (some, others))
    squares = [np.einsum("ij,ij->i", values, values) for values in (some, others)]
    return np.asarray((some @ others.T).ravel() / np.sqrt(squares[0] * squares[1] + 1e-9), np.float32)


def _elsewhere(warped: Floats, work: Floats, right: int) -> Floats:
    """Correlations of a spectrum [columns, rows] with wrong places of a work, whose end is followed by its begin."""
    apart = min(_APART, len(work) // 4)
    moves = np.unique(np.linspace(apart, len(work) - apart, _WRONG).astype(int))
    columns = (right + np.arange(len(warped)) + moves[:, None]) % len(work)
    return _correlations(warped.reshape(1, -1), work[columns].reshape(len(moves), -1))
