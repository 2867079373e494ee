"""A scripted instrument: a reed pipe, which plays one tone at a time, so that the tests have a melody that is nobody's.

Partials of a conical pipe add up at the pitch (Benade 1976: the harder it is blown, the more of them speak), beside
breath that the same mouth colors. A player begins tones with the tongue, swells, and lets long ones tremble.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, sosfilt

from core.encode_sound import rounded
from core.media import Sound

RATE = 44_100
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_LOUDNESS = 0.1  # RMS
_HOP = 441  # samples between two states of the breath
_PARTIALS = 40
_LIMIT = 0.45  # of the rate, above which no partial is made

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pipe:
    """`low`, `high`: its range in MIDI notes; `mouth`: Hz where it is strongest; `fall`: how fast partials weaken."""

    name: str
    style: str
    low: int
    high: int
    mouth: float
    fall: float
    breath: float = 0.02


SHAWM = Pipe("Ilse Roth", "Ilse's shawm", low=58, high=82, mouth=1_250.0, fall=1.1)
FLUTE = Pipe("Per Dahl", "Per's flute", low=62, high=86, mouth=700.0, fall=2.4, breath=0.06)


def recording(of: Pipe, seed: int, *, seconds: float = 20.0, low: int = 0, high: int = 0, rate: int = RATE) -> Sound:
    """A take of this length, mono: a made-up melody between `low` and `high` (0: its range); the same for one seed.

    Other pipes play the same melody for the same seed, `low` and `high`.
    """
    dice = np.random.default_rng([seed, 17])
    frames = int(seconds * RATE) // _HOP + 1
    pitch, strength = _melody(of, dice, frames, (low or of.low, high or of.high))
    t = np.arange(frames * _HOP) / _HOP
    at = np.arange(frames)
    hz = 440 * 2 ** ((np.interp(t, at, pitch) - 69) / 12)
    loud = np.interp(t, at, strength)
    tones, out = 440 * 2 ** ((pitch - 69) / 12), np.zeros(len(t))
    turns = 2 * np.pi * (np.cumsum(hz) / RATE % 1)
    for number in range(1, _PARTIALS + 1):
        gain = number**-of.fall * np.exp(-((np.log2(number * tones / of.mouth) / 1.6) ** 2))
        gain *= np.clip(strength, 1e-3, 1) ** (0.09 * (number - 1))  # blown softly, the high ones stay away
        gain[number * tones > _LIMIT * RATE] = 0.0
        if gain.any():
            out += np.interp(t, at, gain) * np.sin(number * turns + number**2)
    air = sosfilt(
        butter(2, [0.6 * of.mouth, 5 * of.mouth], "band", fs=RATE, output="sos"), dice.standard_normal(len(t))
    )
    out = (out / out.std() + of.breath * air / air.std()) * loud
    out = np.tanh(out[: int(seconds * RATE)] * _LOUDNESS / np.sqrt((out**2).mean()))
    if rate != RATE:
        import soxr

        out = soxr.resample(out, RATE, rate, quality="HQ")
    return Sound(rounded(out[:, None]), rate)


def _melody(of: Pipe, dice: np.random.Generator, frames: int, within: tuple[int, int]) -> tuple[Floats, Floats]:
    """MIDI pitch and strength of the breath (0 to 1) for each frame."""
    notes = [n for n in range(within[0], within[1] + 1) if n % 12 in _SCALE]
    pitch, strength = np.zeros(frames), np.zeros(frames)
    at, place = 3, len(notes) // 2
    while at < frames - 15:
        place = int(np.clip(place + dice.integers(-3, 4), 0, len(notes) - 1))
        count = min(int(dice.choice([18, 24, 36, 48, 90])), frames - 5 - at)
        t = np.arange(count) / 100
        tremble = 0.25 * np.sin(2 * np.pi * 5.3 * t) * np.clip((t - 0.25) / 0.3, 0, 1)
        pitch[at : at + count] = notes[place] + tremble
        swell = 0.35 + 0.65 * dice.uniform() * np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 0.5
        strength[at : at + count] = swell * np.clip(t / 0.03, 0, 1) * np.clip((t[-1] - t) / 0.05, 0, 1)
        at += count + int(dice.choice([0, 0, 1, 25]))
    silent = pitch == 0
    known = np.flatnonzero(~silent)
    pitch = np.interp(np.arange(frames), known, pitch[known])
    return gaussian_filter1d(pitch, 0.8), np.where(silent, 0.0, gaussian_filter1d(strength, 0.7))
