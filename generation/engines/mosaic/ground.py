"""A catalogue laid out for searching: every frame of its recordings at every transposition, and where sounds begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engines.mosaic import guard, search
from generation.engines.mosaic.catalogue import Recording
from generation.engines.mosaic.grains import AHEAD, PER_SECOND, Array, Bools, Ints
from generation.engines.mosaic.listening import WINDOW, Table, heard, ratio, spectra

_HOP = 0.0232  # seconds between two frames
_MOST_ROWS = 32_000  # frames that are compared with each grain; of longer catalogues every n-th
_LATE = 0.008  # seconds after an attack at which a grain may begin as if there were none
_QUIET = 0.02  # of a recording's loudest frame: below that a frame is not begun with


@dataclass(frozen=True, eq=False)
class Rows:
    """Where a passage may begin: `table` [rows, BANDS] of unit length, `at` in seconds of the recording."""

    table: Table
    recording: Ints
    shift: Ints
    at: Array

    def __len__(self) -> int:
        return len(self.at)


class Ground:
    """One style's recordings. `rows`: where passages begin; `attacks`: where they begin together with a sound."""

    def __init__(self, recordings: Sequence[Recording], shifts: Sequence[int], top: float) -> None:
        self.recordings = tuple(recordings)
        self.top = top
        self._frames: list[NDArray[np.float16]] = []
        self._rates = [one.ear[1] for one in self.recordings]
        for one in self.recordings:
            x, rate = one.ear
            centers = (np.arange(1 + int(len(x) / rate / _HOP)) * (_HOP * rate)).astype(np.int64)
            power = spectra(x, rate, centers - round(WINDOW * rate) // 2)
            self._frames.append(np.sqrt(power).astype(np.float16))
        self.rows = self._rows(shifts)
        self.attacks = self._attacks(shifts)

    def heard(self, recording: int, shift: int, at: float) -> Table | None:
        """[BANDS] of unit length: what a grain sounds like that begins there; None where nothing may be taken."""
        middle = at + ratio(shift) * 0.5 / PER_SECOND
        frame, frames = round(middle / _HOP), self._frames[recording]
        if not 0 <= frame < len(frames) or not self.usable(recording, np.array([middle]))[0]:
            return None
        row = heard(frames[frame].astype(np.float32) ** 2, self._rates[recording], shift, self.top)
        return np.asarray(row / max(float(np.linalg.norm(row)), 1e-9), dtype=np.float32)

    def begins(self, recording: int, shift: int, at: float) -> bool:
        """Whether a sound begins within the grain that begins there."""
        one = self.recordings[recording]
        first = at + _LATE
        onset = np.searchsorted(one.onsets, first * one.rate)
        end = (at + (ratio(shift) / PER_SECOND) + _LATE) * one.rate
        return bool(onset < len(one.onsets) and one.onsets[onset] < end)

    def usable(self, recording: int, at: NDArray[np.floating]) -> Bools:
        """Which of these moments may be taken."""
        one = self.recordings[recording]
        tenth = (at * guard.PER_SECOND).astype(np.int64)
        return (at >= 0) & (tenth < len(one.usable)) & one.usable[np.clip(tenth, 0, len(one.usable) - 1)]

    def _rows(self, shifts: Sequence[int]) -> Rows:
        total = sum(len(one) for one in self._frames) * len(shifts)
        step = -(-total // _MOST_ROWS)
        found = []
        for number, frames in enumerate(self._frames):
            middle = np.arange(0, len(frames), step)
            power = frames[middle].astype(np.float32) ** 2
            loud = np.sqrt(power.sum(1))
            good = self.usable(number, middle * _HOP) & (loud > _QUIET * loud.max(initial=0))
            for shift in shifts:
                at = np.maximum(middle * _HOP - ratio(shift) * 0.5 / PER_SECOND, 0)
                calm = good & ~np.array([self.begins(number, shift, float(a)) for a in at], np.bool_)
                found.append(self._some(number, shift, at[calm], power[calm]))
        return _joined(found)

    def _attacks(self, shifts: Sequence[int]) -> Rows:
        found = []
        for number, one in enumerate(self.recordings):
            x, rate = one.ear
            onset = one.onsets / one.rate
            onset = onset[self.usable(number, onset + 0.02)]
            onset = onset[:: -(-len(onset) * len(shifts) // (_MOST_ROWS // 4)) or 1]
            power = spectra(x, rate, (onset * rate).astype(np.int64))
            for shift in shifts:
                found.append(self._some(number, shift, np.maximum(onset - AHEAD * ratio(shift), 0), power))
        return _joined(found)

    def _some(self, number: int, shift: int, at: Array, power: Table) -> Rows:
        table = search.unit(heard(power, self._rates[number], shift, self.top))
        one = np.ones(len(at), np.int64)
        return Rows(table, number * one, shift * one, at)


def _joined(found: Sequence[Rows]) -> Rows:
    return Rows(
        np.concatenate([one.table for one in found]),
        np.concatenate([one.recording for one in found]),
        np.concatenate([one.shift for one in found]),
        np.concatenate([one.at for one in found]),
    )
