"""Who gave what: each grain that sounds counts alike, divided by energy; each style's part is the agreed weight."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.shares import quantize
from generation.engine import BadRequest, Share
from generation.engines.mosaic.catalogue import Catalogue
from generation.engines.mosaic.grains import PER_SECOND, TICKS, Ints
from generation.engines.mosaic.listening import ratio
from generation.engines.mosaic.maps import JOINED, Map

_UNIT = 1 << 24  # what a grain divides among its passages


def counted(map: Map) -> tuple[Share, ...]:
    """The shares that the map's passages say, in the order of its recordings. Raises BadRequest if nothing sounds."""
    _, asset, mass = _masses(map)
    given = [int(n) for n in _summed(asset, mass, len(map.header.assets))]
    style = [one.style for one in map.header.assets]
    whole = [
        sum(n for n, s in zip(given, style, strict=True) if s == number) for number in range(len(map.header.weights))
    ]
    if min(whole) == 0:
        raise BadRequest("the map has a style of which nothing sounds; it is broken")
    every = math.prod(whole)
    exact = {
        one.id: map.header.weights[one.style] * n * (every // whole[one.style])
        for one, n in zip(map.header.assets, given, strict=True)
    }
    return tuple(Share(id, share) for id, share in quantize(exact).items())


def measure(map: Map, catalogues: Sequence[Catalogue]) -> tuple[Share, ...]:
    """The shares again. Raises BadRequest where the map tells something else, or names what the catalogues lack."""
    named = {(one.id, one.sha256, one.rate) for each in catalogues for one in each.recordings}
    for asset in map.header.assets:
        if (asset.id, asset.sha256, asset.rate) not in named:
            raise BadRequest(f"the map names recording {asset.id}, which the given styles do not hold", asset=asset.id)
    found = counted(map)
    for share, told in zip(found, map.header.assets, strict=True):
        if share.share != told.share:
            raise BadRequest(
                f"the map tells {told.share:,} millionths for {told.id} but holds {share.share:,}: altered",
                asset=told.id,
            )
    return found


def field(map: Map, assets: Sequence[str]) -> NDArray[np.int32]:
    """int32 [1, ticks]: the index in `assets` of the one that gave most, -1 for others and where nothing sounds."""
    grain, asset, mass = _masses(map)
    style = np.array([one.style for one in map.header.assets])
    mass = mass * np.array(map.header.weights)[style[asset]]
    keys, where = np.unique(grain * len(style) + asset, return_inverse=True)
    total = _summed(where, mass, len(keys))
    owner, most = keys // len(style), np.lexsort((-keys, total))  # ascending: what is written last gave most
    first = np.full(map.header.grains, -1, np.int64)
    heard = most[total[most] > 0]
    first[owner[heard]] = keys[heard] % len(style)
    place = {name: index for index, name in enumerate(assets)}
    index = np.array([*(place.get(one.id, -1) for one in map.header.assets), -1], np.int32)
    out = index[first[np.minimum(np.arange(map.header.ticks) // TICKS, map.header.grains - 1)]]
    if len(map.levels):
        out[map.levels == 0] = -1
    return np.asarray(out[None])


def longest_copy(map: Map) -> int:
    """Grains in the longest passage that is taken in order from one recording at one transposition."""
    p = map.passages
    best = 0
    ends: dict[tuple[int, int, int], list[tuple[float, int]]] = {}  # asset, shift, grain: where one goes on, its grains
    for i in np.argsort(p.first, kind="stable"):
        asset, shift, first, length = int(p.asset[i]), int(p.shift[i]), int(p.first[i]), int(p.length[i])
        at = int(p.at[i]) / map.header.assets[asset].rate
        before = [n for to, n in ends.get((asset, shift, first), []) if abs(to - at) < JOINED]
        whole = length + max(before, default=0)
        ends.setdefault((asset, shift, first + length), []).append((at + length * ratio(shift) / PER_SECOND, whole))
        best = max(best, whole)
    return best


def _masses(map: Map) -> tuple[Ints, Ints, Ints]:
    """For each grain of each passage: the grain, the asset, and how much of the grain it has of its style's _UNIT."""
    p = map.passages
    grain = np.repeat(p.first - p.starts, p.length) + np.arange(len(p.part))
    asset = np.repeat(p.asset, p.length)
    style = np.array([one.style for one in map.header.assets])[asset]
    row = style * map.header.grains + grain
    whole = _summed(row, p.part, int(row.max()) + 1)[row]
    return grain, asset, p.part * _UNIT // np.maximum(whole, 1)


def _summed(where: Ints, values: Ints, n: int) -> Ints:
    """Whole numbers added up by place: exact, below 2**53."""
    return np.bincount(where, weights=values, minlength=n).astype(np.int64)
