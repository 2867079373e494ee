"""Instruments that are nobody's, and mosaic asked for works of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from app.demo import plucked
from core.media import Sound
from generation.engine import Asset, Exact, Ingredient, Rendering, Request, silent
from generation.engines.mosaic import Mosaic
from generation.engines.mosaic.grains import Array

RATE = 16_000


def sound(samples: Array, rate: int = RATE) -> Sound:
    """Mono where there is one dimension."""
    return Sound(np.clip(samples if samples.ndim == 2 else samples[:, None], -1, 1).astype(np.float32), rate)


@cache
def harp(seed: int, seconds: float = 8.0) -> Sound:
    """A take of the scripted harp."""
    return plucked.recording(plucked.HARP, seed, seconds=seconds, rate=RATE)


def tone(midi: float, seconds: float, *, bright: float = 1.0, rate: int = RATE) -> Array:
    """A note that is struck and dies away, harmonics falling with `bright`."""
    t = np.arange(int(seconds * rate)) / rate
    hz = 440 * 2 ** ((midi - 69) / 12)
    x = sum(np.sin(2 * np.pi * hz * n * t) / n**bright for n in range(1, 12) if n * hz < 0.45 * rate)
    return np.asarray(0.2 * x * np.exp(-2 * t) * np.minimum(1, t / 0.003))


def line(notes: Sequence[float], *, each: float = 0.4, bright: float = 1.0, rate: int = RATE) -> Sound:
    """Notes one after another."""
    return sound(np.concatenate([tone(note, each, bright=bright, rate=rate) for note in notes]), rate)


def prepared(engine: Mosaic, **recordings: Sound) -> bytes:
    return engine.prepare([Asset(name, one) for name, one in recordings.items()], report=silent)


def render(
    engine: Mosaic,
    source: Sound | None,
    *styles: tuple[bytes, int],
    max_copy: float = 1.0,
    seed: int = 5,
    report: Callable[..., None] = silent,
    **params: object,
) -> Rendering:
    ingredients = tuple(Ingredient(style, weight) for style, weight in styles)
    request = Request(ingredients, engine.Params(**params), seed=seed, source=source, max_copy=max_copy)
    return engine.render([request], report=report)[0]


def exact(rendering: Rendering) -> Exact:
    assert isinstance(rendering.provenance, Exact)
    return rendering.provenance


def shares(rendering: Rendering) -> dict[str, int]:
    return {one.asset: one.share for one in exact(rendering).shares}
