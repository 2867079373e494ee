"""What is heard of a recording: spectra on a mel scale, also as they would be transposed, and where sounds begin."""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache

import numpy as np
import scipy.fft
import scipy.sparse
import soxr
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from core.media import Sound
from generation.engines.mosaic.grains import Array, Ints

RATE = 22_050  # samples a second that are of use
BANDS = 256
SHIFTS = tuple(range(-5, 7))  # semitones that a recording is also available at
WINDOW = 0.093  # seconds
_FFT = 4096
_LOWEST, _HIGHEST = 40.0, 10_000.0  # Hz
_KNEE = 300.0  # Hz, below which bands are evenly wide: what is played needs finer ones than what is spoken
_LOUDER = 0.75  # exponent of power: between amplitude, which adds up best, and power, which tells notes best
_STEP, _SHORT = 128, 512  # samples between two looks for onsets, and in such a look
_RISE, _OVER = 0.015, 1.1  # flux of an onset: above the mean around it, times this
_AROUND, _APART = 0.1, 0.06  # seconds: of that mean on either side, and between two onsets
_BLOCK = 512

Table = NDArray[np.float32]


@cache
def speed(shift: int) -> Fraction:
    """How much faster a recording runs that is so many semitones higher: to 2 cents, in small numbers."""
    return Fraction(2.0 ** (shift / 12)).limit_denominator(100)


def ratio(shift: int) -> float:
    """The same as a number."""
    return float(speed(shift))


def mono(sound: Sound) -> tuple[Table, int]:
    """The middle of the channels, at no more samples a second than are of use, and their rate."""
    middle = sound.samples.mean(1)
    middle -= np.float32(middle.mean(dtype=np.float64))  # an offset is no sound
    if sound.rate > RATE:
        return np.asarray(soxr.resample(middle, sound.rate, RATE, quality="HQ"), dtype=np.float32), RATE
    return middle, sound.rate


def spectra(x: Table, rate: int, first: Ints) -> Table:
    """float32 [frames, bins]: power in windows of WINDOW seconds that begin at samples `first`; silence beyond."""
    size = round(WINDOW * rate)
    low = min(0, int(first.min(initial=0)))
    wide = np.pad(x, (-low, max(0, int(first.max(initial=0)) + size - len(x))))
    windows = np.lib.stride_tricks.sliding_window_view(wide, size)
    shape = np.hanning(size).astype(np.float32)
    out = np.empty((len(first), _FFT // 2 + 1), np.float32)
    for a in range(0, len(first), _BLOCK):
        bins = scipy.fft.rfft(windows[first[a : a + _BLOCK] - low] * shape, _FFT, axis=1)
        out[a : a + _BLOCK] = bins.real**2 + bins.imag**2
    return out


@lru_cache(maxsize=64)
def bank(rate: int, shift: int, top: float) -> scipy.sparse.csr_matrix:
    """[BANDS, bins]: triangles on a mel scale up to `top` Hz, over the spectrum of what is yet to be transposed."""
    mel = np.linspace(np.log1p(_LOWEST / _KNEE), np.log1p(min(_HIGHEST, top) / _KNEE), BANDS + 2)
    edges = _KNEE * np.expm1(mel) / ratio(shift) * _FFT / rate  # in bins
    middle = edges[1:-1]
    left, right = np.maximum(middle - edges[:-2], 1.0), np.maximum(edges[2:] - middle, 1.0)
    bins = np.arange(_FFT // 2 + 1)[:, None]
    away = bins - middle
    weight = np.maximum(0.0, 1.0 - np.abs(away) / np.where(away < 0, left, right))
    return scipy.sparse.csr_matrix(weight.T.astype(np.float32))


def heard(power: Table, rate: int, shift: int, top: float) -> Table:
    """float32 [frames, BANDS], or [BANDS] of one spectrum: how much there is in each band, as it is compared."""
    return np.asarray((bank(rate, shift, top) @ power.T).T ** _LOUDER, dtype=np.float32)


def onsets(x: Table, rate: int) -> Ints:
    """Samples at which sounds begin, ascending.

    Spectral flux of log-compressed bands (after Böck and Widmer, 2013), its peaks above a running mean, each moved to
    where the level rises most within it.
    """
    if len(x) < 2 * _SHORT:
        return np.zeros(0, np.int64)
    flux = _flux(x, rate)
    around = max(1, round(_AROUND * rate / _STEP))
    top = maximum_filter1d(flux, 2 * (around // 3) + 1)
    floor = uniform_filter1d(flux, 4 * around + 1)
    peaks = np.flatnonzero((flux == top) & (flux > floor * _OVER + _RISE))
    kept: list[int] = []
    for peak in peaks:
        if not kept or peak - kept[-1] >= _APART * rate / _STEP:
            kept.append(int(peak))
    return np.array([_rise(x, rate, peak * _STEP) for peak in kept], np.int64)


def _flux(x: Table, rate: int) -> Array:
    first = np.arange(0, len(x), _STEP)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, (_SHORT // 2, _SHORT)), _SHORT)
    shape = np.hanning(_SHORT).astype(np.float32)
    loud = float(np.sqrt(np.mean(x**2, dtype=np.float64))) + 1e-9
    mel = np.linspace(np.log1p(60.0 / 700.0), np.log1p(min(8000.0, rate / 2) / 700.0), 41)
    edge = np.unique((700 * np.expm1(mel) * _SHORT / rate).astype(int))
    out = np.zeros(len(first))
    last = np.zeros(len(edge) - 1)
    for a in range(0, len(first), _BLOCK):
        bins = np.abs(scipy.fft.rfft(windows[first[a : a + _BLOCK]] * shape, axis=1))
        bands = np.add.reduceat(bins, edge[:-1], axis=1) / (loud * _SHORT / 8)
        logs = np.log1p(10.0 * bands)
        back = np.concatenate([last[None], logs])[: len(logs)]
        out[a : a + _BLOCK] = np.maximum(0.0, logs - back).mean(1)
        last = logs[-1]
    return np.asarray(uniform_filter1d(out, 3))


def _rise(x: Table, rate: int, near: int) -> int:
    """The sample within 15 ms at which the level, in steps of a millisecond, rises most."""
    step = max(1, rate // 1000)
    a = max(0, near - 15 * step)
    part = x[a : near + 15 * step]
    part = part[: len(part) // step * step].reshape(-1, step)
    if len(part) < 6:
        return near
    level = np.log(uniform_filter1d((part.astype(np.float64) ** 2).mean(1), 3) + 1e-10)
    return a + step * (int(np.argmax(level[3:] - level[:-3])) + 1)
