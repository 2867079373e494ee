"""Loudness: how loud a source is every hundredth of a second, and making a work as loud."""

from __future__ import annotations

import numpy as np

from generation.engines.mosaic.grains import PER_SECOND, TICKS, Array, Samples, ticks
from generation.engines.mosaic.maps import LEVEL_STEPS, LOUDEST, Codes

_FLOOR, _BELOW = 1e-7, 3e-6  # power that is silence: 70 dB below full scale, or 55 dB below what is loud
_THIN = 0.01  # power of the sum of passages, about 1, below which it is not made louder still
_BLOCK, _SOME = 1 << 18, 4096  # samples, ticks


def of(samples: Samples, rate: int) -> Codes:
    """[ticks]: steps of 3/8 dB up to LOUDEST, which is full scale; 0 is silence."""
    offset = samples.mean(0, dtype=np.float64).astype(np.float32)  # no sound
    power = _smooth(_power(samples, rate, offset))
    floor = max(_FLOOR, float(np.percentile(power, 95)) * _BELOW)
    code = np.clip(np.round(LOUDEST + LEVEL_STEPS * 10 * np.log10(np.maximum(power, 1e-30))), 1, LOUDEST)
    return np.where(power > floor, code, 0).astype(np.uint8)


def follow(out: Samples, codes: Codes, rate: int, scale: float) -> None:
    """Bring the work to these levels times `scale`, in place."""
    power = _smooth(_power(out, rate, np.zeros(1, np.float32)))
    wanted = 10 ** ((codes.astype(np.float64) - LOUDEST) / LEVEL_STEPS / 20)
    gain = np.where(codes > 0, wanted * scale / np.sqrt(np.maximum(power, _THIN)), 0.0)
    middle = (np.arange(len(codes)) + 0.5) * rate / (TICKS * PER_SECOND)
    for a in range(0, len(out), _BLOCK):
        t = np.arange(a, min(a + _BLOCK, len(out)))
        out[a : a + _BLOCK] *= np.interp(t, middle, gain)[:, None].astype(np.float32)


def rms(x: Samples) -> float:
    """Of all channels and samples."""
    return float(
        np.sqrt(np.mean([np.square(x[a : a + _BLOCK], dtype=np.float64).mean() for a in range(0, len(x), _BLOCK)]))
    )


def _power(x: Samples, rate: int, offset: Samples) -> Array:
    """Mean power of each hundredth of a second, of all channels."""
    n = ticks(len(x), rate)
    edges = np.append(np.arange(n, dtype=np.int64) * rate // (TICKS * PER_SECOND), len(x))
    out = np.empty(n)
    for a in range(0, n, _SOME):
        b = min(a + _SOME, n)
        square = np.square(x[edges[a] : edges[b]] - offset, dtype=np.float64).mean(1)
        out[a:b] = np.add.reduceat(square, edges[a:b] - edges[a])
    return np.asarray(out / np.diff(edges))


def _smooth(power: Array) -> Array:
    wide = np.pad(power, 1, mode="edge")
    return np.asarray(0.25 * wide[:-2] + 0.5 * wide[1:-1] + 0.25 * wide[2:])
