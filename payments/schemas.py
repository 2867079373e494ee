"""Money on the wire: top-ups, balances, statements, and reports of what works earned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from core.money import USD, Money
from core.web import Amount, In, Named, Out
from payments import checkout, reports
from payments.balances import Standing
from payments.models import Charge, Report
from payments.processor import REHEARSAL
from payments.statement import Line, Statement

ROLES = {"creator": "creator", "person": "fan", "platform": "platform", "compute": "compute"}


class TopUpAmount(In):
    """Whole cents: one cent is 10,000 units of USD/6."""

    amount: int = Field(
        strict=True, ge=checkout.CENT, le=checkout.MOST.amount, multiple_of=checkout.CENT, examples=[20_000_000]
    )
    asset: Literal["USD/6"]


class CheckoutIn(In):
    """How much credit to buy."""

    amount: TopUpAmount


class Checkout(Out):
    """A top-up. `rehearsal`: no real money moves. `url`: where to pay, if the processor has a page of its own."""

    id: str
    amount: Amount
    state: Literal["pending", "succeeded", "failed"]
    reason: str | None
    processor: str
    rehearsal: bool
    url: str | None
    created_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, row: Charge) -> Checkout:
        return cls(
            id=row.id,
            amount=Amount(amount=row.amount, asset=row.asset),
            state=row.state,  # type: ignore[arg-type]  # the database admits no other
            reason=row.reason,
            processor=row.processor,
            rehearsal=row.processor == REHEARSAL,
            url=None,
            created_at=row.created_at,
            settled_at=row.settled_at,
        )


class Balance(Out):
    """What stands on one account. `owner`: the person's or the profile's id, which a statement is asked by."""

    account: Literal["credit", "earned", "creator"]
    owner: str
    name: str
    balance: Amount

    @classmethod
    def of(cls, found: Standing) -> Balance:
        return cls(account=found.kind, owner=found.owner, name=found.name, balance=Amount.of(found.balance))  # type: ignore[arg-type]


class StatementLine(Out):
    """`amount` units of the statement's asset onto the account; below zero, off it."""

    at: datetime
    kind: str
    amount: int
    work: str | None
    account: str

    @classmethod
    def of(cls, line: Line) -> StatementLine:
        return cls(**vars(line))


class StatementOut(Out):
    """An owner's accounts over a period; every number counts units of `asset`. opening + the totals = closing."""

    owner: str
    asset: str
    since: datetime | None
    until: datetime | None
    opening: int
    lines: list[StatementLine]
    totals: dict[str, int]
    closing: int
    balances: dict[str, int]

    @classmethod
    def of(cls, found: Statement) -> StatementOut:
        return cls(
            **{name: getattr(found, name) for name in ("owner", "asset", "since", "until", "opening", "closing")},
            lines=[StatementLine.of(line) for line in found.lines],
            totals=found.totals,
            balances=found.balances,
        )


class Earned(In):
    """Units of USD/6, a millionth of a dollar each."""

    amount: int = Field(strict=True, ge=1, le=reports.MOST.amount, examples=[12_340_000])
    asset: Literal["USD/6"]


class ReportIn(In):
    """What a finished work earned. `reference`: the event's name in your own books; without one the key serves."""

    work: Annotated[str, Named("wrk")]
    amount: Earned
    reference: str | None = Field(
        default=None, min_length=1, max_length=reports.MOST_LETTERS, pattern=r"^[\x21-\x7e]+$", examples=["2026-05/17"]
    )


class Part(Out):
    """Who got how much of it. `to`: a profile's or a person's id, `platform` or `compute`."""

    to: str
    role: Literal["creator", "fan", "platform", "compute"]
    amount: Amount


class ReportOut(Out):
    """A report, and how it was divided. `rehearsal`: no real money moved."""

    id: str
    work: str
    amount: Amount
    reference: str
    rehearsal: bool
    split: list[Part]
    created_at: datetime

    @classmethod
    def of(cls, row: Report, split: Sequence[tuple[str, int]]) -> ReportOut:
        return cls(
            id=row.id,
            work=row.work,
            amount=Amount(amount=row.amount, asset=row.asset),
            reference=row.reference,
            rehearsal=row.processor == REHEARSAL,
            split=[part(account, Money(units, row.asset)) for account, units in split],
            created_at=row.created_at,
        )


def part(account: str, amount: Money) -> Part:
    """A posting as a part: `creator:cre_…` is a creator's, `person:per_…` a fan's."""
    kind, _, owner = account.partition(":")
    return Part(to=owner or kind, role=ROLES[kind], amount=Amount.of(amount))  # type: ignore[arg-type]


def money(amount: TopUpAmount | Earned) -> Money:
    assert amount.asset == USD
    return Money(amount.amount, amount.asset)
