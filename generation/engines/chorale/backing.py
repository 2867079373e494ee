"""What sounds behind a voice: at each moment that which sounded, when nobody sang, at the moments most like it.

After Rafii and Pardo, "Music/voice separation using the similarity matrix" (2012): music says the same again, a voice
other things over it. Here only moments without a voice are looked at, so that no phrase is taken for backing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from core.hearing.frames import Array, Bools, Tick
from generation.engines.chorale.spectra import Grid, Spectra, blocks

_MOST, _ALIKE = 1500, 7  # moments that are remembered, and of how many the middle is taken
_LOWEST, _OCTAVES = 110.0, 6  # Hz, and octaves above it, in semitones, that moments are compared by
_STEPS = 15  # of a semitone's level: whole numbers, so that sums are exact however they are made
_BLUR = 1.5  # bins

Power = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Backing:
    """Moments in which nobody sings. `marks` [moments, semitones]: whole numbers; `power` [moments, bins]: smoothed."""

    grid: Grid
    marks: Power
    power: Power

    def behind(self, spectra: Spectra, wanted: Bools) -> Array:
        """Power behind complex `spectra` [windows, bins]; 0 in windows that are not `wanted`, or with nothing known."""
        out = np.zeros(spectra.shape)
        if len(self.power) < _ALIKE or not wanted.any():
            return out
        marks = _marks(np.abs(spectra[wanted]) ** 2, self.grid)
        near = np.argpartition(-(marks @ self.marks.T) / _size(self.marks), _ALIKE, axis=1)[:, :_ALIKE].T
        out[wanted] = np.partition(self.power[near], _ALIKE // 2, axis=0)[_ALIKE // 2]
        return out


def learned(x: Array, grid: Grid, sung: Bools, tick: Tick) -> Backing:
    """From all windows of `x` [samples] that are not `sung` [windows], or some of them, evenly."""
    rows = np.flatnonzero(~sung)
    some = np.zeros(len(sung), np.bool_)
    some[rows[:: 1 + len(rows) // _MOST]] = True
    marks, powers = [np.zeros((0, 12 * _OCTAVES), np.float32)], [np.zeros((0, len(grid.hertz)), np.float32)]
    for a, b, _, spectra in blocks(x, grid, tick):
        power = np.abs(spectra[some[a:b]]) ** 2
        marks.append(_marks(power, grid))
        powers.append(blurred(power).astype(np.float32))
    return Backing(grid, np.concatenate(marks), np.concatenate(powers))


def blurred(power: Array) -> Array:
    """Over neighboring bins, as chance makes single ones small or large."""
    return np.asarray(gaussian_filter1d(power, _BLUR, axis=1))


def _size(marks: Power) -> Power:
    return np.asarray(np.sqrt(np.maximum(np.square(marks).sum(1), 1.0)), np.float32)


def _marks(power: Array, grid: Grid) -> Power:
    """The level of each semitone beside the moment's loudest, 0 to 15."""
    edges = _LOWEST * np.exp2(np.arange(12 * _OCTAVES + 1) / 12) * grid.size / grid.rate
    whole = np.minimum(np.round(edges).astype(np.int64), power.shape[1] - 1)
    total = np.cumsum(power, 1)
    level = np.maximum(total[:, whole[1:]] - total[:, whole[:-1]], 0) ** 0.25
    loudest = np.maximum(level.max(1, keepdims=True), 1e-9)
    return np.asarray(np.round(_STEPS * level / loudest), np.float32)
