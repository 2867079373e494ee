"""Usage reports on the wire: how far one is, its lines, what is held, and matches."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from core.money import USD
from core.web import Amount, In, Named, Out
from payments.processor import REHEARSAL
from payments.usage import listing
from payments.usage.lines import MOST_FAULTS
from payments.usage.matches import Held
from payments.usage.models import UsageFault, UsageLine, UsageMatch, UsageReport, UsageTotal


class UsageSum(Out):
    """What the lines of a report sum to, in one asset. `waiting`: of those that are held."""

    asset: str
    earned: int
    waiting: int


class UsageOut(Out):
    """A usage report. lines = taken + duplicates + held + faulty; `flagged` are those of taken that terms do not cover.

    `reason`: why it failed; what was taken of it stays. `faults_kept`: of how many faulty lines the text is kept.
    `rehearsal`: no real money moves.
    """

    id: str
    state: Literal["taking", "done", "failed"]
    form: Literal["csv", "ndjson"]
    bytes: int
    sha256: str
    lines: int
    taken: int
    duplicates: int
    held: int
    faulty: int
    flagged: int
    faults_kept: int
    sums: list[UsageSum]
    rehearsal: bool
    created_at: dt.datetime
    finished_at: dt.datetime | None
    reason: str | None

    @classmethod
    def of(cls, row: UsageReport) -> UsageOut:
        same = ("id", "state", "form", "bytes", "sha256", "lines", "taken", "duplicates", "held", "faulty", "flagged")
        return cls(
            **{name: getattr(row, name) for name in same},
            faults_kept=min(row.faulty, MOST_FAULTS),
            sums=[UsageSum(asset=USD, earned=row.earned, waiting=row.waiting)],
            rehearsal=row.processor == REHEARSAL,
            created_at=row.created_at,
            finished_at=row.finished_at,
            reason=row.reason,
        )


class UsageLineOut(Out):
    """A line that was taken, or is held. `line`: its number in the file; `id`: the reporter's own name for it.

    `reasons`: why it is held (unknown-work, several-works, code-only, no-terms, not-postable), or what its terms have
    against the use (as in verdicts). first_on and last_on: both are days of the period.
    """

    line: int
    id: str
    state: Literal["taken", "held"]
    reasons: list[str]
    work: str | None
    reference: str
    use: str
    medium: str | None
    territory: str
    first_on: dt.date
    last_on: dt.date
    quantity: int
    amount: Amount

    @classmethod
    def of(cls, row: UsageLine) -> UsageLineOut:
        same = ("state", "work", "reference", "use", "medium", "territory", "first_on", "last_on", "quantity")
        return cls(
            **{name: getattr(row, name) for name in same},
            line=row.number,
            id=row.line_id,
            reasons=row.reason.split() if row.reason else [],
            amount=Amount(amount=row.amount, asset=USD),
        )


class UsageFaultOut(Out):
    """A line that could not be taken: its number in the file, the field at fault, what is wrong, and how it came."""

    line: int
    field: str
    fault: str
    raw: str

    @classmethod
    def of(cls, row: UsageFault) -> UsageFaultOut:
        return cls(line=row.number, field=row.field, fault=row.text, raw=listing.shown(row))


class HeldUsageOut(Out):
    """Lines that are held under one reference of a reporter's, until somebody says which work it is."""

    reporter: str
    name: str
    reference: str
    lines: int
    quantity: int
    first_on: dt.date
    last_on: dt.date

    @classmethod
    def of(cls, found: Held) -> HeldUsageOut:
        return cls(**vars(found))


class UsageMatchIn(In):
    """What a reporter calls `reference` is this work. `reporter`: null is yourself."""

    reporter: Annotated[str, Named("per")] | None = None
    reference: str = Field(min_length=1, max_length=200, examples=["sha256:9f86d081884c7d659a2feaa0c55ad015…"])
    work: Annotated[str, Named("wrk")]


class UsageDecisionIn(In):
    """Whether it is so."""

    confirm: bool = Field(strict=True)


class UsageMatchOut(Out):
    """Somebody's word on what a reporter's reference is. A confirmed one counts for lines to come as well."""

    id: str
    reporter: str
    reference: str
    work: str
    state: Literal["open", "confirmed", "refused"]
    created_at: dt.datetime
    decided_at: dt.datetime | None

    @classmethod
    def of(cls, row: UsageMatch) -> UsageMatchOut:
        return cls.model_validate(row)


class UsageTotalOut(Out):
    """How much a work was used in one way, by all who reported it, and what it earned by that."""

    use: str
    lines: int
    quantity: int
    amount: Amount

    @classmethod
    def of(cls, row: UsageTotal) -> UsageTotalOut:
        earned = Amount(amount=row.amount, asset=USD)
        return cls(use=row.use, lines=row.lines, quantity=row.quantity, amount=earned)
