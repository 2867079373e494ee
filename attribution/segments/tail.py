"""The newest rows, which are in no segment yet, as this process has seen them: in memory, in a few built parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from attribution.segments.body import Arrays, Body, Found, named
from attribution.segments.rows import Live, Place, Row
from attribution.segments.tiers import swallowed

LARGEST = 1 << 40


@dataclass(frozen=True, eq=False)
class Part:
    """Some rows, unpacked and built."""

    subjects: tuple[str, ...]
    places: tuple[Place, ...]
    works: tuple[Any, ...]
    arrays: Arrays

    def search(self, body: Body, asked: Any, *, most: int) -> list[Found]:
        return named(body.search(self.arrays, asked, most=most), self.subjects.__getitem__)


@dataclass(frozen=True, eq=False)
class View:
    """What a process knows: the live set, all rows above it of transactions below `horizon`, some above, removals.

    Never changed; a search goes on with the one that it began with.
    """

    cluster: str
    live: Live
    horizon: int = 0
    parts: tuple[Part, ...] = ()
    known: frozenset[int] = frozenset()
    removed: frozenset[str] = frozenset()

    @property
    def low(self) -> Place:
        """From here on there may be rows that are not known."""
        return max(self.live.high, (self.horizon, 0))

    def grown(self, body: Body, fresh: Sequence[Row]) -> View:
        """With these rows too; what the live segments hold by now is let go."""
        standing = [part for part in self.parts if max(part.places) >= self.live.high]
        if not fresh and len(standing) == len(self.parts):
            return self
        if fresh:
            taken = swallowed([len(part.subjects) for part in standing], len(fresh), largest=LARGEST)
            kept = standing[: len(standing) - taken]
            standing = [*kept, _joined(body, standing[len(kept) :], fresh, self.live.high)]
        known = frozenset(place[1] for part in standing for place in part.places)
        return replace(self, parts=tuple(standing), known=known)


def part(body: Body, rows: Sequence[Row]) -> Part:
    works = tuple(body.unpack(row.data) for row in rows)
    return Part(tuple(row.subject for row in rows), tuple(row.place for row in rows), works, body.build(works))


def _joined(body: Body, parts: Sequence[Part], rows: Sequence[Row], low: Place) -> Part:
    """One part of several and of new rows, without what is below `low`."""
    old = [one for each in parts for one in zip(each.subjects, each.places, each.works, strict=True) if one[1] >= low]
    new = [(row.subject, row.place, body.unpack(row.data)) for row in rows]
    subjects, places, works = zip(*old, *new, strict=True)
    return Part(subjects, places, works, body.build(works))
