"""The spectrum of a recording as its peaks and its sheet are taken from: logarithmic in frequency, and whitened.

A shift of pitch moves such a spectrum up or down, a change of tempo stretches it, and neither changes its shape. From
each value the mean around it is taken, so that equalizers, compressors and codecs leave little behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.media import Sound

RATE = 11_025  # samples per second
WINDOW, HOP = 2048, 256  # samples: 186 ms, 23 ms
PER_OCTAVE, BANDS, LOWEST = 36, 168, 180.0  # bands from 180 Hz to 4.6 kHz
FRAMES_PER_SECOND = RATE / HOP

_AROUND = (25, 45)  # bands and frames whose mean is taken from each value
_SMOOTH = (0.7, 1.0)  # standard deviation in bands and frames
_MARGIN = 40  # frames before and after a block, so that its edges are whitened as if it were whole
_BLOCK = 2048  # frames that are held at once: 48 s
_READ = 1 << 20  # frames of the recording that are read at once
_LOUDEST = 1e3  # of full scale: beyond that a file holds no sound
_FLOOR = 1e-9 * (WINDOW / 4) ** 2  # power, 90 dB below a tone of the recording's peak

Spectrum = NDArray[np.float32]  # [bands, frames]


def whitened(sound: Sound) -> Iterator[Spectrum]:
    """The whitened spectrum float32 [168, frames] in nepers of power, in blocks that follow on each other.

    One frame is 23.2 ms, band b lies at 180 Hz times 2 ** (b / 36). Silence gives zeros, and what is shorter than a
    window gives one frame. Besides the block it needs 4 bytes a sample of the recording at 11,025 Hz, mono.
    """
    from scipy.ndimage import gaussian_filter, uniform_filter

    samples = _mono(sound)
    count = frames(sound)
    needed = (count - 1) * HOP + WINDOW
    if len(samples) < needed:
        samples = np.pad(samples, (0, needed - len(samples)))
    for first in range(0, count, _BLOCK):
        begin, end = max(0, first - _MARGIN), min(count, first + _BLOCK + _MARGIN)
        logs = _logarithmic(samples[begin * HOP : (end - 1) * HOP + WINDOW])
        level = gaussian_filter(logs - uniform_filter(logs, _AROUND, mode="nearest"), _SMOOTH)
        yield level[:, first - begin : first - begin + min(_BLOCK, count - first)]


def frames(sound: Sound) -> int:
    """How many frames the spectrum of a recording has, at least one."""
    return 1 + max(0, int(sound.seconds * RATE) - WINDOW) // HOP


def _mono(sound: Sound) -> NDArray[np.float32]:
    """The mean of the channels at 11,025 Hz, its peak at 1, read piece by piece."""
    import soxr

    stream = soxr.ResampleStream(sound.rate, RATE, 1, dtype="float32", quality="HQ")
    parts = []
    for first in range(0, sound.frames, _READ):
        piece = sound.samples[first : first + _READ].clip(-_LOUDEST, _LOUDEST).mean(axis=1, dtype=np.float32)
        parts.append(stream.resample_chunk(piece, last=first + _READ >= sound.frames))
    out = np.concatenate(parts)
    peak = float(np.abs(out).max(initial=0.0))
    if peak > 0:
        out /= peak
    return np.asarray(out, np.float32)


def _logarithmic(samples: NDArray[np.float32]) -> Spectrum:
    """Logarithm of the power in each band, float32 [168, frames]."""
    from scipy.fft import rfft

    cut = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP]
    power = np.abs(rfft(cut * np.hanning(WINDOW).astype(np.float32), axis=1)) ** 2
    return np.asarray(np.log(_filters() @ power.T.astype(np.float32) + np.float32(_FLOOR)), np.float32)


@cache
def _filters() -> NDArray[np.float32]:
    """[bands, frequencies]: triangles, no narrower than the resolution of the transform, each with a sum of one."""
    frequencies = np.fft.rfftfreq(WINDOW, 1 / RATE)
    centers = LOWEST * 2 ** (np.arange(BANDS)[:, None] / PER_OCTAVE)
    widths = np.maximum(centers * (2 ** (1 / PER_OCTAVE) - 1), RATE / WINDOW)
    triangles = (1 - np.abs(frequencies - centers) / widths).clip(0)
    return np.asarray(triangles / triangles.sum(axis=1, keepdims=True), np.float32)
