"""A style's colors: two dozen entries with how much and how high up each is used, and the outlines it draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from generation.engines.patchwork.images import blur, largest_around, luma, means_by, nearest, quantile, resize, ycc

ENTRIES = 24
_CHROMA = 1.8  # chroma counts more than luma when colors are grouped
_POINTS, _POOL = 30_000, 12_000
_LEAST = 0.002  # an entry rarer than this is noise
_ANYWHERE = 0.29  # standard deviation of the height of what lies all over
_LONG_SIDE = 512
_LINE_RADIUS, _LINE_DEPTH = 3, 0.16
_LEAST_PANE = 8  # pixels: what is smaller is hatching
_OPEN = 0.5  # one area larger than this part of a picture is not enclosed: outlines, no leads


@dataclass(frozen=True, eq=False)
class Palette:
    """`colors` [m, 3] luma and chroma; `mass` [m] sums to 1; `height` [m] mean place, 0 top to 1 bottom.

    `placed` [m]: how sure that place is, 0 where the color lies all over to 1. `lights`: sorted lumas. `pool` [3, n]:
    some of the style's RGB pixels. `line_share`: of the area that dark lines cover; `line_color` [3]. `pane`: how
    wide, in pixels, what those lines enclose is where they close, as leads do; 0 where they do not.
    """

    colors: Tensor
    mass: Tensor
    height: Tensor
    placed: Tensor
    lights: Tensor
    pool: Tensor
    line_share: float
    line_color: Tensor
    pane: float


def palette_of(tiles: Sequence[Tensor]) -> Palette:
    """The colors of one style's assets [1, 3, h, w], each counting alike."""
    dice = torch.Generator().manual_seed(0)
    small = [_limited(tile) for tile in tiles]
    lines = [_lines(t) for t in small]
    pane = min(_pane(line) * tile.shape[-1] / line.shape[-1] for tile, (*_, line) in zip(tiles, lines, strict=True))
    points, heights, masses = (torch.cat(part) for part in zip(*(_points(t, len(tiles)) for t in small), strict=True))
    bare = [largest_around(line, 2) < 0.5 for *_, line in lines]
    if pane:  # leads are no color of the glass
        steps = [_step(free, len(tiles)) for free in bare]
        glass = torch.cat([free[0, 0, ::by, ::by].reshape(-1) for free, by in zip(bare, steps, strict=True)])
        points, heights, masses = points[glass], heights[glass], masses[glass] / masses[glass].sum()
    colors, labels = clusters(points * torch.tensor([1, _CHROMA, _CHROMA]), min(ENTRIES, len(points)), dice)
    vivid = (points[:, 1:].norm(dim=1) + 0.02).square()  # a plain mean would grey the entry
    totals = torch.zeros(len(colors)).index_add_(0, labels, vivid).clamp_min(1e-9)[:, None]
    colors = torch.zeros_like(colors).index_add_(0, labels, points * vivid[:, None]) / totals
    mass = torch.zeros(len(colors)).index_add_(0, labels, masses)
    height = torch.zeros(len(colors)).index_add_(0, labels, masses * heights) / mass.clamp_min(1e-9)
    square = torch.zeros(len(colors)).index_add_(0, labels, masses * heights.square()) / mass.clamp_min(1e-9)
    placed = (1 - (square - height.square()).clamp_min(0).sqrt() / _ANYWHERE).clamp(0, 1)
    placed = placed / len(tiles) ** 0.5  # one picture's arrangement says more than that of many different ones
    kept = mass > min(_LEAST, 0.5 * float(mass.max()))
    pools = [t[0].reshape(3, -1)[:, free.reshape(-1) | (not pane)] for t, free in zip(small, bare, strict=True)]
    each = _POOL // len(pools) + 1
    return Palette(
        colors=colors[kept],
        mass=mass[kept] / mass[kept].sum(),
        height=height[kept],
        placed=placed[kept],
        lights=points[:, 0].sort().values,
        pool=torch.cat([p[:, torch.randint(p.shape[1], (each,), generator=dice)] for p in pools], 1),
        line_share=sum(share for share, *_ in lines) / len(lines),
        line_color=torch.stack([color for _, color, _ in lines]).mean(0),
        pane=pane,
    )


