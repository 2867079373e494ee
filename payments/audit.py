"""The books computed again from the entries' own facts: every split, every sum, every balance; what differs is named.

Nothing that the database derives is believed: postings, balances, streams and hashes are all built afresh. Whether an
entry's facts are themselves right (the program is the one that the work's claim demands) is asked above, by the house.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core import canonical
from core.errors import Invalid
from payments import entries, ledger
from payments.models import Account, Entry, Posting, Program, Stream

BATCH = 1_000
Key = tuple[str, str, str]  # work, kind of revenue, asset: a stream


class Report(Protocol):
    """Called with the step reached, the number of steps and what is being done."""

    def __call__(self, step: int, of: int, stage: str) -> None: ...


@dataclass
class Books:
    """What walking through all entries told. `findings`: one line each, naming the first unit that differs."""

    walked: int = 0
    findings: list[str] = field(default_factory=list)
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))  # per work: how many of each
    holds: dict[str, entries.Entry] = field(default_factory=dict)  # per work: what was held, and from whom
    received: dict[Key, int] = field(default_factory=dict)
    programs: dict[Key, str] = field(default_factory=dict)


def walk(session: Session, *, report: Report) -> Books:
    """Go through the whole ledger; call it in a transaction that sees one moment (REPEATABLE READ)."""
    books = Books()
    total = session.scalar(select(func.count()).select_from(Entry)) or 0
    for batch in _batches(session):
        report(books.walked, total, "entries")
        names = _names(session, batch)
        rows = _postings(session, batch)
        for row in batch:
            books.walked += 1
            finding = _entry(books, row, names, rows[row.seq])
            if finding:
                books.findings.append(f"entry {row.id} ({row.kind} {row.reference}): {finding}")
    report(total, total, "sums")
    for check in (_assets, _balances, _programs, _charges):
        books.findings += check(session)
    books.findings += _streams(session, books)
    return books


def _batches(session: Session) -> Iterator[Sequence[Entry]]:
    last = 0
    while batch := session.scalars(select(Entry).where(Entry.seq > last).order_by(Entry.seq).limit(BATCH)).all():
        yield batch
        last = batch[-1].seq
        session.expunge_all()


def _names(session: Session, batch: Sequence[Entry]) -> dict[int, str]:
    ids = {account for row in batch for account in row.accounts}
    return dict(session.execute(select(Account.id, Account.name).where(Account.id.in_(ids))).all())


def _postings(session: Session, batch: Sequence[Entry]) -> dict[int, dict[int, int]]:
    rows: dict[int, dict[int, int]] = {row.seq: {} for row in batch}
    query = select(Posting.entry, Posting.account, Posting.amount).where(Posting.entry.in_(rows))
    for entry, account, amount in session.execute(query):
        rows[entry][account] = amount
    return rows


def _entry(books: Books, row: Entry, names: dict[int, str], rows: dict[int, int]) -> str | None:
    """The first thing that is wrong with an entry, or None; what it tells of its work and stream is noted."""
    try:
        entry = ledger.read(row, names)
    except (Invalid, KeyError, ValueError) as error:
        return f"it is no entry: {error}"
    if entry.work is not None:
        books.kinds[entry.work][entry.kind] += 1
        if entry.kind == "hold":
            books.holds[entry.work] = entry
    wrong = _first_difference(entry.postings, {names[account]: amount for account, amount in rows.items()}, "posted")
    if wrong is None and entries.base(entry.kind) in entries.STREAMS:
        wrong = _division(books, entry)
    if wrong is None and entry.inputs_hash() != row.inputs_hash:
        wrong = "it is not what was posted; its hash is another"
    if wrong is None and row.work != entry.work:
        wrong = f"it is filed under work {row.work}, its facts name {entry.work}"
    return wrong


def _division(books: Books, entry: entries.Entry) -> str | None:
    """What is wrong with how a fee or exploitation was divided, or with where its stream stood."""
    facts = entry.facts
    try:
        demanded = {posting.account: posting.amount for posting in entries.recompute(entry)}
    except (Invalid, KeyError, TypeError, ValueError) as error:
        return f"its facts cannot be computed again: {error}"
    key = (str(entry.work), entries.base(entry.kind), entry.asset)
    stood, books.received[key] = books.received.get(key, 0), facts["after"]
    before = books.programs.setdefault(key, facts["program_id"])
    wrong = _first_difference(entry.postings, demanded, "its program gives")
    if wrong is None and canonical.digest(facts["program"]) != facts["program_id"]:
        wrong = "its program is not the one that its id names"
    if wrong is None and before != facts["program_id"]:
        wrong = f"the stream's program changed from {before[:12]}… to {facts['program_id'][:12]}…"
    if wrong is None and stood != facts["before"]:
        wrong = f"it begins at {facts['before']:,} units, its stream stood at {stood:,}"
    return wrong


def _first_difference(postings: Sequence[entries.Posting], demanded: dict[str, int], words: str) -> str | None:
    has = {posting.account: posting.amount for posting in postings}
    for account in [*has, *(other for other in demanded if other not in has)]:
        if has.get(account, 0) != demanded.get(account, 0):
            return f"{account} has {has.get(account, 0):,} units, {words} {demanded.get(account, 0):,}"
    return None


def _assets(session: Session) -> list[str]:
    rows = session.execute(
        select(Account.asset, func.sum(Posting.amount))
        .join(Posting, Posting.account == Account.id)
        .group_by(Account.asset)
        .having(func.sum(Posting.amount) != 0)
        .order_by(Account.asset)
    )
    return [f"asset {asset}: all postings sum to {int(total):,} units, not to 0" for asset, total in rows]


def _balances(session: Session) -> list[str]:
    """Accounts with a floor whose balance is not the sum of their postings, or is below zero."""
    rows = session.execute(
        text("""
        SELECT a.name, coalesce(b.amount, 0), coalesce(p.total, 0)
        FROM ledger_accounts a
        LEFT JOIN balances b ON b.account = a.id
        LEFT JOIN (SELECT account, sum(amount) AS total FROM postings GROUP BY account) p ON p.account = a.id
        WHERE (a.name LIKE 'credit:%' OR a.name LIKE 'hold:%' OR b.account IS NOT NULL)
            AND (coalesce(b.amount, 0) <> coalesce(p.total, 0) OR coalesce(p.total, 0) < 0)
        ORDER BY a.name
        """)
    )
    return [
        f"account {name}: its balance says {int(says):,} units, its postings sum to {int(sums):,}"
        for name, says, sums in rows
    ]


def _programs(session: Session) -> list[str]:
    rows = session.execute(select(Program.id, Program.document).order_by(Program.id))
    return [
        f"program {id[:12]}…: its document is another program's" for id, rules in rows if canonical.digest(rules) != id
    ]


def _streams(session: Session, books: Books) -> list[str]:
    findings = []
    rows = session.scalars(select(Stream).order_by(Stream.work, Stream.kind, Stream.asset))
    streams = {(row.work, row.kind, row.asset): row for row in rows}
    for key in sorted({*streams, *books.received}):
        row, due = streams.get(key), books.received.get(key, 0)
        name = f"stream {key[1]} of {key[0]}"
        if row is None:
            findings.append(f"{name}: it is gone, its entries add up to {due:,} units")
        elif row.received != due:
            findings.append(f"{name}: it says {row.received:,} units received, its entries add up to {due:,}")
        elif row.program != books.programs.get(key, row.program):
            findings.append(f"{name}: it names program {row.program[:12]}…, its entries {books.programs[key][:12]}…")
    return findings


def _charges(session: Session) -> list[str]:
    """Credit that no charge and no processor's word stands behind, and charges that were never credited."""
    unfounded = session.scalars(
        text("""
        SELECT e.facts ->> 'charge' FROM entries e
        LEFT JOIN charges c ON e.reference = 'charge:' || c.id AND c.state = 'succeeded' AND c.asset = e.asset
            AND c.person = e.facts ->> 'person' AND c.processor = e.facts ->> 'processor'
            AND c.amount = (SELECT max(amount) FROM unnest(e.amounts) AS amount)
        WHERE e.kind = 'topup' AND NOT EXISTS (
            SELECT FROM processor_events p
            WHERE p.charge = c.id AND p.processor = c.processor AND p.kind = 'charge.succeeded')
        ORDER BY e.seq
        """)
    )
    forgotten = session.scalars(
        text("""
        SELECT c.id FROM charges c
        WHERE c.state = 'succeeded' AND NOT EXISTS (SELECT FROM entries e WHERE e.reference = 'charge:' || c.id)
        ORDER BY c.id
        """)
    )
    return [
        *(f"charge {id}: it was credited, but no such payment was confirmed by a processor" for id in unfounded),
        *(f"charge {id}: it was paid, but never credited" for id in forgotten),
    ]
