"""The style's side of a search at one scale: all places to copy from, described and grouped into cells of like ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from generation.engine import BadRequest
from generation.engines.patchwork.features import GUIDE_PATCH, appearance_basis, guide_basis
from generation.engines.patchwork.guides import guides_of, turned
from generation.engines.patchwork.images import blur, laid, largest_around, means_by, nearest
from generation.engines.patchwork.tiles import KEY_STEP

Tick = Callable[[], None]

BUSY_AROUND = 3.0  # pixels, standard deviation
BLOCK = 4  # usage is counted in blocks of 4 x 4 keys
_SAMPLED_KEYS, _MOST_CELLS = 60_000, 384
_LLOYD_STEPS, _SAMPLES_PER_CELL = 3, 40


@dataclass(frozen=True, eq=False)
class Cells:
    """Sampled keys by k-means cell: those of cell c are keys[begins[c] : begins[c + 1]]."""

    centers: Tensor  # [cells, appearance + guide]
    begins: Tensor  # int64 [cells + 1]
    keys: Tensor  # int32

    def draw(self, cell: Tensor, uniform: Tensor) -> Tensor:
        """A random key of each node's cell; `uniform` [n] in 0..1."""
        begin = self.begins.index_select(0, cell)
        size = (self.begins.index_select(0, cell + 1) - begin).clamp_min(1)
        place = (begin + (uniform * size).long()).clamp_max(len(self.keys) - 1)
        return self.keys.index_select(0, place)


