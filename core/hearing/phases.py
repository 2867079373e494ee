"""Phases: whether a voice's waveform is what resonances make of pulses, or was filtered afterwards.

A throat delays what it strengthens: its response is of minimum phase, so its phases follow from its magnitudes (Bode
1945; Oppenheim and Schafer, "Discrete-Time Signal Processing", on the cepstrum). A filter that changes magnitudes and
leaves phases alone, as chorale's, puts formants where the phases know of none. Microphones and equalizers are of
minimum phase, too; rooms blur both kinds alike.
"""

from __future__ import annotations

import numpy as np

from core.hearing.envelope import band_of, columns
from core.hearing.features import Features, hertz_of, mono_of
from core.hearing.frames import Array, Ints, centers
from core.media import Sound

_TOP = 5500.0  # Hz up to which harmonics are looked at
_LOUD = -15.0  # dB below loud frames, above which phases are clear
_BINS = 512
_HALF = 1.5  # periods to either side of a frame
_LEAST = 20  # frames that tell anything
_EVERY = 2  # frames: neighbors tell the same


def natural(sound: Sound, known: Features) -> float | None:
    """The part of loud voiced frames, 0 to 1, whose phases go with resonances rather than with none.

    `known`: what is known of `sound`. None where too little is voiced to tell. Near 0.5 is no evidence; speech as
    recorded has 0.5 to 0.9, what a filter without phases changed much has 0.15 to 0.6.
    """
    middle, rate = mono_of(sound)
    mono = middle.astype(np.float64)
    frames = np.flatnonzero(known.voiced & (known.level > _LOUD))[::_EVERY]
    if len(frames) < _LEAST:
        return None
    hertz = np.linspace(0.0, rate / 2, _BINS + 1)
    lags = _minimum_phase(columns(known.envelope[frames], band_of(hertz)).astype(np.float64))
    at = centers(0, len(known), rate)[frames]
    votes = [
        _vote(mono, int(center), rate / pitch, np.interp(_harmonics(pitch, rate), hertz, lag))
        for center, pitch, lag in zip(at, hertz_of(known.pitch[frames]), lags, strict=True)
    ]
    told = [vote for vote in votes if vote is not None]
    return sum(told) / len(told) if len(told) >= _LEAST else None


def _harmonics(pitch: float, rate: int) -> Array:
    count = int(min(_TOP, 0.475 * rate) / pitch)
    return np.asarray(pitch * np.arange(1, count + 1), np.float64)


def _minimum_phase(logs: Array) -> Array:
    """Radians [frames, bins] from ln of power [frames, bins]: the causal part of the cepstrum, doubled."""
    cepstrum = np.fft.irfft(0.5 * logs, axis=1)
    half = cepstrum.shape[1] // 2
    cepstrum[:, 1:half] *= 2
    cepstrum[:, half + 1 :] = 0
    return np.asarray(np.fft.rfft(cepstrum, axis=1).imag)


def _vote(mono: Array, center: int, period: float, lag: Array) -> bool | None:
    """Whether the phases of one frame bend as `lag` [harmonics] says, rather than not at all.

    Second differences over the harmonics do not depend on where in a period the frame lies.
    """
    half = int(_HALF * period)
    if len(lag) < 3 or center < half or center + half + 1 > len(mono):
        return None
    steps: Ints = np.arange(-half, half + 1)
    window = 0.5 + 0.5 * np.cos(np.pi * steps / (half + 1))
    turns = np.arange(1, len(lag) + 1)[:, None] * (steps / period)
    lines = np.exp(-2j * np.pi * turns) @ (mono[center - half : center + half + 1] * window)
    size = np.maximum(np.abs(lines), 1e-12)
    unit = lines / size
    bend = unit[2:] * unit[:-2] * np.conj(unit[1:-1]) ** 2
    weight = np.sqrt(size[1:-1])
    expected = np.exp(-1j * (lag[2:] + lag[:-2] - 2 * lag[1:-1]))
    return bool((weight * (bend * expected).real).sum() > (weight * bend.real).sum())
