"""Many at once: one event is one entry, nobody overdraws, sales of different works never wait for each other."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core import db
from core.money import Money
from payments import entries, ledger
from payments.ledger import NotEnoughCredit, NothingHeld, ReferenceReused
from payments.models import Entry
from tests.payments import books
from tests.payments.books import ADA, AT, EVE

THREADS = 8


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Entry)) or 0


def id_of(post: object) -> str | type[Exception]:
    return post.id if isinstance(post, Entry) else type(post)  # type: ignore[return-value]


def test_eight_threads_collecting_one_reference_end_in_one_entry(sessions: db.Sessions) -> None:
    done = books.race(sessions, *[partial(books.earn, amount=1_000, reference="r1")] * THREADS)
    assert len({id_of(x) for x in done}) == 1
    assert all(isinstance(x, Entry) for x in done)
    with sessions() as session:
        assert count(session) == 1
        assert books.on(session, "world:reported") == -1_000
        books.assert_true(session)


def test_of_eight_different_events_under_one_reference_one_wins(sessions: db.Sessions) -> None:
    steps = [partial(books.earn, amount=1_000 + i, reference="r1", work=f"w{i % 3}") for i in range(THREADS)]
    done = books.race(sessions, *steps)
    assert sorted(isinstance(x, Entry) for x in done) == [False] * 7 + [True]
    assert {type(x) for x in done} == {Entry, ReferenceReused}
    with sessions() as session:
        assert count(session) == 1
        books.assert_true(session)


def test_a_duplicate_waits_for_the_first_and_takes_its_place_if_that_fails(sessions: db.Sessions) -> None:
    first_posted, may_fail = threading.Event(), threading.Event()

    def failing() -> None:
        with db.unit(sessions) as session:
            books.earn(session, 1_000, reference="r1")
            first_posted.set()
            may_fail.wait(10)
            raise ZeroDivisionError

    def second() -> Entry:
        first_posted.wait(10)
        threading.Timer(0.2, may_fail.set).start()
        with db.unit(sessions) as session:
            return books.earn(session, 1_000, reference="r1")

    failed, posted = books.at_once(failing, second)
    assert isinstance(failed, ZeroDivisionError)
    assert isinstance(posted, Entry)
    with sessions() as session:
        assert count(session) == 1
        books.assert_true(session)


def test_threads_spending_one_credit_never_overdraw_it(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        books.top_up(session, 5 * 300 + 299)
    done = books.race(sessions, *[partial(books.hold, amount=300, work=f"w{i}") for i in range(THREADS)])
    assert [type(x) for x in done].count(NotEnoughCredit) == THREADS - 5
    assert sum(isinstance(x, Entry) for x in done) == 5
    with sessions() as session:
        assert books.on(session, "credit:bob") == 299
        books.assert_true(session)


def test_of_fee_and_release_racing_for_one_hold_one_wins(sessions: db.Sessions) -> None:
    for work in ("w1", "w2", "w3", "w4"):
        with db.unit(sessions) as session:
            books.top_up(session, 1_000_000)
            books.hold(session, 1_000_000, work=work)
        done = books.race(
            sessions,
            partial(books.fee, amount=1_000_000, work=work),
            partial(books.release, amount=1_000_000, work=work),
        )
        assert sorted(type(x).__name__ for x in done) == ["Entry", NothingHeld.__name__]
    with sessions() as session:
        books.assert_true(session)


def test_concurrent_sales_of_one_work_add_up_as_one(sessions: db.Sessions) -> None:
    steps = [partial(books.earn, amount=333 + i, reference=f"r{i}") for i in range(THREADS)]
    done = books.race(sessions, *steps)
    assert all(isinstance(x, Entry) for x in done)
    with sessions() as session:
        total = sum(333 + i for i in range(THREADS))
        assert sum(amount for _, amount in ledger.split_of(session, work="w1", kind="exploitation")) == total
        books.assert_true(session)


def test_many_sales_of_different_works_through_the_same_accounts_never_deadlock(sessions: db.Sessions) -> None:
    """New accounts are met in opposite orders, the payees are shared, the programs are new to all at once."""

    def sale(number: int) -> None:
        pair = [(ADA, 600_000), (EVE, 400_000)] if number % 2 else [(EVE, 400_000), (ADA, 600_000)]
        program = entries.fee_program(compute=1, platform_ppm=number % 4, licensors=pair)
        for turn in range(4):
            work = f"w{number}-{turn}"
            with db.unit(sessions) as session:
                books.top_up(session, 10_000, person=f"fan{(number + turn) % 3}", charge=work)
            with db.unit(sessions) as session:
                books.hold(session, 10_000, work=work, person=f"fan{(number + turn) % 3}")
            with db.unit(sessions) as session:
                books.fee(session, 10_000, work=work, program=program)

    done = books.at_once(*[partial(sale, number) for number in range(THREADS)])
    assert done == [None] * THREADS
    with sessions() as session:
        assert count(session) == THREADS * 4 * 3
        assert books.on(session, ADA) + books.on(session, EVE) + books.on(session, "platform") + 32 == 320_000
        books.assert_true(session)


def test_a_sale_does_not_wait_for_an_open_sale_of_another_work(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        books.earn(session, 1_000, reference="r1")
        books.earn(session, 1_000, reference="r2", work="w2")
    with sessions() as first, sessions() as second:
        books.earn(first, 1_000, reference="r3")
        second.execute(text("SET LOCAL lock_timeout = '1s'"))
        books.earn(second, 1_000, reference="r4", work="w2")


def test_racing_reversals_take_back_once(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        books.earn(session, 777, reference="r1")
    done = books.race(sessions, *[partial(ledger.reverse, reference="r1", at=AT)] * THREADS)
    assert len({id_of(x) for x in done}) == 1
    with sessions() as session:
        assert count(session) == 2
        assert books.on(session, ADA) == 0
        books.assert_true(session)


@pytest.mark.slow
def test_a_long_crowd_of_spenders_leaves_true_books(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        books.top_up(session, 100_000)

    def spend(number: int) -> int:
        held = 0
        for turn in range(60):
            work = f"w{number}-{turn}"
            try:
                with db.unit(sessions) as session:
                    ledger.post(session, entries.hold(work=work, person="bob", amount=Money(1_000)), at=AT)
            except NotEnoughCredit:
                continue
            held += 1
            with db.unit(sessions) as session:
                (books.fee if turn % 2 else books.release)(session, 1_000, work=work)
        return held

    done = books.at_once(*[partial(spend, number) for number in range(THREADS)])
    assert all(isinstance(x, int) for x in done), done
    with sessions() as session:
        spent = sum(amount for name in ("platform", "compute", ADA, EVE) for amount in [books.on(session, name)])
        assert spent + books.on(session, "credit:bob") == 100_000
        assert books.on(session, "credit:bob") < 1_000
        books.assert_true(session)
