"""The sheet: every pixel a work may take, as uint8 tiles of the assets, made the same on every machine.

Pillow's resampling of 8-bit pictures is integer arithmetic and numpy turns by quarter turns, so no float reaches a
sample. A place on the sheet is one integer; it names the asset, the turn and the pixel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.engines.patchwork.style import Learned

LARGEST_UPSCALE = 1.5  # a style drawn larger than its pixels looks soft
MOST_KEYS = 1_500_000  # places to copy from at full size: 170 bytes each while searching
FEWEST = 3  # assets that a work draws from at least, where its styles have as many
KEY_STEP = 2  # a place to copy from begins at every second pixel, both ways
TURNS = (0, 1, 2, 3)


@dataclass(frozen=True)
class TileSize:
    """Height and width of an asset's upright tile."""

    height: int
    width: int


PAINT_ONE = 1 << 12
Paint = tuple[int, ...]  # 12 whole numbers: a row of 3 factors and an offset in levels for red, green, blue, in 1/4096


@dataclass(frozen=True)
class Chosen:
    """An asset that a work draws from: which style's, which of it, how large its tile is.

    `paints`: the colors that its tile is there in; none is as it is.
    """

    style: int
    asset: int
    size: TileSize
    paints: tuple[Paint, ...] = ()


@dataclass(frozen=True, eq=False)
class Sheet:
    """All tiles one after the other: for each asset, for each of its colors, for each turn, its rows.

    `pixels`: int32 [n], packed as r | g << 8 | b << 16. Per tile: `starts`, `heights`, `widths`, `owners` (index of
    the asset), `scenes` (a number for the asset and the turn, whatever the colors), int64 [tiles]. `hashes`: SHA-256
    of each asset's upright tile.
    """

    pixels: NDArray[np.int32]
    starts: NDArray[np.int64]
    heights: NDArray[np.int64]
    widths: NDArray[np.int64]
    owners: NDArray[np.int64]
    scenes: NDArray[np.int64]
    hashes: tuple[str, ...]

    def tile_at(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The tile that each place lies in, same shape."""
        return np.searchsorted(self.starts, places, side="right") - 1


def size_for(asset: Learned, long_side: int, least: int) -> TileSize:
    """As long as `long_side`, to keep strokes in proportion; at most 1.5 times the asset, at least `least` wide."""
    height, width = asset.height, asset.width
    scale = min(long_side / max(height, width), LARGEST_UPSCALE)
    scale = max(scale, least / min(height, width))
    return TileSize(max(least, round(height * scale)), max(least, round(width * scale)))


def tile(pixels: NDArray[np.uint8], size: TileSize) -> NDArray[np.uint8]:
    """uint8 [size.height, size.width, 3] by Pillow's fixed-point Lanczos."""
    image = Image.fromarray(pixels)
    return np.asarray(image.resize((size.width, size.height), Image.Resampling.LANCZOS))


def versions(upright: NDArray[np.uint8], paints: Sequence[Paint]) -> list[NDArray[np.uint8]]:
    """The tile in each of its colors."""
    return [mixed(upright, paint) for paint in paints] if paints else [upright]


def mixed(pixels: NDArray[np.uint8], paint: Paint) -> NDArray[np.uint8]:
    """The same in other colors, in whole numbers: rounded to nearest, kept in 0..255."""
    rows = np.array(paint, np.int32).reshape(3, 4)
    levels = pixels.astype(np.int32)
    out = [
        (levels[..., 0] * r + levels[..., 1] * g + levels[..., 2] * b + offset + PAINT_ONE // 2) // PAINT_ONE
        for r, g, b, offset in rows
    ]
    return np.asarray(np.clip(np.stack(out, -1), 0, 255), np.uint8)


def sheet_of(tiles: Sequence[NDArray[np.uint8]], turns: Sequence[int], paints: Sequence[Sequence[Paint]]) -> Sheet:
    """Lay out the assets' upright tiles in all their colors and turns. `paints`: of each asset."""
    flat, heights, widths, owners, scenes = [], [], [], [], []
    for index, upright in enumerate(tiles):
        for turn, turned in ((q, np.rot90(one, q)) for one in versions(upright, paints[index]) for q in turns):
            scenes.append(4 * index + turn)
            heights.append(turned.shape[0])
            widths.append(turned.shape[1])
            owners.append(index)
            flat.append(packed(turned).reshape(-1))
    areas = np.array([len(part) for part in flat], np.int64)
    return Sheet(
        pixels=np.concatenate(flat),
        starts=np.concatenate([[0], np.cumsum(areas)[:-1]]).astype(np.int64),
        heights=np.array(heights, np.int64),
        widths=np.array(widths, np.int64),
        owners=np.array(owners, np.int64),
        scenes=np.array(scenes, np.int64),
        hashes=tuple(hashlib.sha256(upright.tobytes()).hexdigest() for upright in tiles),
    )


def only(sheet: Sheet, assets: Sequence[int], places: NDArray[np.int64]) -> tuple[Sheet, NDArray[np.int64]]:
    """The sheet of some of its assets alone, and where places lie on it. All places are theirs."""
    kept = np.flatnonzero(np.isin(sheet.owners, assets))
    areas = sheet.heights[kept] * sheet.widths[kept]
    starts = np.concatenate([[0], np.cumsum(areas)[:-1]]).astype(np.int64)
    moved = np.zeros(len(sheet.owners), np.int64)
    moved[kept] = starts - sheet.starts[kept]
    number = {asset: index for index, asset in enumerate(assets)}
    owners = np.array([number[int(owner)] for owner in sheet.owners[kept]], np.int64)
    smaller = Sheet(
        pixels=np.concatenate([sheet.pixels[s : s + area] for s, area in zip(sheet.starts[kept], areas, strict=True)]),
        starts=starts,
        heights=sheet.heights[kept],
        widths=sheet.widths[kept],
        owners=owners,
        scenes=4 * owners + sheet.scenes[kept] % 4,
        hashes=tuple(sheet.hashes[asset] for asset in assets),
    )
    return smaller, places + moved[sheet.tile_at(places)]


def packed(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """uint8 [..., 3] to int32 [...]: one gather instead of three."""
    wide = pixels.astype(np.int32)
    packed: NDArray[np.int32] = wide[..., 0] | (wide[..., 1] << 8) | (wide[..., 2] << 16)
    return packed


@dataclass(frozen=True)
class Choice:
    """What a work draws from, and in which quarter turns."""

    assets: tuple[Chosen, ...]
    turns: tuple[int, ...]


def choose(
    styles: Sequence[Sequence[Learned]], long_side: int, least: int, seed: int, paints: Sequence[tuple[Paint, ...]] = ()
) -> Choice:
    """All assets in all four turns while that is at most MOST_KEYS places; else fewer turns; else fewer assets.

    A subset is drawn by the seed, one asset of each style in turn, so that over many works every asset gets its
    chance. Where even FEWEST assets are too much, tiles get smaller, and with them the strokes. `paints`: the colors
    that each style's tiles are there in.
    """
    every = [(s, a) for s, assets in enumerate(styles) for a in range(len(assets))]

    def sized(places: Sequence[tuple[int, int]], long_side: int) -> tuple[Chosen, ...]:
        return tuple(
            Chosen(s, a, size_for(styles[s][a], long_side, least), paints[s] if paints else ()) for s, a in places
        )

    for turns in (TURNS, (0, 2), (0,)):
        chosen = sized(every, long_side)
        if keys(chosen) * len(turns) <= MOST_KEYS:
            return Choice(chosen, turns)
    rng = np.random.default_rng(seed)
    queues = [[(s, int(a)) for a in rng.permutation(len(assets))] for s, assets in enumerate(styles)]
    queue = [queue[at] for at in range(max(map(len, queues))) for queue in queues if at < len(queue)]
    fewest = min(len(queue), max(FEWEST, len(styles)))
    places = queue[:fewest]
    while keys(sized(places, long_side)) > MOST_KEYS and long_side > least:
        long_side = max(least, int(long_side * 0.95))
    for place in queue[fewest:]:
        if keys(sized([*places, place], long_side)) <= MOST_KEYS:
            places.append(place)
    return Choice(sized(sorted(places), long_side), (0,))


def fitting(
    chosen: Sequence[Chosen], styles: Sequence[Sequence[Learned]], long_side: int, least: int
) -> tuple[Chosen, ...]:
    """The same upright tiles with sides of at most `long_side`, smaller where they are too many places."""
    while True:
        sized = tuple(replace(one, size=size_for(styles[one.style][one.asset], long_side, least)) for one in chosen)
        if keys(sized) <= MOST_KEYS or long_side <= least:
            return sized
        long_side = max(least, int(long_side * 0.95))


def keys(chosen: Sequence[Chosen]) -> int:
    """How many places to copy from upright tiles have."""
    return sum(one.size.height * one.size.width * max(1, len(one.paints)) for one in chosen) // KEY_STEP**2
