"""The last step and the only one that touches a sample of the work: overlapping patches blended in whole numbers.

Rendering ends here and replay begins here, with the same integers, so both give the same bytes on every machine.
numpy only; no float. A pixel depends on the patches over it and on nothing else, so the work is made in strips.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generation.engines.patchwork.tiles import Sheet

Ints = NDArray[np.int32]

HEAVIEST = (1 << 12) - 1  # a node's weight is 1 to HEAVIEST
WINDOW_ONE = 1 << 8
FACTOR_ONE = 1 << 14
LEVEL_PARTS = 16  # means are kept in 1/16 grey levels while patches are reweighed
PASSES = 2
PIXEL_BITS = 15  # each pixel divides a mass of 2**15 among its patches when shares are counted
_WEIGHT_SHIFT = 13  # a node's weight times two window values, brought to 15 bits
_FACTOR_SHIFT = 14
_STRIP_NODES = 16_000


@dataclass(frozen=True, eq=False)
class Tables:
    """The two fixed curves of a blend.

    `window`: 1..256 [patch], how a patch's weight falls off from its center, along each axis. `factors`: 1..2**14,
    by how much a patch counts whose color lies apart from the mean: entry i is for squared distances (in 1/16 grey
    levels, summed over the channels) from i << shift on.
    """

    window: NDArray[np.int64]
    factors: NDArray[np.int64]
    shift: int


@dataclass(frozen=True, eq=False)
class Field:
    """Where every patch comes from. `places` and `weights` [rows, columns]: one node each `stride` pixels, from 0.

    A node's patch is `patch` x `patch` pixels (odd), centered on it both in the work and on the sheet. `wrap`: patches
    reach over an edge to the opposite one, so the work can be repeated; height and width are whole strides then.
    """

    height: int
    width: int
    patch: int
    stride: int
    places: NDArray[np.int64]
    weights: NDArray[np.int64]
    wrap: bool = False


@dataclass(frozen=True, eq=False)
class Blend:
    """`pixels` uint8 [h, w, 3]; `mass` per asset of the sheet, exact; `owner` int16 [h, w]: who gave most.

    `owner` is -1 outside of what was asked for.
    """

    pixels: NDArray[np.uint8]
    mass: list[int]
    owner: NDArray[np.int16]


def nodes_along(length: int, patch: int, stride: int, wrap: bool = False) -> int:
    """How many nodes cover `length` pixels: the last patch reaches the last pixel, or the first one over the edge."""
    if wrap:
        return length // stride
    return max(0, -(-(length - 1 - patch // 2) // stride)) + 1


def blend(
    field: Field,
    sheet: Sheet,
    tables: Tables,
    inside: NDArray[np.bool_] | None = None,
    tick: Callable[[], None] = lambda: None,
) -> Blend:
    """Mean of the patches over each pixel, reweighed twice against outliers so that edges do not ghost.

    `inside`: bool [h, w], the pixels that count for `mass`; None is all. `tick` is called at least once a second.
    """
    if field.wrap:
        return _repeated(field, sheet, tables, inside, tick)
    count = len(sheet.hashes)
    pixels = np.empty((field.height, field.width, 3), np.uint8)
    owner = np.zeros((field.height, field.width), np.int16)
    mass = np.zeros(count, np.int64)
    for top, bottom in strips(field):
        rows = slice(top, bottom)
        canvas = _Canvas(field, sheet, tables, top, bottom)
        mean, _ = canvas.mean(None)
        for _ in range(PASSES):
            before = mean
            mean, total = canvas.mean(before)
        pixels[rows] = canvas.flat((mean + LEVEL_PARTS // 2) // LEVEL_PARTS).transpose(1, 2, 0)
        within = None if inside is None else inside[rows]
        if count == 1:
            mass[0] += (bottom - top) * field.width if within is None else int(within.sum())
        else:
            owner[rows] = canvas.shares(before, total, within, mass)
        tick()
    if inside is not None:
        owner[~inside] = -1
    return Blend(pixels, [int(part) for part in mass], owner)


def _repeated(
    field: Field, sheet: Sheet, tables: Tables, inside: NDArray[np.bool_] | None, tick: Callable[[], None]
) -> Blend:
    """A field that wraps is the middle of one that repeats it by as many nodes as reach in from outside."""
    beyond = -(-(field.patch // 2) // field.stride)
    edge = beyond * field.stride
    whole = Field(
        field.height + 2 * edge,
        field.width + 2 * edge,
        field.patch,
        field.stride,
        np.pad(field.places, beyond, mode="wrap"),
        np.pad(field.weights, beyond, mode="wrap"),
    )
    counted = np.ones((field.height, field.width), bool) if inside is None else inside
    made = blend(whole, sheet, tables, np.pad(counted, edge), tick)
    cut = slice(edge, edge + field.height), slice(edge, edge + field.width)
    return Blend(np.ascontiguousarray(made.pixels[cut]), made.mass, np.ascontiguousarray(made.owner[cut]))


def strips(field: Field) -> list[tuple[int, int]]:
    """Rows of the work that are blended together: enough to be worth it, few enough to stay in the cache."""
    step = max(8, _STRIP_NODES // field.places.shape[1]) * field.stride
    return [(top, min(top + step, field.height)) for top in range(0, field.height, step)]


class _Canvas:
    """The patches over some rows of the work, laid on an area that holds them whole.

    Pixel (y, x) of the area is kept at [y % stride, x % stride, y // stride, x // stride]: what one pixel of all
    patches adds is then one block of memory. No two nodes meet in a block; a pixel that several patches cover gets
    each of them from another block. All sums stay below 2**31: 16 patches of 15 bits, times 255, times 16.
    """

    def __init__(self, field: Field, sheet: Sheet, tables: Tables, top: int, bottom: int) -> None:
        radius, stride = field.patch // 2, field.stride
        first = max(0, -(-(top - radius) // stride))
        places = field.places[first : (bottom - 1 + radius) // stride + 1]
        tile = sheet.tile_at(places)
        self.places, self.row_length, self.asset = places, sheet.widths[tile], sheet.owners[tile].astype(np.int16)
        self.weights = field.weights[first : first + len(places)].astype(np.int32)
        self.sheet, self.tables, self.patch, self.stride = sheet, tables, field.patch, stride
        layers = -(-field.patch // stride)
        self.shape = (stride, stride, len(places) - 1 + layers, places.shape[1] - 1 + layers)
        above = top - (first * stride - radius)
        self._cut = slice(above, above + bottom - top), slice(radius, radius + field.width)
        self.factors = tables.factors.astype(np.int32)

    @cached_property
    def blocks(self) -> list[tuple[tuple[int, int, slice, slice], Ints, Ints]]:
        """For each pixel of a patch: where it falls for all nodes, its colors [3, r, c] and its weights [r, c]."""
        radius, (rows, columns) = self.patch // 2, self.places.shape
        window = [int(value) for value in self.tables.window]
        found = []
        for dy in range(self.patch):
            for dx in range(self.patch):
                (down, y), (right, x) = divmod(dy, self.stride), divmod(dx, self.stride)
                packed = self.sheet.pixels[self.places + ((dy - radius) * self.row_length + (dx - radius))]
                colors = np.stack([packed & 255, (packed >> 8) & 255, packed >> 16])
                weight = (self.weights * np.int32(window[dy] * window[dx])) >> _WEIGHT_SHIFT
                where = (y, x, slice(down, down + rows), slice(right, right + columns))
                found.append((where, colors, np.maximum(weight, 1)))
        return found

    def mean(self, before: Ints | None) -> tuple[Ints, Ints]:
        """Weighted mean in 1/16 levels [3, ...] and total weight; patches far from the mean `before` count less."""
        total = np.zeros(self.shape, np.int32)
        sums = np.zeros((3, *self.shape), np.int32)
        for where, colors, plain in self.blocks:
            weight = plain if before is None else self._reweighed(where, colors, plain, before)
            total[where] += weight
            sums[(slice(None), *where)] += colors * weight
        total = np.maximum(total, 1)  # corners of the area that no patch reaches; never part of the work
        return (sums * LEVEL_PARTS + total // 2) // total, total

    def _reweighed(self, where: tuple[int, int, slice, slice], colors: Ints, weight: Ints, mean: Ints) -> Ints:
        apart = colors * LEVEL_PARTS - mean[(slice(None), *where)]
        apart *= apart
        entry = np.minimum(apart.sum(0, dtype=np.int32) >> self.tables.shift, len(self.factors) - 1)
        return np.asarray(np.maximum((weight * self.factors[entry]) >> _FACTOR_SHIFT, 1))

    def shares(
        self, mean: Ints, total: Ints, inside: NDArray[np.bool_] | None, mass: NDArray[np.int64]
    ) -> NDArray[np.int16]:
        """Who gave most of each pixel; adds to `mass` what each asset gave: the weights of the mean, normalized."""
        given = {int(asset): np.zeros(self.shape, np.int32) for asset in np.unique(self.asset)}
        for where, colors, plain in self.blocks:
            part = (self._reweighed(where, colors, plain, mean) << PIXEL_BITS) // total[where]
            for asset, sums in given.items():
                sums[where] += part * (self.asset == asset)
        owner = np.full(self.flat(total).shape, -1, np.int16)
        most = np.full(owner.shape, -1, np.int32)
        for asset, sums in given.items():
            part = self.flat(sums)
            mass[asset] += int((part if inside is None else part[inside]).sum(dtype=np.int64))
            owner = np.where(part > most, np.int16(asset), owner)
            most = np.maximum(part, most)
        return owner

    def flat(self, area: Ints) -> Ints:
        """[..., stride, stride, r, c] to the rows and columns of the work."""
        y, x, rows, columns = area.shape[-4:]
        whole = np.moveaxis(area, (-2, -4, -1, -3), (-4, -3, -2, -1)).reshape(*area.shape[:-4], rows * y, columns * x)
        return whole[(..., *self._cut)]
