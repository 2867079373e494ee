"""Sound from partials and noise: oscillators at the pitch, and noise through a filter that moves."""

from __future__ import annotations

import numpy as np
import scipy.fft

from core.hearing.envelope import TOP
from core.hearing.frames import PER_SECOND, Array, Samples, Tick, centers, cut, quiet
from generation.engines.reed.hearing import BAND_HZ, BANDS, PARTIALS, band_of

_BLOCK = 8  # frames that oscillators make at once: their table stays in the cache
_NOISE_BATCH = 512
_EDGE = 0.92  # of half the rate, from where partials fade


def tone(hz: Array, partials: Array, rate: int, samples: int, tick: Tick = quiet) -> Array:
    """Float64 [samples] of partials with powers `partials` [frames, PARTIALS], at pitches `hz` [frames], all > 0."""
    strength = np.sqrt(2.0 * partials) * _fade(hz, rate)
    at = centers(0, len(hz), rate)
    edges = np.append(at, max(samples, int(at[-1]) + rate // PER_SECOND + 1))
    hz, strength = np.append(hz, hz[-1]), np.pad(strength, ((0, 1), (0, 0)), mode="edge")
    number = np.arange(1, PARTIALS + 1, dtype=np.float32)
    shift = _shifts()
    out = np.zeros(int(edges[-1]))
    phase = 0.0
    for a in range(0, len(at), _BLOCK):
        b = min(a + _BLOCK, len(at))
        if a % (PER_SECOND * 2) == 0:
            tick()
        t = np.arange(edges[a], edges[b])
        turns = phase + np.cumsum(np.interp(t, edges[a : b + 1], hz[a : b + 1])) / rate
        phase = float(turns[-1] % 1.0)
        heard = np.flatnonzero(strength[a : b + 1].any(0))
        if not len(heard):
            continue
        most = int(heard[-1]) + 1
        angle = ((2 * np.pi) * (turns % 1.0)).astype(np.float32)[:, None] * number[:most] + shift[:most]
        waves = np.sin(angle, out=angle)
        for i in range(a, b):
            first, last = int(edges[i] - edges[a]), int(edges[i + 1] - edges[a])
            both = waves[first:last] @ strength[i : i + 2, :most].T.astype(np.float32)
            part = np.arange(last - first, dtype=np.float32) / (last - first)
            out[edges[i] : edges[i + 1]] = both[:, 0] + part * (both[:, 1] - both[:, 0])
    return out[:samples]


def noise(power: Array, rate: int, samples: int, dice: np.random.Generator, tick: Tick = quiet) -> Array:
    """Float64 [samples] of noise whose power at the bands is `power` [frames, BANDS], as of white noise that strong."""
    hop = -(-rate // PER_SECOND)
    size = 2 * hop
    length = scipy.fft.next_fast_len(2 * size, real=True)
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    white = dice.standard_normal(samples)
    place = band_of(np.arange(length // 2 + 1) * rate / length)
    low = np.minimum(place.astype(np.int64), BANDS - 2)
    part = place - low
    at = centers(0, len(power), rate)
    out = np.zeros(samples + 2 * length + size)
    for a in range(0, len(power), _NOISE_BATCH):
        b = min(a + _NOISE_BATCH, len(power))
        tick()
        gain = np.sqrt(power[a:b])
        curve = gain[:, low] * (1 - part) + gain[:, low + 1] * part
        spectrum = scipy.fft.rfft(cut(white, at[a:b], size) * window, length) * curve
        waves = scipy.fft.irfft(spectrum, length)
        waves = np.roll(waves, size // 2, 1)[:, : 2 * size]  # the filter has no delay: half of it came before
        waves[:, size // 2 : size // 2 + size] *= window
        waves[:, : size // 2] = 0.0
        waves[:, size // 2 + size :] = 0.0
        for start, wave in zip(at[a:b], waves, strict=True):
            first = int(start) - size // 2 + size
            out[first : first + size] += wave[size // 2 : size // 2 + size]
    return out[size : size + samples]


def total(hz: Array, partials: Array, noise: Array, rate: int) -> Array:
    """Mean power [frames] of what `tone` and `noise` make of these."""
    edges = np.minimum(np.r_[0.0, (BAND_HZ[1:] + BAND_HZ[:-1]) / 2, TOP], rate / 2)
    return np.asarray((partials * _fade(hz, rate) ** 2).sum(1) + noise @ (np.diff(edges) * 2 / rate))


def _fade(hz: Array, rate: int) -> Array:
    """[frames, PARTIALS]: 1, falling to 0 before half the rate."""
    at = hz[:, None] * np.arange(1, PARTIALS + 1) / (rate / 2)
    return np.asarray(np.clip((1.0 - at) / (1.0 - _EDGE), 0.0, 1.0))


def _shifts() -> Samples:
    """Phases of the partials: spread as Schroeder's (1970), so that no pulse of all of them at once buzzes."""
    number = np.arange(1, PARTIALS + 1)
    return np.asarray(-np.pi * number * (number - 1) / PARTIALS, dtype=np.float32)
