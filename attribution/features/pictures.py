"""The tables that pictures are found in by their points, and the search in them.

Locality-sensitive hashing by bit sampling (Indyk and Motwani, 1998): each table sorts the points by some bits of their
codes. Who asks also looks where the bits that it is least sure of are the other way ("multi-probe LSH", Lv and others,
2007). The works that share most points, common ones counting less, are then compared point by point, and those count
whose points agree on one similarity (`agreement`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.features import agreement, points
from attribution.features.agreement import Alignment
from attribution.features.points import Asked, Points, Sight

Arrays = Mapping[str, NDArray[Any]]
Rows = NDArray[np.int64]

TABLES = 4  # one for each word of a code; the rotation is random, so any bits do
FEWEST_BITS, MOST_BITS = 8, 28
PER_BUCKET = 4  # points a bucket holds on the average, or up to half as many
OVERFULL = 64  # points in a bucket that says nothing
UNSURE = 7
FLIPS = np.array([0, 1, 2, 4, 8, 16, 3, 32])  # which of the seven least sure bits are turned, likeliest first
ROUNDS: Sequence[tuple[Sequence[tuple[bool, bool]], int, int]] = (
    # mirrored, negative; buckets that each point is looked for in; works that are looked at closer
    (((False, False),), 1, 0),
    (((False, False),), len(FLIPS), 5),
    (((True, False), (False, True)), 3, 5),
)
MOST_LIKELY = 8  # likely works that are looked at closer
RADIUS, WIDTH = 60, 35.0  # bits between two looks of one spot; and over which a match loses its weight
FIRST, SECOND = 48, 200  # matches of one work that are looked at, first and where it is looked at closer
LIKELY, SURE = 6.0, 30.0  # scores of works that are looked at closer, and from which on nothing else is tried


@dataclass(frozen=True, eq=False)
class Found:
    """A work that shares points with the asked picture: its `position` among those the tables were built of."""

    position: int
    alignment: Alignment

    @property
    def score(self) -> float:
        """-log10 of the expected number of such agreements by chance; comparable between tables."""
        return self.alignment.score


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A work as one sight shows it, with rows of matched points, nearest first; `score` is of the first matches."""

    position: int
    sight: Sight
    asked: Rows
    stored: Rows
    score: float


def build(works: Sequence[Points]) -> dict[str, NDArray[Any]]:
    """The tables of these works' points, as arrays that may be kept in files and mapped.

    `codes` uint64 [n, 4], `places` uint16 [n, 3] (see `points.quantized`), both work by work; `firsts` int64
    [works + 1], where each work's begin; `starts` uint32 [4, 2**bits + 1] and `items` uint32 [4, n], the points in
    the order of their bits in each word. 54 bytes a point and 4 to 8 more.
    """
    firsts = np.concatenate([[0], np.cumsum([len(work) for work in works])]).astype(np.int64)
    codes = np.concatenate([np.empty((0, TABLES), np.uint64), *(work.codes for work in works)])
    places = [np.empty((0, 3), np.uint16), *(points.quantized(work) for work in works)]
    bits = int(np.clip(np.ceil(np.log2(max(len(codes), 1) / PER_BUCKET)), FEWEST_BITS, MOST_BITS))
    starts = np.empty((TABLES, (1 << bits) + 1), np.uint32)
    items = np.empty((TABLES, len(codes)), np.uint32)
    for table in range(TABLES):
        keys = (codes[:, table] & np.uint64((1 << bits) - 1)).astype(np.uint32)
        items[table] = np.argsort(keys, kind="stable")
        starts[table, 0] = 0
        np.cumsum(np.bincount(keys, minlength=1 << bits), out=starts[table, 1:])
    return {"codes": codes, "places": np.concatenate(places), "firsts": firsts, "starts": starts, "items": items}


