"""Which of the artist's frames say what a frame of the fan's says: two voices brought into one space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.hearing.features import ORDER, Table, cepstra
from core.hearing.frames import Ints, Tick
from generation.engines.chorale import search
from generation.engines.chorale.pool import Pool, slopes

WARPS = tuple(round(0.82 + 0.04 * i, 2) for i in range(11))  # vocal-tract ratios that are tried
_SLOPES, _LEVEL = 1.5, 0.05  # how much they tell beside the cepstra
_ASKED, _AMONG = 4000, 12000  # frames that alignment looks at
_RIDGE = 90.0 / 8000  # pull towards leaving things as they are, per pair


@dataclass(frozen=True, eq=False)
class Alignment:
    """`asked` [fan's frames], `among` [artist's usable rows]: the two sides, as `search.side` makes them."""

    warp: float
    asked: Table
    among: Table


def align(fan: Pool, artist: Pool, rounds: int, seed: int, tick: Tick) -> Alignment:
    """Warp the fan's frequencies to the artist's, take means off, then a linear map refined on mutual neighbors."""
    rng = np.random.default_rng(seed)
    top = min(fan.top, artist.top)
    theirs = cepstra(artist.envelope, top)
    mean, spread = theirs[artist.rows].mean(0), float(theirs[artist.rows].std(0).mean())
    x2 = (theirs - mean) / spread
    warp = _warp(fan, artist, x2, (spread, top), rng, tick)
    ours = cepstra(fan.envelope, top, warp)
    x1 = (ours - ours[fan.rows].mean(0)) / spread
    among = search.side(_content(x2, artist), artist.voiced)
    y = x1
    some = [_some(rows, n, rng) for n in (_ASKED, _AMONG) for rows in (fan.rows, artist.rows)]
    for _ in range(rounds):
        asked = search.side(_content(y, fan), fan.voiced)
        to = search.nearest(asked[some[0]], among[some[3]], 1, tick)[0][:, 0]
        back = search.nearest(among[some[1]], asked[some[2]], 1, tick)[0][:, 0]
        y = _mapped(x1, x2, np.r_[some[0], some[2][back]], np.r_[some[3][to], some[1]])
    return Alignment(warp, search.side(_content(y, fan), fan.voiced), among[artist.rows])


def _content(x: Table, pool: Pool) -> Table:
    """What is being said: cepstra, their slopes, the level."""
    level = _LEVEL * (np.clip(pool.level, -50, 0)[:, None] + 20)
    return np.concatenate([x, _SLOPES * slopes(x, pool.bounds), level], 1).astype(np.float32)


def _warp(
    fan: Pool, artist: Pool, x2: Table, scale: tuple[float, float], rng: np.random.Generator, tick: Tick
) -> float:
    """The stretch of the fan's frequencies that brings the vowels nearest to the artist's. `scale`: spread and top."""
    spread, top = scale
    rows = _some(fan.rows[fan.voiced[fan.rows]], 1200, rng)
    target = x2[_some(artist.rows[artist.voiced[artist.rows]], 5000, rng)]
    if not len(rows) or not len(target):
        return 1.0
    every = fan.rows[:: 1 + len(fan.rows) // 4000]  # enough for a mean
    other = search.side(target, np.ones(len(target), np.bool_))
    cost = []
    for warp in WARPS:
        tick()
        x = (cepstra(fan.envelope[rows], top, warp) - cepstra(fan.envelope[every], top, warp).mean(0)) / spread
        cost.append(search.nearest(search.side(x, np.ones(len(x), np.bool_)), other, 1)[1].mean())
    return WARPS[int(np.argmin(cost))]


def _some(rows: Ints, most: int, rng: np.random.Generator) -> Ints:
    return np.sort(rng.choice(rows, most, replace=False)) if len(rows) > most else rows


def _mapped(x1: Table, x2: Table, a: Ints, b: Ints) -> Table:
    """x1 under the linear map that takes rows `a` of it to rows `b` of x2, drawn towards changing nothing."""
    from_, to = np.column_stack([x1[a], np.ones(len(a))]), x2[b].astype(np.float64)
    ridge = _RIDGE * len(a) * np.diag(np.r_[np.ones(ORDER), 0.1])
    same = np.vstack([np.eye(ORDER), np.zeros(ORDER)])
    matrix = np.linalg.solve(from_.T @ from_ + ridge, from_.T @ to + ridge @ same)
    return np.asarray(x1 @ matrix[:-1] + matrix[-1], dtype=np.float32)
