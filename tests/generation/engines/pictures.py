"""Small pictures with a known look: three hands that nobody would confuse, and a scene for them to redraw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.media import Picture
from generation.engine import Asset, Ingredient, Rendering, Request, silent
from generation.engines.patchwork import Patchwork

Floats = NDArray[np.float64]


def strokes(seed: int, *, height: int = 150, width: int = 200) -> Picture:
    """Long warm diagonal strokes: reds, oranges, a little cream."""
    field = _noise(seed, height, width, (14, 2), angle=35)
    return _painted(field, ["#5a1208", "#9c2a12", "#d9541e", "#f29b38", "#f7e3b0"])


def dots(seed: int, *, height: int = 150, width: int = 200) -> Picture:
    """Round cool dabs: navy, blue, teal, pale green."""
    field = _noise(seed, height, width, (3, 3))
    return _painted(np.round(field * 6) / 6, ["#0a1030", "#17387a", "#2f7fb5", "#66c2b5", "#e3f3dc"])


def weave(seed: int, *, height: int = 150, width: int = 200) -> Picture:
    """Fine upright and level threads in violet, plum and gold."""
    threads = _noise(seed, height, width, (12, 1)) + _noise(seed + 99, height, width, (1, 12))
    return _painted(threads / 2, ["#1d0f2e", "#4b1f5e", "#8d3f7e", "#c79a3b", "#f4e7c3"])


HANDS = {"strokes": strokes, "dots": dots, "weave": weave}


def scene(*, height: int = 144, width: int = 192, seed: int = 5) -> Picture:
    """A pale sky over dark ground, a tower with windows, a sun: edges that must survive."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    out = np.empty((height, width, 3))
    out[...] = np.stack([0.55 + 0.3 * y, 0.7 + 0.15 * y, 0.9 - 0.1 * y], -1)
    out[y > 0.72] = (0.2, 0.28, 0.16)
    out[(abs(x - 0.35) < 0.11) & (y > 0.2) & (y < 0.8)] = (0.45, 0.25, 0.2)
    windows = (abs(x - 0.35) < 0.08) & (y > 0.28) & (y < 0.7) & (x * 24 % 2 < 1) & (y * 14 % 2 < 1)
    out[windows] = (0.95, 0.9, 0.6)
    out[(x - 0.78) ** 2 + ((y - 0.28) * 0.75) ** 2 < 0.012] = (1.0, 0.85, 0.4)
    grain = np.random.default_rng(seed).normal(0, 0.01, out.shape)
    return Picture(((out + grain).clip(0, 1) * 255).astype(np.uint8))


def flat(height: int, width: int, color: tuple[int, int, int] = (200, 30, 30)) -> Picture:
    return Picture(np.full((height, width, 3), color, np.uint8))


def prepared(engine: Patchwork, *pictures: Picture, name: str = "asset") -> bytes:
    return engine.prepare([Asset(f"{name}-{i}", picture) for i, picture in enumerate(pictures)], report=silent)


def render(
    engine: Patchwork,
    styles: bytes | tuple[Ingredient, ...],
    source: Picture,
    *,
    seed: int = 0,
    max_copy: float = 1.0,
    **params: float | str,
) -> Rendering:
    """One request with everything else left alone."""
    ingredients = (Ingredient(styles),) if isinstance(styles, bytes) else styles
    request = Request(ingredients, engine.Params(**params), seed, source=source, max_copy=max_copy)  # type: ignore[arg-type]
    return engine.render([request], report=silent)[0]


def light(picture: Picture) -> Floats:
    """[h, w] in 0..1"""
    return np.asarray(picture.pixels @ np.array([0.299, 0.587, 0.114]) / 255)


def forms(picture: Picture) -> Floats:
    """Blurred luma: what is light and what is dark, without the strokes, [h, w]."""
    return np.asarray(ndimage.gaussian_filter(light(picture), 3.0))


def edges(picture: Picture) -> Floats:
    """Blurred gradient strength, [h, w]."""
    y, x = np.gradient(ndimage.gaussian_filter(light(picture), 2.0))
    return np.asarray(np.hypot(y, x))


def alike(a: Floats, b: Floats) -> float:
    """Pearson correlation."""
    return float(np.corrcoef(a.reshape(-1), b.reshape(-1))[0, 1])


def patch_distance(work: Picture, style: Picture, *, side: int = 5, count: int = 400) -> float:
    """How far patches of a work lie from the nearest patch of a style, root mean square in 0..1."""
    a, b = (_patches(picture, side) for picture in (work, style))
    some = a[np.random.default_rng(0).integers(0, len(a), count)]
    apart = (some**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * some @ b.T
    return float(np.sqrt(apart.min(1).clip(0).mean() / some.shape[1]))


def _patches(picture: Picture, side: int) -> NDArray[np.float32]:
    windows = np.lib.stride_tricks.sliding_window_view(picture.pixels.astype(np.float32) / 255, (side, side), (0, 1))
    return windows[::2, ::2].reshape(-1, 3 * side * side)


def _noise(seed: int, height: int, width: int, blur: tuple[float, float], *, angle: float = 0) -> Floats:
    side = 2 * max(height, width)
    rough = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(side, side)), blur[::-1])
    turned = ndimage.rotate(rough, angle, reshape=False, mode="wrap") if angle else rough
    top, left = (side - height) // 2, (side - width) // 2
    cut = turned[top : top + height, left : left + width]
    ranks = cut.reshape(-1).argsort().argsort().reshape(cut.shape)
    return np.asarray(ranks / ranks.max())


def _painted(field: Floats, colors: list[str]) -> Picture:
    stops = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors], float)
    at = np.linspace(0, 1, len(stops))
    return Picture(np.stack([np.interp(field, at, stops[:, c]) for c in range(3)], -1).astype(np.uint8))
