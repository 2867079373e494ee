"""From coarse to fine: each scale begins with the field found at half its size, and the last one becomes the work.

All of it runs on the device that the pack's atlases are on: the guidance is moved there once, the finished field comes
back as whole numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from generation.engine import BadRequest
from generation.engines.patchwork import blend
from generation.engines.patchwork.features import STRIDE, Lattice
from generation.engines.patchwork.guard import OFFERED, Found, Nodes, kept_below
from generation.engines.patchwork.images import resize
from generation.engines.patchwork.pack import Pack
from generation.engines.patchwork.params import Recipe
from generation.engines.patchwork.search import ROUNDS, Guidance, Search, steered
from generation.engines.patchwork.tiles import KEY_STEP
from generation.engines.patchwork.vote import FALLOFF, LEAST, SPREAD

ITERATIONS = (8, 8, 6, 6, 5)
_FRESH = (3, 2, 1)  # random candidates a round, coarse to fine
_COARSEST = 37.5  # pixels: levels are added while the coarsest stays longer than this
_COARSEST_SHORT = 8

Seen = Callable[[Tensor], None]
Step = Callable[[int], None]


def level_count(height: int, width: int) -> int:
    """4 at 512 pixels, 5 from 600 on, 6 from 1200 on; fewer for very long pictures."""
    by_long = 1 + math.floor(math.log2(max(1, max(height, width) / _COARSEST)))
    by_short = 1 + math.floor(math.log2(max(1, min(height, width) / _COARSEST_SHORT)))
    return max(1, min(by_long, by_short))


def patches_for(recipe: Recipe, levels: int) -> tuple[int, ...]:
    """A patch side per level, coarse to fine: the finest levels take the recipe's last ones."""
    first = (recipe.patches[0],) * max(0, levels - len(recipe.patches))
    return (first + recipe.patches)[-levels:]


@dataclass(frozen=True, eq=False)
class Pinned:
    """What is kept of an earlier work's finest scale: its `field`, and which nodes are `free` to change, [nodes]."""

    field: blend.Field
    free: Tensor


@dataclass(frozen=True, eq=False)
class Task:
    """One search: where to copy from, what to make of it, and within which limits.

    `sides`: height and width of each scale, coarse to fine. `wished`: each ingredient's part, summing to 1. `limit`: no
    copied piece is larger, as a fraction of the work.
    """

    pack: Pack
    sides: Sequence[tuple[int, int]]
    guidance: Guidance
    recipe: Recipe
    wished: Sequence[float]
    seed: int
    limit: float
    pinned: Pinned | None = None


def sides_at(height: int, width: int, halvings: int) -> tuple[int, int]:
    """A work's height and width, halved so many times."""
    by = 2**halvings
    return max(1, round(height / by)), max(1, round(width / by))


def searched(task: Task, *, step: Step, seen: Seen) -> Found:
    """Search all levels. `step` is told the nodes of each round, `seen` is shown the picture after each level.

    Raises BadRequest where no work within the limit is found.
    """
    pack = task.pack
    guidance = task.guidance.on(pack.device)
    steering = Steering(torch.tensor(task.wished).to(pack.device))
    levels = len(pack.atlases)
    last: Search | None = None
    picture = guidance.target
    for level, atlas in enumerate(pack.atlases):
        dice = torch.Generator().manual_seed(task.seed * 64 + level)
        search = Search(atlas, guidance.at(*task.sides[level]), task.recipe, dice, lambda: step(0))
        if last is None:
            search.begin()
            picture = search.picture(0)
        else:
            search.field = enlarged(last, search)
            picture = resize(picture, search.lattice.height, search.lattice.width)
        if task.pinned is not None and level == levels - 1:
            _pin(search, task.pinned, pack)
            picture = search.picture(0)
        picture = _improve(search, picture, level, steering, step)
        seen(picture)
        last = search
    assert last is not None
    return kept_below(_Finishing(task, last, steering, step), pack, task.limit)


class _Finishing:
    """The finest scale, as the guard sees it."""

    def __init__(self, task: Task, search: Search, steering: Steering, step: Step) -> None:
        self.search, self._task, self._steering, self._step = search, task, steering, step

    def field(self) -> blend.Field:
        return field_of(self.search, self._task.pack, self._task.pinned)

    def again(self) -> None:
        _improve(self.search, self.search.picture(1), len(self._task.pack.atlases) - 1, self._steering, self._step)

    def cut(self, nodes: Nodes) -> None:
        free = nodes.reshape(-1) & self.search.free.cpu().numpy()
        self.search.replace(torch.from_numpy(np.flatnonzero(free)).to(self.search.device), OFFERED)


