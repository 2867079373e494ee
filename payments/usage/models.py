"""Tables of usage reports: the files, their lines, what is at fault in others, sums by work, and matches.

A line's `batch` and its work name the entry that its amount is part of: `income:<report>:<batch>:<work>`.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_TIME = DateTime(timezone=True)


class UsageReport(Base):
    """One file. state: taking -> done | failed, for a `reason`. `place`, `number`: bytes and lines of it that are done;
    `moved_at`: since when.

    lines = taken + duplicates + held + faulty. `flagged`: those of taken that the terms do not cover. `earned` and
    `waiting`: the amounts of taken and of held lines. `batches`: how often lines of it were taken together.
    """

    __tablename__ = "usage_reports"
    __table_args__ = (
        UniqueConstraint("reporter", "idempotency_key"),
        CheckConstraint("state IN ('taking', 'done', 'failed')", name="state"),
        CheckConstraint("(reason IS NOT NULL) = (state = 'failed')", name="reason"),
        CheckConstraint("form IN ('csv', 'ndjson')", name="form"),
        CheckConstraint("lines = taken + duplicates + held + faulty", name="lines"),
        CheckConstraint("least(taken, duplicates, held, faulty, flagged, earned, waiting) >= 0", name="counts"),
        Index("ix_usage_reports_taking", "moved_at", postgresql_where=text("state = 'taking'")),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    reporter: Mapped[str] = mapped_column(ForeignKey("people.id"))
    idempotency_key: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sha256: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger)
    processor: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    place: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    batches: Mapped[int] = mapped_column(Integer, default=0)
    lines: Mapped[int] = mapped_column(Integer, default=0)
    taken: Mapped[int] = mapped_column(Integer, default=0)
    duplicates: Mapped[int] = mapped_column(Integer, default=0)
    held: Mapped[int] = mapped_column(Integer, default=0)
    faulty: Mapped[int] = mapped_column(Integer, default=0)
    flagged: Mapped[int] = mapped_column(Integer, default=0)
    earned: Mapped[int] = mapped_column(BigInteger, default=0)
    waiting: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[dt.datetime] = mapped_column(_TIME)
    moved_at: Mapped[dt.datetime] = mapped_column(_TIME)
    finished_at: Mapped[dt.datetime | None] = mapped_column(_TIME)
    reason: Mapped[str | None] = mapped_column(Text)


class UsageLine(Base):
    """A line that was taken, or is held until somebody says which work it is about; once by the reporter's own id.

    No foreign keys: of a million lines they would take a third of the time. Totals have one, and the audit adds up.
    `reason`: of a held line why it is held, of a taken one what its use has against it in the terms, or None.
    """

    __tablename__ = "usage_lines"
    __table_args__ = (
        UniqueConstraint("reporter", "line_id"),
        CheckConstraint("quantity >= 0 AND amount >= 0", name="counts"),
        CheckConstraint(
            "CASE state WHEN 'taken' THEN work IS NOT NULL AND batch IS NOT NULL"
            " WHEN 'held' THEN reason IS NOT NULL AND batch IS NULL ELSE false END",
            name="state",
        ),
        Index("ix_usage_lines_reasoned", "report", "number", postgresql_where=text("reason IS NOT NULL")),
        Index(
            "ix_usage_lines_held",
            *("reference", "reporter", "report", "number"),
            postgresql_where=text("state = 'held'"),
        ),
    )

    report: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    reporter: Mapped[str] = mapped_column(Text)
    line_id: Mapped[str] = mapped_column(Text)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    reference: Mapped[str] = mapped_column(Text)
    work: Mapped[str | None] = mapped_column(Text)
    use: Mapped[str] = mapped_column(Text)
    medium: Mapped[str | None] = mapped_column(Text)
    territory: Mapped[str] = mapped_column(Text)
    first_on: Mapped[dt.date] = mapped_column(Date)
    last_on: Mapped[dt.date] = mapped_column(Date)
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    batch: Mapped[int | None] = mapped_column(Integer)


class UsageFault(Base):
    """A line that could not be taken, as it came; the first of each report are kept."""

    __tablename__ = "usage_faults"

    report: Mapped[str] = mapped_column(ForeignKey("usage_reports.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    field: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    raw: Mapped[bytes] = mapped_column(LargeBinary)


class UsageTotal(Base):
    """How much a work was used in one way, and what it earned by that, over all taken lines."""

    __tablename__ = "usage_totals"

    work: Mapped[str] = mapped_column(ForeignKey("claims.work"), primary_key=True)
    use: Mapped[str] = mapped_column(Text, primary_key=True)
    lines: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)


class UsageMatch(Base):
    """Somebody says that what a reporter calls `reference` is this work. state: open -> confirmed | refused.

    A confirmed one counts for lines to come as well: there is one for each reference of a reporter's.
    """

    __tablename__ = "usage_matches"
    __table_args__ = (
        UniqueConstraint("reporter", "reference", "work"),
        CheckConstraint("state IN ('open', 'confirmed', 'refused')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index(
            "ix_usage_matches_confirmed",
            "reporter",
            "reference",
            unique=True,
            postgresql_where=text("state = 'confirmed'"),
        ),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    reporter: Mapped[str] = mapped_column(ForeignKey("people.id"))
    reference: Mapped[str] = mapped_column(Text)
    work: Mapped[str] = mapped_column(ForeignKey("claims.work"))
    proposer: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[str] = mapped_column(Text)
    decider: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[dt.datetime] = mapped_column(_TIME)
    decided_at: Mapped[dt.datetime | None] = mapped_column(_TIME)
