"""Time: a work is a row of grains of about 20 ms, each blended into the next; one that begins a sound does so sharply.

Boundaries lie on an even grid but for the onsets of the source, to which the nearest boundary is moved.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Samples = NDArray[np.float32]

PER_SECOND = 50  # grains
TICKS = 2  # hundredths of a second in a grain
AHEAD = 0.003  # seconds: how far before an onset its grain begins
SHARP = 0.003  # seconds that a sharp boundary takes


def count(samples: int, rate: int) -> int:
    """How many grains a work has; the last may be shorter."""
    return 1 + (samples - 1) * PER_SECOND // rate


def ticks(samples: int, rate: int) -> int:
    """How many hundredths of a second a work has."""
    return 1 + (samples - 1) * TICKS * PER_SECOND // rate


def grid(first: int, last: int, rate: int) -> Ints:
    """The samples at which grains `first` to `last` (exclusive) begin, before any is moved to an onset."""
    return np.arange(first, last, dtype=np.int64) * rate // PER_SECOND


def bounds(samples: int, rate: int, sharp: Ints, at: Ints) -> Ints:
    """[grains + 1]: where grains begin, and the end. Grains `sharp` begin at samples `at` instead of on the grid."""
    out = np.append(grid(0, count(samples, rate), rate), samples)
    out[sharp] = at
    return out


def moved(onsets: Ints, samples: int, rate: int) -> tuple[Ints, Ints]:
    """For onsets, in samples and ascending: the grains that are to begin there, and the samples they begin at."""
    at = onsets - round(AHEAD * rate)
    grain = (2 * at * PER_SECOND + rate) // (2 * rate)
    fits = (grain > 0) & (grain < count(samples, rate)) & (np.diff(grain, prepend=-2) > 1)
    return grain[fits], at[fits]


def blend(bounds: Ints, sharp: Bools, rate: int, first: int, last: int) -> tuple[Ints, Array]:
    """For samples `first` to `last`: the nearest boundary, and how far the grain after it has come up, 0 to 1.

    `sharp` [grains + 1]: which boundaries are.
    """
    t = np.arange(first, last)
    middle = (bounds[1:] + bounds[:-1]) // 2
    nearest = np.searchsorted(middle, t, side="right")
    width = np.where(sharp, SHARP * rate, rate / PER_SECOND)[nearest]
    u = np.clip((t - bounds[nearest]) / width + 0.5, 0.0, 1.0)
    return nearest, u * u * (3.0 - 2.0 * u)