def _pin(search: Search, pinned: Pinned, pack: Pack) -> None:
    """The earlier work's own places, wherever the mask leaves them alone."""
    sheet, atlas = pack.sheet, search.atlas
    tile = sheet.tile_at(pinned.field.places)
    row, column = np.divmod(pinned.field.places - sheet.starts[tile], sheet.widths[tile])
    tops = atlas.tops.cpu().numpy()[tile]
    keys = torch.from_numpy(((tops + row // KEY_STEP) * atlas.columns + column // KEY_STEP).reshape(-1)).int()
    keys, free = keys.to(search.device), pinned.free.to(search.device)
    if not bool(atlas.valid.index_select(0, keys)[~free].all()):
        raise BadRequest("the earlier work holds something that its creator leaves out since; order a new one")
    search.free = free
    search.field = torch.where(free, search.field, keys)


class Steering:
    """Keeps each ingredient near its wished part by a price on its places; a single one has no price."""

    def __init__(self, wished: Tensor) -> None:
        self.wished = wished
        self.prices = torch.zeros_like(wished) if len(wished) > 1 else None

    def after(self, search: Search) -> None:
        if self.prices is not None:
            self.prices = steered(self.prices, search.shares(len(self.wished)), self.wished)


def rounds_ahead(pack: Pack, sides: Sequence[tuple[int, int]]) -> int:
    """Node rounds of a whole search: the measure of progress."""
    total = 0
    for level, atlas in enumerate(pack.atlases):
        lattice = Lattice(*sides[level], atlas.patch)
        total += lattice.nodes * ROUNDS * _of(ITERATIONS, level)
    return total


def _of(values: Sequence[int], level: int) -> int:
    return values[min(level, len(values) - 1)]


def _improve(search: Search, picture: Tensor, level: int, steering: Steering, step: Step) -> Tensor:
    """Some iterations of look, rounds, vote; the picture of the last."""
    iterations = _of(ITERATIONS, level)
    for iteration in range(iterations):
        search.look(picture, cells=iteration % 2 == 0)
        for number in range(ROUNDS):
            search.round(number, _of(_FRESH, level), steering.prices)
            steering.after(search)
            step(search.lattice.nodes)
        search.settle()
        picture = search.picture(1 if iteration >= iterations - 2 else 0)
    return picture


def enlarged(coarse: Search, fine: Search, margin: int = 0) -> Tensor:
    """The coarse field at the next scale: the same tile, the place carried over, moved so that the patch fits.

    `margin`: nodes on each side that both lattices have beyond the work.
    """
    a, b = coarse.atlas, fine.atlas
    here, there = fine.lattice, coarse.lattice
    more = 2 * margin * STRIDE
    grow_y = (here.height - more) / (there.height - more)
    grow_x = (here.width - more) / (there.width - more)
    nearest_row, off_y = _carried(here.rows, there.rows, grow_y, margin, fine.device)
    nearest_column, off_x = _carried(here.columns, there.columns, grow_x, margin, fine.device)
    node = (nearest_row[:, None] * there.columns + nearest_column[None]).reshape(-1)
    key = coarse.field.index_select(0, node).long()
    row = torch.div(key, a.columns, rounding_mode="floor")
    tile = a.tile.index_select(0, row)
    grow = b.sides[tile] / a.sides[tile]
    y = (row - a.tops[tile]) * grow[:, 0] + off_y[:, None].expand(here.rows, here.columns).reshape(-1) / KEY_STEP
    x = (key - row * a.columns) * grow[:, 1] + off_x[None].expand(here.rows, here.columns).reshape(-1) / KEY_STEP
    radius = b.patch // 2
    first = -(-radius // KEY_STEP)
    ends = torch.div(b.sides[tile] - 1 - radius, KEY_STEP, rounding_mode="floor")
    fitted_y = torch.minimum(y.round().long().clamp_min(first), ends[:, 0])
    fitted_x = torch.minimum(x.round().long().clamp_min(first), ends[:, 1])
    found = ((b.tops[tile] + fitted_y) * b.columns + fitted_x).int()
    anywhere = b.keys.index_select(0, (fine.draw(len(found)) * (len(b.keys) - 1)).long())
    return torch.where(b.valid.index_select(0, found), found, anywhere)  # what is left out at this scale alone


def _carried(fine: int, coarse: int, grow: float, margin: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Along one axis: for each fine node the nearest coarse one, and how many pixels it lies beyond it."""
    place = (torch.arange(fine, device=device) - margin) * STRIDE
    near = ((place / grow / STRIDE).round().long() + margin).clamp(0, coarse - 1)
    return near, place - (near - margin) * STRIDE * grow


def field_of(search: Search, pack: Pack, pinned: Pinned | None = None) -> blend.Field:
    """Whole numbers for `blend`: places on the sheet, and weights of 12 bits; pinned nodes keep theirs."""
    atlas, lattice = search.atlas, search.lattice
    key = search.field.long().view(lattice.rows, lattice.columns).cpu().numpy()
    row, column = np.divmod(key, atlas.columns)
    tile = atlas.tile.cpu().numpy()[row]
    top = atlas.tops.cpu().numpy()[tile]
    places = pack.sheet.starts[tile] + (row - top) * KEY_STEP * pack.sheet.widths[tile] + column * KEY_STEP
    weights = search.weights().view(lattice.rows, lattice.columns).cpu().double().numpy()
    heaviest = blend.HEAVIEST / weights.max()
    if pinned is not None:  # new patches weigh as much beside the old as they would among themselves
        heaviest = float(np.median(pinned.field.weights) / np.median(weights))
    weights = np.nan_to_num(weights * heaviest, nan=1)
    whole = np.clip(np.rint(weights), 1, blend.HEAVIEST).astype(np.int64)
    if pinned is not None:
        kept = ~pinned.free.cpu().numpy().reshape(whole.shape)
        places, whole = np.where(kept, pinned.field.places, places), np.where(kept, pinned.field.weights, whole)
    return blend.Field(lattice.height, lattice.width, lattice.patch, STRIDE, places, whole)


def tables_for(patch: int) -> blend.Tables:
    """The curves of the float vote in whole numbers; they travel in the map, so their rounding never matters again."""
    shift = 9
    steps = np.arange(patch) - patch // 2
    window = np.rint(blend.WINDOW_ONE * np.exp(-((steps / (FALLOFF * patch)) ** 2) / 2))
    apart = (np.arange(2048) << shift) / (255 * blend.LEVEL_PARTS) ** 2
    factors = np.rint(blend.FACTOR_ONE * (np.exp(-apart / (2 * SPREAD**2)) + LEAST))
    return blend.Tables(
        np.maximum(window, 1).astype(np.int64), np.clip(factors, 1, blend.FACTOR_ONE).astype(np.int64), shift
    )