def search(arrays: Arrays, asked: Asked, *, most: int = 30) -> list[Found]:
    """The works of these tables that the asked picture may be a copy of, the surest first: as it is, or else mirrored
    or negative. `most`: works that are compared in each case."""
    found: dict[int, Found] = {}
    held = {name: np.asarray(array) for name, array in arrays.items()}  # a mapped file, but not its slow class
    if len(asked) < agreement.LEAST or not len(held["codes"]):
        return []
    for ways, flips, closer in ROUNDS:
        sights = [asked.as_if(mirrored=mirrored, negative=negative) for mirrored, negative in ways]
        for one in _compared(held, _candidates(held, sights, flips, most), closer):
            if one.position not in found or one.score > found[one.position].score:
                found[one.position] = one
        if any(one.score >= SURE for one in found.values()):
            break
    return merged([found.values()])


def merged(parts: Iterable[Iterable[Found]]) -> list[Found]:
    """What several searches found, the surest first."""
    return sorted((one for part in parts for one in part), key=lambda one: -one.score)


def _candidates(arrays: Arrays, sights: Sequence[Sight], flips: int, most: int) -> list[_Candidate]:
    """The works with the heaviest votes in any sight."""
    matches = [_probed(arrays, sight, FLIPS[:flips]) for sight in sights]
    asked, stored, apart = (np.concatenate(column) for column in zip(*matches, strict=True))
    sight = np.repeat(np.arange(len(sights)), [len(one[0]) for one in matches])
    works = len(arrays["firsts"]) - 1
    owner = sight * works + np.searchsorted(arrays["firsts"], stored, side="right") - 1
    spot = sight * len(sights[0].places) + asked
    totals = np.bincount(owner, np.exp(-((apart / WIDTH) ** 2)) / np.sqrt(np.bincount(spot)[spot]))
    totals[np.bincount(owner) < agreement.LEAST] = 0
    owners = np.argpartition(-totals, min(most, len(totals) - 1))[:most] if len(totals) else np.empty(0, np.int64)
    owners = owners[totals[owners] > 0]
    number = np.full(len(totals), -1)
    number[owners] = np.arange(len(owners))
    candidate = number[owner]
    order = np.flatnonzero(candidate >= 0)
    order = order[np.lexsort((apart[order], candidate[order]))]
    for rows in (asked, stored):  # no point of either is in two matches: the nearest stays
        order = order[np.sort(np.unique(candidate[order] * (1 << 40) + rows[order], return_index=True)[1])]
    bounds = np.searchsorted(candidate[order], np.arange(len(owners) + 1))
    chosen = [order[low:high] for low, high in pairwise(bounds)]
    shown = [sights[i // works] for i in owners]
    scores = _voted(arrays, [(one, asked[rows], stored[rows]) for one, rows in zip(shown, chosen, strict=True)])
    positions = (int(i % works) for i in owners)
    return [
        _Candidate(position, one, asked[rows], stored[rows], score)
        for position, one, rows, score in zip(positions, shown, chosen, scores, strict=True)
    ]


def _probed(arrays: Arrays, sight: Sight, flips: Rows) -> tuple[Rows, Rows, NDArray[np.uint32]]:
    """All points in the buckets that a sight's points may be in, whose codes are near: rows of both, bits apart.

    Those that several tables show come several times.
    """
    codes, found = arrays["codes"], []
    bits = int(arrays["starts"].shape[1] - 1).bit_length() - 1
    for table in range(TABLES):
        starts, items = arrays["starts"][table], arrays["items"][table]
        keys = _keys(sight, table, bits, flips)
        low = np.take(starts, keys).astype(np.int64)
        count = np.take(starts, keys + 1) - low
        count[count > OVERFULL] = 0
        ends = np.cumsum(count)
        at = np.arange(ends[-1]) + np.repeat(low - ends + count, count)
        stored = np.take(items, at).astype(np.int64)
        row = np.repeat(np.arange(len(keys)) // len(flips), count)
        differing = np.take(codes, stored, axis=0)  # an index in brackets takes six times as long
        differing ^= np.take(sight.codes, row, axis=0)
        apart = _sums(np.bitwise_count(differing))
        near = np.flatnonzero(apart <= RADIUS)
        found.append((row[near], stored[near], apart[near]))
    row, stored, apart = (np.concatenate(column) for column in zip(*found, strict=True))
    return row, stored, apart


def _sums(counts: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The sum of each row of four bytes; numpy's own over so short rows takes ten times as long."""
    pairs = counts.view(np.uint32).reshape(-1)
    pairs = (pairs & 0x00FF00FF) + ((pairs >> 8) & 0x00FF00FF)
    return np.asarray((pairs + (pairs >> 16)) & 0xFFFF, np.uint32)


def _keys(sight: Sight, table: int, bits: int, flips: Rows) -> Rows:
    """[points * flips]: the buckets to look in, each point's together."""
    own = (sight.codes[:, table] & np.uint64((1 << bits) - 1)).astype(np.int64)
    doubt = np.abs(sight.projected[:, 64 * table : 64 * table + bits])
    unsure = np.argpartition(doubt, UNSURE, axis=1)[:, :UNSURE]
    unsure = np.take_along_axis(unsure, np.argsort(np.take_along_axis(doubt, unsure, 1), axis=1), 1)
    turned = (flips[:, None] >> np.arange(UNSURE)) & 1
    return np.asarray((own[:, None] ^ ((1 << unsure) @ turned.T)).reshape(-1))


def _voted(arrays: Arrays, chosen: Sequence[tuple[Sight, Rows, Rows]]) -> list[float]:
    """The score of each candidate by its nearest matches, all at once."""
    if not chosen:
        return []
    asked, work = (np.zeros((len(chosen), FIRST, 4), np.float32) for _ in range(2))
    known = _places(arrays, np.concatenate([stored[:FIRST] for _, _, stored in chosen]))
    counts = np.array([min(FIRST, len(stored)) for _, _, stored in chosen])
    valid = np.arange(FIRST) < counts[:, None]
    asked[valid] = np.concatenate([sight.places[rows[:FIRST]] for sight, rows, _ in chosen])
    work[valid] = known
    agreeing, _ = agreement.votes(asked, work, valid)
    return [agreement.score(int(n), int(k)) for n, k in zip(counts, agreeing, strict=True)]


def _compared(arrays: Arrays, candidates: Sequence[_Candidate], closer: int) -> list[Found]:
    """The candidates with an agreement. Those that are likely, and `closer` of the best anyway, are looked at closer:
    with all their points."""
    best = sorted(candidates, key=lambda one: -one.score)
    out = []
    for i, one in enumerate(best):
        options = [(one.asked, one.stored)] if one.score > 0 else []
        if i < (MOST_LIKELY if one.score >= LIKELY else closer):
            options.append(_every(arrays, one))
        found = [a for a in (_aligned(arrays, one, *rows) for rows in options) if a is not None]
        if found:
            out.append(Found(one.position, max(found, key=lambda a: a.score)))
    return out


def _every(arrays: Arrays, one: _Candidate) -> tuple[Rows, Rows]:
    """The points of the asked picture and of the work that are nearest to each other, the nearest first."""
    low, high = (int(x) for x in arrays["firsts"][one.position : one.position + 2])
    asked, work = agreement.nearest(one.sight.codes, arrays["codes"][low:high])
    return asked, work + low


def _aligned(arrays: Arrays, one: _Candidate, asked: Rows, stored: Rows) -> Alignment | None:
    rows = asked[:SECOND], stored[:SECOND] - int(arrays["firsts"][one.position])
    kept = arrays["places"][stored[:SECOND]]
    return agreement.aligned(one.sight, points.restored(kept), points.owned(kept), rows)


def _places(arrays: Arrays, rows: Rows) -> points.Places:
    return points.restored(arrays["places"][rows])
