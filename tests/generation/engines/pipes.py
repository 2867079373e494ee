"""Melodies that are nobody's, and reed asked to learn and play them in few steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from app.demo import blown
from core.media import Sound
from generation.engine import Asset, Estimate, Ingredient, Rendering, Request, silent
from generation.engines.reed import Reed

RATE = 16_000
FEW = 3  # steps: enough to be a net, too few to be a good one


@cache
def pipe(seed: int, seconds: float = 4.0, *, low: int = 0, high: int = 0, flute: bool = False) -> Sound:
    """A take of a scripted pipe."""
    of = blown.FLUTE if flute else blown.SHAWM
    return blown.recording(of, seed, seconds=seconds, low=low, high=high, rate=RATE)


def joined(*parts: np.ndarray) -> Sound:
    return Sound(np.concatenate(parts).astype(np.float32).reshape(-1, 1), RATE)


def over(*some: Sound) -> Sound:
    """Recordings at the same time."""
    count = min(one.frames for one in some)
    return joined(sum(one.samples[:count, 0] for one in some) / len(some))


def hiss(seconds: float, loud: float = 0.1, seed: int = 0) -> Sound:
    return joined(loud * np.random.default_rng(seed).standard_normal(int(seconds * RATE)))


def prepared(engine: Reed, report: Callable[..., None] = silent, **recordings: Sound) -> bytes:
    return engine.prepare([Asset(name, one) for name, one in recordings.items()], report=report)


def render(source: Sound | None, *styles: tuple[bytes, int], seed: int = 5, **params: object) -> Rendering:
    ingredients = tuple(Ingredient(style, weight) for style, weight in styles)
    request = Request(ingredients, Reed.Params.model_validate(params), seed=seed, source=source)
    return Reed().render([request], report=silent)[0]


def estimate(rendering: Rendering) -> Estimate:
    assert isinstance(rendering.provenance, Estimate)
    return rendering.provenance


def shares(rendering: Rendering) -> dict[str, int]:
    return {one.asset: one.share for one in estimate(rendering).shares}