def mixed(palettes: Sequence[Palette], weights: Sequence[float], dice: torch.Generator) -> Palette:
    """One palette of several styles; `weights` sum to 1."""
    if len(palettes) == 1:
        return palettes[0]
    pairs = list(zip(palettes, weights, strict=True))

    def draw(values: Tensor, weight: float) -> Tensor:
        count = max(16, round(_POOL * weight))
        return values[..., torch.randint(values.shape[-1], (count,), generator=dice)]

    return Palette(
        colors=torch.cat([p.colors for p in palettes]),
        mass=torch.cat([p.mass * w for p, w in pairs]),
        height=torch.cat([p.height for p in palettes]),
        placed=torch.cat([p.placed for p in palettes]),
        lights=torch.cat([draw(p.lights, w) for p, w in pairs]).sort().values,
        pool=torch.cat([draw(p.pool, w) for p, w in pairs], 1),
        line_share=sum(p.line_share * w for p, w in pairs),
        line_color=torch.stack([p.line_color * w for p, w in pairs]).sum(0),
        pane=min(p.pane for p in palettes),
    )


def clusters(rows: Tensor, count: int, dice: torch.Generator, steps: int = 10) -> tuple[Tensor, Tensor]:
    """k-means with k-means++ seeds: centers [count, d] and the label of each row [n]."""
    centers = rows[torch.randint(len(rows), (1,), generator=dice)]
    apart = (rows - centers).square().sum(1)
    for _ in range(count - 1):
        sums = apart.clamp_min(1e-9).double().cumsum(0)
        draw = torch.rand(1, generator=dice, dtype=torch.float64) * sums[-1]
        fresh = rows[torch.searchsorted(sums, draw).clamp_max(len(rows) - 1)]
        centers = torch.cat([centers, fresh])
        apart = torch.minimum(apart, (rows - fresh).square().sum(1))
    for _ in range(steps):
        centers = means_by(nearest(rows, centers), rows, centers)
    return centers, nearest(rows, centers)


def _limited(tile: Tensor) -> Tensor:
    height, width = tile.shape[-2:]
    scale = _LONG_SIDE / max(height, width)
    return tile if scale >= 0.8 else resize(tile, max(1, round(height * scale)), max(1, round(width * scale)))


def _points(tile: Tensor, among: int) -> tuple[Tensor, Tensor, Tensor]:
    """Some lightly blurred pixels of an asset: color [n, 3], height in the picture [n], mass [n]."""
    step = _step(tile, among)
    colors = ycc(blur(tile, 0.7)[:, :, ::step, ::step])[0]
    rows, columns = colors.shape[1:]
    height = torch.linspace(0, 1, rows)[:, None].expand(rows, columns).reshape(-1)
    return colors.reshape(3, -1).T, height, torch.full((rows * columns,), 1 / (rows * columns * among))


def _step(tile: Tensor, among: int) -> int:
    return max(1, round(math.sqrt(tile.shape[-1] * tile.shape[-2] * among / _POINTS)))


def _lines(tile: Tensor) -> tuple[float, Tensor, Tensor]:
    """Share and mean color of thin dark places, those that a closing would fill, and where they are, [1, 1, h, w]."""
    light = luma(tile)
    closed = -largest_around(-largest_around(light, _LINE_RADIUS), _LINE_RADIUS)
    line = ((closed - light > _LINE_DEPTH) & (light < quantile(light, 0.25))).float()
    return float(line.mean()), (tile * line).sum((0, 2, 3)) / line.sum().clamp_min(1), line


def _pane(line: Tensor) -> float:
    """How wide what lines enclose mostly is, in pixels; 0 where they leave most of the picture in one piece."""
    labels, _ = ndimage.label(line[0, 0].numpy() == 0)
    sizes = np.sort(np.bincount(labels.reshape(-1))[1:])
    area = sizes.sum()
    if not area or sizes[-1] > _OPEN * area:
        return 0.0
    side = math.sqrt(float(sizes[np.searchsorted(sizes.cumsum(), area / 2)]))
    return side if side > _LEAST_PANE else 0.0
