"""The audit names the first unit that differs, whatever was changed behind the ledger's back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import canonical, db
from core.clock import FrozenClock
from core.money import Money
from payments import audit, checkout, ledger
from payments.audit import Books
from payments.models import Entry
from payments.processors.rehearsal import RehearsalProcessor
from tests.payments import books, made
from tests.payments.books import ADA, AT, EVE, INCOME


def said(step: int, of: int, stage: str) -> None:
    assert 0 <= step <= of
    assert stage in ("entries", "sums")


def findings(session: Session) -> list[str]:
    return audit.walk(session, report=said).findings


def tamper(session: Session, statement: str, **values: Any) -> None:
    """Change what the database guards, as someone with its master key could."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(statement), values)
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.expire_all()


@pytest.fixture
def fan(sessions: db.Sessions) -> str:
    """Someone with 20.00 of credit that a processor confirmed."""
    with db.unit(sessions) as session:
        fan = made.person(session)
    checkout.rehearse_top_up(
        sessions, RehearsalProcessor(), person=fan, amount=Money.parse("20.00"), key="k", clock=FrozenClock(AT)
    )
    return fan


@pytest.fixture
def fee(session: Session, fan: str) -> Entry:
    """The fee of w1, among other entries of every kind."""
    for work in ("w1", "w2"):
        books.hold(session, 5_000_000, work=work, person=fan)
    books.release(session, 5_000_000, work="w2", person=fan)
    fee = books.fee(session, 5_000_000)
    books.earn(session, 1_000_001, reference="r1")
    books.earn(session, 333, reference="r2")
    ledger.reverse(session, reference="r1", at=AT)
    return fee


def test_true_books_have_no_findings_and_tell_of_every_work(session: Session, fee: Entry) -> None:
    walked = audit.walk(session, report=said)
    assert walked.findings == []
    assert walked.walked == 8
    assert walked.kinds["w1"] == {"hold": 1, "fee": 1, "exploitation": 2, "exploitation-reversal": 1}
    assert walked.received == {("w1", "fee", "USD/6"): 5_000_000, ("w1", "exploitation", "USD/6"): 333}
    assert walked.programs["w1", "exploitation", "USD/6"] == INCOME.id


def test_empty_books_are_true(session: Session) -> None:
    assert audit.walk(session, report=said) == Books()


def test_it_walks_through_several_batches(session: Session, fee: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 3)
    assert audit.walk(session, report=said).walked == 8
    tamper(
        session, "UPDATE entries SET amounts[1] = amounts[1] - 1, amounts[2] = amounts[2] + 1 WHERE reference = 'r2'"
    )
    assert len(findings(session)) == 2, "the entry itself, and the reversal that now begins elsewhere"


