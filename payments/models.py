"""Tables of this floor: the ledger (accounts, entries and what the database derives from them), charges, events.

The constraints and triggers that keep the ledger true are in `app/migrations/sql/0001_payments.sql`: entries are only
ever added, and `postings`, `balances` and the G of `streams` are written by the database from the entry itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_TIME = DateTime(timezone=True)


class Account(Base):
    """A name that money of one asset can be on. `floor`: it may never fall below zero."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (UniqueConstraint("name", "asset"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    asset: Mapped[str] = mapped_column(Text)
    floor: Mapped[bool]


class Entry(Base):
    """One event: `amounts[i]` units onto `accounts[i]`, summing to zero. Never changed, never deleted."""

    __tablename__ = "entries"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    asset: Mapped[str] = mapped_column(Text)
    work: Mapped[str | None] = mapped_column(Text, index=True)
    accounts: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    amounts: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    inputs_hash: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(_TIME)


class Posting(Base):
    """An entry's arrays as rows, for statements and sums."""

    __tablename__ = "postings"

    account: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    entry: Mapped[int] = mapped_column(ForeignKey("entries.seq"), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_postings_entry", "entry"),)


class Balance(Base):
    """What stands on an account that has a floor: the one row that a spender locks."""

    __tablename__ = "balances"
    __table_args__ = (CheckConstraint("amount >= 0", name="never_below_zero"),)

    account: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class Program(Base):
    """The rules by which streams are divided, under the hash of their document."""

    __tablename__ = "programs"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Stream(Base):
    """G: all that a work has received of one kind of revenue, under the one program that divides it."""

    __tablename__ = "streams"
    __table_args__ = (CheckConstraint("received >= 0", name="received"),)

    work: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    asset: Mapped[str] = mapped_column(Text, primary_key=True)
    program: Mapped[str] = mapped_column(ForeignKey("programs.id"))
    received: Mapped[int] = mapped_column(BigInteger)


class Charge(Base):
    """A fan's payment into their credit. state: pending -> succeeded | failed; failed -> succeeded if it arrives late.

    Its id is the key under which the processor is asked, so asking again cannot charge twice. `asked_at`: when it was
    first asked; a charge that never was is nobody's debt.
    """

    __tablename__ = "charges"
    __table_args__ = (
        UniqueConstraint("person", "idempotency_key"),
        CheckConstraint("state IN ('pending', 'succeeded', 'failed')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    asset: Mapped[str] = mapped_column(Text)
    processor: Mapped[str] = mapped_column(Text)
    external: Mapped[str | None] = mapped_column(Text)
    idempotency_key: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    asked_at: Mapped[datetime | None] = mapped_column(_TIME)
    settled_at: Mapped[datetime | None] = mapped_column(_TIME)


class ProcessorEvent(Base):
    """What a processor told us, once, under its own id. Never changed, never deleted."""

    __tablename__ = "processor_events"

    processor: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    charge: Mapped[str] = mapped_column(ForeignKey("charges.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(_TIME)


class Report(Base):
    """What someone told us a work earned, under their own key and reference: once, with the entry it became."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("reporter", "idempotency_key"),
        UniqueConstraint("reporter", "reference"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    reporter: Mapped[str] = mapped_column(ForeignKey("people.id"))
    idempotency_key: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(Text)
    work: Mapped[str] = mapped_column(ForeignKey("claims.work"))
    amount: Mapped[int] = mapped_column(BigInteger)
    asset: Mapped[str] = mapped_column(Text)
    entry: Mapped[str] = mapped_column(ForeignKey("entries.id"))
    processor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
