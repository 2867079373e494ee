"""The content redrawn in the style's colors, with its outlines: what the search is guided by. It gives no pixel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor

from generation.engines.patchwork import recolor
from generation.engines.patchwork.atlas import Tick
from generation.engines.patchwork.images import (
    blur,
    box,
    enlarge,
    guided,
    halve,
    luma,
    means_by,
    quantile,
    resize,
    rgb,
    step_smoothly,
    ycc,
)
from generation.engines.patchwork.lines import as_glass, draw_leads, draw_outlines
from generation.engines.patchwork.palette import Palette, clusters
from generation.engines.patchwork.params import Coloring

_WORKING_SIDE = 512  # a larger content is redrawn at this size and given its details back
_CHROMA, _KEPT_CHROMA = 1.6, 0.6
_TEXTURED = 0.03, 0.1  # luma deviation below which a place is flat, above which it is not
_UNLIKELY = 0.03  # against the likeliest color of a place
_GLASS = 3.0  # times as much does hue count
_LEAST_LINES, _MOST_LINES = 0.03, 0.09


def target_of(
    content: Tensor,
    palette: Palette,
    how: Coloring,
    dice: torch.Generator,
    tick: Tick,
    likely: Tensor | None = None,
) -> Tensor:
    """[1, 3, h, w] in 0..1 -> the same, redrawn. Small features and outlines are found at full size.

    `likely` [entries, y, x], of any size: how much of each of the palette's colors belongs at a place.
    """
    shown = content
    if palette.pane:  # glass is told apart by its hue, and is never as dark as a photograph
        how = replace(how, hue=_GLASS * how.hue, transport=0.0)
        shown = torch.lerp(content, as_glass(content, palette), 1 / how.panes)
    height, width = content.shape[-2:]
    scale = _WORKING_SIDE / max(height, width)
    if scale > 0.8:
        target = _colored(shown, palette, how, dice, tick, likely)
    else:
        small = resize(shown, max(16, round(height * scale)), max(16, round(width * scale)))
        detail = luma(shown) - luma(resize(small, height, width))
        target = (resize(_colored(small, palette, how, dice, tick, likely), height, width) + detail).clamp(0, 1)
        tick()
    target = (target + how.sharpen * (target - blur(target, max(height, width) / 200))).clamp(0, 1)
    tick()
    if palette.pane and how.lines:
        target = draw_leads(target, content, palette, how.panes, dice)
        tick()
    if palette.line_share > _LEAST_LINES and how.lines:
        density = min(palette.line_share, _MOST_LINES) * how.lines
        target = draw_outlines(target, content, density, palette.line_color)
        tick()
    return target


def _colored(
    content: Tensor, palette: Palette, how: Coloring, dice: torch.Generator, tick: Tick, likely: Tensor | None
) -> Tensor:
    clear = local_contrast(content, how.contrast, how.spare)
    tick()
    target = _recolored(clear, palette, how, dice, tick, likely)
    if how.transport:
        target = torch.lerp(target, transported(target, palette.pool, dice), how.transport)
        tick()
    return torch.lerp(target, clear, how.own) if how.own else target


def local_contrast(picture: Tensor, amount: float, spare: float) -> Tensor:
    """Luma stretched to the middle 98 %, then raised where the picture is dull over a sixth of its side.

    `spare`: 1 leaves what is quite flat as it is, so that a sky stays one surface; 0 raises that most.
    """
    light, chroma = ycc(picture).split_with_sizes((1, 2), 1)
    low, high = quantile(light, 0.01), quantile(light, 0.99)
    light = ((light - low) / (high - low + 1e-4)).clamp(0, 1)
    small = halve(torch.cat([light, light * light], 1), 8)
    radius = max(2, min(picture.shape[-2:]) // 48)
    mean, square = enlarge(box(box(small, radius), radius), *light.shape[-2:]).chunk(2, 1)
    deviation = (square - mean * mean).clamp_min(0).sqrt()
    gain = (0.22 / (deviation + 0.05)).clamp(1, 3) - 1
    raised = mean + (light - mean) * (1 + gain * (1 - spare + spare * step_smoothly(deviation, *_TEXTURED)))
    return rgb(torch.cat([torch.lerp(light, raised.clamp(0, 1), amount), chroma], 1)).clamp(0, 1)


def _recolored(
    picture: Tensor, palette: Palette, how: Coloring, dice: torch.Generator, tick: Tick, likely: Tensor | None
) -> Tensor:
    """Regions take palette entries; each pixel keeps what it has beyond its region's mean."""
    even = halve(picture)
    for _ in range(2):
        slope, offset = guided(even, 2, 0.01)
        even = (slope * luma(even) + offset).clamp(0, 1)
    shrink = max(1, round(max(picture.shape[-2:]) / 320))
    small = halve(even, shrink)
    centers, labels = clusters(_points(small, how.place), how.regions, dice)
    tick()
    own = torch.cat([centers[:, :1], centers[:, 1:3] / _CHROMA], 1)
    regions = recolor.Regions(
        colors=own.double().numpy(),
        mass=(torch.bincount(labels, minlength=how.regions).double() / len(labels)).numpy(),
        height=(centers[:, 3] / how.place).double().numpy(),
        touching=_touching(labels.reshape(small.shape[-2:]).numpy(), how.regions),
        foreign=None if likely is None else _foreign(labels, enlarge(likely[None], *small.shape[-2:])[0], how.regions),
    )
    style = recolor.Colors(
        *(t.double().numpy() for t in (palette.colors, palette.mass, palette.height, palette.placed, palette.lights))
    )
    seed = int(torch.randint(2**31, (1,), generator=dice))
    chosen = torch.from_numpy(recolor.assign(regions, style, how, np.random.default_rng(seed)))
    tick()
    points = _points(even, how.place)
    apart = torch.addmm(centers.square().sum(1)[None], points, centers.T, alpha=-2)  # less the point's own square
    parts = torch.softmax(apart * (-1 / (2 * how.softness**2)), 1)
    both = (parts @ torch.cat([palette.colors[chosen], own], 1)).T.reshape(1, 6, *even.shape[-2:])
    given, mean = enlarge(both, *picture.shape[-2:]).split_with_sizes((3, 3), 1)
    kept = torch.tensor([1, _KEPT_CHROMA, _KEPT_CHROMA]).view(1, 3, 1, 1) * recolor.light_gain(regions, style)
    return rgb(given + (ycc(picture) - mean) * kept).clamp(0, 1)


