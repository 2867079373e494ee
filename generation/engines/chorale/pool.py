"""The frames of one side, fan or artist: their recordings one after another, and which of the frames count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.hearing.features import Codes, Features, Table
from core.hearing.frames import Array, Bools, Ints

_DEEP = 65.0  # dB below the middle of speech, where a recording has nothing more to say
_MIDDLE = (500.0, 3000.0)


@dataclass(frozen=True, eq=False)
class Pool:
    """`bounds` [recordings + 1]: each one's first row, and the end. `rows`: those that may be learned from."""

    bounds: Ints
    rows: Ints
    pitch: Codes
    envelope: Table
    level: Array
    top: float

    @property
    def voiced(self) -> Bools:
        return self.pitch > 0

    def __len__(self) -> int:
        return len(self.pitch)


def pool_of(recordings: Sequence[Features], usable: Sequence[Bools] | None = None) -> Pool:
    """`usable`: for each recording, which of its frames may be learned from; without it, those that sound."""
    good = np.concatenate(usable if usable is not None else [one.active for one in recordings])
    return Pool(
        bounds=np.cumsum([0] + [len(one) for one in recordings]),
        rows=np.flatnonzero(good),
        pitch=np.concatenate([one.pitch for one in recordings]),
        envelope=np.concatenate([one.envelope for one in recordings]),
        level=np.concatenate([one.level for one in recordings]),
        top=min(one.top for one in recordings),
    )


def reach_of(pool: Pool, hz: Array) -> float:
    """Hz up to which the recordings have content, at most `pool.top`. `hz`: of the bands."""
    loud = pool.level > -12
    mean = pool.envelope[loud].mean(0, dtype=np.float64) * (10 / np.log(10))
    middle = mean[(hz > _MIDDLE[0]) & (hz < _MIDDLE[1])].mean()
    has = (mean > middle - _DEEP) & (hz <= pool.top)
    return float(hz[has][-1])


def slopes(x: NDArray[np.float32], bounds: Ints, width: int = 3) -> NDArray[np.float32]:
    """Least-squares slope over `width` frames to either side, times `width`; never across recordings."""
    steps = np.arange(-width, width + 1)
    weights = (steps / (steps**2).sum() * width).astype(np.float32)
    out = np.zeros_like(x)
    for a, b in pairwise(bounds):
        padded = np.pad(x[a:b], ((width, width), (0, 0)), mode="edge")
        for j, weight in enumerate(weights):
            out[a:b] += weight * padded[j : j + b - a]
    return out
