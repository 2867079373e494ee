"""The picture that a field of patches votes for, in float: steps of the search look at it, the work itself is `blend`."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from generation.engines.patchwork.atlas import Atlas
from generation.engines.patchwork.features import STRIDE, Lattice
from generation.engines.patchwork.tiles import KEY_STEP

FALLOFF = 0.3  # a patch's weight falls off from its center as a Gaussian of this part of its side
SPREAD = 0.05  # patches whose color lies this far from the mean count 0.6 as much
LEAST = 1e-4


def vote(atlas: Atlas, lattice: Lattice, field: Tensor, weights: Tensor, *, passes: int) -> Tensor:
    """Mean of the patches over each pixel, [1, 3, h, w]; `passes` times reweighed against outliers."""
    patch = lattice.patch
    colors = _gathered(atlas, field, patch)
    steps = torch.arange(patch) - patch // 2
    fall = torch.exp(-((steps / (FALLOFF * patch)) ** 2) / 2)
    base = (fall[:, None] * fall[None]).reshape(-1, 1) * weights[None]
    mean = _mean(colors, base, lattice)
    for _ in range(passes):
        apart = (colors - _patches(mean, patch)).square_().sum(0)
        mean = _mean(colors, base * (apart.mul_(-1 / (2 * SPREAD**2)).exp_().add_(LEAST)), lattice)
    radius = patch // 2
    return mean[:, :, radius : radius + lattice.height, radius : radius + lattice.width]


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


def _mean(colors: Tensor, weights: Tensor, lattice: Lattice) -> Tensor:
    """Weighted mean on an area that holds all patches whole, [1, 3, H, W]."""
    patch = lattice.patch
    area = ((lattice.rows - 1) * STRIDE + patch, (lattice.columns - 1) * STRIDE + patch)
    both = torch.cat([colors * weights, weights[None]]).reshape(1, 4 * patch * patch, -1)
    summed = F.fold(both, area, patch, stride=STRIDE)
    return summed[:, :3] / summed[:, 3:].clamp_min(1e-12)


def _patches(picture: Tensor, patch: int) -> Tensor:
    """[1, 3, H, W] -> [3, patch * patch, nodes]."""
    return F.unfold(picture, patch, stride=STRIDE).view(3, patch * patch, -1)
