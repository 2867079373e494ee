"""The style pack: all that a search needs of the styles at one size. Costly, so the last few are kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from generation.engines.patchwork.atlas import Atlas, Tick, Tile, atlas_of
from generation.engines.patchwork.images import resize, tensor_of
from generation.engines.patchwork.marks import marks_of
from generation.engines.patchwork.palette import Palette, palette_of
from generation.engines.patchwork.style import Learned, Style
from generation.engines.patchwork.tiles import Choice, Sheet, TileSize, sheet_of, size_for, tile

_MOST_BYTES = 500_000_000


@dataclass(frozen=True, eq=False)
class Pack:
    """`atlases` from the coarsest to the finest; `palettes` per ingredient; `sheet` holds the finest tiles' samples."""

    assets: tuple[Learned, ...]
    sizes: tuple[TileSize, ...]
    turns: tuple[int, ...]
    sheet: Sheet
    atlases: tuple[Atlas, ...]
    palettes: tuple[Palette, ...]

    @property
    def bytes(self) -> int:
        return sum(atlas.bytes for atlas in self.atlases) + self.sheet.pixels.nbytes


def pack_of(styles: Sequence[Style], choice: Choice, patches: Sequence[int], guide: float, tick: Tick) -> Pack:
    """Build a pack. `patches`: one per level, coarse to fine; each level is half the next one's size."""
    assets = [styles[s].assets[a] for s, a in choice.assets]
    owners = [s for s, _ in choice.assets]
    least = 2 * max(patches) + 4
    sizes = [size_for(asset, choice.long_side, least) for asset in assets]
    tiles, fine = [], []
    for asset, size in zip(assets, sizes, strict=True):
        tiles.append(tile(asset.pixels, size))
        fine.append(tensor_of(tiles[-1]))
        tick()
    whole = []
    for picture, owner in zip(fine, owners, strict=True):
        whole.append(Tile(picture, marks_of(picture), owner))
        tick()
    levels = []
    for level, patch in enumerate(patches):
        scaled = [_scaled(one, 2 ** (len(patches) - 1 - level), 2 * patch + 4) for one in whole]
        levels.append(atlas_of(scaled, choice.turns, patch, guide, tick))
    palettes = []
    for style in range(len(styles)):
        palettes.append(palette_of([picture for picture, owner in zip(fine, owners, strict=True) if owner == style]))
        tick()
    return Pack(
        tuple(assets), tuple(sizes), choice.turns, sheet_of(tiles, choice.turns), tuple(levels), tuple(palettes)
    )


def _scaled(tile: Tile, by: int, least: int) -> Tile:
    size = tuple(max(least, round(side / by)) for side in tile.picture.shape[-2:])
    return Tile(resize(tile.picture, *size), resize(tile.marks, *size), tile.style)


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
