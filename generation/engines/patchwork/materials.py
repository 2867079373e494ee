"""Which surfaces of a style stand for which of the content: sky for sky, water for water.

A surface is known by its own color and that around it, by how high it lies and how busy it is, all measured against
the rest of its picture on a small copy. No weights: k-means, and distances between means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from generation.engines.patchwork.images import (
    blur,
    guided,
    luma,
    means_by,
    nearest,
    resize,
    slopes,
    step_smoothly,
    ycc,
)
from generation.engines.patchwork.palette import Palette, clusters

SURFACES = 16  # of a picture
_SIDE = 72  # pixels, long side
_AROUND, _BUSY_AROUND = 8, 2.0  # the side over this; pixels
_VIVID, _DARK = 0.17, 0.35  # mean saturation that pictures are brought to, as far as a factor of 2
_SHARP, _UNIT, _SLACK = 0.035, 0.3, 0.1  # distances
_SURE, _GRAY = (0.25, 0.5), 0.15  # explained variance; what light counts in it
_UNLIKE = 0.32  # hues farther apart than this are equally wrong: then the place decides
_HUE_AROUND, _LIGHT, _HEIGHT, _BUSTLE = 0.7, 0.6, 0.85, 0.4


@dataclass(frozen=True, eq=False)
class Surfaces:
    """`labels`: int64 [h, w] of the small copy; `means` [surfaces, 7]; `mass` [surfaces] sums to 1.

    `spread` [surfaces]: mean square of how far hues lie from their mean. `sure`: 0 where colors lie all over, so that a
    place means nothing, to 1.
    """

    labels: Tensor
    means: Tensor
    spread: Tensor
    mass: Tensor
    sure: float


def surfaces_of(picture: Tensor) -> Surfaces:
    """[1, 3, h, w] in 0..1; always the same for the same picture."""
    height, width = picture.shape[-2:]
    scale = min(1.0, _SIDE / max(height, width))
    small = resize(picture, max(2, round(height * scale)), max(2, round(width * scale)))
    rows = _described(small)
    points = rows[0].reshape(rows.shape[1], -1).T.contiguous()
    means, labels = clusters(points, min(SURFACES, len(points)), torch.Generator().manual_seed(0), 6)
    mass = torch.bincount(labels, minlength=len(means)) / len(labels)
    hue = _hue(small)[0].reshape(2, -1).T
    spread = (hue - means_by(labels, hue, means[:, :2])[labels]).square().sum(1, keepdim=True)
    spread = means_by(labels, spread, torch.zeros(len(means), 1))[:, 0]
    sure = step_smoothly(_explained(small, labels, len(means)), *_SURE)
    return Surfaces(labels.view(rows.shape[-2:]), means, spread, mass, float(sure))


def _explained(small: Tensor, labels: Tensor, count: int) -> Tensor:
    """What part of the variance of hue, and a little of light, lies between surfaces rather than within them."""
    colors = ycc(small)[0].reshape(3, -1).T * torch.tensor([_GRAY, 1, 1])
    within = colors - means_by(labels, colors, torch.zeros(count, 3))[labels]
    return 1 - within.square().sum() / (colors - colors.mean(0)).square().sum().clamp_min(1e-6)


def _described(small: Tensor) -> Tensor:
    """[1, 7, h, w]: hue, hue around, rank of light, height, rank of bustle."""
    x, y = slopes(luma(small))
    busy = _ranked(blur((x * x + y * y).sqrt(), _BUSY_AROUND))
    for _ in range(2):
        slope, offset = guided(small, 2, 0.01)
        small = (slope * luma(small) + offset).clamp(0, 1)
    hue = _hue(small)
    around = blur(hue, max(small.shape[-2:]) / _AROUND)
    light = _ranked(luma(small))
    high = torch.linspace(0, 1, small.shape[-2])[None, None, :, None].expand_as(light)
    return torch.cat([hue, _HUE_AROUND * around, _LIGHT * light, _HEIGHT * high, _BUSTLE * busy], 1)


def _hue(small: Tensor) -> Tensor:
    """Saturation, [1, 2, h, w], as strong as in other pictures: navy is about as blue as a summer sky."""
    light, hue = ycc(small).split_with_sizes((1, 2), 1)
    hue = hue / (light + _DARK)
    return torch.mul(hue, _VIVID / hue.norm(dim=1).mean().clamp(_VIVID / 2, 2 * _VIVID))


def _ranked(plane: Tensor) -> Tensor:
    """Each value's rank, 0 to 1."""
    return (plane.reshape(-1).argsort(stable=True).argsort(stable=True) / plane.numel()).view(plane.shape)


