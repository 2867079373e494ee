"""Breath: noise in the shape of the voice itself, above its lowest formants, wherever it is voiced."""

from __future__ import annotations

import numpy as np

from core.hearing.envelope import BAND_HZ
from core.hearing.features import Features
from core.hearing.frames import Samples, Tick
from generation.engines.chorale import gains

_MOST = -4.0  # dB under the voice's own power at each frequency
_FROM = 1800.0  # Hz
_NEVER = -46.0  # ln of power


def added(x: Samples, voice: Features, amount: float, seed: int, rate: int, tick: Tick) -> Samples:
    """`x` float32 [samples, channels] and breath over it, 0 to 1 of the most; the same in every channel."""
    noise = np.random.Generator(np.random.Philox(seed)).random((len(x), 1), np.float32) - np.float32(0.5)
    shape = np.log(12.0) + np.log(BAND_HZ**4 / (BAND_HZ**4 + _FROM**4) + 1e-9)  # the noise's own power is a twelfth
    dip = 2 * np.log(amount) + _MOST * np.log(10) / 10 + voice.loud
    h = np.where(voice.voiced[:, None], voice.envelope + shape + dip, _NEVER)
    return np.asarray(x + gains.filtered(noise, h.astype(np.float32), rate, tick))
