"""Who gave what: each artist's part is the agreed weight, in every frame; within it each lookup counts once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.hearing.frames import Ints
from core.shares import quantize
from generation.engine import BadRequest, Share
from generation.engines.chorale import passages
from generation.engines.chorale.maps import Map, Singer
from generation.engines.chorale.voice import Voice


def ends_of(singer: Singer) -> Ints:
    """The row after each recording's last."""
    return np.cumsum([asset.rows for asset in singer.assets])


def shares_of(parts: Sequence[tuple[int, Sequence[str], Sequence[int]]]) -> tuple[Share, ...]:
    """Exact until the one rounding to millionths.

    `parts`: for each artist the weight, the recordings' ids, and how many lookups each answered.
    """
    whole = math.prod(sum(counts) for _, _, counts in parts)
    mass: dict[str, int] = {}
    for weight, ids, counts in parts:
        for id, count in zip(ids, counts, strict=True):
            mass[id] = mass.get(id, 0) + weight * count * (whole // sum(counts))
    found = quantize(mass)
    return tuple(Share(id, share) for id, share in found.items())


def counted(map: Map) -> tuple[Share, ...]:
    """The shares that the map's rows say, in the order of its recordings."""
    parts = []
    for singer, near in zip(map.header.singers, map.near, strict=True):
        owner = np.searchsorted(ends_of(singer), near.ravel(), side="right")
        counts = [int(n) for n in np.bincount(owner, minlength=len(singer.assets))]
        parts.append((singer.weight, [asset.id for asset in singer.assets], counts))
    return shares_of(parts)


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
        passages.longest(near, map.kept, ends_of(singer))
        for singer, near in zip(map.header.singers, map.near, strict=True)
    )


def field(map: Map, assets: Sequence[str]) -> NDArray[np.int32]:
    """int32 [1, frames]: the index in `assets` of the one that gave most, -1 for others and where nothing is."""
    names = [asset.id for singer in map.header.singers for asset in singer.assets]
    mass = np.zeros((map.header.kept, len(names)))
    start = 0
    for singer, near in zip(map.header.singers, map.near, strict=True):
        owner = start + np.searchsorted(ends_of(singer), near, side="right")
        rows = np.broadcast_to(np.arange(len(near))[:, None], near.shape)
        np.add.at(mass, (rows, owner), singer.weight / near.shape[1])
        start += len(singer.assets)
    place = {asset: index for index, asset in enumerate(assets)}
    index = np.array([place.get(name, -1) for name in names], np.int32)
    out = np.full((1, len(map.kept)), -1, np.int32)
    out[0, map.kept] = index[mass.argmax(1)]
    return out
