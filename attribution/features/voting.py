"""Which works a few seconds may be from: triples that agree on pitch, tempo and a line in time.

All registered works lie one behind the other on one line of time, so a place on it is a work and a place in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.features import triples
from attribution.features.second_look import Alignment
from attribution.features.triples import SHORTEST, Triples

WIDEST = 11.0  # bands by which the pitch may differ: three and a half semitones
_TEMPO = 0.3  # octaves by which the tempo may differ
_TEMPO_CELL = 1 / 15  # octaves
_PITCH_CELL = 3.0  # bands
_PLACE_CELL = 12.0  # frames
_NEAR = 4.0  # frames from the line
_LEAST = 3  # different peaks that must agree
_MOST = 60  # cells that are looked at closely
_TABLE = 20  # bits of the table in which votes are first counted

Ints = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Budget:
    """How much is asked: the `partners` and `fan` of triples, `altered` pitch and tempo or not, postings read at
    `most`; of the peaks of `steady` tones or of the strongest."""

    partners: int
    fan: int
    altered: bool
    most: int
    steady: bool = False


@dataclass(frozen=True, eq=False)
class Hits:
    """Registered triples that look like asked ones: by which asked `anchor`, the `times` of both in frames, by how
    many bands the work is higher (`shifts`), its tempo in octaves (`tempos`) and what each is worth in `bits`."""

    anchors: Ints
    asked: Values
    times: Values
    shifts: Values
    tempos: Values
    bits: Values

    def __len__(self) -> int:
        return len(self.anchors)

    def at(self, which: NDArray[Any]) -> Hits:
        return Hits(*(column[which] for column in vars(self).values()))


@dataclass(frozen=True)
class Vote:
    """A place on the line of all works: `bits` is the evidence for it."""

    bits: float
    alignment: Alignment


def votes(arrays: Mapping[str, NDArray[Any]], asked: Triples, budget: Budget) -> list[Vote]:
    """Places that several triples agree on, the best first."""
    hits = _hits(arrays, asked, budget)
    if len(hits) < _LEAST:
        return []
    which, cells = _agreeing(hits)
    if not len(which):
        return []
    order = np.lexsort((hits.anchors[which], cells))
    which, cells = which[order], cells[order]
    begins = np.flatnonzero(np.diff(cells, prepend=-1))
    new = np.diff(hits.anchors[which], prepend=-1) != 0
    new[begins] = True
    sizes = np.add.reduceat(new, begins)
    ends = np.append(begins, len(which))
    found: list[Vote] = []
    for cell in np.argsort(-sizes, kind="stable")[:_MOST]:
        if sizes[cell] < _LEAST:
            break
        hit = hits.at(which[begins[cell] : ends[cell + 1]])
        vote = None if _told(hit, found) else _line(hit)
        if vote is not None:
            found.append(vote)
    return sorted(found, key=lambda vote: -vote.bits)


def _told(hits: Hits, found: Sequence[Vote]) -> bool:
    """Whether a line was found already that runs where these lie."""
    place, asked, shift = (float(values.mean()) for values in (hits.times, hits.asked, hits.shifts))
    lines = (vote.alignment for vote in found)
    return any(
        abs(place - at.tempo * asked - at.offset) < 2 * _PLACE_CELL and abs(shift - at.shift) < _PITCH_CELL
        for at in lines
    )


def _hits(arrays: Mapping[str, NDArray[Any]], asked: Triples, budget: Budget) -> Hits:
    """The rarest registered triples that look like asked ones, as many as the budget allows."""
    which, lows, highs = triples.ranges(asked, altered=budget.altered, widest=WIDEST)
    order = np.argsort(lows, kind="stable")
    which, lows, highs = which[order], lows[order], highs[order]
    begins = np.searchsorted(arrays["keys"], lows)
    counts = np.searchsorted(arrays["keys"], highs, side="right") - begins
    rare = np.argsort(counts, kind="stable")
    rare = rare[counts[rare] > 0]
    rare = np.sort(rare[np.cumsum(counts[rare]) <= budget.most])
    which, begins, counts = which[rare], begins[rare], counts[rare]
    each = np.repeat(np.arange(len(which)), counts)
    postings = np.arange(len(each)) - np.repeat(np.cumsum(counts) - counts, counts) + begins[each]
    stored = arrays["keys"][postings]
    triple = which[each]
    hits = Hits(
        asked.anchors[triple],
        asked.times[triple].astype(np.float64),
        arrays["times"][postings].astype(np.float64),
        (stored >> 5 & 255).astype(np.float64) - asked.heights[triple],
        (stored & 31) / 31 * np.log2(triples.LONGEST / SHORTEST) - np.log2(asked.lengths[triple] / SHORTEST),
        np.log2(len(arrays["keys"]) / (counts[each] + 1.0)).clip(1),
    )
    return hits.at((np.abs(hits.tempos) <= _TEMPO) & (np.abs(hits.shifts) <= WIDEST))


def _agreeing(hits: Hits) -> tuple[Ints, Ints]:
    """(which hits, in which cell) for all cells of pitch, tempo and place that enough hits fall into.

    The grid is laid twice in each of pitch and place, so that nothing is divided by a border.
    """
    tempos = np.round(hits.tempos / _TEMPO_CELL)
    places = (hits.times - 2 ** (tempos * _TEMPO_CELL) * hits.asked) / _PLACE_CELL
    cells = []
    for grid in range(4):
        pitch = np.floor(hits.shifts / _PITCH_CELL + 0.5 * (grid & 1))
        place = np.floor(places + 0.5 * (grid >> 1))
        cells.append((((place + 4096) * 16 + tempos + 8) * 16 + pitch + 8) * 4 + grid)
    every = np.concatenate(cells).astype(np.int64)
    table = (every.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _TABLE)
    table = table.astype(np.int64)
    kept = np.flatnonzero(np.bincount(table, minlength=1 << _TABLE)[table] >= _LEAST)
    return kept % len(hits), every[kept]


def _line(hits: Hits) -> Vote | None:
    """The line in time that most of these lie on."""
    middle = float(np.median(hits.tempos))
    best: tuple[int, float, float] = (0, 1.0, 0.0)
    for bend in (-0.06, -0.045, -0.03, -0.015, 0.0, 0.015, 0.03, 0.045, 0.06):
        slope = 2 ** (middle) * (1 + bend)
        places = hits.times - slope * hits.asked
        order = np.argsort(places)
        reach = np.searchsorted(places[order], places[order] + _NEAR, side="right") - np.arange(len(order))
        at = int(reach.argmax())
        on = order[at : at + reach[at]]
        count = len(np.unique(hits.anchors[on]))
        if count > best[0]:
            best = (count, slope, float(np.median(places[on])))
    count, slope, place = best
    if count < _LEAST:
        return None
    on = np.flatnonzero(np.abs(hits.times - slope * hits.asked - place) <= _NEAR)
    order = on[np.lexsort((-hits.bits[on], hits.anchors[on]))]
    first = np.diff(hits.anchors[order], prepend=-1) != 0
    return Vote(float(hits.bits[order][first].sum()), Alignment(float(np.median(hits.shifts[on])), slope, place))
