"""Outlines, the content's contours drawn as densely as the style draws them; and leads, where lines enclose panes."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from scipy import ndimage
from torch import Tensor

from generation.engines.patchwork.images import (
    blur,
    box,
    enlarge,
    halve,
    laid,
    largest_around,
    luma,
    means_by,
    nearest,
    quantile,
    resize,
    slopes,
    ycc,
)
from generation.engines.patchwork.palette import Palette

_STRENGTH, _LEAST_LENGTH, _MOST = 0.9, 0.06, 0.06
_RADIUS = 1  # lines are 3 pixels wide
_UNEVEN, _COLOR, _LLOYD_STEPS = 1.0, 4.0, 2  # panes: part of their width; what color counts against place
_PANES_SIDE = 256
_SPARSE = 0.5  # part of the panes that are left out where the content is calm
_BEND, _BEND_WIDTH = 4.0, 4.0  # how far places are bent, and over how much, in sides
_DARKEST, _LIFT = 0.1, 3.0  # of the lumas of glass; the most that dark colors are lightened
_EVEN = 0.7  # how much a pane of the usual width is of one color


def draw_outlines(target: Tensor, content: Tensor, density: float, color: Tensor) -> Tensor:
    """Draw contours of the content over the target, covering about `density` of it. `color`: [3] RGB."""
    ridge, strength = _ridges(content)
    if not bool(ridge.any()):
        return target
    score = _scores(ridge, strength)
    count = max(1, int(min(density / (2 * _RADIUS + 1), _MOST) * score.numel()))
    enough = max(float(score.reshape(-1).topk(min(count, score.numel())).values[-1]), 1e-6)
    drawn = _long_enough(score, enough, _LEAST_LENGTH * max(target.shape[-2:]))
    soft = blur(largest_around(drawn, _RADIUS), 0.6) * _STRENGTH
    return target * (1 - soft) + color.view(1, 3, 1, 1) * soft


def as_glass(content: Tensor, palette: Palette) -> Tensor:
    """The content no darker than the style's glass, each color keeping its saturation: what is darker there is lead."""
    light, darkest = luma(content), quantile(palette.lights, _DARKEST)
    return (content * ((darkest + (1 - darkest) * light) / (light + 0.03)).clamp(1, _LIFT)).clamp(0, 1)


def draw_leads(target: Tensor, content: Tensor, palette: Palette, wider: float, dice: torch.Generator) -> Tensor:
    """Divide the target into panes `wider` times as wide as the style's, with leads between them.

    Panes are superpixels (SLIC: Achanta and others, 2012), so leads run along the contours of the content.
    """
    height, width = target.shape[-2:]
    panes = _panes(halve(content), palette.pane * wider / 2, dice)
    points = halve(target)[0].reshape(3, -1).T
    colors = means_by(panes.reshape(-1), points, torch.zeros(int(panes.max()) + 1, 3))
    flat = enlarge(colors[panes].permute(2, 0, 1)[None], height, width)
    panes = laid(panes, height, width)
    leads = torch.zeros(1, 1, height, width)
    leads[..., :-1, :] += panes[:-1] != panes[1:]
    leads[..., :-1] += panes[:, :-1] != panes[:, 1:]
    radius = max(_RADIUS, int(palette.pane * palette.line_share / 4))  # square panes have two leads each
    soft = blur(largest_around(leads.clamp_max(1), radius), 0.6) * _STRENGTH
    return torch.lerp(target, flat, _EVEN / wider) * (1 - soft) + palette.line_color.view(1, 3, 1, 1) * soft


def _panes(picture: Tensor, side: float, dice: torch.Generator) -> Tensor:
    """The superpixel that each pixel of [1, 3, h, w] belongs to, int64 [h, w]; found on at most 256 pixels."""
    height, width = picture.shape[-2:]
    shrink = max(1.0, max(height, width) / _PANES_SIDE)
    across = [max(2, round(length / (_BEND_WIDTH * side))) for length in (height, width)]
    bend = (torch.rand(1, 2, *across, generator=dice) - 0.5) * _BEND
    small = resize(picture, max(2, round(height / shrink)), max(2, round(width / shrink)))
    centers = _centers(small, side / shrink, bend, dice)
    return nearest(_points(picture, side, bend), centers).view(height, width)


