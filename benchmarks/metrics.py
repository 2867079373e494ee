"""Measures of a restyled picture that need no trained network. Each can be fooled, so none is a proof of beauty.

`plausibility` and `coverage` compare patches as the engine does, so they serve to notice changes and to tell styles
apart. `sliced_wasserstein` is blind to ugliness and is for information only. Pictures are [1, 3, h, w], 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 # the name everyone knows
from PIL import Image
from torch import Tensor

from core.media import Picture

_YCC = torch.tensor([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
_CHROMA = torch.tensor([1.0, 1.2, 1.2])
_SCALES = (1, 2, 4)
_SIDE = 7  # of the patches that tell styles apart
_WORK, _STYLE, _PROBES = 3000, 9000, 2000  # patches drawn at each scale


def tensor(picture: Picture, long_side: int | None = None) -> Tensor:
    """The picture as [1, 3, h, w] in 0 to 1, scaled to a long side."""
    image = Image.fromarray(picture.pixels)
    if long_side is not None and max(image.size) != long_side:
        scale = long_side / max(image.size)
        image = image.resize(
            (max(8, round(image.width * scale)), max(8, round(image.height * scale))), Image.Resampling.LANCZOS
        )
    return torch.from_numpy(np.array(image).transpose(2, 0, 1).astype(np.float32))[None] / 255


def luma(picture: Tensor) -> Tensor:
    """[1, 1, h, w]"""
    return torch.einsum("kc,bchw->bkhw", _YCC[:1], picture)


def resized(picture: Tensor, height: int, width: int) -> Tensor:
    """Antialiased bicubic, kept in 0 to 1."""
    if picture.shape[-2:] == (height, width):
        return picture
    return F.interpolate(picture, size=(height, width), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


@dataclass(frozen=True)
class Hand:
    """A style's patches at each scale, in two halves, and how far apart the halves are."""

    first: tuple[Tensor, ...]
    second: tuple[Tensor, ...]
    apart: tuple[float, ...]


