"""Who gave what: each artist's part is the agreed weight, in every frame; within it each lookup counts once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.hearing.frames import Ints
from core.shares import quantize
from generation.engine import BadRequest, Share
from generation.engines.chorale import passages, sections
from generation.engines.chorale.maps import Map, Singer
from generation.engines.chorale.voice import Voice


def ends_of(singer: Singer) -> Ints:
    """The row after each recording's last."""
    return np.cumsum([asset.rows for asset in singer.assets])


def counted(map: Map) -> tuple[Share, ...]:
    """The shares that the map's rows say, in the order of its recordings: exact until the one rounding to millionths.

    Each kept frame counts once; within it each singer counts by weight and part, within those each row alike.
    """
    singers = map.header.singers
    kinds, which = sections.patterns(map.parts)
    wholes = [sum(one.weight * int(part) for one, part in zip(singers, kind, strict=True)) for kind in kinds.T]
    common = math.lcm(*wholes) * math.lcm(*(one.k for one in singers))
    mass: dict[str, int] = {}
    for singer, near, row, kept in zip(singers, map.near, kinds, sections.mine(map.parts, map.kept), strict=True):
        owner = np.searchsorted(ends_of(singer), near, side="right")
        key = which[kept][:, None] * len(singer.assets) + owner
        table = np.bincount(key.ravel(), minlength=len(wholes) * len(singer.assets)).reshape(len(wholes), -1)
        for number, asset in enumerate(singer.assets):
            each = zip(wholes, row.tolist(), table[:, number].tolist(), strict=True)
            mass[asset.id] = sum(
                singer.weight * part * count * (common // (whole * singer.k)) for whole, part, count in each
            )
    return tuple(Share(id, share) for id, share in quantize(mass).items())


def measure(map: Map, voices: Sequence[Voice]) -> tuple[Share, ...]:
    """The shares again. Raises BadRequest where the map tells something else, or names what the voices do not hold."""
    named = {(one.id, one.sha256): int(one.usable.sum()) for voice in voices for one in voice.recordings}
    assets = [asset for singer in map.header.singers for asset in singer.assets]
    for asset in assets:
        if named.get((asset.id, asset.sha256)) != asset.rows:
            raise BadRequest(f"the map names recording {asset.id}, which the given voices do not hold", asset=asset.id)
    shares = counted(map)
    for share, told in zip(shares, assets, strict=True):
        if share.share != told.share:
            raise BadRequest(
                f"the map tells {told.share:,} millionths for {told.id} but holds {share.share:,}: altered",
                asset=told.id,
            )
    return shares


def longest_copy(map: Map) -> int:
    """Frames in the longest passage that is taken in order from one recording."""
    return max(
        passages.longest(near, kept, ends_of(singer))
        for singer, near, kept in zip(map.header.singers, map.near, sections.mine(map.parts, map.kept), strict=True)
    )


def field(map: Map, assets: Sequence[str]) -> NDArray[np.int32]:
    """int32 [1, frames]: the index in `assets` of the one that gave most, -1 for others and where nothing is."""
    names = [asset.id for singer in map.header.singers for asset in singer.assets]
    mass = np.zeros((map.header.kept, len(names)))
    place, start = np.cumsum(map.kept) - 1, 0
    mine = sections.mine(map.parts, map.kept)
    for singer, near, part, kept in zip(map.header.singers, map.near, map.parts, mine, strict=True):
        owner = start + np.searchsorted(ends_of(singer), near, side="right")
        rows = np.broadcast_to(place[kept][:, None], near.shape)
        np.add.at(mass, (rows, owner), singer.weight * part[kept][:, None] / near.shape[1])
        start += len(singer.assets)
    index_of = {asset: index for index, asset in enumerate(assets)}
    index = np.array([index_of.get(name, -1) for name in names], np.int32)
    out = np.full((1, len(map.kept)), -1, np.int32)
    out[0, map.kept] = index[mass.argmax(1)]
    return out