def _centers(picture: Tensor, side: float, bend: Tensor, dice: torch.Generator) -> Tensor:
    """Color and place of each superpixel, [n, 5]: fewer, and so wider ones, where the content is calm."""
    points = _points(picture, side, bend)
    rows, columns = (torch.arange(side / 2, length, side) for length in picture.shape[-2:])
    seeds = torch.stack(torch.meshgrid(rows, columns, indexing="ij"), -1)
    seeds[::2, :, 1] += side / 2  # bricks, not tiles
    seeds += (torch.rand(seeds.shape, generator=dice) - 0.5) * side * _UNEVEN
    y, x = (seeds[..., axis].long().clamp(0, length - 1) for axis, length in enumerate(picture.shape[-2:]))
    nodes = (y * picture.shape[-1] + x).reshape(-1)
    slope = torch.cat([one.square() for plane in ycc(picture).chunk(3, 1) for one in slopes(plane)], 1)
    stir = blur(slope.sum(1, keepdim=True), side / 2).reshape(-1)[nodes]
    kept = (stir > stir.median()) | (torch.rand(len(nodes), generator=dice) > _SPARSE)
    centers = points[nodes[kept]] if bool(kept.any()) else points[nodes]
    for _ in range(_LLOYD_STEPS):
        centers = means_by(nearest(points, centers), points, centers)
    return centers


def _points(picture: Tensor, side: float, bend: Tensor) -> Tensor:
    """Color and place of each pixel in units of `side`, [h * w, 5].

    `bend` [1, 2, y, x]: how far places are moved, in sides; panes of one shape and width would be a honeycomb.
    """
    height, width = picture.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height) / side, torch.arange(width) / side, indexing="ij")
    place = torch.stack([y, x]) + resize(bend, height, width)[0]
    return torch.cat([blur(ycc(picture), 1.0)[0] * _COLOR, place]).reshape(5, -1).T.contiguous()


def _ridges(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Where the color gradient is largest across itself (bool), and the gradient's strength; both [1, 1, h, w]."""
    smooth = blur(ycc(picture) * torch.tensor([1, 1.5, 1.5]).view(1, 3, 1, 1), 1.5)
    gradients = [slopes(plane) for plane in smooth.chunk(3, 1)]
    xx, yy, xy = (
        blur(torch.stack([a * b for a, b in pairs]).sum(0), 0.7)
        for pairs in ([(x, x) for x, _ in gradients], [(y, y) for _, y in gradients], gradients)
    )
    strength = (xx + yy).clamp_min(0).sqrt()
    across = 0.5 * torch.atan2(2 * xy, xx - yy)[0, 0]
    height, width = strength.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    ridge = strength > 1e-4
    for side in (-1, 1):
        at_x = (x + side * across.cos()) * (2 / max(1, width - 1)) - 1
        at_y = (y + side * across.sin()) * (2 / max(1, height - 1)) - 1
        beside = F.grid_sample(strength, torch.stack([at_x, at_y], -1)[None], align_corners=True, padding_mode="border")
        ridge &= strength >= beside
    return ridge, strength


def _scores(ridge: Tensor, strength: Tensor) -> Tensor:
    """Strength against the surroundings; less where ridges crowd (foliage, waves), 0 off the ridges."""
    relative = strength / (0.5 * box(strength, 24) + strength.mean())
    crowd = box((ridge & (strength > 0.5 * strength.mean())).float(), 6)
    strong = quantile(strength[ridge], 0.85)
    kept = ridge & (strength > 0.5 * strong)
    return torch.where(kept, relative * (1 - crowd / 0.3).clamp_min(0.1), 0)


def _long_enough(score: Tensor, enough: float, length: float) -> Tensor:
    """Lines that hold a pixel above `enough` and go on above 0.6 of it for at least `length` pixels, [1, 1, h, w]."""
    scores = score[0, 0].numpy()
    labels, count = ndimage.label(scores > 0.6 * enough, np.ones((3, 3)))
    sizes = np.bincount(labels.reshape(-1), minlength=count + 1)
    kept = np.zeros(count + 1, bool)
    kept[np.unique(labels[scores > enough])] = True
    kept &= sizes >= length
    kept[0] = False
    return torch.from_numpy(kept[labels]).float()[None, None]
