"""A statement tells every line, keeps kinds of revenue apart, and ends where the account stands."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core import ids
from core.errors import NotFound
from core.money import Money
from payments import entries, ledger, statement
from payments.statement import BadPeriod, Statement
from tests.payments import books, made
from tests.payments.books import AT

DAY = timedelta(days=1)


@pytest.fixture
def year(session: Session) -> tuple[str, str]:
    """A fan and a creator: a fee on day 0, exploitation on days 1 and 2, of which the first is taken back on day 3."""
    fan, ada = made.person(session), made.creator(session)
    licensors = [(f"creator:{ada}", 1_000_000)]
    fee = entries.fee_program(compute=20_000, platform_ppm=150_000, licensors=licensors)
    income = entries.exploitation_program(
        fan=f"person:{fan}", fan_ppm=400_000, platform_ppm=100_000, licensors=licensors
    )
    books.top_up(session, 6_000_000, person=fan)
    books.hold(session, 5_000_000, person=fan)
    books.fee(session, 5_000_000, program=fee)
    for day in (1, 2):
        ledger.collect(
            session,
            kind="exploitation",
            program=income,
            work="w1",
            amount=Money(1_000_000 * day),
            source="world:reported",
            reference=f"r{day}",
            at=AT + day * DAY,
        )
    ledger.reverse(session, reference="r1", at=AT + 3 * DAY)
    return fan, ada


def test_a_creator_sees_fee_and_exploitation_apart(session: Session, year: tuple[str, str]) -> None:
    found = statement.of_owner(session, owner=year[1])
    assert [(x.at, x.kind, x.amount, x.work) for x in found.lines] == [
        (AT, "fee", 4_233_000, "w1"),
        (AT + DAY, "exploitation", 500_000, "w1"),
        (AT + 2 * DAY, "exploitation", 1_000_000, "w1"),
        (AT + 3 * DAY, "exploitation-reversal", -500_000, "w1"),
    ]
    assert found.totals == {"fee": 4_233_000, "exploitation": 1_000_000}
    assert (found.opening, found.closing) == (0, 5_233_000)
    assert found.closing == books.on(session, f"creator:{year[1]}")


def test_a_fan_sees_credit_and_earnings(session: Session, year: tuple[str, str]) -> None:
    found = statement.of_owner(session, owner=year[0])
    assert found.totals == {"topup": 6_000_000, "hold": -5_000_000, "exploitation": 800_000}
    assert {x.account.partition(":")[0] for x in found.lines} == {"credit", "person"}
    assert found.closing == 1_800_000


def test_the_house_sees_its_own(session: Session, year: tuple[str, str]) -> None:
    assert statement.of_owner(session, owner="compute").totals == {"fee": 20_000}
    assert statement.of_owner(session, owner="platform").totals == {"fee": 747_000, "exploitation": 200_000}


def test_a_period_begins_where_the_one_before_ended(session: Session, year: tuple[str, str]) -> None:
    first = statement.of_owner(session, owner=year[1], until=AT + DAY)
    second = statement.of_owner(session, owner=year[1], since=AT + DAY, until=AT + 3 * DAY)
    third = statement.of_owner(session, owner=year[1], since=AT + 3 * DAY)
    assert [x.kind for x in first.lines] == ["fee"]
    assert [x.kind for x in second.lines] == ["exploitation"] * 2
    assert (first.closing, second.closing) == (second.opening, third.opening)
    assert third.closing == statement.of_owner(session, owner=year[1]).closing


def test_an_empty_period_has_the_balance_and_no_totals(session: Session, year: tuple[str, str]) -> None:
    found = statement.of_owner(session, owner=year[1], since=AT + 9 * DAY)
    assert (found.lines, found.totals, found.opening, found.closing) == ((), {}, 5_233_000, 5_233_000)


def test_an_owner_without_any_entry_has_an_empty_statement(session: Session) -> None:
    found = statement.of_owner(session, owner=made.creator(session))
    assert (found.lines, found.closing) == ((), 0)


@pytest.mark.parametrize("owner", ["nobody", "world:reported", "hold:w1", "cre_x", "credit:per_1", ""])
def test_who_is_nobody_has_no_statement(session: Session, owner: str) -> None:
    with pytest.raises(NotFound):
        statement.of_owner(session, owner=owner)


def test_a_well_formed_id_of_nobody_has_no_statement(session: Session) -> None:
    for prefix in ("cre", "per"):
        with pytest.raises(NotFound, match="nobody here"):
            statement.of_owner(session, owner=ids.new(prefix))


def test_a_period_does_not_end_before_it_begins(session: Session) -> None:
    with pytest.raises(BadPeriod):
        statement.of_owner(session, owner="platform", since=AT, until=AT - DAY)


def test_the_document_is_plain_json(session: Session, year: tuple[str, str]) -> None:
    found = statement.of_owner(session, owner=year[1], since=AT)
    document = json.loads(json.dumps(found.document()))
    assert document["totals"] == found.totals
    assert document["closing"] == found.closing
    assert document["lines"][0]["at"] == AT.isoformat()
    assert (document["since"], document["until"]) == (AT.isoformat(), None)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(-1, 5 * 24), max_size=5))
def test_periods_however_cut_tell_every_line_once(session: Session, year: tuple[str, str], cuts: list[int]) -> None:
    edges: list[datetime | None] = [None, *(AT + timedelta(hours=cut) for cut in sorted(cuts)), None]
    told: list[Statement] = [statement.of_owner(session, owner=year[0], since=a, until=b) for a, b in pairwise(edges)]
    whole = statement.of_owner(session, owner=year[0])
    assert tuple(line for part in told for line in part.lines) == whole.lines
    assert told[-1].closing == whole.closing
