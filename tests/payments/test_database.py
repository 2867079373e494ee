"""What the database refuses by itself, whoever asks: nothing wrong can be written, nothing written can be undone."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from payments.models import Entry
from tests.payments import books
from tests.payments.books import AT, INCOME

INSERT = text("""
    INSERT INTO entries (id, reference, kind, asset, work, accounts, amounts, facts, inputs_hash, at)
    VALUES (:id, :id, :kind, 'USD/6', :work, :accounts, :amounts, CAST(:facts AS jsonb), 'x', :at)
""")


@pytest.fixture
def posted(session: Session) -> Session:
    books.paid_fee(session)
    books.earn(session, 1_000, reference="r1")
    return session


def refused(session: Session, statement: str | object, **values: object) -> str:
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement) if isinstance(statement, str) else statement, values)  # type: ignore[call-overload]
    return str(error.value.orig)


def account(session: Session, name: str) -> int:
    return int(session.scalar(text("SELECT id FROM ledger_accounts WHERE name = :name"), {"name": name}) or 0)


def write(session: Session, *, amounts: list[int], accounts: list[int], **changes: object) -> dict[str, object]:
    plain = {"id": "ent_x", "kind": "hold", "work": None, "facts": "{}", "at": AT}
    return {**plain, "amounts": amounts, "accounts": accounts, **changes}


@pytest.mark.parametrize("table", ["entries", "postings", "programs", "ledger_accounts", "processor_events"])
def test_what_was_written_is_never_changed_nor_deleted(posted: Session, table: str) -> None:
    column = {"entries": "kind", "postings": "amount", "programs": "id", "ledger_accounts": "name"}.get(table, "kind")
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        assert "only ever added" in refused(posted, statement)
    books.assert_true(posted)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE balances SET amount = amount + 1",
        "INSERT INTO balances SELECT id, 5 FROM ledger_accounts WHERE NOT floor LIMIT 1",
        "DELETE FROM balances",
        "TRUNCATE balances",
        "INSERT INTO postings SELECT a.id, e.seq, 5 FROM ledger_accounts a, entries e LIMIT 1",
        "UPDATE streams SET received = 0",
        "UPDATE streams SET program = program",
        "DELETE FROM streams",
        "TRUNCATE streams",
    ],
)
def test_what_follows_from_entries_is_never_written_by_hand(posted: Session, statement: str) -> None:
    assert "follow from entries" in refused(posted, statement)
    books.assert_true(posted)


def test_a_stream_begins_empty(posted: Session) -> None:
    message = refused(posted, "INSERT INTO streams VALUES ('w9', 'fee', 'USD/6', :program, 100)", program=INCOME.id)
    assert "begins with nothing" in message


@pytest.mark.parametrize(
    ("amounts", "rule"),
    [
        ([-5, 6], "zero_sum"),
        ([0, 0], "zero_sum"),
        ([-5, 3, 2], "pairs"),
        ([-5], "pairs"),
    ],
)
def test_an_entry_that_does_not_sum_to_zero_is_refused(posted: Session, amounts: list[int], rule: str) -> None:
    ids = [account(posted, "platform"), account(posted, "compute")]
    assert f"ck_entries_{rule}" in refused(posted, INSERT, **write(posted, amounts=amounts, accounts=ids))


def test_an_entry_on_one_account_twice_or_on_none_is_refused(posted: Session) -> None:
    platform, euros = account(posted, "platform"), 10**9
    twice = refused(posted, INSERT, **write(posted, amounts=[-5, 5], accounts=[platform, platform]))
    assert "ck_entries_accounts" in twice
    nowhere = refused(posted, INSERT, **write(posted, amounts=[-5, 5], accounts=[platform, euros]))
    assert "is not one of USD/6" in nowhere


def test_an_account_of_another_asset_is_refused(posted: Session) -> None:
    posted.execute(text("INSERT INTO ledger_accounts (name, asset, floor) VALUES ('platform', 'EUR/6', false)"))
    euros = posted.scalar(text("SELECT id FROM ledger_accounts WHERE asset = 'EUR/6'"))
    ids = [account(posted, "compute"), euros]
    assert "is not one of USD/6" in refused(posted, INSERT, **write(posted, amounts=[-5, 5], accounts=ids))  # type: ignore[arg-type]


def test_a_floor_holds_whoever_writes(posted: Session) -> None:
    ids = [account(posted, "credit:bob"), account(posted, "platform")]
    assert "never_below_zero" in refused(posted, INSERT, **write(posted, amounts=[-1, 1], accounts=ids))


def test_a_division_needs_its_program_and_names_its_work(posted: Session) -> None:
    ids = [account(posted, "world:reported"), account(posted, "platform")]
    bare = write(posted, amounts=[-5, 5], accounts=ids, kind="exploitation")
    assert "ck_entries_divided" in refused(posted, INSERT, **bare)
    assert "ck_entries_divided" in refused(posted, INSERT, **{**bare, "kind": "hold", "work": "w1"})


@pytest.mark.parametrize(
    ("span", "rule"),
    [
        ((1_000, 1_006), "another amount"),
        ((1_000, 1_004), "another amount"),
        ((999, 1_004), "does not stand"),
        ((1_001, 1_006), "does not stand"),
    ],
)
def test_a_division_moves_its_stream_by_what_it_posts(posted: Session, span: tuple[int, int], rule: str) -> None:
    facts = {"work": "w1", "program_id": INCOME.id, "before": span[0], "after": span[1]}
    ids = [account(posted, "world:reported"), account(posted, "platform")]
    row = write(posted, amounts=[-5, 5], accounts=ids, kind="exploitation", work="w1", facts=json.dumps(facts))
    assert rule in refused(posted, INSERT, **row)
    books.assert_true(posted)


def test_a_reference_is_written_once(posted: Session) -> None:
    known = posted.query(Entry.id).first()
    assert known is not None
    ids = [account(posted, "compute"), account(posted, "platform")]
    posted.execute(INSERT, write(posted, amounts=[-5, 5], accounts=ids))
    assert "uq_entries_reference" in refused(
        posted,
        "INSERT INTO entries (id, reference, kind, asset, accounts, amounts, facts, inputs_hash, at)"
        " SELECT 'ent_y', reference, kind, asset, accounts, amounts, facts, inputs_hash, at FROM entries"
        " WHERE id = 'ent_x'",
    )


@pytest.mark.parametrize(("column", "value"), [("state", "paid"), ("amount", 0), ("amount", -5)])
def test_a_charge_has_a_known_state_and_a_positive_amount(session: Session, column: str, value: object) -> None:
    session.execute(text("INSERT INTO people VALUES ('per_1', 'Bob', now())"))
    row = {"state": "pending", "amount": 5, column: value}
    message = refused(
        session,
        "INSERT INTO charges (id, person, amount, asset, processor, idempotency_key, state, created_at)"
        " VALUES ('chg_1', 'per_1', :amount, 'USD/6', 'rehearsal', 'k', :state, now())",
        **row,
    )
    assert f"ck_charges_{column}" in message
