"""The last step and the only one that touches a sample of the work: overlapping patches blended in whole numbers.

Rendering ends here and replay begins here, with the same integers, so both give the same bytes on every machine.
numpy only; no float.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.engines.patchwork.tiles import Sheet

Ints = NDArray[np.int64]

HEAVIEST = (1 << 12) - 1  # a node's weight is 1 to HEAVIEST
WINDOW_ONE = 1 << 8
FACTOR_ONE = 1 << 14
LEVEL_PARTS = 16  # means are kept in 1/16 grey levels while patches are reweighed
PASSES = 2
PIXEL_BITS = 20  # each pixel divides a mass of 2**20 among its patches when shares are counted


@dataclass(frozen=True, eq=False)
class Tables:
    """The two fixed curves of a blend.

    `window`: 1..256 [patch], how a patch's weight falls off from its center, along each axis. `factors`: 1..2**14,
    by how much a patch counts whose color lies apart from the mean: entry i is for squared distances (in 1/16 grey
    levels, summed over the channels) from i << shift on.
    """

    window: Ints
    factors: Ints
    shift: int


@dataclass(frozen=True, eq=False)
class Field:
    """Where every patch comes from. `places` and `weights` [rows, columns]: one node each `stride` pixels, from 0.

    A node's patch is `patch` x `patch` pixels, centered on it both in the work and on the sheet.
    """

    height: int
    width: int
    patch: int
    stride: int
    places: Ints
    weights: Ints


@dataclass(frozen=True, eq=False)
class Blend:
    """`pixels` uint8 [h, w, 3]; `mass` per asset of the sheet, exact; `owner` int16 [h, w]: who gave most."""

    pixels: NDArray[np.uint8]
    mass: list[int]
    owner: NDArray[np.int16]


def nodes_along(length: int, patch: int, stride: int) -> int:
    """How many nodes cover `length` pixels: the last patch reaches the last pixel."""
    return max(0, -(-(length - 1 - patch // 2) // stride)) + 1


def blend(field: Field, sheet: Sheet, tables: Tables, inside: NDArray[np.bool_] | None = None) -> Blend:
    """Mean of the patches over each pixel, reweighed twice against outliers so that edges do not ghost.

    `inside`: bool [h, w], the pixels that count for `mass`; None is all. The largest intermediate is below 2**62.
    """
    canvas = _Canvas(field, sheet, tables)
    mean = canvas.mean(None)
    for _ in range(PASSES):
        mean, before = canvas.mean(mean), mean
    owner, mass = canvas.shares(before, inside)
    half = LEVEL_PARTS // 2
    pixels = ((mean + half) // LEVEL_PARTS).astype(np.uint8)
    return Blend(np.ascontiguousarray(pixels.transpose(1, 2, 0)), mass, owner)


class _Canvas:
    """Patches laid on an area that holds them whole; [y - radius] is the work's row y."""

    def __init__(self, field: Field, sheet: Sheet, tables: Tables) -> None:
        self.field, self.sheet, self.tables = field, sheet, tables
        rows, columns = field.places.shape
        self.radius = field.patch // 2
        self.shape = ((rows - 1) * field.stride + field.patch, (columns - 1) * field.stride + field.patch)
        tile = sheet.tile_at(field.places)
        self.row_length = sheet.widths[tile]
        self.asset = sheet.owners[tile]

    def patches(self) -> Iterator[tuple[tuple[slice, slice], tuple[int, int], Ints, Ints]]:
        """For each pixel of a patch: where it falls for all nodes at once, its layer, colors [3, r, c], weight [r, c].

        Pixels of one node are a stride apart from its neighbor's, so no two nodes meet in one slice, and a pixel
        that several patches cover gets each of them in another layer.
        """
        patch, stride = self.field.patch, self.field.stride
        for dy in range(patch):
            for dx in range(patch):
                where = (slice(dy, self.shape[0] - patch + dy + 1, stride), slice(dx, self.shape[1] - patch + dx + 1, stride))
                shift = (dy - self.radius) * self.row_length + (dx - self.radius)
                color = self.sheet.pixels[self.field.places + shift].astype(np.int64)
                colors = np.stack([color & 255, (color >> 8) & 255, color >> 16])
                weight = self.field.weights * (self.tables.window[dy] * self.tables.window[dx])
                yield where, (dy // stride, dx // stride), colors, weight

    def factor(self, colors: Ints, mean: Ints) -> Ints:
        apart = ((colors * LEVEL_PARTS - mean) ** 2).sum(0)
        return self.tables.factors[np.minimum(apart >> self.tables.shift, len(self.tables.factors) - 1)]

    def mean(self, before: Ints | None) -> Ints:
        """Weighted mean in 1/16 levels, [3, h, w]; patches far from the mean `before` count less."""
        total = np.zeros(self.shape, np.int64)
        sums = np.zeros((3, *self.shape), np.int64)
        around = None if before is None else self.spread(before)
        for where, _, colors, weight in self.patches():
            if around is not None:
                weight = weight * self.factor(colors, around[:, where[0], where[1]])
            total[where] += weight
            sums[:, where[0], where[1]] += colors * weight
        total, sums = self.crop(total), self.crop(sums)
        return (sums * LEVEL_PARTS + total // 2) // total

    def shares(self, mean: Ints, inside: NDArray[np.bool_] | None) -> tuple[NDArray[np.int16], list[int]]:
        """Who gave most of each pixel, and what each asset gave in all: the weights of the final mean, normalized."""
        around = self.spread(mean)
        layers = -(-self.field.patch // self.field.stride)
        weights = np.zeros((layers, layers, *self.shape), np.int64)
        assets = np.zeros((layers, layers, *self.shape), np.int16)
        for where, layer, colors, weight in self.patches():
            weights[layer][where] = weight * self.factor(colors, around[:, where[0], where[1]])
            assets[layer][where] = self.asset
        weights = self.crop(weights).reshape(layers * layers, -1)
        assets = self.crop(assets).reshape(layers * layers, -1)
        parts = (weights << PIXEL_BITS) // weights.sum(0)
        counted = parts if inside is None else parts * inside.reshape(-1)
        mass = [int(counted[assets == a].sum()) for a in range(len(self.sheet.hashes))]
        owner = np.zeros(parts.shape[1], np.int16)
        most = np.zeros(parts.shape[1], np.int64)
        for candidate in assets:
            given = (parts * (assets == candidate)).sum(0)
            better = (given > most) | ((given == most) & (candidate < owner))
            owner, most = np.where(better, candidate, owner), np.where(better, given, most)
        return owner.reshape(self.field.height, self.field.width), mass

    def spread(self, picture: Ints) -> Ints:
        """[3, h, w] onto the canvas; what lies outside the work never counts."""
        out = np.zeros((3, *self.shape), np.int64)
        height, width = min(self.field.height, self.shape[0]), min(self.field.width, self.shape[1])
        out[:, self.radius : self.radius + height, self.radius : self.radius + width] = picture
        return out

    def crop(self, canvas: NDArray[np.int64]) -> NDArray[np.int64]:
        rows = slice(self.radius, self.radius + self.field.height)
        return canvas[..., rows, self.radius : self.radius + self.field.width]
