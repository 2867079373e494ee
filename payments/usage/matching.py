"""Which works lines are about, by which program each is divided, and what its terms have against a use.

What a reporter's confirmed match says comes first, then what is registered here. A code of the content (ISCC) is there
for exchange: a look-alike has the same one. So it names no work until a match of the reporter's says so; it only speaks
against what is named otherwise. A work's claim and terms never change, so what was looked up once holds for the whole
file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, any_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from attribution.claim import Claim
from attribution.models import RecordedClaim, StoredFingerprint
from core.errors import HomageError
from licensing import policy, terms
from licensing.models import License
from licensing.terms import Terms
from payments import income
from payments.usage.lines import Line
from payments.usage.models import UsageMatch
from payments.waterfall import Program

UNKNOWN, SEVERAL, CODE_ONLY = "unknown-work", "several-works", "code-only"
NO_TERMS, REFUSED = "no-terms", "not-postable"
MOST_KNOWN = 20_000  # works that are remembered while a file is taken
_WHERE: tuple[tuple[str, InstrumentedAttribute[Any], InstrumentedAttribute[Any]], ...] = (
    ("work", RecordedClaim.work, RecordedClaim.work),
    ("mark", RecordedClaim.mark, RecordedClaim.work),
    ("sha256", RecordedClaim.file_sha256, RecordedClaim.work),
    ("sha256", StoredFingerprint.samples_sha256, StoredFingerprint.claim),
    ("iscc", RecordedClaim.iscc, RecordedClaim.work),
)


@dataclass(frozen=True)
class Named:
    """The works that a reference may name. `sure`: it decides; else it is a code that look-alikes share."""

    works: frozenset[str]
    sure: bool = True


@dataclass(frozen=True)
class Known:
    """A work that lines may be about. `program`: None where the house cannot say how it is divided."""

    medium: str
    terms: tuple[Terms, ...]
    program: Program | None

    @cached_property
    def hashes(self) -> tuple[str, ...]:
        return tuple(granted.hash for granted in self.terms)


@dataclass
class Works:
    """What has been looked up of works while one file is taken, and what their terms say of uses."""

    _known: dict[str, Known] = field(default_factory=dict)
    _withdrawn: dict[str, dt.date] = field(default_factory=dict)
    _said: dict[tuple[object, ...], tuple[str, ...]] = field(default_factory=dict)

    def load(self, session: Session, works: Collection[str]) -> None:
        """Look up those that are not known yet, and which have been withdrawn by now."""
        if len(self._known) + len(works) > MOST_KNOWN:
            self._known.clear()
        if len(self._said) > MOST_KNOWN:
            self._said.clear()
        fresh = [work for work in works if work not in self._known]
        claims = select(RecordedClaim.work, RecordedClaim.document).where(among(RecordedClaim.work, fresh))
        found = [Claim.read(document) for _, document in session.execute(claims)] if fresh else []
        named = {licensed.license for claim in found for licensed in claim.licenses}
        rows = {
            row.id: row for row in session.scalars(select(License).where(among(License.id, named)))
        }  # held for `income`
        read = {id: terms.read(row.terms) for id, row in rows.items()}
        for claim in found:
            granted = tuple(read[x.license] for x in claim.licenses if x.license in read)
            self._known[claim.work] = Known(claim.medium, granted, _program(session, claim))
        gone = among(RecordedClaim.work, works), RecordedClaim.withdrawn_at.is_not(None)
        when = session.execute(select(RecordedClaim.work, RecordedClaim.withdrawn_at).where(*gone))
        self._withdrawn = {work: at.astimezone(dt.UTC).date() for work, at in when if at is not None}

    def program(self, work: str) -> Program | None:
        return self._known[work].program

    def flag(self, work: str, line: Line) -> str | None:
        """What stands against this use of the work: codes of reasons as verdicts give them, or None.

        What a use earned is owed whether it was allowed or not.
        """
        known = self._known[work]
        medium = line.medium or known.medium
        asked = (known.hashes, medium, *line[4:7], line.use)
        if asked not in self._said:
            self._said[asked] = tuple(dict.fromkeys(_against(known, medium, line)))
        gone = work in self._withdrawn and self._withdrawn[work] <= line.last_on
        return " ".join((*(("withdrawn",) if gone else ()), *self._said[asked])) or None


def _against(known: Known, medium: str, line: Line) -> Iterator[str]:
    if not known.terms:
        yield "no-license"
    for granted in known.terms:
        for day in {line.first_on, line.last_on}:
            said = policy.evaluate(granted, use=line.use, medium=medium, territory=line.territory, date=day)
            if said.permission == "deny":
                yield from (reason.code for reason in said.reasons)


def works_of(session: Session, *, reporter: str, references: Collection[str]) -> dict[str, Named]:
    """For each reference what it may name; where a match of the reporter's says which work, only that one, for sure."""
    registered: dict[str, set[str]] = {}
    for name, work in _registered(session, references):
        registered.setdefault(name, set()).add(work)
    found = {name: Named(frozenset(works), not name.startswith("iscc:")) for name, works in registered.items()}
    matches = select(UsageMatch.reference, UsageMatch.work).where(
        UsageMatch.reporter == reporter, UsageMatch.state == "confirmed", among(UsageMatch.reference, references)
    )
    return found | {name: Named(frozenset({work})) for name, work in session.execute(matches)}


def work_of(references: Iterable[str], named: Mapping[str, Named]) -> tuple[str | None, str]:
    """The one work that all these references name, or None and why a line with them is held."""
    given = [named[reference] for reference in references if reference in named]
    sure = {work for one in given if one.sure for work in one.works}
    if not sure:
        return None, CODE_ONLY if given else UNKNOWN
    if len(sure) > 1 or any(sure.isdisjoint(one.works) for one in given):
        return None, SEVERAL
    return sure.pop(), ""


def among(column: InstrumentedAttribute[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of very many values: they are one parameter, of the column's type."""
    return column == any_(cast([*values], ARRAY(column.type)))


def _registered(session: Session, references: Collection[str]) -> Iterator[tuple[str, str]]:
    by_kind: dict[str, list[str]] = {}
    for reference in references:
        kind, _, value = reference.partition(":")
        by_kind.setdefault(kind, []).append(value)
    for kind, column, work in _WHERE:
        if kind in by_kind:
            values = [int(value, 16) for value in by_kind[kind]] if kind == "mark" else by_kind[kind]
            rows = session.execute(select(column, work).where(among(column, values), work.is_not(None)))
            yield from ((_spelled(kind, value), named) for value, named in rows)


def _spelled(kind: str, value: str | int) -> str:
    return f"{kind}:{value:016x}" if isinstance(value, int) else f"{kind}:{value}"


def _program(session: Session, claim: Claim) -> Program | None:
    try:
        return income.program_of(session, claim)
    except HomageError:
        return None