def test_a_unit_moved_between_payees_is_named_even_if_all_else_is_made_to_fit(session: Session, fee: Entry) -> None:
    """The forger writes entry, postings and hash anew; only the program's own arithmetic tells."""
    accounts = {name: id for id, name in session.execute(text("SELECT id, name FROM ledger_accounts"))}
    forged = ledger.stored(session, fee)
    amounts = [p.amount + {ADA: 1, EVE: -1}.get(p.account, 0) for p in forged.postings]
    document = {
        **forged.document(),
        "postings": [[p.account, a] for p, a in zip(forged.postings, amounts, strict=True)],
    }
    tamper(
        session,
        "UPDATE entries SET amounts = :amounts, inputs_hash = :hash WHERE id = :id",
        amounts=amounts,
        hash=canonical.digest(document),
        id=fee.id,
    )
    for name, unit in ((ADA, 1), (EVE, -1)):
        tamper(
            session,
            "UPDATE postings SET amount = amount + :unit WHERE entry = :seq AND account = :account",
            unit=unit,
            seq=fee.seq,
            account=accounts[name],
        )
    assert findings(session) == [
        f"entry {fee.id} (fee work:w1:fee): {ADA} has 2,963,101 units, its program gives 2,963,100"
    ]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE postings SET amount = amount + 1 WHERE entry = :seq AND amount = 20000",
            "compute has 20,000 units, posted 20,001",
        ),
        ("DELETE FROM postings WHERE entry = :seq AND amount = 20000", "compute has 20,000 units, posted 0"),
        ("UPDATE entries SET amounts[2] = amounts[2] + 1 WHERE seq = :seq", "the amounts sum to 1, not to 0"),
        ("UPDATE entries SET inputs_hash = 'x' WHERE seq = :seq", "its hash is another"),
        ("UPDATE entries SET work = 'w9' WHERE seq = :seq", "filed under work w9"),
        ('UPDATE entries SET facts = facts || \'{"person": "eve"}\' WHERE seq = :seq', "its hash is another"),
        (
            "UPDATE entries SET facts = facts || '{\"after\": 5000001}' WHERE seq = :seq",
            "hold:w1 has -5,000,000 units, its program gives -5,000,001",
        ),
        ("UPDATE entries SET facts = facts - 'program' WHERE seq = :seq", "cannot be computed again"),
        (
            'UPDATE entries SET facts = facts || \'{"program_id": "x"}\' WHERE seq = :seq',
            "not the one that its id names",
        ),
        ("UPDATE entries SET kind = 'gift' WHERE seq = :seq", "it is no entry"),
    ],
)
def test_a_changed_entry_is_named(session: Session, fee: Entry, statement: str, words: str) -> None:
    seq, id = fee.seq, fee.id
    for guard in ("zero_sum", "divided"):
        session.execute(text(f"ALTER TABLE entries DROP CONSTRAINT ck_entries_{guard}"))
    tamper(session, statement, **({"seq": seq} if ":seq" in statement else {}))
    first = findings(session)[0]
    assert words in first
    assert first.startswith(f"entry {id} (")
    assert "\n" not in first


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE balances SET amount = amount + 1 WHERE account ="
            " (SELECT id FROM ledger_accounts WHERE name = 'hold:w1')",
            "account hold:w1: its balance says 1 units, its postings sum to 0",
        ),
        (
            "DELETE FROM balances WHERE account = (SELECT id FROM ledger_accounts WHERE name LIKE 'credit:%')",
            "its balance says 0 units, its postings sum to 15,000,000",
        ),
        (
            "UPDATE streams SET received = received + 1 WHERE kind = 'fee'",
            "stream fee of w1: it says 5,000,001 units received, its entries add up to 5,000,000",
        ),
        ("DELETE FROM streams WHERE kind = 'fee'", "stream fee of w1: it is gone"),
        ("UPDATE streams SET program = 'x' WHERE kind = 'fee'", "stream fee of w1: it names program x"),
        (
            "UPDATE programs SET document = '{}' WHERE id IN (SELECT program FROM streams WHERE kind = 'fee')",
            "another program's",
        ),
        ("DELETE FROM processor_events", "it was credited, but no such payment was confirmed"),
        ("UPDATE charges SET amount = amount - 10000", "it was credited, but no such payment was confirmed"),
        ("UPDATE charges SET state = 'pending'", "it was credited, but no such payment was confirmed"),
    ],
)
def test_a_changed_sum_is_named(session: Session, fee: Entry, statement: str, finding: str) -> None:
    tamper(session, statement)
    found = findings(session)
    assert len(found) == 1
    assert finding in found[0]


def test_a_deleted_entry_is_missed_by_its_stream(session: Session, fee: Entry) -> None:
    tamper(session, "DELETE FROM postings WHERE entry IN (SELECT seq FROM entries WHERE reference = 'r1')")
    tamper(session, "DELETE FROM entries WHERE reference = 'r1'")
    assert any("it begins at 1,000,001 units, its stream stood at 0" in finding for finding in findings(session))


def test_credit_from_nowhere_is_named(session: Session, fee: Entry) -> None:
    books.top_up(session, 1, charge="chg_nobody")
    assert findings(session) == ["charge chg_nobody: it was credited, but no such payment was confirmed by a processor"]


def test_a_payment_that_was_never_credited_is_named(session: Session, fan: str) -> None:
    tamper(session, "DELETE FROM postings")
    tamper(session, "DELETE FROM balances")
    tamper(session, "DELETE FROM entries")
    found = findings(session)
    assert len(found) == 1
    assert "paid, but never credited" in found[0]


def test_a_lost_unit_is_missed_in_the_sum_of_its_asset(session: Session, fee: Entry) -> None:
    tamper(session, "UPDATE postings SET amount = amount - 1 WHERE entry = :seq AND amount = 20000", seq=fee.seq)
    assert "asset USD/6: all postings sum to -1 units, not to 0" in findings(session)


def test_a_program_swapped_in_the_middle_of_a_stream_is_named(session: Session, fee: Entry) -> None:
    """Whoever owes less under another program would need the whole stream's past to be another, too."""
    row = ledger.find(session, reference="r2")
    tamper(
        session,
        "UPDATE entries SET facts = jsonb_set(facts, '{program}', CAST(:program AS jsonb))"
        " || jsonb_build_object('program_id', CAST(:id AS text)) WHERE id = :row",
        program=json.dumps(books.FEE.document()),
        id=books.FEE.id,
        row=row.id,
    )
    assert any(finding.startswith(f"entry {row.id} (exploitation r2)") for finding in findings(session))
