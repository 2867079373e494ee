"""A scripted instrument: plucked strings, so that the demo and the tests have a catalogue that is nobody's.

Each string is a delay line that loses a little of its highs at every turn (Karplus and Strong 1983; tuned and damped as
by Jaffe and Smith 1983), in front of a wooden body of a few resonances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from core.encode_sound import rounded
from core.media import Sound

RATE = 44_100
_LOUDNESS = 0.09
_SCALE = (0, 2, 4, 7, 9)  # pentatonic: nothing that is plucked together clashes
_BODY = ((105.0, 18.0, 1.0), (205.0, 26.0, 0.8), (410.0, 40.0, 0.45), (1_150.0, 140.0, 0.25))  # Hz, width, strength


@dataclass(frozen=True)
class Instrument:
    """`low`, `high`: its range in MIDI notes; `bright`: 0 to 1, how hard it is plucked; `ring`: seconds to -60 dB."""

    name: str
    style: str
    low: int
    high: int
    bright: float
    ring: float


HARP = Instrument("Oda Lind", "Oda's harp", low=45, high=81, bright=0.55, ring=2.6)


def recording(of: Instrument, seed: int, *, seconds: float = 20.0, rate: int = RATE) -> Sound:
    """A take of this length, mono: broken chords in a made-up order; the same for the same seed."""
    dice = np.random.default_rng([seed, of.low, 13])
    count = int(seconds * RATE)
    out = np.zeros(count)
    scale = [n for n in range(of.low, of.high + 1) if n % 12 in _SCALE]
    at, beat = 0.05, 0.25
    while at < seconds - 0.3:
        root = int(dice.integers(0, len(scale) - 6))
        for step in dice.permutation([0, 2, 3, 5])[: int(dice.integers(2, 5))]:
            _add(out, plucked(of, scale[root + int(step)], dice), at)
            at += beat * float(dice.choice([0.5, 1.0, 1.0, 2.0]))
    body = sum(strength * _resonance(out, hz, width) for hz, width, strength in _BODY)
    out = 0.6 * out + np.asarray(body)
    out = np.tanh(out * _LOUDNESS / np.sqrt((out**2).mean()))
    if rate != RATE:
        import soxr

        out = soxr.resample(out, RATE, rate, quality="HQ")
    return Sound(rounded(out[:, None]), rate)


def plucked(of: Instrument, pitch: float, dice: np.random.Generator) -> NDArray[np.float64]:
    """One string plucked once, float64 [samples]."""
    f0 = 440 * 2 ** ((pitch - 69) / 12)
    period = RATE / f0 - 0.5  # the averaging below delays by half a sample
    whole = int(period)
    part = period - whole
    turn = np.zeros(whole + 3)
    loss = 10 ** (-3 / (of.ring * f0))
    # y[n] = x[n] + loss * mean of two neighbors, read between samples so that the string is in tune
    for offset, share in ((0, 1 - part), (1, part)):
        turn[whole + offset] += share / 2
        turn[whole + offset + 1] += share / 2
    feedback = -loss * turn
    feedback[0] = 1
    burst = dice.uniform(-1, 1, whole)
    burst = lfilter([of.bright], [1, of.bright - 1], burst - burst.mean())
    place = max(1, round(0.18 * whole))  # plucked at a fifth of its length: those harmonics are missing
    comb = np.zeros(place + 1)
    comb[0], comb[-1] = 1, -1
    excited = np.zeros(int(RATE * min(of.ring, 2.0)))
    excited[: whole + place] = np.convolve(burst, comb)[: whole + place]
    rung = np.asarray(lfilter([1], feedback, excited))
    fade = round(0.05 * RATE)
    rung[-fade:] *= np.linspace(1, 0, fade)
    return rung * float(dice.uniform(0.6, 1.0))


def _resonance(sound: NDArray[np.float64], hz: float, width: float) -> NDArray[np.float64]:
    radius = np.exp(-np.pi * width / RATE)
    turn = 2 * radius * np.cos(2 * np.pi * hz / RATE)
    return np.asarray(lfilter([1 - radius], [1, -turn, radius**2], sound))


def _add(out: NDArray[np.float64], sound: NDArray[np.float64], at: float) -> None:
    first = int(at * RATE)
    some = sound[: max(0, len(out) - first)]
    out[first : first + len(some)] += some