@dataclass(frozen=True, eq=False)
class Atlas:
    """Tiles below each other on one page; a key for every second pixel both ways, in rows of `columns`.

    `table` [keys, a + g + 2]: appearance, guides (both less their mean), and minus half of either's squared norm, so
    that one dot product with a node's row gives a distance. A tile is one asset in one turn.
    """

    patch: int
    rows: int
    columns: int
    table: Tensor
    mean_appearance: Tensor  # [a]
    mean_guide: Tensor  # [g]
    valid: Tensor  # bool [keys]: the patch lies wholly on its tile
    keys: Tensor  # int32, the valid ones
    odd: Tensor  # float [keys, 4]: 1 where the tile is turned; a thing, bustle, each 0 to 1; the number of its material
    style: Tensor  # int32 [keys]: which ingredient
    block: Tensor  # int32 [keys]: where its usage is counted
    scene: Tensor  # int32 [keys]: the key of the same place in the first of the tile's colors
    tile: Tensor  # int64 [rows of keys]
    tops: Tensor  # int64 [tiles], first key row
    sides: Tensor  # int64 [tiles, 2], height and width in pixels
    pixels: Tensor  # int32 [page], packed RGB and 255; a page row has columns * KEY_STEP pixels
    cells: Cells

    @property
    def blocks(self) -> int:
        return -(-self.rows // BLOCK) * -(-self.columns // BLOCK)

    @property
    def appearance_terms(self) -> int:
        return len(self.mean_appearance)

    @property
    def bytes(self) -> int:
        return self.table.numel() * 4 + self.pixels.numel() * 4 + self.valid.numel() * 9

    def on(self, device: torch.device) -> Atlas:
        """The same on a device."""
        return replace(self, **_moved(self, device), cells=replace(self.cells, **_moved(self.cells, device)))


def _moved(holder: Atlas | Cells, device: torch.device) -> dict[str, Any]:
    """The tensors of a dataclass by name, on a device."""
    return {name: value.to(device) for name, value in vars(holder).items() if isinstance(value, Tensor)}


@dataclass(frozen=True, eq=False)
class Tile:
    """An upright tile: `picture` [1, 3, h, w], `things` [1, 1, h, w] in 0..1, and whose it is.

    `left_out`: [1, 1, h, w], above 0 where no patch may reach. `material`: int64 [y, x], laid over it at any size.
    `style`: which ingredient; `asset`: which of all assets.
    """

    picture: Tensor
    things: Tensor
    left_out: Tensor
    material: Tensor
    style: int
    asset: int


def atlas_of(
    tiles: Sequence[Tile], turns: Sequence[int], patch: int, guide: float, tick: Tick, *, exact: bool = True
) -> Atlas:
    """Describe all tiles in all turns. `guide`: the weight of a guide against appearance.

    `exact`: nothing that is left out may be used, even if that is all. Raises BadRequest then.
    """
    page = _Page([(tuple(t.picture.shape[-2:]), q) for t in tiles for q in turns], patch)
    table: list[Tensor] = []
    for index, upright in enumerate(tiles):
        guides, edge = guides_of(upright.picture, tick)
        made_of = laid(upright.material, *edge.shape[-2:])[None, None]
        odd = torch.cat([upright.things, blur(edge, BUSY_AROUND), made_of], 1)
        tick()
        for place, quarter in enumerate(turns, start=index * len(turns)):
            picture = torch.rot90(upright.picture, quarter, (2, 3))
            table.append(page.add(place, picture, turned(guides, quarter), guide, tick))
            page.leave_out(place, torch.rot90(upright.left_out, quarter, (2, 3)))
            page.note(place, torch.rot90(odd, quarter, (2, 3)), float(quarter != 0))
            tick()
    described = torch.cat(table)
    del table
    means, count = [], len(appearance_basis(patch))
    keys = page.valid.reshape(-1).nonzero()[:, 0]
    if not len(keys) and not exact:
        page.valid = page.unbarred
        keys = page.valid.reshape(-1).nonzero()[:, 0]
    if not len(keys):
        raise BadRequest("all of the style is left out; leave something of it to paint with")
    for part in (described[:, :count], described[:, count:-2]):
        means.append(part.index_select(0, keys[:: max(1, len(keys) // 200_000)]).mean(0))
        part -= means[-1]
    described[:, -2] = -0.5 * described[:, :count].square().sum(1)
    described[:, -1] = -0.5 * described[:, count:-2].square().sum(1)
    tick()
    scenes = page.tops[_scenes(tiles, len(turns))] - page.tops
    tile = torch.repeat_interleave(torch.arange(len(page.tops)), page.heights)
    per_key = tile[:, None].expand(-1, page.columns).reshape(-1)
    each = len(turns)
    return Atlas(
        patch=patch,
        rows=page.rows,
        columns=page.columns,
        table=described,
        mean_appearance=means[0],
        mean_guide=means[1],
        valid=page.valid.reshape(-1),
        keys=keys.int(),
        odd=ranked(page.odd, page.valid),
        style=torch.tensor([t.style for t in tiles], dtype=torch.int32)[
            torch.div(per_key, each, rounding_mode="floor")
        ],
        block=_blocks(page.rows, page.columns),
        scene=(torch.arange(len(per_key)) + scenes[per_key] * page.columns).int(),
        tile=tile,
        tops=page.tops,
        sides=page.sides,
        pixels=page.packed.reshape(-1),
        cells=_cells(described, keys, tick),
    )


def _scenes(tiles: Sequence[Tile], turns: int) -> Tensor:
    """For each tile in each turn, the place of the first tile of the same asset in that turn, [tiles * turns]."""
    first: dict[int, int] = {}
    uprights = torch.tensor([first.setdefault(one.asset, place) for place, one in enumerate(tiles)])
    return (uprights[:, None] * turns + torch.arange(turns)).reshape(-1)


def ranked(odd: Tensor, valid: Tensor) -> Tensor:
    """[rows, columns, 4] -> [keys, 4], bustle as a rank among all places: 0 the calmest, 1 the busiest."""
    out = odd.view(-1, 4).clone()
    some = out[valid.view(-1), 2]
    some = some[:: max(1, len(some) // 4096)].sort().values
    out[:, 2] = torch.searchsorted(some, out[:, 2].contiguous()) / len(some)
    return out


def _blocks(rows: int, columns: int) -> Tensor:
    row, column = torch.arange(rows, dtype=torch.int32), torch.arange(columns, dtype=torch.int32)
    across = -(-columns // BLOCK)
    return ((row // BLOCK * across)[:, None] + (column // BLOCK)[None]).reshape(-1)


class _Page:
    """The layout of the tiles, filled one by one."""

    def __init__(self, shapes: Sequence[tuple[tuple[int, ...], int]], patch: int) -> None:
        sides = [shape[::-1] if quarter % 2 else shape for shape, quarter in shapes]
        self.patch = patch
        self.sides = torch.tensor(sides)
        self.heights = -torch.div(-self.sides[:, 0], KEY_STEP, rounding_mode="floor")
        self.tops = torch.cat([torch.zeros(1, dtype=torch.long), self.heights.cumsum(0)[:-1]])
        self.rows = int(self.heights.sum())
        self.columns = -(-int(self.sides[:, 1].max()) // KEY_STEP)
        self.valid = torch.zeros(self.rows, self.columns, dtype=torch.bool)
        self.unbarred = torch.zeros_like(self.valid)
        self.packed = torch.zeros(self.rows * KEY_STEP, self.columns * KEY_STEP, dtype=torch.int32)
        self.odd = torch.zeros(self.rows, self.columns, 4)

    def leave_out(self, place: int, area: Tensor) -> None:
        """Forbid the keys of a tile whose patches would reach into `area` [1, 1, h, w], after `add`."""
        if not bool(area.any()):
            return
        reached = largest_around(area, self.patch // 2)[0, 0, ::KEY_STEP, ::KEY_STEP] > 0
        top = int(self.tops[place])
        self.unbarred |= self.valid
        self.valid[top : top + reached.shape[0], : reached.shape[1]] &= ~reached

    def note(self, place: int, odd: Tensor, turned: float) -> None:
        """Say what is odd about the keys of a tile; `odd` [1, 3, h, w]: things, edges around, material."""
        kept, top = odd[0, :, ::KEY_STEP, ::KEY_STEP].permute(1, 2, 0), int(self.tops[place])
        noted = self.odd[top : top + kept.shape[0], : kept.shape[1]]
        noted[..., 0], noted[..., 1:] = turned, kept

    def add(self, place: int, tile: Tensor, guides: Tensor, weight: float, tick: Tick) -> Tensor:
        """Put a tile in its place; its rows of the table, [key rows * columns, terms + 2], the last two still 0."""
        height, width = tile.shape[-2:]
        top, radius = int(self.tops[place]), self.patch // 2
        first = -(-radius // KEY_STEP)
        last_row, last_column = ((side - 1 - radius) // KEY_STEP for side in (height, width))
        self.valid[top + first : top + last_row + 1, first : last_column + 1] = True
        whole = (tile[0] * 255).round().int()
        opaque = whole[0] | (whole[1] << 8) | (whole[2] << 16) | (255 << 24)
        self.packed[top * KEY_STEP : top * KEY_STEP + height, :width] = opaque
        looks = _described(tile, appearance_basis(self.patch))
        tick()
        guided = _described(guides, guide_basis() * weight)
        count = len(looks)
        rows = torch.zeros(int(self.heights[place]), self.columns, count + len(guided) + 2)
        rows[:, : looks.shape[2], :count] = looks.permute(1, 2, 0)
        rows[:, : guided.shape[2], count:-2] = guided.permute(1, 2, 0)
        return rows.reshape(-1, rows.shape[-1])


def _described(picture: Tensor, basis: Tensor) -> Tensor:
    """Features around every second pixel, [terms, ceil(h / 2), ceil(w / 2)]."""
    radius = basis.shape[-1] // 2
    assert basis.shape[-1] > GUIDE_PATCH - 1
    return F.conv2d(F.pad(picture, (radius,) * 4), basis, stride=KEY_STEP)[0]


def _cells(table: Tensor, valid: Tensor, tick: Tick) -> Cells:
    """Lloyd's k-means on a sample of the valid keys; always the same for the same table."""
    dice = torch.Generator().manual_seed(0)
    sampled = valid[torch.randperm(len(valid), generator=dice)[:_SAMPLED_KEYS]]
    rows = table.index_select(0, sampled)[:, :-2].contiguous()
    count = max(1, min(_MOST_CELLS, int(math.sqrt(len(rows))), len(rows) // 16))
    centers = rows[torch.randperm(len(rows), generator=dice)[:count]]
    some = rows[torch.randperm(len(rows), generator=dice)[: count * _SAMPLES_PER_CELL]]
    for _ in range(_LLOYD_STEPS):
        centers = means_by(nearest(some, centers), some, centers)
        tick()
    cell = nearest(rows, centers)
    order = cell.argsort(stable=True)
    begins = torch.cat([torch.zeros(1, dtype=torch.long), torch.bincount(cell, minlength=count).cumsum(0)])
    tick()
    return Cells(centers, begins, sampled[order].int())
