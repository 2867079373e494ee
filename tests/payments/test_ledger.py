"""The ledger as its callers see it: posted once, refused in our words, and the session goes on."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import db
from core.money import Money
from payments import entries, ledger, waterfall
from payments.entries import FaultyEntry, NotAnAmount, PayerAmongPayees
from payments.ledger import (
    NotEnoughCredit,
    NothingHeld,
    OtherProgram,
    ReferenceReused,
    StreamMoved,
    UnknownEntry,
)
from payments.models import Account, Entry
from tests.payments import books
from tests.payments.books import ADA, AT, EVE, FEE, INCOME


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Entry)) or 0


def test_a_fee_goes_whole_to_the_house_and_the_licensors(session: Session) -> None:
    books.paid_fee(session, 5_000_000)
    split = ledger.split_of(session, work="w1", kind="fee")
    assert split == [("compute", 20_000), ("platform", 747_000), (ADA, 2_963_100), (EVE, 1_269_900)]
    assert sum(amount for _, amount in split) == 5_000_000
    assert books.on(session, "credit:bob") == books.on(session, "hold:w1") == 0
    books.assert_true(session)


def test_posting_the_same_again_gives_the_stored_entry(session: Session) -> None:
    first = books.top_up(session, 500, charge="c1")
    assert books.top_up(session, 500, charge="c1") is first
    assert books.on(session, "credit:bob") == 500
    assert count(session) == 1


def test_other_content_under_a_known_reference_is_refused_and_the_session_goes_on(session: Session) -> None:
    books.top_up(session, 500, charge="c1")
    with pytest.raises(ReferenceReused):
        books.top_up(session, 501, charge="c1")
    with pytest.raises(ReferenceReused):
        books.top_up(session, 500, charge="c1", person="eve")
    books.top_up(session, 1)
    assert books.on(session, "credit:bob") == 501


def test_collecting_the_same_again_is_once_even_after_the_stream_has_moved_on(session: Session) -> None:
    first = books.earn(session, 1_000, reference="r1")
    books.earn(session, 2_000, reference="r2")
    assert books.earn(session, 1_000, reference="r1") is first
    assert sum(amount for _, amount in ledger.split_of(session, work="w1", kind="exploitation")) == 3_000


@pytest.mark.parametrize(("amount", "work"), [(1_001, "w1"), (1_000, "w2")])
def test_collecting_something_else_under_a_known_reference_is_refused(session: Session, amount: int, work: str) -> None:
    books.earn(session, 1_000, reference="r1")
    with pytest.raises(ReferenceReused):
        books.earn(session, amount, reference="r1", work=work)
    assert books.on(session, "world:reported") == -1_000
    books.assert_true(session)


def test_spending_more_than_the_credit_is_refused_with_the_numbers(session: Session) -> None:
    books.top_up(session, 4_990_000)
    with pytest.raises(NotEnoughCredit) as refused:
        books.hold(session, 5_000_000)
    assert refused.value.message == "this needs 5.00 USD, the credit is 4.99 USD; top it up first"
    assert refused.value.facts == {"account": "credit:bob", "have": 4_990_000, "need": 5_000_000, "asset": "USD/6"}
    books.hold(session, 4_990_000)
    assert books.on(session, "credit:bob") == 0


def test_someone_without_any_credit_is_refused(session: Session) -> None:
    with pytest.raises(NotEnoughCredit, match=r"the credit is 0\.00 USD"):
        books.hold(session, 1)


def test_what_is_held_is_paid_or_given_back_not_both(session: Session) -> None:
    books.paid_fee(session)
    with pytest.raises(NothingHeld, match="paid or given back already"):
        books.release(session, 5_000_000)
    books.top_up(session, 5_000_000)
    books.hold(session, 5_000_000, work="w2")
    books.release(session, 5_000_000, work="w2")
    with pytest.raises(NothingHeld):
        books.fee(session, 5_000_000, work="w2")
    assert ledger.split_of(session, work="w2", kind="fee") == []
    books.assert_true(session)


def test_a_fee_without_a_hold_is_refused(session: Session) -> None:
    with pytest.raises(NothingHeld, match="nothing was ever held for work w1"):
        books.fee(session, 1)


def test_a_fee_never_pays_the_one_who_paid_the_hold(session: Session) -> None:
    books.top_up(session, 5_000_000)
    books.hold(session, 5_000_000)
    with pytest.raises(PayerAmongPayees):
        books.fee(session, 5_000_000, program=INCOME)
    assert books.on(session, "hold:w1") == 5_000_000


def test_a_fee_comes_from_the_hold_and_exploitation_from_outside(session: Session) -> None:
    books.top_up(session, 10)
    books.hold(session, 10)
    for kind, source in (("fee", "credit:bob"), ("fee", "hold:w2"), ("exploitation", "hold:w1"), ("hold", "world:x")):
        with pytest.raises(FaultyEntry):
            ledger.collect(
                session, kind=kind, program=FEE, work="w1", amount=Money(10), source=source, reference="r", at=AT
            )


@pytest.mark.parametrize("amount", [0, -1, 2**63])
def test_only_a_positive_amount_is_received(session: Session, amount: int) -> None:
    books.earn(session, 5, reference="r1")
    with pytest.raises(NotAnAmount):
        books.earn(session, amount, reference="r2")
    assert books.on(session, "world:reported") == -5


def test_a_stream_keeps_its_program(session: Session) -> None:
    books.earn(session, 1_000, reference="r1")
    other = entries.exploitation_program(fan="person:bob", fan_ppm=1, platform_ppm=1, licensors=[(ADA, 1_000_000)])
    with pytest.raises(OtherProgram):
        books.earn(session, 1_000, reference="r2", program=other)


def test_an_entry_that_begins_elsewhere_than_its_stream_stands_is_refused(session: Session) -> None:
    books.earn(session, 1_000, reference="r1")
    stale = entries.exploitation(INCOME, 0, 500, work="w1", source="world:reported", asset="USD/6", reference="r2")
    with pytest.raises(StreamMoved):
        ledger.post(session, stale, at=AT)
    books.assert_true(session)


def test_fee_and_exploitation_of_one_work_are_two_streams(session: Session) -> None:
    books.paid_fee(session, 5_000_000)
    books.earn(session, 12_340_000, reference="r1")
    fee = dict(ledger.split_of(session, work="w1", kind="fee"))
    earned = dict(ledger.split_of(session, work="w1", kind="exploitation"))
    assert "person:bob" not in fee
    assert sum(fee.values()) == 5_000_000
    assert earned == {"platform": 1_234_000, "person:bob": 4_936_000, ADA: 4_319_000, EVE: 1_851_000}


def test_payments_add_up_to_what_one_payment_would_have_given(session: Session) -> None:
    for number, amount in enumerate((1, 1, 7, 333, 10_000, 1)):
        books.earn(session, amount, reference=f"r{number}")
    split = ledger.split_of(session, work="w1", kind="exploitation")
    assert dict(split) == {to: x for to, x in waterfall.increments(INCOME, 0, 10_343).items() if x}


def test_a_reversal_takes_back_to_the_unit_whatever_came_after(session: Session) -> None:
    books.earn(session, 333, reference="r1")
    books.earn(session, 1_000_001, reference="r2")
    ledger.reverse(session, reference="r1", at=AT)
    expected = {to: x for to, x in waterfall.increments(INCOME, 0, 1_000_001).items() if x}
    assert dict(ledger.split_of(session, work="w1", kind="exploitation")) == expected
    ledger.reverse(session, reference="r2", at=AT)
    assert ledger.split_of(session, work="w1", kind="exploitation") == []
    assert {books.on(session, x) for x in ("platform", "person:bob", ADA, EVE, "world:reported")} == {0}
    books.assert_true(session)


def test_a_reversal_is_once_and_has_none_itself(session: Session) -> None:
    books.earn(session, 333, reference="r1")
    first = ledger.reverse(session, reference="r1", at=AT)
    books.earn(session, 5, reference="r2")
    assert ledger.reverse(session, reference="r1", at=AT) is first
    with pytest.raises(FaultyEntry):
        ledger.reverse(session, reference="r1-reversal", at=AT)
    with pytest.raises(UnknownEntry):
        ledger.reverse(session, reference="r3", at=AT)


def test_a_refund_is_the_fee_taken_back_and_the_hold_released(session: Session) -> None:
    books.paid_fee(session, 5_000_000)
    ledger.reverse(session, reference="work:w1:fee", at=AT)
    books.release(session, 5_000_000)
    assert books.on(session, "credit:bob") == 5_000_000
    assert books.on(session, ADA) == books.on(session, "platform") == 0
    books.assert_true(session)


def test_a_spent_top_up_cannot_be_taken_back(session: Session) -> None:
    books.top_up(session, 100, charge="c1")
    books.hold(session, 60)
    with pytest.raises(NotEnoughCredit):
        ledger.reverse(session, reference="charge:c1", at=AT)
    books.release(session, 60)
    ledger.reverse(session, reference="charge:c1", at=AT)
    assert books.on(session, "credit:bob") == 0


def test_a_stored_entry_reads_back_as_it_was_posted(session: Session) -> None:
    row = books.paid_fee(session)
    session.expire_all()
    again = ledger.stored(session, row)
    assert again.inputs_hash() == row.inputs_hash
    assert entries.recompute(again) == again.postings
    assert again.work == row.work == "w1"


def test_an_account_that_was_never_used_holds_nothing(session: Session) -> None:
    assert ledger.balance(session, "creator:nobody") == Money(0)
    assert ledger.split_of(session, work="w9", kind="fee") == []


def test_new_accounts_are_made_in_the_order_of_their_names(session: Session) -> None:
    """So that two sales that are new to the same accounts cannot wait for each other."""
    backwards = [("creator:z", 400_000), ("creator:a", 600_000)]
    program = entries.exploitation_program(fan="person:bob", fan_ppm=1, platform_ppm=500_000, licensors=backwards)
    books.earn(session, 1_000_000, reference="r1", program=program)
    made = session.scalars(select(Account.name).order_by(Account.id)).all()
    assert list(made) == sorted(made)
    assert len(made) == 5


def test_assets_are_kept_apart(session: Session) -> None:
    books.top_up(session, 500)
    euro = dataclasses.replace(
        entries.topup(charge="c2", person="bob", amount=Money(7, "EUR/6"), processor="rehearsal")
    )
    ledger.post(session, euro, at=AT)
    assert ledger.balance(session, "credit:bob", asset="EUR/6") == Money(7, "EUR/6")
    assert ledger.balance(session, "credit:bob") == Money(500)


def test_nothing_is_left_of_a_transaction_that_fails_after_the_posting(sessions: db.Sessions) -> None:
    def fail() -> None:
        with db.unit(sessions) as session:
            books.paid_fee(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with sessions() as session:
        assert count(session) == 0
        assert books.on(session, ADA) == 0
