"""Voices that are nobody's, and chorale asked for works in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import scipy.signal

from app.demo import singing
from core.hearing.frames import Array
from core.media import Sound
from generation.engine import Asset, Exact, Ingredient, Rendering, Request, silent
from generation.engines.chorale import Chorale

RATE = 16000
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (570, 840, 2410), (530, 1840, 2480), (300, 870, 2240))


@cache
def song(number: int, seed: int, rate: int = RATE) -> Sound:
    """A line of one of the two scripted singers, about six seconds."""
    take = singing.recording(singing.SINGERS[number], seed, seconds=4.0)
    return take if rate == take.rate else resampled(take, rate)


def resampled(take: Sound, rate: int) -> Sound:
    common = int(np.gcd(rate, take.rate))
    samples = scipy.signal.resample_poly(take.samples, rate // common, take.rate // common, axis=0)
    return Sound(np.clip(samples, -1, 1).astype(np.float32), rate)


def sound(samples: Array, rate: int = RATE) -> Sound:
    """Mono where there is one dimension."""
    return Sound(np.clip(samples if samples.ndim == 2 else samples[:, None], -1, 1).astype(np.float32), rate)


def buzz(pitch: Array, formants: Sequence[float], rate: int = RATE) -> Array:
    """Harmonics of `pitch` [samples] through resonances."""
    phase = 2 * np.pi * np.cumsum(pitch / rate)
    x = np.zeros(len(pitch))
    for n in range(1, int(rate / 2 / pitch.min()) + 1):
        x += np.where(n * pitch < 0.47 * rate, np.cos(n * phase), 0.0) / n**0.7
    for formant in formants:
        r = np.exp(-np.pi * 90 / rate)
        x = scipy.signal.lfilter([1], [1, -2 * r * np.cos(2 * np.pi * formant / rate), r * r], x)
    return np.asarray(0.4 * x / np.abs(x).max())


def prepared(engine: Chorale, **recordings: Sound) -> bytes:
    return engine.prepare([Asset(name, one) for name, one in recordings.items()], report=silent)


def render(
    engine: Chorale, source: Sound, *styles: tuple[bytes, int], max_copy: float = 1.0, **params: object
) -> Rendering:
    request = Request(
        tuple(Ingredient(style, weight) for style, weight in styles),
        engine.Params(**params),
        seed=5,
        source=source,
        max_copy=max_copy,
    )
    return engine.render([request], report=silent)[0]


def exact(rendering: Rendering) -> Exact:
    assert isinstance(rendering.provenance, Exact)
    return rendering.provenance


def shares(rendering: Rendering) -> dict[str, int]:
    return {one.asset: one.share for one in exact(rendering).shares}
