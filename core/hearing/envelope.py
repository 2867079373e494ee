"""Timbre: the smooth power spectrum of a voice every 10 ms, free of its pitch's harmonics.

After Morise, "CheapTrick, a spectral envelope estimator for high-quality speech synthesis" (2015): a window of three
periods, the power spectrum smoothed over two thirds of the pitch, then liftered so that harmonics vanish and peaks
recover. It is kept at fixed places on the mel scale, the same for every recording whatever its rate.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from core.hearing.frames import Array, Samples, Tick, centers, cut, quiet

F = TypeVar("F", bound=np.floating[Any])

BANDS = 128
TOP = 24000.0  # Hz of the last band
LOWEST = 71.0  # Hz; below, windows would outgrow their transform
_UNVOICED = 200.0  # Hz: how finely sound without pitch is seen
_RECOVERY = 0.15
_BATCH = 256
_FLOOR = 1e-14


def mel(hz: Array | float) -> Array:
    """O'Shaughnessy's scale."""
    return np.asarray(1127.0 * np.log1p(np.asarray(hz) / 700.0))


def hertz(mel: Array | float) -> Array:
    """The inverse of `mel`."""
    return np.asarray(700.0 * np.expm1(np.asarray(mel) / 1127.0))


BAND_HZ: Array = hertz(np.linspace(0.0, float(mel(TOP)), BANDS))


def band_of(hz: Array | float) -> Array:
    """The fractional band at a frequency, 0 to BANDS - 1."""
    return np.clip(mel(hz) * (BANDS - 1) / float(mel(TOP)), 0.0, BANDS - 1)


def bands_below(hz: float) -> int:
    """How many bands lie at or below a frequency."""
    return int(np.searchsorted(BAND_HZ, hz, side="right"))


def columns(table: NDArray[F], at: Array) -> NDArray[F]:
    """Linear interpolation of [rows, columns] at fractional columns."""
    low = np.minimum(at.astype(np.int64), table.shape[1] - 2)
    part = (at - low).astype(table.dtype)
    return np.asarray(table[:, low] * (1 - part) + table[:, low + 1] * part, dtype=table.dtype)


def envelopes(mono: Samples, rate: int, pitch: Array, tick: Tick = quiet) -> NDArray[np.float32]:
    """Natural logarithm of power, [frames, BANDS]; bands above half the rate repeat the last one below.

    `pitch`: Hz for each frame, 0 where unvoiced.
    """
    size = 1 << int(np.ceil(np.log2(3.0 * rate / LOWEST + 1)))
    bins = np.minimum(BAND_HZ, rate / 2) * size / rate
    frames = len(pitch)
    seen = np.where(pitch > 0, np.maximum(pitch, LOWEST), _UNVOICED)
    out = np.empty((frames, BANDS), np.float32)
    for a in range(0, frames, _BATCH):
        b = min(a + _BATCH, frames)
        tick()
        power = _power(mono, rate, centers(a, b, rate), seen[a:b], size)
        smooth = np.log(_smoothed(power, seen[a:b] * size / rate))
        out[a:b] = columns(_liftered(smooth, seen[a:b], rate), bins)
    return out


def _power(mono: Samples, rate: int, at: NDArray[np.int64], pitch: Array, size: int) -> Array:
    """Power spectra [frames, size / 2 + 1] in a window of three periods."""
    reach = int(1.5 * rate / pitch.min()) + 1
    x = cut(mono, at, 2 * reach + 1)
    turn = np.arange(-reach, reach + 1) * (pitch[:, None] / (1.5 * rate))
    window = np.where(np.abs(turn) < 1.0, 0.5 + 0.5 * np.cos(np.pi * turn), 0.0)
    x = x * window
    x -= window * (x.sum(1) / window.sum(1))[:, None]
    spectrum = scipy.fft.rfft(x, size)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) / (window**2).sum(1)[:, None])


def _smoothed(power: Array, pitch: Array) -> Array:
    """The mean over two thirds of the pitch (in bins), after what lies below the pitch was filled from above it."""
    frames, bins = power.shape
    rows = np.arange(frames)[:, None]
    low = np.arange(int(pitch.max()) + 2)
    mirrored = np.clip(pitch[:, None] - low, 0, None)
    base = mirrored.astype(np.int64)
    part = mirrored - base
    replica = power[rows, base] * (1 - part) + power[rows, base + 1] * part
    power[:, : len(low)] += np.where(low < pitch[:, None], replica, 0.0)
    half = pitch / 3.0
    margin = int(half.max()) + 2
    wide = np.concatenate([power[:, margin:0:-1], power, power[:, -2 : -margin - 2 : -1]], 1)
    total = np.cumsum(np.pad(wide, ((0, 0), (1, 0))), 1)
    # each bin spans half a bin to either side: its left edge is at its own index in `total`
    left = np.arange(bins) + margin + 0.5 - half[:, None]
    difference = _at(total, rows, left + 2 * half[:, None]) - _at(total, rows, left)
    return np.asarray(np.maximum(difference / (2 * half[:, None]), _FLOOR))


def _at(table: Array, rows: NDArray[np.int64], at: Array) -> Array:
    low = at.astype(np.int64)
    part = at - low
    before = table[rows, low]
    return np.asarray(before + (table[rows, low + 1] - before) * part)


def _liftered(logs: Array, pitch: Array, rate: int) -> Array:
    bins = logs.shape[1]
    turns = np.arange(bins) * (pitch[:, None] / rate)
    lifter = np.sinc(turns) * ((1 + 2 * _RECOVERY) - 2 * _RECOVERY * np.cos(2 * np.pi * turns))
    return np.asarray(scipy.fft.dct(scipy.fft.dct(logs, 1) * lifter, 1) / (2 * (bins - 1)))
