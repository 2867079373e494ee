"""A rough wish drawn by hand, brought into a style's colors: what a composed work is laid out by. It gives no pixel.

A color map is flat blobs of color. A sketch is dark lines on light paper, here and there filled with color: its lines
are drawn in the style's darkest color, the areas between them take colors that the style has at that height.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from generation.engines.patchwork.atlas import Tick
from generation.engines.patchwork.images import blur, largest_around, luma, resize, rgb, ycc
from generation.engines.patchwork.palette import Palette
from generation.engines.patchwork.params import Coloring
from generation.engines.patchwork.target import target_of

_SIDE = 192  # pixels of the long side at which a wish is read
_LINE = 0.2  # a line is that much darker than what lies around it
_SPECK = 0.001  # areas smaller than this part of the picture belong to the lines
_COLORED = 0.06  # chroma from which on an area has a color of its own
_HUE, _HEIGHT, _USE, _CONTRAST, _FAR = 4.0, 0.3, 0.04, 0.35, 0.35

Floats = NDArray[np.float64]


def color_map(wish: Tensor, palette: Palette, how: Coloring, dice: torch.Generator, tick: Tick) -> Tensor:
    """[1, 3, h, w] -> the same forms in the style's colors, small."""
    # a hand-painted color says which color is meant; place, balance and boldness would only argue with it
    plain = replace(
        how, hue=3.0, position=0.0, balance=0.0, bold=0.0, contrast=0.0, sharpen=0.0, lines=0.0, transport=0.0
    )
    return target_of(_small(wish), palette, plain, dice, tick)


def sketch(wish: Tensor, palette: Palette) -> Tensor:
    """[1, 3, h, w] -> its areas and lines in the style's colors, small."""
    drawn = _small(wish)
    lines = _lines(drawn)
    labels, count = ndimage.label(lines[0, 0].numpy() < 0.3)
    areas = _areas(labels, count, ycc(drawn)[0].double().numpy())
    colors = np.zeros((count + 1, 3))
    entries = _chosen(areas, palette)
    colors[areas.labels] = palette.colors.double().numpy()[entries]
    near = ndimage.distance_transform_edt(~np.isin(labels, areas.labels), return_distances=False, return_indices=True)
    filled = rgb(torch.from_numpy(colors[labels[tuple(near)]]).float().permute(2, 0, 1)[None]).clamp(0, 1)
    dark = rgb(palette.colors[palette.colors[:, 0].argmin()].view(1, 3, 1, 1)).clamp(0, 1)
    soft = blur(largest_around(lines, 1), 0.6).clamp(0, 1)
    return filled * (1 - soft) + dark * soft


def _small(wish: Tensor) -> Tensor:
    height, width = wish.shape[-2:]
    scale = min(1.0, _SIDE / max(height, width))
    return resize(wish, max(16, round(height * scale)), max(16, round(width * scale)))


def _lines(drawn: Tensor) -> Tensor:
    """Where thin dark strokes are, [1, 1, h, w] in 0..1: what a closing would fill."""
    light = luma(drawn)
    closed = -largest_around(-largest_around(light, 3), 3)
    return ((closed - light) / _LINE).clamp(0, 1)


@dataclass(frozen=True, eq=False)
class _Areas:
    """`labels` [k] in order of size, `mass`, `height` [k], `own` [k, 3] color, `touching` [k, k] part of the border."""

    labels: NDArray[np.int64]
    mass: Floats
    height: Floats
    own: Floats
    touching: Floats


def _areas(labels: NDArray[np.int32], count: int, colors: Floats) -> _Areas:
    size = np.bincount(labels.reshape(-1), minlength=count + 1)[1:]
    kept = np.argsort(-size, kind="stable")
    kept = kept[size[kept] >= max(4, _SPECK * labels.size)] + 1
    if not len(kept):
        labels, kept = np.ones_like(labels), np.array([1])
    rows = np.arange(labels.shape[0])[:, None] / max(1, labels.shape[0] - 1) + np.zeros(labels.shape)
    own = np.stack([ndimage.mean(plane, labels, kept) for plane in colors], 1)
    grown = np.stack([ndimage.binary_dilation(labels == one, iterations=6) for one in kept]).reshape(len(kept), -1)
    touching = grown.astype(np.float64) @ grown.T.astype(np.float64)
    np.fill_diagonal(touching, 0)
    touching /= np.maximum(touching.sum(1, keepdims=True), 1)
    mass = np.bincount(labels.reshape(-1), minlength=int(kept.max()) + 1)[kept] / labels.size
    return _Areas(kept.astype(np.int64), mass, np.asarray(ndimage.mean(rows, labels, kept)), own, touching)


def _chosen(areas: _Areas, palette: Palette) -> NDArray[np.int64]:
    """The palette entry of each area, the largest first: one the style has at that height, unlike those beside it."""
    colors, share, at = (t.double().numpy() for t in (palette.colors, palette.mass, palette.height))
    used = np.zeros(len(colors))
    chosen = np.full(len(areas.labels), -1)
    for index, own in enumerate(areas.own):
        cost = _HEIGHT * (areas.height[index] - at) ** 2 + _USE * np.log1p((used + areas.mass[index]) / share)
        if np.linalg.norm(own[1:]) > _COLORED:
            cost = cost + _HUE * ((own[1:] - colors[:, 1:]) ** 2).sum(1) + (own[0] - colors[:, 0]) ** 2
        done = chosen[:index]
        apart = np.linalg.norm(colors[:, None] - colors[done][None], axis=-1)
        cost = cost - _CONTRAST * np.minimum(apart, _FAR) @ areas.touching[index, :index]
        chosen[index] = cost.argmin()
        used[chosen[index]] += areas.mass[index]
    return chosen