def hand(assets: Sequence[Tensor], *, seed: int = 0) -> Hand:
    """What a style's assets look like to `style_distance`; each asset gives equally many patches."""
    dice = torch.Generator().manual_seed(seed)
    firsts, seconds, apart = [], [], []
    for scale in _SCALES:
        drawn = torch.cat([_patches(asset, scale, _STYLE // len(assets), dice) for asset in assets])
        drawn = drawn[torch.randperm(len(drawn), generator=dice)]
        firsts.append(drawn[: len(drawn) // 2])
        seconds.append(drawn[len(drawn) // 2 :])
        apart.append(float(_nearest(firsts[-1][:_PROBES], seconds[-1]).mean()))
    return Hand(tuple(firsts), tuple(seconds), tuple(apart))


def work_patches(work: Tensor, *, seed: int = 0) -> tuple[Tensor, ...]:
    """A work's patches at each scale, to compare with several styles."""
    dice = torch.Generator().manual_seed(seed)
    return tuple(_patches(work, scale, _WORK, dice) for scale in _SCALES)


@dataclass(frozen=True)
class Distance:
    """How far a work is from a style.

    `plausibility`: mean distance of the work's patches to the nearest of the style; `coverage`: the other way round;
    each divided by the distance between two halves of the style itself, so that 1 cannot be told apart from it.
    `unscaled`: the sum of both, not divided: the division favors styles whose own patches are far apart.
    """

    plausibility: float
    coverage: float
    unscaled: float

    @property
    def scaled(self) -> float:
        """The sum of plausibility and coverage."""
        return self.plausibility + self.coverage


def style_distance(work: tuple[Tensor, ...], style: Hand) -> Distance:
    """The distance of a work's patches from a style's, as means over the scales."""
    there, back, unscaled = 0.0, 0.0, 0.0
    for patches, first, second, apart in zip(work, style.first, style.second, style.apart, strict=True):
        near, far = float(_nearest(patches, second).mean()), float(_nearest(first[:_PROBES], patches).mean())
        there += near / apart / len(_SCALES)
        back += far / apart / len(_SCALES)
        unscaled += (near + far) / len(_SCALES)
    return Distance(there, back, unscaled)


def agreement(work: Tensor, content: Tensor) -> tuple[float, float]:
    """How far the work shows the content: correlations, -1 to 1, of blurred edge strength and of blurred luma."""
    soft = [_blurred(luma(resized(picture, *work.shape[-2:])), 2.0) for picture in (work, content)]
    edges = [_edge_strength(picture) for picture in soft]
    return _correlation(*edges), _correlation(*soft)


def sharpness(work: Tensor, assets: Sequence[Tensor]) -> float:
    """The work's fine detail over that of the style: mean magnitude of what a blur of 1 pixel takes away."""
    own = sum(_fine(asset) for asset in assets) / len(assets)
    return _fine(work) / own


def repetition(work: Tensor, *, seed: int = 0) -> float:
    """The part, 0 to 1, of textured 15-pixel patches that are found again elsewhere in the work, nearly alike in luma.

    Nearly alike: a root mean square difference below 0.02; elsewhere: more than 24 pixels away.
    """
    side, probes, near, alike = 15, 200, 24, 0.02
    features = F.conv2d(work, _basis(side, (21, 0, 0)))[0]
    height, width = features.shape[-2:]
    rows = features.flatten(1).T.contiguous()
    texture = rows[:, 1:].square().sum(1).sqrt()
    dice = torch.Generator().manual_seed(seed)
    chosen = torch.nonzero(texture > 0.05)[:, 0]
    if len(chosen) < probes:
        return 0.0
    squares = rows.square().sum(1)
    found = 0
    for at in chosen[torch.randperm(len(chosen), generator=dice)[:probes]].tolist():
        apart = torch.mv(rows, rows[at]).mul_(-2).add_(squares).view(height, width)
        y, x = divmod(at, width)
        apart[max(0, y - near) : y + near + 1, max(0, x - near) : x + near + 1] = torch.inf
        found += float(apart.min() + squares[at]) < alike**2
    return found / probes


def sliced_wasserstein(work: Tensor, assets: Sequence[Tensor], *, seed: int = 0) -> float:
    """Distance between the distributions of patches along 96 random directions, at three scales."""
    dice, at, total = torch.Generator().manual_seed(seed), torch.linspace(0.01, 0.99, 99), 0.0
    for scale in _SCALES:
        filters = torch.randn(96, 3, _SIDE, _SIDE, generator=dice)
        filters /= filters.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        sides = []
        for pictures in ((work,), tuple(assets)):
            shrunk = [_shrunk(picture, scale) for picture in pictures]
            along = torch.cat([F.conv2d(one, filters, stride=3)[0].flatten(1) for one in shrunk], 1)
            sides.append(torch.quantile(along[:, :: max(1, along.shape[1] // 8000)], at, dim=1))
        total += float((sides[0] - sides[1]).abs().mean()) / len(_SCALES)
    return total


def _patches(picture: Tensor, scale: int, count: int, dice: torch.Generator) -> Tensor:
    rows = F.conv2d(_shrunk(picture, scale), _basis(_SIDE, (16, 5, 5)))[0].flatten(1).T
    return rows[torch.randint(len(rows), (min(count, len(rows)),), generator=dice)]


def _shrunk(picture: Tensor, scale: int) -> Tensor:
    return resized(picture, max(16, picture.shape[-2] // scale), max(16, picture.shape[-1] // scale))


def _basis(side: int, terms: tuple[int, int, int]) -> Tensor:
    """The lowest cosine terms of a patch's luma and chroma, [sum(terms), 3, side, side].

    A squared distance of them is at most, and nearly, the mean squared difference of the patches.
    """
    n = torch.arange(side)
    waves = torch.cos(math.pi * (n[None] + 0.5) * n[:, None] / side) * math.sqrt(2 / side)
    waves[0] /= math.sqrt(2)
    order = sorted(((u, v) for u in range(side) for v in range(side)), key=lambda t: (t[0] ** 2 + t[1] ** 2, t))
    filters = []
    for channel, count in enumerate(terms):
        color = _YCC[channel] * _CHROMA[channel]
        filters += [color[:, None, None] * torch.outer(waves[u], waves[v]) for u, v in order[:count]]
    return torch.stack(filters) / side


def _nearest(points: Tensor, among: Tensor) -> Tensor:
    """The distance from each point to the nearest of the others."""
    squares = among.square().sum(1)
    parts = [
        (some.square().sum(1) + torch.addmm(squares, some, among.T, alpha=-2).amin(1)).clamp_min(0).sqrt()
        for some in torch.split(points, 250)
    ]
    return torch.cat(parts)


def _blurred(picture: Tensor, sigma: float) -> Tensor:
    radius = math.ceil(3 * sigma)
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    taps /= taps.sum()
    channels = picture.shape[1]
    for shape, pad in (((1, -1), (radius, radius, 0, 0)), ((-1, 1), (0, 0, radius, radius))):
        kernel = taps.view(1, 1, *shape).expand(channels, 1, -1, -1)
        picture = F.conv2d(F.pad(picture, pad, mode="replicate"), kernel, groups=channels)
    return picture


def _edge_strength(light: Tensor) -> Tensor:
    """Magnitude of Sobel's gradient."""
    kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8
    both = F.conv2d(F.pad(light, (1, 1, 1, 1), mode="replicate"), torch.stack([kernel, kernel.T])[:, None])
    return both.square().sum(1).sqrt()


def _fine(picture: Tensor) -> float:
    light = luma(picture)
    return float((light - _blurred(light, 1.0)).abs().mean())


def _correlation(a: Tensor, b: Tensor) -> float:
    if float(a.std()) < 1e-6 or float(b.std()) < 1e-6:
        return 0.0  # one of them shows nothing at all
    return float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1])