@dataclass(frozen=True, eq=False)
class Match:
    """What of a style belongs where in a content.

    `labels` [y, x]: the content's surfaces. `prices` [surfaces, materials]: 0 for what belongs there, at most 1.
    `likely` [entries, y, x]: how much each of the palette's colors belongs at a place, 1 for a style's most likely one.
    """

    labels: Tensor
    prices: Tensor
    likely: Tensor


@dataclass(frozen=True, eq=False)
class Materials:
    """The surfaces of all assets of all styles, one after the other.

    `labels`: of each asset, int64 [y, x]; `means` [materials, 7]; `spread`, `mass`, `sure`, `style`
    [materials].
    """

    labels: tuple[Tensor, ...]
    means: Tensor
    spread: Tensor
    mass: Tensor
    sure: Tensor
    style: Tensor

    def colors(self, palette: Palette, pictures: Sequence[Tensor], labels: Sequence[Tensor]) -> Tensor:
        """How much of each material has each color of a palette, [materials, entries]; rows sum to 1, or are 0.

        `labels`: the materials of each picture [1, 3, h, w].
        """
        count, entries = len(self.mass), len(palette.colors)
        found = torch.zeros(count * entries)
        for picture, label in zip(pictures, labels, strict=True):
            points = ycc(resize(picture, *label.shape))[0].reshape(3, -1).T
            found += torch.bincount(label.reshape(-1) * entries + nearest(points, palette.colors), minlength=len(found))
        rows = found.view(count, entries)
        rows = rows * (palette.mass / rows.sum(0).clamp_min(1))  # a small copy blends thin lines into what is beside
        return rows / rows.sum(1, keepdim=True).clamp_min(1e-9)

    def match(self, content: Surfaces, colors: Tensor) -> Match:
        """Each style has what belongs best on each surface of the content; the rest is dearer the less alike it is.

        `colors` [materials, entries]: as `colors` says, of all palettes.
        """
        hue, rest = (torch.cdist(content.means[:, part], self.means[:, part]) for part in (slice(4), slice(4, None)))
        apart = ((hue.square() + self.spread).clamp_max(_UNLIKE**2) + rest.square()).sqrt()
        likely = torch.zeros(len(apart), colors.shape[1])
        for number in range(int(self.style.max()) + 1):
            own = self.style == number
            apart[:, own] = (apart[:, own] - apart[:, own].amin(1, keepdim=True)) * self.sure[own]
            found = (torch.exp(-apart[:, own] / _SHARP) * self.mass[own]) @ colors[own]
            likely += (found / found.amax(1, keepdim=True).clamp_min(1e-9)) ** self.sure[own].mean()
        return Match(content.labels, (apart / _UNIT - _SLACK).clamp(0, 1), likely.T[:, content.labels])


def materials_of(pictures: Sequence[Tensor], styles: Sequence[int]) -> Materials:
    """Of assets, each [1, 3, h, w], and whose each is."""
    surfaces = [surfaces_of(picture) for picture in pictures]
    sizes = torch.tensor([len(one.mass) for one in surfaces])
    first = sizes.cumsum(0) - sizes
    return Materials(
        labels=tuple(one.labels + begin for one, begin in zip(surfaces, first, strict=True)),
        means=torch.cat([one.means for one in surfaces]),
        spread=torch.cat([one.spread for one in surfaces]),
        mass=torch.cat([one.mass for one in surfaces]),
        sure=torch.repeat_interleave(torch.tensor([one.sure for one in surfaces]), sizes),
        style=torch.repeat_interleave(torch.tensor(list(styles)), sizes),
    )
