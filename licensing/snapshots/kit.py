"""What snapshots answer: a whole one and those that follow it, together, as of the last.

A later one overrides what it says anew of a work or a license; what it does not say stands as before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from licensing import policy
from licensing.snapshots import layout
from licensing.snapshots.file import Opened
from licensing.snapshots.layout import (
    CREATOR,
    HASH,
    LICENSE,
    ORIGINAL,
    OWN,
    PART,
    SOUND,
    TERMS,
    UNSETTLED,
    WORK,
    SnapshotRefused,
)
from licensing.verdicts import Ground

SKEW: Final = timedelta(minutes=5)  # so far the clocks of house and reader may be apart


@dataclass(frozen=True)
class Part:
    """A part of a work: the license that it rests on ("" of a creator's own work), and its millionths, if settled."""

    license: str
    creator: str
    terms: str
    share: int | None


@dataclass(frozen=True)
class Known:
    """A work as snapshots tell of it. `withdrawn_at`: midnight (UTC) of the day, or None."""

    work: str
    medium: str
    own: bool
    withdrawn_at: datetime | None
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Match:
    """What a hash is of: works, in the order of their numbers, and whether of a registered original as well."""

    works: tuple[Known, ...]
    original: bool


class Kit:
    """An unbroken row of snapshots. `problem(at)` says why it must not be asked then."""

    def __init__(self, opened: Sequence[Opened]) -> None:
        """The whole one first, each of the others after the one that it follows. Raises SnapshotRefused."""
        base, before = None, None
        for one in opened:
            if one.header.base != base:
                follows = "is no whole snapshot" if base is None else "does not follow the one before it"
                raise SnapshotRefused(f"{one.name} {follows}; give the whole one first, then each in its order")
            if before is not None and (one.header.at < before.at or one.header.house != before.house):
                raise SnapshotRefused(f"{one.name} is of another house, or older than the one before it")
            base, before = one.header.digest, one.header
        if before is None:
            raise SnapshotRefused("no snapshot was given")
        self.opened = tuple(opened)
        self.last = before

    @classmethod
    def open(cls, files: Sequence[Path], jwks: object) -> Kit:
        """Raises SnapshotRefused, SignatureRefused, SignerUnknown."""
        return cls([Opened(file, jwks) for file in files])

    @property
    def trust(self) -> str:
        """Whom manifests must lead to: `attribution.chain.Chain.trust` of the house."""
        return self.opened[-1].all("trust").decode()

    def problem(self, at: datetime) -> str | None:
        """In words, why nothing that it says counts at this time; None while it counts."""
        if at >= self.last.not_after:
            return f"the snapshot ended on {self.last.not_after}; get today's"
        if at < self.last.at - SKEW:
            return f"the snapshot is of {self.last.at}, and this clock says {at}; set the clock"
        return None

    def files(self, sha256: str) -> tuple[Known, ...]:
        """The works that were sealed as the file with this hash: one, if any."""
        return self._matching("files", sha256).works

    def samples(self, sha256: str) -> Match:
        """What these samples are registered for."""
        return self._matching("samples", sha256)

    def work(self, id: str) -> Known | None:
        """The work with this number."""
        number = layout.number(id)
        for one in reversed(self.opened):
            for row in _all(one, "works", layout.name(number)):
                said = WORK.unpack(row)
                if said[1] == number[:6]:
                    return self._known(one, said, id)
        return None

    def ground(self, id: str) -> Ground | None:
        """A license as it stood at the last snapshot."""
        number = layout.number(id)
        for one in reversed(self.opened):
            for row in _all(one, "licenses", number):
                _, terms, _, state, style = LICENSE.unpack(row)
                said, sha256 = layout.read_terms(one.records("terms", terms))
                stands = policy.standing(id, state=layout.STATES[state], style=layout.STYLES[style])
                return Ground(id, said, sha256, stands)
        return None

    def _matching(self, section: str, sha256: str) -> Match:
        """From the last one back: what a later one says of a work comes before what an earlier one said."""
        works: dict[str, Known] = {}
        original = False
        for one in reversed(self.opened):
            for row in _all(one, section, bytes.fromhex(sha256)[:8]):
                _, place, rest = HASH.unpack(row)
                uncovered = layout.covered(rest, sha256)
                if place == ORIGINAL:
                    original = original or not any(uncovered)
                    continue
                said = WORK.unpack(one.records("works", place))
                number = said[1] + uncovered
                if layout.name(number) == said[0]:
                    id = layout.id_of("wrk", number)
                    works.setdefault(id, self._known(one, said, id))
        return Match(tuple(self.work(id) or known for id, known in sorted(works.items())), original)

    def _known(self, one: Opened, said: tuple[bytes, bytes, int, int, int, int], id: str) -> Known:
        _, _, kind, withdrawn, first, count = said
        rows = PART.iter_unpack(one.records("parts", first, count))
        parts = tuple(_part(one, own=bool(kind & OWN), of=of, share=share) for of, share in rows)
        medium = "sound" if kind & SOUND else "picture"
        return Known(id, medium, bool(kind & OWN), layout.of_day(withdrawn), parts)


def _part(one: Opened, *, own: bool, of: int, share: int) -> Part:
    settled = None if share == UNSETTLED else share
    if own:
        return Part("", layout.id_of("cre", *CREATOR.unpack(one.records("creators", of))), "", settled)
    number, terms, creator, _, _ = LICENSE.unpack(one.records("licenses", of))
    [licensor] = CREATOR.unpack(one.records("creators", creator))
    sha256 = TERMS.unpack(one.records("terms", terms))[0].hex()
    return Part(layout.id_of("lic", number), layout.id_of("cre", licensor), sha256, settled)


def _all(one: Opened, section: str, key: bytes) -> Iterator[bytes]:
    """The records that begin with these bytes; records are sorted by how they begin."""
    low, high = 0, one.header.counts[section]
    while low < high:
        middle = (low + high) // 2
        if one.records(section, middle)[: len(key)] < key:
            low = middle + 1
        else:
            high = middle
    for place in range(low, one.header.counts[section]):
        row = one.records(section, place)
        if row[: len(key)] != key:
            return
        yield row
