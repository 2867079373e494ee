"""A work made again from its map and its styles, and its shares counted again: whole numbers only, no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from core.media import Picture
from core.shares import quantize
from generation.engine import BadRequest, Share
from generation.engines.patchwork import maps, style, tiles
from generation.engines.patchwork.blend import Blend, blend
from generation.engines.patchwork.maps import Map
from generation.engines.patchwork.style import Learned


def replay(map: Map, prepared: Sequence[bytes], source: Picture | None) -> Picture:
    """The work's samples. `source` is needed only where the map keeps pixels of it. Raises BadRequest."""
    kept = _kept(map, source)
    pixels = _blended(map, prepared).pixels
    if kept is not None and map.inside is not None:
        pixels = np.where(map.inside[..., None], pixels, kept.pixels)
    return Picture(pixels)


def measure(map: Map, prepared: Sequence[bytes]) -> tuple[Share, ...]:
    """Shares in the order of the map's assets. Raises BadRequest, also where the map tells something else."""
    _check_names(map, prepared)
    blended = _blended(map, prepared)
    shares = shares_of([asset.id for asset in map.header.assets], blended)
    for share, told in zip(shares, map.header.assets, strict=True):
        if share.share != told.share:
            raise BadRequest(
                f"the map tells {told.share:,} millionths for asset {told.id} but holds {share.share:,}: altered",
                asset=told.id,
            )
    if not np.array_equal(blended.owner, map.owner):
        raise BadRequest("the map's picture of owners is not that of its patches; it was altered")
    return shares


def _check_names(map: Map, prepared: Sequence[bytes]) -> None:
    """Whoever is paid is named as in the styles. Replaying is for everyone's own files, whatever they are called."""
    named = {(asset.id, asset.sha256) for data in prepared for asset in style.unpack(data).assets}
    for asset in map.header.assets:
        if (asset.id, asset.sha256) not in named:
            raise BadRequest(f"the map names asset {asset.id}, which the given styles do not hold", asset=asset.id)


def shares_of(ids: Sequence[str], blended: Blend) -> tuple[Share, ...]:
    """Exact masses as millionths that sum to 1,000,000."""
    parts = quantize(dict(enumerate(blended.mass)))
    return tuple(Share(id, parts[index]) for index, id in enumerate(ids))


def _blended(map: Map, prepared: Sequence[bytes]) -> Blend:
    sheet = sheet_of(map, prepared)
    field = map.field
    maps.check_places(field, sheet)
    return blend(field, sheet, map.tables, map.inside)


def sheet_of(map: Map, prepared: Sequence[bytes]) -> tiles.Sheet:
    """All that a map's places lie on. Raises BadRequest where a style is missing or gives other samples."""
    have: dict[str, Learned] = {}
    for data in prepared:
        have.update((asset.sha256, asset) for asset in style.unpack(data).assets)
    uprights = []
    for asset in map.header.assets:
        if asset.sha256 not in have:
            raise BadRequest(
                f"the map draws from asset {asset.id}, which the given styles do not hold; give the style it is in",
                asset=asset.id,
            )
        size = tiles.TileSize(asset.tile_height, asset.tile_width)
        upright = tiles.tile(have[asset.sha256].pixels, size)
        if hashlib.sha256(upright.tobytes()).hexdigest() != asset.tile_sha256:
            raise BadRequest(f"asset {asset.id} gives other samples than the map was made with", asset=asset.id)
        uprights.append(upright)
    paints = [[tuple(paint) for paint in asset.paints] for asset in map.header.assets]
    return tiles.sheet_of(uprights, map.header.turns, paints)


def _kept(map: Map, source: Picture | None) -> Picture | None:
    if not map.header.source_needed:
        return None
    if source is None:
        raise BadRequest("the map keeps part of the content it was made from; give that file too")
    if source.sha256 != map.header.source or source.pixels.shape[:2] != (map.header.height, map.header.width):
        raise BadRequest("this is not the content that the map was made from; give the same file")
    return source
