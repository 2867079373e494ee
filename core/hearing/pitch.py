"""Pitch: the fundamental of a voice every 10 ms, 0 where there is none.

After Boersma, "Accurate short-term analysis of the fundamental frequency" (1993): autocorrelation of a windowed frame
over that of its window, several candidates a frame, and the cheapest path through them. A first look over all voices'
range finds this speaker's; the second looks there alone, with a window as long as that range needs.
"""

from __future__ import annotations

import numpy as np
import scipy.fft
import soxr

from core.hearing.frames import PER_SECOND, Array, Ints, Samples, Tick, centers, count, cut, quiet

LOWEST, HIGHEST = 60.0, 1100.0  # Hz
_RATE = 8000
_FINER = 4  # lags are sought this much finer than the samples lie
_PERIODS = 3.0  # of the lowest pitch, in a window
_MARGIN = 1.7  # how far the second look goes beyond the first one's 10th and 90th percentile
_ENOUGH = 20  # frames that tell a speaker's range
_SURE = 0.75  # how periodic a frame is that may tell it
_BEST = 7  # candidates of a frame
_BATCH = 1024  # frames at a time
_SILENT = 0.03  # of the loudest frame's peak
# What a path pays: for an octave lower, to be voiced at all, to jump an octave, to change its voicing.
_OCTAVE, _VOICING, _JUMP, _CHANGE = 0.02, 0.45, 0.35, 0.14


def track(mono: Samples, rate: int, tick: Tick = quiet) -> Array:
    """Hz for each frame of `mono` [samples], 0 where it is unvoiced or silent."""
    import scipy.signal  # slow to load, and not needed by whatever only starts

    x = soxr.resample(mono, rate, _RATE, quality="HQ") if rate != _RATE else mono
    x = scipy.signal.sosfiltfilt(scipy.signal.butter(2, 45, "high", fs=_RATE, output="sos"), np.pad(x, 64))[64:-64]
    frames = count(len(mono), rate)
    tick()
    first, strength = _look(x, frames, LOWEST, HIGHEST, tick)
    sure = first[(first > 0) & (strength > _SURE)]
    if len(sure) < _ENOUGH:
        return first
    low, high = np.percentile(sure, [10, 90])
    return _look(x, frames, max(LOWEST, low / _MARGIN), min(HIGHEST, high * _MARGIN), tick)[0]


def _look(x: Array, frames: int, low: float, high: float, tick: Tick) -> tuple[Array, Array]:
    """Pitch and its strength, each [frames]."""
    size = int(_PERIODS * _RATE / low) | 1
    loudest = float(np.abs(x).max(initial=0.0))
    if loudest == 0.0:
        return np.zeros(frames), np.zeros(frames)
    pitches, strengths = np.zeros((frames, _BEST)), np.full((frames, _BEST), -np.inf)
    unvoiced = np.zeros(frames)
    for a in range(0, frames, _BATCH):
        b = min(a + _BATCH, frames)
        frame = cut(x, centers(a, b, _RATE), size)
        tick()
        pitches[a:b], strengths[a:b] = _candidates(frame, low, high)
        peak = np.abs(frame[:, size // 4 : -size // 4]).max(1) / loudest
        unvoiced[a:b] = _VOICING + np.maximum(0.0, 2.0 - peak / (_SILENT / (1.0 + _VOICING)))
    return _path(pitches, strengths, unvoiced, tick)


def _candidates(frames: Array, low: float, high: float) -> tuple[Array, Array]:
    """The best pitches and their strengths, each [frames, _BEST]; strength -inf where there are fewer."""
    size = frames.shape[1]
    window = np.hanning(size + 2)[1:-1]
    most = int(_RATE / low) + 2
    length = scipy.fft.next_fast_len(size + most, real=True)
    own = scipy.fft.irfft(np.abs(scipy.fft.rfft(window, length)) ** 2, _FINER * length)[: _FINER * most]
    spectrum = scipy.fft.rfft((frames - frames.mean(1, keepdims=True)) * window, length)
    power = spectrum.real**2 + spectrum.imag**2
    r = scipy.fft.irfft(power, _FINER * length)[:, : _FINER * most]
    r /= np.maximum(r[:, :1], 1e-20) * (own / own[0])
    least = max(2, int(_FINER * _RATE / high))
    middle = r[:, least:-1]
    peaks = (middle > r[:, least - 1 : -2]) & (middle >= r[:, least + 1 :]) & (middle > 0.3 * _VOICING)
    lags = np.arange(least, r.shape[1] - 1)
    score = np.where(peaks, middle - _OCTAVE * np.log2(low / _RATE / _FINER * lags), -np.inf)
    best = np.argpartition(score, -_BEST, axis=1)[:, -_BEST:]
    strength = np.take_along_axis(score, best, 1)
    lag = lags[best]
    rows = np.arange(len(r))[:, None]
    before, at, after = r[rows, lag - 1], r[rows, lag], r[rows, lag + 1]
    curve = before - 2 * at + after
    shift = np.where(curve < 0, 0.5 * (before - after) / np.where(curve < 0, curve, -1.0), 0.0)
    return _FINER * _RATE / (lag + np.clip(shift, -0.5, 0.5)), strength


def _path(pitches: Array, strengths: Array, unvoiced: Array, tick: Tick) -> tuple[Array, Array]:
    """The best path through each frame's candidates and its being unvoiced (Viterbi)."""
    frames, rows = len(pitches), np.arange(len(pitches))
    octaves = np.log2(np.maximum(pitches, 1.0))
    rate = 0.01 * PER_SECOND  # costs are per 10 ms
    back = np.zeros((frames, _BEST + 1), np.int8)
    total = np.r_[unvoiced[0], strengths[0]]
    step = np.zeros((_BEST + 1, _BEST + 1))
    step[0, 1:] = step[1:, 0] = rate * _CHANGE
    for t in range(1, frames):
        if t % (8 * _BATCH) == 0:
            tick()
        np.abs(octaves[t - 1][:, None] - octaves[t], out=step[1:, 1:])
        step[1:, 1:] *= rate * _JUMP
        gains = total[:, None] - step
        back[t] = came = gains.argmax(0)
        total = gains[came, _ALL] + np.r_[unvoiced[t], strengths[t]]
    states = np.zeros(frames, np.int64)
    states[-1] = total.argmax()
    for t in range(frames - 1, 0, -1):
        states[t - 1] = back[t, states[t]]
    best = np.maximum(states - 1, 0)
    return np.where(states > 0, pitches[rows, best], 0.0), strengths[rows, best]


_ALL: Ints = np.arange(_BEST + 1)
