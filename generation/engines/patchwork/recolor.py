"""Which palette entry each region of the content takes: an assignment that weighs light, hue, place and contrast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engines.patchwork.params import Coloring

Floats = NDArray[np.float64]
_SWEEPS = 12
_HEIGHT, _CONTRAST = 0.2, 2.0
_SURELY = 2.0  # a color that lies in half the height of a picture counts as it is
_ALIKE, _STAYING = 0.08, 0.1
_SEEN, _UNLIKE = 0.03, 0.2  # color differences


@dataclass(frozen=True, eq=False)
class Regions:
    """`colors` [k, 3]: luma, chroma; `mass` [k]; `height` [k], 0 top to 1 bottom; `touching` [k, k], rows sum to 1.

    `foreign` [k, m]: how little each entry belongs to the material that a region is matched to, 0 and more.
    """

    colors: Floats
    mass: Floats
    height: Floats
    touching: Floats
    foreign: Floats | None = None


@dataclass(frozen=True, eq=False)
class Colors:
    """The style's side: `colors` [m, 3], `mass` [m], `height` [m] and how sure it is, `lights` sorted lumas."""

    colors: Floats
    mass: Floats
    height: Floats
    placed: Floats
    lights: Floats

    def range(self) -> tuple[float, float]:
        """The luma that 2 % are darker and 2 % are lighter than."""
        last = len(self.lights) - 1
        return float(self.lights[int(0.02 * last)]), float(self.lights[int(0.98 * last)])


def assign(regions: Regions, style: Colors, how: Coloring, dice: np.random.Generator) -> NDArray[np.int64]:
    """Index of the entry for each region, [k]: coordinate descent over all regions in random order until none moves."""
    wished = _wished_light(regions, style)
    alone = _cost_alone(regions, style, how, wished)
    apart_regions = _distances(regions.colors)
    apart_entries = _distances(style.colors)
    wished_use = np.maximum(style.mass, 1e-3) ** 0.7
    wished_use /= wished_use.sum()
    chosen = alone.argmin(1)
    used = np.bincount(chosen, regions.mass, len(style.mass))
    neighbors = [np.nonzero(row)[0] for row in regions.touching]
    for _ in range(_SWEEPS):
        before = chosen.copy()
        for i in dice.permutation(len(chosen)):
            used[chosen[i]] -= regions.mass[i]
            use = np.minimum((used + regions.mass[i]) / wished_use, 20)
            cost = alone[i] + how.balance * np.log1p(np.maximum(use, 0))
            near = neighbors[i]
            if len(near):
                step = style.colors[:, None, 0] - style.colors[chosen[near], 0][None]
                between = apart_entries[:, chosen[near]]
                inner = apart_regions[i, near][None]
                too_close = np.maximum(1.2 * inner - between, 0) ** 2
                too_far = np.maximum(between - _near(inner), 0) ** 2
                wish = (step - (wished[i] - wished[near])[None]) ** 2 + 0.5 * too_close
                cost = cost + (_CONTRAST * wish + how.smooth * too_far) @ regions.touching[i, near]
            chosen[i] = cost.argmin()
            used[chosen[i]] += regions.mass[i]
        if (chosen == before).all():
            break
    return np.asarray(chosen)


def _near(inner: Floats) -> Floats:
    """How far apart the colors of two regions may become: parts of one surface hardly farther than they are."""
    return np.asarray((inner + _SEEN) * (1 + np.minimum(inner / _UNLIKE, 1)))


def light_gain(regions: Regions, style: Colors) -> float:
    """By how much the style's range of light is wider than the content's, 0.5 to 1.5."""
    low, high = style.range()
    return float(np.clip((high - low) / (np.ptp(regions.colors[:, 0]) + 1e-4), 0.5, 1.5))


def _wished_light(regions: Regions, style: Colors) -> Floats:
    """Half a linear stretch to the style's range, half the style's light at the same rank."""
    light = regions.colors[:, 0]
    order = light.argsort(kind="stable")
    rank = np.empty_like(light)
    rank[order] = regions.mass[order].cumsum() - 0.5 * regions.mass[order]
    last = len(style.lights) - 1
    ranked = style.lights[np.clip((rank * last).astype(int), 0, last)]
    low, high = style.range()
    stretched = low + (light - light.min()) / (np.ptp(light) + 1e-4) * (high - low)
    return np.asarray(0.5 * stretched + 0.5 * ranked)


def _cost_alone(regions: Regions, style: Colors, how: Coloring, wished: Floats) -> Floats:
    """What entry j costs region i whatever the others take, [k, m]."""
    hue, entry_hue = regions.colors[:, 1:], style.colors[:, 1:]
    vividness, entry_vividness = np.linalg.norm(hue, axis=1), np.linalg.norm(entry_hue, axis=1)
    gain = (entry_vividness @ style.mass) / max(float(vividness @ regions.mass), 0.01)
    off = hue[:, None] * np.clip(gain, 0.7, 4.0) - entry_hue[None]
    boldness = np.minimum(0.3 + vividness / max(float(vividness.mean()), 1e-6), 1)
    surface = how.position * _HEIGHT * _SURELY * style.placed * (regions.height[:, None] - style.height[None]) ** 2
    if regions.foreign is not None:
        surface = surface + how.belonging * regions.foreign
    surface = surface + how.hue * (off**2).sum(-1) - how.bold * boldness[:, None] * entry_vividness[None]
    return np.asarray((wished[:, None] - style.colors[None, :, 0]) ** 2 + _within_surfaces(regions) @ surface)


def _within_surfaces(regions: Regions) -> Floats:
    """What each region counts for each other one's wish, [k, k], rows sum to 1: one thing keeps one color.

    Wishes even out between regions that touch and look alike, more than between unlike ones.
    """
    like = np.exp(-((_distances(regions.colors) / _ALIKE) ** 2))
    pull = regions.touching * like * regions.mass[:, None]
    pull = pull + pull.T
    own = np.diag(_STAYING * regions.mass + 1e-9)
    return np.asarray(np.linalg.solve(np.diag(pull.sum(1)) + own - pull, own))


def _distances(rows: Floats) -> Floats:
    return np.asarray(np.sqrt(((rows[:, None] - rows[None]) ** 2).sum(-1)))
