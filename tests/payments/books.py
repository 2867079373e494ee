"""What the tests of this floor start from: people by name, programs to divide by, and the invariants of the books."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import db, ids
from core.money import Money
from payments import entries, ledger
from payments.models import Entry
from payments.waterfall import Program

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA, EVE = "creator:ada", "creator:eve"
FEE = entries.fee_program(compute=20_000, platform_ppm=150_000, licensors=[(ADA, 700_000), (EVE, 300_000)])
INCOME = entries.exploitation_program(
    fan="person:bob", fan_ppm=400_000, platform_ppm=100_000, licensors=[(ADA, 700_000), (EVE, 300_000)]
)
T = TypeVar("T")


def top_up(session: Session, amount: int, *, person: str = "bob", charge: str | None = None) -> Entry:
    entry = entries.topup(charge=charge or ids.new("chg"), person=person, amount=Money(amount), processor="rehearsal")
    return ledger.post(session, entry, at=AT)


def hold(session: Session, amount: int, *, work: str = "w1", person: str = "bob") -> Entry:
    return ledger.post(session, entries.hold(work=work, person=person, amount=Money(amount)), at=AT)


def release(session: Session, amount: int, *, work: str = "w1", person: str = "bob") -> Entry:
    return ledger.post(session, entries.release(work=work, person=person, amount=Money(amount)), at=AT)


def fee(session: Session, amount: int, *, work: str = "w1", program: Program = FEE, reference: str = "") -> Entry:
    return ledger.collect(
        session,
        kind="fee",
        program=program,
        work=work,
        amount=Money(amount),
        source=f"hold:{work}",
        reference=reference or f"work:{work}:fee",
        at=AT,
    )


def earn(session: Session, amount: int, *, reference: str, work: str = "w1", program: Program = INCOME) -> Entry:
    return ledger.collect(
        session,
        kind="exploitation",
        program=program,
        work=work,
        amount=Money(amount),
        source="world:reported",
        reference=reference,
        at=AT,
    )


def paid_fee(session: Session, amount: int = 5_000_000, *, work: str = "w1") -> Entry:
    """A fee with all that comes before it."""
    top_up(session, amount)
    hold(session, amount, work=work)
    return fee(session, amount, work=work)


def on(session: Session, account: str) -> int:
    return ledger.balance(session, account).amount


def assert_true(session: Session) -> None:
    """All sums to zero, no floor is broken, what the database derives is what follows from the entries."""
    assert session.scalar(text("SELECT coalesce(sum(amount), 0) FROM postings")) == 0
    assert session.scalar(text("SELECT count(*) FROM balances WHERE amount < 0")) == 0
    wrong = text("""
        SELECT count(*) FROM balances b WHERE amount <> (SELECT sum(amount) FROM postings WHERE account = b.account)
        UNION ALL
        SELECT count(*) FROM streams s WHERE received <>
            (SELECT coalesce(sum((facts ->> 'after')::bigint - (facts ->> 'before')::bigint), 0) FROM entries
             WHERE work = s.work AND split_part(kind, '-', 1) = s.kind)
    """)
    assert session.scalars(wrong).all() == [0, 0]


def race(sessions: db.Sessions, *steps: Callable[[Session], T]) -> list[T | Exception]:
    """Each step on a thread and a transaction of its own, all at once; what each gave or raised."""

    def unit(step: Callable[[Session], T]) -> T:
        with db.unit(sessions) as session:
            return step(session)

    return at_once(*[partial(unit, step) for step in steps])


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """All calls on threads that start together; what each gave or raised, in order."""
    ready = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        ready.wait()
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)
