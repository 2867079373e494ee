"""What the net is told of each 10 ms: pitch, loudness, and whether there is pitch at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.hearing.frames import Array, Samples
from generation.engines.reed.hearing import Heard

CONTROLS = 3
_QUIETEST, _LOUDEST = -60.0, 10.0  # dB
_BEYOND = 0.08  # octaves beyond the learned range, in which the net is still asked


@dataclass(frozen=True)
class Compass:
    """The pitches that an instrument was heard at, in octaves above 1 Hz: the lowest, the middle and the highest."""

    low: float
    middle: float
    high: float


def compass_of(hz: Array) -> Compass:
    """`hz`: pitches, all above 0."""
    low, middle, high = np.percentile(np.log2(hz), [1, 50, 99])
    return Compass(float(low), float(middle), float(high))


def controls(heard: Heard, compass: Compass, octaves: float = 0.0) -> Samples:
    """float32 [frames, CONTROLS] of a recording that is played `octaves` higher than it is."""
    pitch = np.log2(through(heard.hz)) + octaves
    pitch = np.clip(pitch, compass.low - _BEYOND, compass.high + _BEYOND) - compass.middle
    level = np.clip(heard.level, _QUIETEST, _LOUDEST) / 20.0 + 1.0
    return np.stack([pitch, level, heard.hz > 0], 1).astype(np.float32)


def through(hz: Array) -> Array:
    """The pitches, going on evenly (in octaves) where there are none."""
    known = np.flatnonzero(hz > 0)
    if not len(known):
        return np.full(len(hz), 220.0)
    return np.asarray(np.exp2(np.interp(np.arange(len(hz)), known, np.log2(hz[known]))))
