"""What a field of patches votes for, in float: the search looks at it between steps; the work itself is `blend`."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from generation.engines.patchwork.atlas import Atlas, Tick
from generation.engines.patchwork.features import STRIDE, Lattice
from generation.engines.patchwork.tiles import KEY_STEP

FALLOFF = 0.3  # a patch's weight falls off from its center as a Gaussian of this part of its side
SPREAD = 0.05  # patches whose color lies this far from the mean count 0.6 as much
LEAST = 1e-4


_STRIP_NODES = 16_000


def vote(atlas: Atlas, lattice: Lattice, field: Tensor, weights: Tensor, *, passes: int, tick: Tick) -> Tensor:
    """Mean of the patches over each pixel, [1, 3, h, w]; `passes` times reweighed against outliers.

    A pixel depends on the patches over it alone, so the picture is made in strips that fit the cache.
    """
    out = torch.empty(1, 3, lattice.height, lattice.width)
    step = max(8, _STRIP_NODES // lattice.columns) * STRIDE
    for top in range(0, lattice.height, step):
        bottom = min(top + step, lattice.height)
        out[:, :, top:bottom] = _strip(atlas, lattice, field, weights, passes, (top, bottom))
        tick()
    return out


def _strip(
    atlas: Atlas, lattice: Lattice, field: Tensor, weights: Tensor, passes: int, rows: tuple[int, int]
) -> Tensor:
    top, bottom = rows
    patch, radius = lattice.patch, lattice.patch // 2
    first = max(0, -(-(top - radius) // STRIDE))
    last = min(lattice.rows - 1, (bottom - 1 + radius) // STRIDE)
    nodes = slice(first * lattice.columns, (last + 1) * lattice.columns)
    area = ((last - first) * STRIDE + patch, (lattice.columns - 1) * STRIDE + patch)
    colors = _gathered(atlas, field[nodes], patch)
    steps = torch.arange(patch) - radius
    fall = torch.exp(-((steps / (FALLOFF * patch)) ** 2) / 2)
    base = (fall[:, None] * fall[None]).reshape(-1, 1) * weights[nodes]
    mean = _mean(colors, base, area)
    for _ in range(passes):
        around = F.unfold(mean, patch, stride=STRIDE).view(3, patch * patch, -1)
        apart = (colors - around).square_().sum(0)
        mean = _mean(colors, base * (apart.mul_(-1 / (2 * SPREAD**2)).exp_().add_(LEAST)), area)
    above = top - (first * STRIDE - radius)
    return mean[:, :, above : above + bottom - top, radius : radius + lattice.width]


def _gathered(atlas: Atlas, field: Tensor, patch: int) -> Tensor:
    """Colors of every node's patch, [3, patch * patch, nodes] in 0..1."""
    width = atlas.columns * KEY_STEP
    row = torch.div(field, atlas.columns, rounding_mode="floor")
    center = row * (KEY_STEP * width) + (field - row * atlas.columns) * KEY_STEP
    steps = torch.arange(patch, dtype=torch.int32) - patch // 2
    around = (steps[:, None] * width + steps[None]).reshape(-1, 1)
    packed = atlas.pixels.index_select(0, (around + center[None]).reshape(-1))
    split = torch.stack([packed & 255, (packed >> 8) & 255, packed >> 16])
    return split.view(3, patch * patch, len(field)).float().mul_(1 / 255)


def _mean(colors: Tensor, weights: Tensor, area: tuple[int, int]) -> Tensor:
    """Weighted mean on an area that holds all patches whole, [1, 3, H, W]."""
    both = torch.cat([colors * weights, weights[None]]).reshape(1, 4 * len(weights), -1)
    summed = F.fold(both, area, round(len(weights) ** 0.5), stride=STRIDE)
    return summed[:, :3] / summed[:, 3:].clamp_min(1e-12)
