"""Paying in: each step can be the last before a crash, and asking again charges and credits once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import db, ids
from core.clock import FrozenClock
from core.errors import NotFound
from core.money import Money
from creators import profiles
from creators.models import Person
from payments import checkout, ledger
from payments.checkout import ChargeKeyReused, Declined, NotChargeable, UnknownCharge, WrongEvent
from payments.models import Charge, Entry, ProcessorEvent
from payments.processor import Event, ProcessorUnavailable
from payments.processors.rehearsal import RehearsalProcessor
from tests.creators.studio import until_someone_waits
from tests.payments import books
from tests.payments.books import AT

TWENTY = Money.parse("20.00")
CLOCK = FrozenClock(AT)


class Crash(BaseException):
    """The process is gone."""


@pytest.fixture
def processor() -> RehearsalProcessor:
    return RehearsalProcessor()


@pytest.fixture
def bob(sessions: db.Sessions) -> str:
    with db.unit(sessions) as session:
        return profiles.open_person(session, name="Bob Reed", at=AT).id


def pay(sessions: db.Sessions, processor: RehearsalProcessor, bob: str, **changes: object) -> Charge:
    wish = {"person": bob, "amount": TWENTY, "key": "k1", "clock": CLOCK, **changes}
    return checkout.rehearse_top_up(sessions, processor, **wish)  # type: ignore[arg-type]


def rows(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def assert_once(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    """One charge, one event, one credit, one payment at the processor."""
    with sessions() as session:
        assert (rows(session, Charge), rows(session, ProcessorEvent), rows(session, Entry)) == (1, 1, 1)
        assert ledger.balance(session, f"credit:{bob}") == TWENTY
        assert session.scalars(select(Charge.state)).one() == "succeeded"
        books.assert_true(session)
    assert processor.charged == TWENTY


def test_what_is_paid_becomes_credit(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    charge = pay(sessions, processor, bob)
    assert (charge.state, charge.settled_at, charge.external) == ("succeeded", AT, f"rehearsal_{charge.id}")
    assert_once(sessions, processor, bob)
    with sessions() as session:
        assert ledger.balance(session, "world:rehearsal") == -TWENTY


def test_the_same_key_pays_once(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    first = pay(sessions, processor, bob)
    assert pay(sessions, processor, bob).id == first.id
    assert_once(sessions, processor, bob)


def test_a_key_is_for_one_amount(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    pay(sessions, processor, bob)
    with pytest.raises(ChargeKeyReused):
        pay(sessions, processor, bob, amount=Money.parse("20.01"))
    assert_once(sessions, processor, bob)


def test_another_key_or_person_is_another_payment(
    sessions: db.Sessions, processor: RehearsalProcessor, bob: str
) -> None:
    with db.unit(sessions) as session:
        eve = profiles.open_person(session, name="Eve Lund", at=AT).id
    assert len({pay(sessions, processor, who, key=key).id for who in (bob, eve) for key in ("k1", "k2")}) == 4
    assert processor.charged == Money.parse("80.00")


def test_eight_threads_with_one_key_pay_once(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    charges = books.at_once(*[lambda: pay(sessions, processor, bob)] * 8)
    assert {charge.state for charge in charges if isinstance(charge, Charge)} == {"succeeded"}
    assert len(charges) == 8
    assert_once(sessions, processor, bob)


def test_a_declined_payment_credits_nothing_and_stays_declined(
    sessions: db.Sessions, processor: RehearsalProcessor, bob: str
) -> None:
    processor.will("decline")
    for _ in range(2):
        with pytest.raises(Declined, match="nothing was charged"):
            pay(sessions, processor, bob)
    with sessions() as session:
        assert rows(session, Entry) == 0
    assert pay(sessions, processor, bob, key="k2").state == "succeeded"
    assert processor.charged == TWENTY


def test_a_late_answer_is_waited_for(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    processor.will("delay")
    assert pay(sessions, processor, bob).state == "pending"
    with sessions() as session:
        assert rows(session, Entry) == 0
    assert pay(sessions, processor, bob).state == "succeeded"
    assert_once(sessions, processor, bob)


def test_an_event_that_comes_twice_counts_once(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    processor.will("duplicate")
    pay(sessions, processor, bob)
    assert_once(sessions, processor, bob)


@pytest.mark.parametrize("outcome", ["lose", "refuse"])
def test_without_an_answer_nothing_is_known_and_asking_again_is_safe(
    sessions: db.Sessions, processor: RehearsalProcessor, bob: str, outcome: str
) -> None:
    processor.will(outcome)  # type: ignore[arg-type]
    with pytest.raises(ProcessorUnavailable):
        pay(sessions, processor, bob)
    pay(sessions, processor, bob)
    assert_once(sessions, processor, bob)


class Dying(RehearsalProcessor):
    """Dies in the middle of the first charge, after the money has moved."""

    died = False

    def charge(self, *, charge: str, amount: Money) -> Sequence[Event]:
        events = super().charge(charge=charge, amount=amount)
        if not self.died:
            self.died = True
            raise Crash
        return events


@pytest.mark.parametrize("step", ["begin", "charge", "keep", "settle"])
def test_a_crash_after_any_step_neither_loses_nor_doubles(
    sessions: db.Sessions, processor: RehearsalProcessor, bob: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies_after(work: Callable[..., object]) -> Callable[..., object]:
        def last(*args: object, **kwargs: object) -> object:
            work(*args, **kwargs)
            raise Crash

        return last

    # Each unit commits before the next begins: dying inside a later one is dying after the former.
    with monkeypatch.context() as patch:
        if step == "charge":
            processor = Dying()
        elif step != "begin":
            patch.setattr(checkout, step, dies_after(getattr(checkout, step)))
        else:
            patch.setattr(checkout, "ask", dies_after(lambda *_, **__: None))
        with pytest.raises(Crash):
            pay(sessions, processor, bob)
    pay(sessions, processor, bob)
    assert_once(sessions, processor, bob)


def test_what_a_crash_left_pending_is_resumed(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    processor.will("lose", "decline", "refuse")
    for key in ("k1", "k2", "k3"):
        with db.unit(sessions) as session:
            made = checkout.begin(session, person=bob, amount=TWENTY, processor=processor.name, key=key, at=AT)
            made.asked_at = AT
    late = FrozenClock(AT + timedelta(hours=1))
    assert checkout.resume(sessions, processor, clock=CLOCK) == 0, "they are too fresh to be lost"
    assert checkout.resume(sessions, processor, clock=late) == 1
    assert checkout.resume(sessions, processor, clock=late) == 2
    assert checkout.resume(sessions, processor, clock=late) == 0
    with sessions() as session:
        assert sorted(session.scalars(select(Charge.state))) == ["failed", "succeeded", "succeeded"]
        assert ledger.balance(session, f"credit:{bob}") == Money.parse("40.00")
    assert processor.charged == Money.parse("40.00")


def test_a_charge_that_was_never_asked_for_is_not_resumed(
    sessions: db.Sessions, processor: RehearsalProcessor, bob: str
) -> None:
    with db.unit(sessions) as session:
        checkout.begin(session, person=bob, amount=TWENTY, processor=processor.name, key="k1", at=AT)
    assert checkout.resume(sessions, processor, clock=FrozenClock(AT + timedelta(hours=1))) == 0
    assert processor.charged == Money(0)


def begun(sessions: db.Sessions, bob: str) -> tuple[str, Event]:
    with db.unit(sessions) as session:
        id = checkout.begin(session, person=bob, amount=TWENTY, processor="rehearsal", key="k1", at=AT).id
    return id, Event("evt_1", "charge.failed", id, "x1", TWENTY, "card expired", {})


def test_a_success_after_a_failure_counts_and_a_failure_after_a_success_does_not(
    sessions: db.Sessions, bob: str
) -> None:
    id, failed = begun(sessions, bob)
    paid = replace(failed, id="evt_2", kind="charge.succeeded", reason=None)
    states = [
        checkout.receive(sessions, event, processor="rehearsal", clock=CLOCK).state
        for event in (failed, paid, failed, replace(failed, id="evt_3"))
    ]
    assert states == ["failed", "succeeded", "succeeded", "succeeded"]
    with sessions() as session:
        assert ledger.balance(session, f"credit:{bob}") == TWENTY
        assert session.get_one(Charge, id).reason is None


def test_a_success_is_settled_once_at_its_own_time(sessions: db.Sessions, bob: str) -> None:
    _, failed = begun(sessions, bob)
    paid = replace(failed, id="evt_2", kind="charge.succeeded", reason=None)
    checkout.receive(sessions, paid, processor="rehearsal", clock=CLOCK)
    again = checkout.receive(sessions, paid, processor="rehearsal", clock=FrozenClock(AT + timedelta(days=1)))
    assert again.settled_at == AT


def test_a_failure_that_races_a_success_does_not_overwrite_it(sessions: db.Sessions, bob: str) -> None:
    id, failed = begun(sessions, bob)
    paid = replace(failed, id="evt_2", kind="charge.succeeded", reason=None)
    with ThreadPoolExecutor(1) as pool:
        with db.unit(sessions) as first:
            checkout.keep(first, paid, processor="rehearsal", at=AT)
            checkout.settle(first, charge=id, at=AT)
            first.flush()
            second = pool.submit(checkout.receive, sessions, failed, processor="rehearsal", clock=CLOCK)
            until_someone_waits(sessions)
        assert second.result().state == "succeeded"
    with sessions() as session:
        assert session.get_one(Charge, id).state == "succeeded"
        assert ledger.balance(session, f"credit:{bob}") == TWENTY


def test_another_amount_credits_nobody_and_is_kept_to_be_looked_at(sessions: db.Sessions, bob: str) -> None:
    id, event = begun(sessions, bob)
    wrong = replace(event, kind="charge.succeeded", amount=Money(1))
    for _ in range(2):
        with pytest.raises(WrongEvent, match="look at it by hand"):
            checkout.receive(sessions, wrong, processor="rehearsal", clock=CLOCK)
    with sessions() as session:
        assert session.get_one(Charge, id).state == "pending"
        assert rows(session, ProcessorEvent) == 1
        assert ledger.balance(session, f"credit:{bob}") == Money(0)


def test_an_event_about_an_unknown_charge_is_not_kept(sessions: db.Sessions, bob: str) -> None:
    _, event = begun(sessions, bob)
    for stranger, name in ((replace(event, charge=ids.new("chg")), "rehearsal"), (event, "another")):
        with pytest.raises(UnknownCharge):
            checkout.receive(sessions, stranger, processor=name, clock=CLOCK)
    with sessions() as session:
        assert rows(session, ProcessorEvent) == 0


@pytest.mark.parametrize(
    ("amount", "key"),
    [
        (Money(0), "k"),
        (Money(-10_000), "k"),
        (Money(10_001), "k"),
        (Money.parse("100000.01"), "k"),
        (Money(10_000, "EUR/6"), "k"),
        (TWENTY, ""),
        (TWENTY, "k" * 201),
    ],
)
def test_what_no_processor_could_charge_is_refused_before_asking(
    sessions: db.Sessions, processor: RehearsalProcessor, bob: str, amount: Money, key: str
) -> None:
    with pytest.raises(NotChargeable):
        pay(sessions, processor, bob, amount=amount, key=key)
    with sessions() as session:
        assert rows(session, Charge) == 0
    assert processor.charged == Money(0)


def test_a_stranger_is_not_charged(sessions: db.Sessions, processor: RehearsalProcessor) -> None:
    with pytest.raises(NotFound):
        pay(sessions, processor, ids.new("per"))
    assert processor.charged == Money(0)


def gone(sessions: db.Sessions, bob: str) -> None:
    with db.unit(sessions) as session:
        session.get_one(Person, bob, with_for_update=True).erased_at = AT


def test_who_was_erased_is_not_charged(sessions: db.Sessions, processor: RehearsalProcessor, bob: str) -> None:
    """Let in before, at the door or between the charge and the processor, with nobody left to own the credit."""
    with db.unit(sessions) as session:
        charge = checkout.begin(session, person=bob, amount=TWENTY, processor="rehearsal", key="k1", at=AT)
    gone(sessions, bob)
    with pytest.raises(NotFound):
        checkout.ask(sessions, processor, charge=charge, clock=CLOCK)
    with pytest.raises(NotFound):
        pay(sessions, processor, bob, key="k2")
    assert processor.charged == Money(0)
    with sessions() as session:
        assert rows(session, Charge) == 1
        assert session.get_one(Charge, charge.id).asked_at is None


def test_a_charge_waits_for_an_erasure_and_sees_it(
    sessions: db.Sessions, processor: RehearsalProcessor, bob: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with db.unit(sessions) as session:
            row = session.get_one(Person, bob, with_for_update=True)
            paying = pool.submit(pay, sessions, processor, bob)
            until_someone_waits(sessions)
            row.erased_at = AT
        with pytest.raises(NotFound):
            paying.result()
    assert processor.charged == Money(0)
