"""Joining: a passage begins where its wave goes on with the one that sounds, so that the two do not cancel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft

from generation.engines.mosaic.catalogue import Recording
from generation.engines.mosaic.grains import Array
from generation.engines.mosaic.listening import RATE, ratio

_OVER, _AWAY = 0.03, 0.012  # seconds: over which waves are compared, and how far a beginning may be moved

Place = tuple[int, int, float]  # recording, shift, seconds


def aligned(recordings: Sequence[Recording], on: Place, new: Place) -> tuple[float, float]:
    """The moment near that of `new` at which it goes on best with `on`, and their correlation there."""
    over, away = round(_OVER * RATE), round(_AWAY * RATE)
    a = _wave(recordings, on, -over // 2, over - over // 2)
    b = _wave(recordings, new, -over // 2 - away, over - over // 2 + away)
    size = scipy.fft.next_fast_len(len(b), real=True)
    product = scipy.fft.irfft(scipy.fft.rfft(b, size) * np.conj(scipy.fft.rfft(a, size)), size)[: 2 * away + 1]
    total = np.cumsum(np.pad(b**2, (1, 0)))
    energy = total[over : over + 2 * away + 1] - total[: 2 * away + 1]
    likeness = product / np.sqrt(np.maximum(energy * float(a @ a), 1e-12))
    best = int(np.argmax(likeness))
    return max(0.0, new[2] + (best - away) / RATE * ratio(new[1])), float(likeness[best])


def _wave(recordings: Sequence[Recording], place: Place, first: int, last: int) -> Array:
    """Samples `first` to `last` around a place, at RATE; zeros beyond the recording."""
    number, shift, at = place
    x, rate = recordings[number].ear
    t = at * rate + np.arange(first, last) * (ratio(shift) * rate / RATE)
    low, high = max(0, int(t[0])), max(0, int(t[-1]) + 2)
    part = x[low:high]
    if not len(part):
        return np.zeros(last - first)
    return np.asarray(np.interp(t - low, np.arange(len(part)), part, left=0.0, right=0.0))
