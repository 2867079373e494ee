"""The style pack: all that a search needs of the styles at one size. Costly, so the last few are kept in memory.

It is built on the CPU, which makes it the same whatever it is used on, and moved once.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from torch import Tensor

from core.shares import WHOLE
from generation.engines.patchwork.atlas import Atlas, Tick, Tile, atlas_of
from generation.engines.patchwork.images import resize, tensor_of
from generation.engines.patchwork.materials import Materials, materials_of
from generation.engines.patchwork.palette import Palette, palette_of
from generation.engines.patchwork.style import Learned, Style
from generation.engines.patchwork.things import things_of
from generation.engines.patchwork.tiles import Choice, Sheet, TileSize, sheet_of, tile, versions

LANCZOS = 3  # pixels of the larger of the two pictures that its kernel reaches
_MOSTLY = 0.5
_MOST_BYTES = 500_000_000


@dataclass(frozen=True, eq=False)
class Pack:
    """`atlases` from the coarsest to the finest; `palettes` per ingredient; `sheet` holds the finest tiles' samples.

    `colors` [materials, entries of all palettes]: how much of each material has each color.
    """

    assets: tuple[Learned, ...]
    choice: Choice
    sheet: Sheet
    atlases: tuple[Atlas, ...]
    palettes: tuple[Palette, ...]
    materials: Materials
    colors: Tensor

    @property
    def device(self) -> torch.device:
        return self.atlases[-1].table.device

    @property
    def bytes(self) -> int:
        return sum(atlas.bytes for atlas in self.atlases) + self.sheet.pixels.nbytes

    def on(self, device: torch.device) -> Pack:
        """The same with its atlases on a device; what colors a content and what a blend takes stay on the CPU."""
        return replace(self, atlases=tuple(atlas.on(device) for atlas in self.atlases))


def pack_of(
    styles: Sequence[Style], choice: Choice, patches: Sequence[int], guide: float, halvings: int, tick: Tick
) -> Pack:
    """Build a pack. `patches`: one per level, coarse to fine; each level is half the next one's size.

    `halvings`: how many levels finer than these there would be for tiles of the size chosen. They are left out, but
    what the others know of the style is as with them.
    """
    assets = [styles[one.style].assets[one.asset] for one in choice.assets]
    tiles = []
    for asset, one in zip(assets, choice.assets, strict=True):
        tiles.append(tile(asset.pixels, one.size))
        tick()
    pictures, owners = [tensor_of(t) for t in tiles], [one.style for one in choice.assets]
    materials = materials_of(pictures, owners)
    tick()
    things = things_of(pictures, owners, tick)
    whole = []
    for index, (asset, one) in enumerate(zip(assets, choice.assets, strict=True)):
        for version in versions(tiles[index], one.paints):
            out, made_of = _left_out(asset, one.size), materials.labels[index]
            whole.append(Tile(tensor_of(version), things[index], out, made_of, one.style, index))
    levels, last = [], len(patches) - 1
    for level, patch in enumerate(patches):
        scaled = [_scaled(one, 2 ** (last - level + halvings), 2 * patch + 4) for one in whole]
        if level == last and halvings:
            choice, tiles, scaled = _shrunk(assets, choice, scaled)
        levels.append(atlas_of(scaled, choice.turns, patch, guide, tick, exact=level == last))
    palettes, colors = [], []
    for style in range(len(styles)):
        own = [one for one in whole if one.style == style]
        palettes.append(palette_of([one.picture for one in own]))
        colors.append(materials.colors(palettes[-1], [one.picture for one in own], [one.material for one in own]))
        tick()
    return Pack(
        tuple(assets),
        choice,
        sheet_of(tiles, choice.turns, [one.paints for one in choice.assets]),
        tuple(levels),
        tuple(palettes),
        materials,
        torch.cat(colors, 1),
    )


def _shrunk(
    assets: Sequence[Learned], choice: Choice, scaled: Sequence[Tile]
) -> tuple[Choice, list[NDArray[np.uint8]], list[Tile]]:
    """A level as the finest: the choice at its size, the samples themselves, and exactly what of them is left out."""
    sizes = {one.asset: TileSize(*one.picture.shape[-2:]) for one in scaled}
    chosen = tuple(replace(one, size=sizes[index]) for index, one in enumerate(choice.assets))
    tiles = [tile(asset.pixels, one.size) for asset, one in zip(assets, chosen, strict=True)]
    exact = [replace(one, left_out=_left_out(assets[one.asset], sizes[one.asset])) for one in scaled]
    return replace(choice, assets=chosen), tiles, exact


def _left_out(asset: Learned, size: TileSize) -> Tensor:
    """1 where nothing may be taken from, [1, 1, h, w], with as much around it as a tile's resampling reaches."""
    grown = max(size.height / asset.height, size.width / asset.width)
    margin = math.ceil(LANCZOS * max(1.0, grown)) + 1
    out = torch.zeros(1, 1, size.height, size.width)
    for top, left, bottom, right in asset.left_out:
        rows = slice(max(0, top * size.height // WHOLE - margin), -(-bottom * size.height // WHOLE) + margin)
        columns = slice(max(0, left * size.width // WHOLE - margin), -(-right * size.width // WHOLE) + margin)
        out[..., rows, columns] = 1
    return out


def _scaled(tile: Tile, by: int, least: int) -> Tile:
    size = tuple(max(least, round(side / by)) for side in tile.picture.shape[-2:])
    left_out = F.interpolate(tile.left_out, size=size, mode="area")
    if tile.picture.shape[-2:] != size:  # a coarse scale only leads to the finest, which is exact
        left_out = (left_out > _MOSTLY).float()
    return Tile(
        resize(tile.picture, *size), resize(tile.things, *size), left_out, tile.material, tile.style, tile.asset
    )


class Shelf:
    """The packs used last, up to about 500 MB together. Safe to share between threads."""

    def __init__(self) -> None:
        self._packs: OrderedDict[Hashable, Pack] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Pack]) -> Pack:
        with self._lock:
            if key in self._packs:
                self._packs.move_to_end(key)
                return self._packs[key]
        pack = make()
        with self._lock:
            self._packs[key] = pack
            while len(self._packs) > 1 and sum(kept.bytes for kept in self._packs.values()) > _MOST_BYTES:
                self._packs.popitem(last=False)
        return pack
