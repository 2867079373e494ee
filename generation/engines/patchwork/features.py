"""Patches as short rows of numbers: the lowest terms of a discrete cosine transform, taken at the nodes of a lattice.

The bases are fixed, so rows of different assets can be compared, and a row of squared differences is about the mean
squared error of a pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from generation.engines.patchwork.blend import nodes_along
from generation.engines.patchwork.guides import CHANNELS
from generation.engines.patchwork.images import YCC

STRIDE = 4  # pixels between nodes
GUIDE_PATCH = 5
_LUMA_TERMS, _CHROMA_TERMS, _CHROMA_WEIGHT = 12, 4, 1.2
_GUIDE_TERMS = (4, 4, 4, 2, 2, 1, 4)


@lru_cache
def appearance_basis(patch: int) -> Tensor:
    """[20, 3, patch, patch], acts on RGB."""
    weights = YCC * torch.tensor([1.0, _CHROMA_WEIGHT, _CHROMA_WEIGHT])[:, None]
    basis = cosines(patch, (_LUMA_TERMS, _CHROMA_TERMS, _CHROMA_TERMS))
    return torch.einsum("dcij,ck->dkij", basis, weights) / patch


@lru_cache
def guide_basis() -> Tensor:
    """[21, 7, 5, 5]"""
    assert len(_GUIDE_TERMS) == CHANNELS
    return cosines(GUIDE_PATCH, _GUIDE_TERMS) / GUIDE_PATCH


def cosines(side: int, terms: tuple[int, ...]) -> Tensor:
    """Orthonormal 2-D DCT-II, the first `terms[c]` of channel c by frequency: [sum(terms), channels, side, side]."""
    at = torch.arange(side) + 0.5
    waves = torch.stack([torch.cos(math.pi * k * at / side) for k in range(side)]) * math.sqrt(2 / side)
    waves[0] /= math.sqrt(2)
    order = sorted(((u, v) for u in range(side) for v in range(side)), key=lambda f: (f[0] ** 2 + f[1] ** 2, f))
    filters = []
    for channel, count in enumerate(terms):
        for u, v in order[:count]:
            one = torch.zeros(len(terms), side, side)
            one[channel] = waves[u][:, None] * waves[v][None]
            filters.append(one)
    return torch.stack(filters)


@dataclass(frozen=True)
class Lattice:
    """Nodes every STRIDE pixels from 0 until the last patch reaches the last pixel."""

    height: int
    width: int
    patch: int

    @property
    def rows(self) -> int:
        return nodes_along(self.height, self.patch, STRIDE)

    @property
    def columns(self) -> int:
        return nodes_along(self.width, self.patch, STRIDE)

    @property
    def nodes(self) -> int:
        return self.rows * self.columns

    def sample(self, plane: Tensor) -> Tensor:
        """Values of [1, 1, h, w] at the nodes, [n]; a node beyond the edge takes the edge's."""
        y = (torch.arange(self.rows, device=plane.device) * STRIDE).clamp_max(self.height - 1)
        x = (torch.arange(self.columns, device=plane.device) * STRIDE).clamp_max(self.width - 1)
        return plane[0, 0].index_select(0, y).index_select(1, x).reshape(-1)

    def rows_of(self, picture: Tensor, basis: Tensor) -> Tensor:
        """Features of the patch around each node, [n, terms]; edges repeated."""
        side = basis.shape[-1]
        before = side // 2
        after = [
            (count - 1) * STRIDE + side - before - n
            for count, n in ((self.rows, self.height), (self.columns, self.width))
        ]
        padded = F.pad(picture, (before, max(0, after[1]), before, max(0, after[0])), mode="replicate")
        found = F.conv2d(padded, basis.to(picture.device), stride=STRIDE)[0, :, : self.rows, : self.columns]
        return found.reshape(len(basis), -1).T