def _points(picture: Tensor, place: float) -> Tensor:
    """Color and place of each pixel, [h * w, 5]."""
    height, width = picture.shape[-2:]
    light, blue, red = ycc(picture)[0]
    y = torch.linspace(0, place, height)[:, None].expand(height, width)
    x = torch.linspace(0, place, width)[None].expand(height, width)
    return torch.stack([light, blue * _CHROMA, red * _CHROMA, y, x], -1).reshape(-1, 5)


def _touching(labels: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """How much of each region's border lies against each other region, [count, count]."""
    out = np.zeros((count, count))
    for a, b in ((labels[:, 1:], labels[:, :-1]), (labels[1:], labels[:-1])):
        np.add.at(out, (a.reshape(-1), b.reshape(-1)), 1)
    out += out.T
    np.fill_diagonal(out, 0)
    return np.asarray(out / np.maximum(out.sum(1, keepdims=True), 1))


def _foreign(labels: Tensor, likely: Tensor, count: int) -> NDArray[np.float64]:
    """How unlikely each color is in each region, [count, entries], 0 for the likeliest; `likely` [entries, h, w]."""
    rows = means_by(labels, likely.flatten(1).T, torch.zeros(count, len(likely)))
    return np.asarray(-(rows / rows.amax(1, keepdim=True).clamp_min(1e-9) + _UNLIKELY).log().double().numpy())


def transported(picture: Tensor, pool: Tensor, dice: torch.Generator) -> Tensor:
    """Sliced optimal transport of the colors to those of `pool` [3, n]: Pitié, Kokaram, Dahyot, 2007.

    Learned on a sample, carried along on a 25^3 grid that is smoothed before use, so that grain is not amplified.
    """
    turns, quantiles, side, most = 10, 256, 25, 6_000
    flat = picture[0].reshape(3, -1)
    sample = flat[:, torch.randint(flat.shape[1], (most,), generator=dice)]
    pool = pool[:, torch.randint(pool.shape[1], (most,), generator=dice)]
    axis = torch.linspace(0, 1, side)
    grid = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")).reshape(3, -1)
    points = torch.cat([sample, grid], 1)
    at = torch.linspace(0, most - 1, quantiles).long()
    for _ in range(turns):
        basis, _ = torch.linalg.qr(torch.randn(3, 3, generator=dice))
        along, wished = basis @ points, (basis @ pool).sort(1).values[:, at]
        known = along[:, :most].sort(1).values[:, at]
        right = torch.searchsorted(known, along).clamp(1, quantiles - 1)
        low, high = known.gather(1, right - 1), known.gather(1, right)
        part = ((along - low) / (high - low + 1e-6)).clamp(-0.5, 1.5)
        low, high = wished.gather(1, right - 1), wished.gather(1, right)
        points = basis.T @ (low + part * (high - low))
    table = points[:, most:].reshape(1, 3, side, side, side)
    table = F.avg_pool3d(F.pad(table, (1,) * 6, mode="replicate"), 3, 1)
    place = (picture[0].permute(1, 2, 0)[None, None] * 2 - 1).flip(-1)  # grid_sample wants x, y, z: the last axis first
    return F.grid_sample(table, place, padding_mode="border", align_corners=True)[:, :, 0].clamp(0, 1)
