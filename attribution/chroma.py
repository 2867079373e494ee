"""Chromaprint's features of a recording, from which the ISCC audio code (ISO 24138) is made.

The method is that of L. Lalinsky's Chromaprint, in the algorithm that it takes by default ("test 2"): a third of a
second of sound becomes the energy of twelve semitones; sixteen moments of these are compared by sixteen filters (Y. Ke,
D. Hoiem, R. Sukthankar: Computer vision for music identification, 2005), two bits each. The numbers were trained by its
author; a code made with others would be no ISCC.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.media import Sound

RATE = 11_025
_FRAME, _HOP = 4096, 4096 // 3
_LOWEST, _HIGHEST = 28, 3520  # Hz
_BANDS, _WIDTH = 12, 16
_SMOOTH = (0.25, 0.75, 1.0, 0.75, 0.25)
_QUIET = 0.01  # length of a chroma vector, of 16-bit samples, below which there is nothing
_FULL_SCALE = 32_768
_PIECE = 1 << 16  # samples that are resampled at once
_GRAY = np.array([0, 1, 3, 2], np.uint32)
# Kind of the filter, first band, bands, moments; three thresholds between its four values.
_FILTERS = (
    (0, 4, 3, 15, 1.98215, 2.35817, 2.63523),
    (4, 4, 6, 15, -1.03809, -0.651211, -0.282167),
    (1, 0, 4, 16, -0.298702, 0.119262, 0.558497),
    (3, 8, 2, 12, -0.105439, 0.0153946, 0.135898),
    (3, 4, 4, 8, -0.142891, 0.0258736, 0.200632),
    (4, 0, 3, 5, -0.826319, -0.590612, -0.368214),
    (1, 2, 2, 9, -0.557409, -0.233035, 0.0534525),
    (2, 7, 3, 4, -0.0646826, 0.00620476, 0.0784847),
    (2, 6, 2, 16, -0.192387, -0.029699, 0.215855),
    (2, 1, 3, 2, -0.0397818, -0.00568076, 0.0292026),
    (5, 10, 1, 15, -0.53823, -0.369934, -0.190235),
    (3, 6, 2, 10, -0.124877, 0.0296483, 0.139239),
    (2, 1, 1, 14, -0.101475, 0.0225617, 0.231971),
    (3, 5, 6, 4, -0.0799915, -0.00729616, 0.063262),
    (1, 9, 2, 12, -0.272556, 0.019424, 0.302559),
    (3, 4, 2, 14, -0.164292, -0.0321188, 0.0846339),
)


def features(sound: Sound) -> NDArray[np.int32]:
    """One number of 32 bits for every 0.124 s; none for a recording shorter than 2.8 s."""
    chroma = _chroma(_resampled(sound))
    smooth = sum(weight * chroma[i : max(i, len(chroma) - len(_SMOOTH) + 1 + i)] for i, weight in enumerate(_SMOOTH))
    rows = np.asarray(smooth, np.float64).reshape(-1, _BANDS)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    rows = np.divide(rows, length, out=np.zeros_like(rows), where=length >= _QUIET)
    count = len(rows) - _WIDTH + 1
    if count < 1:
        return np.zeros(0, np.int32)
    sums = np.zeros((len(rows) + 1, _BANDS + 1))
    sums[1:, 1:] = rows.cumsum(0).cumsum(1)
    bits = np.zeros(count, np.uint32)
    for kind, band, bands, width, *levels in _FILTERS:
        value = np.digitize(_filtered(sums, count, kind, (int(band), int(bands), int(width))), levels)
        bits = bits << np.uint32(2) | _GRAY[value]
    return bits.view(np.int32)


def _filtered(sums: NDArray[np.float64], count: int, kind: float, place: tuple[int, int, int]) -> NDArray[np.float64]:
    """How much one part of each window outweighs the other; `sums` is the integral image [moment, band]."""
    band, bands, width = place

    def area(begin: int, end: int, low: int, high: int) -> NDArray[np.float64]:
        """Of moments `begin` to `end` and bands `low` to `high` of the filter's place, for each window."""
        first, last, below, above = begin, end, band + low, band + high
        whole = sums[last : last + count, above] - sums[first : first + count, above]
        part: NDArray[np.float64] = whole - sums[last : last + count, below] + sums[first : first + count, below]
        return part

    everything = area(0, width, 0, bands)
    half_time, half_band, third_time, third_band = width // 2, bands // 2, width // 3, bands // 3
    more = (
        lambda: everything,
        lambda: area(0, width, half_band, bands),
        lambda: area(half_time, width, 0, bands),
        lambda: area(0, half_time, half_band, bands) + area(half_time, width, 0, half_band),
        lambda: area(0, width, third_band, 2 * third_band),
        lambda: area(third_time, 2 * third_time, 0, bands),
    )[int(kind)]()
    less = np.zeros(count) if kind == 0 else everything - more
    return np.log1p(more) - np.log1p(less)


def _chroma(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Energy of each semitone, octaves folded together: float64 [frames, 12]."""
    frames = max(0, (len(samples) - _FRAME) // _HOP + 1)
    frequencies = np.arange(round(_FRAME * _LOWEST / RATE), round(_FRAME * _HIGHEST / RATE))
    octaves = np.log2(frequencies * RATE / _FRAME / (440 / 16))
    folding = np.zeros((len(frequencies), _BANDS))
    folding[np.arange(len(frequencies)), (octaves % 1 * _BANDS).astype(int)] = 1
    window = np.hamming(_FRAME)
    out = np.empty((frames, _BANDS))
    for first in range(0, frames, 256):
        last = min(frames, first + 256)
        views = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[first * _HOP : (last - 1) * _HOP + 1 : _HOP]
        spectrum = np.fft.rfft(views * window)[:, frequencies[0] : frequencies[-1] + 1]
        out[first:last] = (spectrum.real**2 + spectrum.imag**2) @ folding
    return out


def _resampled(sound: Sound) -> NDArray[np.float32]:
    """Mono at the rate of the method, rounded as 16-bit samples are."""
    mono = np.concatenate(list(_mono(sound)))
    steps: NDArray[np.float32] = np.rint(mono * _FULL_SCALE).clip(-_FULL_SCALE, _FULL_SCALE - 1)
    return steps / np.float32(_FULL_SCALE)


def _mono(sound: Sound) -> Iterator[NDArray[np.float32]]:
    import soxr

    stream = soxr.ResampleStream(sound.rate, RATE, 1, dtype="float32", quality="HQ")
    for first in range(0, sound.frames, _PIECE):
        part = np.asarray(sound.samples[first : first + _PIECE]).mean(1, dtype=np.float32)
        yield stream.resample_chunk(part, last=first + _PIECE >= sound.frames)
