"""Time: everything that is known of a recording is known at frames, 10 ms apart, whatever the recording's rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=np.floating[Any])

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Samples = NDArray[np.float32]
Tick = Callable[[], None]  # called at least once a second of work; may raise Cancelled

PER_SECOND = 100


def quiet() -> None:
    """A tick that nobody hears."""


def count(samples: int, rate: int) -> int:
    """How many frames a recording has; the last one is within it."""
    return 1 + (samples - 1) * PER_SECOND // rate


def centers(first: int, last: int, rate: int) -> Ints:
    """The samples that frames `first` to `last` (exclusive) are centered on; rounded, so that no rate drifts."""
    return (2 * np.arange(first, last, dtype=np.int64) * rate + PER_SECOND) // (2 * PER_SECOND)


def cut(x: NDArray[F], at: Ints, size: int) -> NDArray[F]:
    """[frames, size]: the samples around each center, which is at `size // 2`; zeros beyond the ends."""
    low, high = int(at[0]) - size // 2, int(at[-1]) + size - size // 2
    part = np.pad(x[max(low, 0) : max(high, 0)], (max(-low, 0), max(high - max(len(x), low, 0), 0)))
    if len(part) < high - low:  # wholly or partly beyond the end
        part = np.pad(part, (0, high - low - len(part)))
    windows = np.lib.stride_tricks.sliding_window_view(part, size)
    return np.asarray(windows[at - at[0]])
