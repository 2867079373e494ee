"""A song's spectra, a block at a time: how a mix is looked at for the voice within it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from core.hearing.frames import PER_SECOND, Array, Ints, Tick

_SECONDS = 0.09  # of a window, about: 4,096 samples of 44,100
_BLOCK = 256

Spectra = NDArray[np.complex128]


@dataclass(frozen=True)
class Grid:
    """Hann windows of `size` samples, four to each; window i is centered on sample i * `hop`."""

    rate: int
    size: int
    hop: int

    @property
    def hertz(self) -> Array:
        """Of the bins, [size / 2 + 1]."""
        return np.asarray(np.arange(self.size // 2 + 1) * (self.rate / self.size), np.float64)

    def windows(self, samples: int) -> int:
        """How many windows a recording has."""
        return samples // self.hop + 1

    def frames(self, samples: int) -> Array:
        """Of each window, the fractional 10 ms frame that it is centered on."""
        return np.asarray(np.arange(self.windows(samples)) * (self.hop * PER_SECOND / self.rate), np.float64)

    def at(self, frames: int, windows: int) -> Ints:
        """Of each 10 ms frame, the nearest window."""
        place = np.arange(frames) * (self.rate / (PER_SECOND * self.hop))
        return np.minimum(np.round(place), windows - 1).astype(np.int64)


def grid_of(rate: int, seconds: float = _SECONDS) -> Grid:
    """Windows about so long, of a power of two."""
    size = 1 << round(np.log2(seconds * rate))
    return Grid(rate, size, size // 4)


def blocks(
    x: NDArray[np.floating[Any]], grid: Grid, tick: Tick, context: int = 0
) -> Iterator[tuple[int, int, int, Spectra]]:
    """First window, the one after the last, how many of the spectra come before the first, spectra.

    `x` [samples]; the spectra are complex [windows, bins] and reach `context` windows beyond the block where there are.
    """
    window, count = np.hanning(grid.size + 1)[:-1], grid.windows(len(x))
    for a in range(0, count, _BLOCK):
        tick()
        b = min(a + _BLOCK, count)
        low, high = max(0, a - context), min(count, b + context)
        first, last = low * grid.hop - grid.size // 2, (high - 1) * grid.hop + grid.size // 2
        part = np.zeros(last - first)
        inside = x[max(first, 0) : max(last, 0)]
        part[max(-first, 0) :][: len(inside)] = inside
        pieces = np.lib.stride_tricks.sliding_window_view(part, grid.size)[:: grid.hop]
        yield a, b, a - low, scipy.fft.rfft(pieces * window)


def add(grid: Grid, a: int, spectra: Spectra, out: NDArray[np.float32]) -> None:
    """Add to `out` [samples] the spectra of windows from `a` on, complex [windows, bins]."""
    window = np.hanning(grid.size + 1)[:-1] / 1.5
    pieces = (scipy.fft.irfft(spectra, grid.size) * window).astype(np.float32)
    for i, piece in enumerate(pieces):
        first = (a + i) * grid.hop - grid.size // 2
        low, high = max(first, 0), min(first + grid.size, len(out))
        out[low:high] += piece[low - first : high - first]
