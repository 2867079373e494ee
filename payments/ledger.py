"""The ledger: entries are posted once, in the caller's transaction, and everything else about money follows from them.

Posting is idempotent by reference: the same content gives the stored entry, other content is refused. A refused
posting leaves the caller's transaction usable.

Locks: programs, the work's stream, accounts that are new, the entry, balances; where there are several, in one order.
Waited for are a work's own stream, a balance that has a floor, and whatever is new to two at once (a program, an
account, a reference): so sales of different works, once begun, never meet. Whoever posts several entries in one
transaction keeps these locks; do that for one work at a time, or for many by `collect_all`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import psycopg.errors
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import ids
from core.errors import Conflict, HomageError, NotFound, PaymentRequired
from core.money import USD, Money
from payments import entries
from payments.entries import EXPLOITATION, FEE, REVERSAL, FaultyEntry
from payments.models import Account, Entry, Posting, Program, Stream
from payments.waterfall import Program as Rules
from payments.waterfall import read as read_program


class ReferenceReused(Conflict):
    """This reference is taken by an entry that says something else."""


class OtherProgram(Conflict):
    """The work's stream is divided by another program."""


class StreamMoved(Conflict):
    """The work's stream does not stand where the entry begins."""


class NotEnoughCredit(PaymentRequired):
    """The prepaid credit does not cover this."""


class NothingHeld(Conflict):
    """The work does not hold this money, or no longer."""


class UnknownEntry(NotFound):
    """There is no entry under this reference."""


@dataclass(frozen=True)
class Receipt:
    """What a work receives, by which program, under which reference."""

    work: str
    program: Rules
    amount: Money
    reference: str


def post(session: Session, entry: entries.Entry, *, at: datetime) -> Entry:
    """Write an entry, or find it when the same was written before.

    Raises ReferenceReused, NotEnoughCredit, NothingHeld, StreamMoved; the session can be used on.
    """
    accounts = _accounts(session, [posting.account for posting in entry.postings], entry.asset)
    fresh = _row(entry, accounts, at)
    try:
        with session.begin_nested():
            session.execute(insert(Entry).values(fresh).on_conflict_do_nothing(index_elements=["reference"]))
    except DBAPIError as error:
        _refuse(session, entry, error)
    return _same(find(session, reference=entry.reference), entry)


def collect(  # noqa: PLR0913  # what is received, by which rules, from where: each is said by name
    session: Session,
    *,
    kind: str,
    program: Rules,
    work: str,
    amount: Money,
    source: str,
    reference: str,
    at: datetime,
) -> Entry:
    """A work receives a fee or exploitation: its stream grows by `amount`, each payee gets their difference.

    A stream belongs to one program for good. A fee comes from what is held for the work, exploitation from outside.
    Raises OtherProgram, NothingHeld, ReferenceReused, PayerAmongPayees, NotAnAmount, FaultyEntry.
    """
    with session.begin_nested():
        stream = _stream(session, kind=kind, program=program, work=work, asset=amount.asset)
        known = session.scalar(select(Entry).where(Entry.reference == reference))
        before = stream.received if known is None else known.facts.get("before", stream.received)
        span = (program, before, before + amount.amount)
        if kind == FEE:
            if source != f"hold:{work}":
                raise FaultyEntry(f"a fee comes from what is held for the work, hold:{work}, not from {source!r}")
            payer = _payer(session, work)
            entry = entries.fee(*span, work=work, payer=payer, asset=amount.asset, reference=reference)
        else:
            entry = entries.exploitation(*span, work=work, source=source, asset=amount.asset, reference=reference)
        return post(session, entry, at=at)


def collect_all(session: Session, *, receipts: Sequence[Receipt], source: str, at: datetime) -> dict[str, HomageError]:
    """Many works receive exploitation of one asset in one transaction, each of them once; by work, what was refused.

    As `collect`, a few statements for all: their locks are taken kind by kind, so two that meet wait, and never cross.
    Raises ReferenceReused: a reference is posted already. Nothing may then be kept of the transaction.
    """
    if not receipts:
        return {}
    asset = receipts[0].amount.asset
    streams = _streams(session, receipts, asset)
    made, refused = [], dict[str, HomageError]()
    for receipt in receipts:
        stream, work = streams[receipt.work], receipt.work
        span = (receipt.program, stream.received, stream.received + receipt.amount.amount)
        try:
            _same_program(stream, receipt.program)
            entry = entries.exploitation(*span, work=work, source=source, asset=asset, reference=receipt.reference)
        except (OtherProgram, entries.NotAnAmount) as error:
            refused[work] = error
        else:
            made.append(entry)
    accounts = _accounts(session, {posting.account for entry in made for posting in entry.postings}, asset)
    if made:
        fresh = [_row(entry, accounts, at) for entry in made]
        fresh_only = insert(Entry).on_conflict_do_nothing(index_elements=["reference"]).returning(Entry.reference)
        posted = set(session.scalars(fresh_only, fresh))
        taken = next((entry for entry in made if entry.reference not in posted), None)
        if taken is not None:
            raise ReferenceReused(f"{taken.reference!r} is posted already", reference=taken.reference)
    return refused


def reverse(session: Session, *, reference: str, at: datetime) -> Entry:
    """Take an entry back, to the unit and once. What payees have already been paid becomes a negative balance.

    Raises UnknownEntry, FaultyEntry (it is a reversal itself), NotEnoughCredit, NothingHeld.
    """
    row = find(session, reference=reference)
    received = None
    if row.kind in entries.STREAMS:
        assert row.work is not None
        received = _locked_stream(session, kind=row.kind, work=row.work, asset=row.asset).received
    known = session.scalar(select(Entry).where(Entry.reference == reference + REVERSAL))
    if known is not None:
        return known
    return post(session, entries.reverse(stored(session, row), received=received), at=at)


def find(session: Session, *, reference: str) -> Entry:
    """The entry under this reference. Raises UnknownEntry."""
    row = session.scalar(select(Entry).where(Entry.reference == reference))
    if row is None:
        raise UnknownEntry(f"there is no entry {reference[:200]!r} in the ledger", reference=reference[:200])
    return row


def stored(session: Session, row: Entry) -> entries.Entry:
    """A row of the ledger as the plain value it was written from."""
    query = select(Account.id, Account.name).where(Account.id.in_(row.accounts))
    return read(row, dict(session.execute(query).all()))


def read(row: Entry, names: Mapping[int, str]) -> entries.Entry:
    """The same, with the accounts' names at hand."""
    pairs = zip(row.accounts, row.amounts, strict=True)
    postings = tuple(entries.Posting(names[account], amount) for account, amount in pairs)
    return entries.Entry(row.kind, row.reference, row.asset, postings, row.facts)


def balance(session: Session, account: str, *, asset: str = USD) -> Money:
    """What stands on an account: the sum of its postings, 0 for one that was never used."""
    amount = session.scalar(
        select(func.sum(Posting.amount))
        .join(Account, Account.id == Posting.account)
        .where(Account.name == account, Account.asset == asset)
    )
    return Money(int(amount or 0), asset)


def split_of(session: Session, *, work: str, kind: str, asset: str = USD) -> list[tuple[str, int]]:
    """Who got how much of what a work received of one kind of revenue, reversals deducted, in the program's order.

    The amounts sum to all that the work's stream has received; nobody with nothing is named.
    """
    stream = session.get(Stream, (work, kind, asset), populate_existing=True)
    if stream is None:
        return []
    rows = session.execute(
        select(Account.name, func.sum(Posting.amount))
        .join(Posting, Posting.account == Account.id)
        .join(Entry, Entry.seq == Posting.entry)
        .where(Entry.work == work, Entry.kind.in_((kind, kind + REVERSAL)), Entry.asset == asset)
        .group_by(Account.name)
    )
    sums = {name: int(total) for name, total in rows}
    steps = read_program(session.get_one(Program, stream.program).document).steps
    return [(to, sums[to]) for to in dict.fromkeys(step.to for step in steps) if sums.get(to)]


def _row(entry: entries.Entry, accounts: Mapping[str, int], at: datetime) -> dict[str, Any]:
    return {
        "id": ids.new("ent"),
        "reference": entry.reference,
        "kind": entry.kind,
        "asset": entry.asset,
        "work": entry.work,
        "accounts": [accounts[posting.account] for posting in entry.postings],
        "amounts": [posting.amount for posting in entry.postings],
        "facts": entry.facts,
        "inputs_hash": entry.inputs_hash(),
        "at": at,
    }


def _accounts(session: Session, names: Collection[str], asset: str) -> dict[str, int]:
    """The ids of accounts, made where they are new: always in the order of their names, so that two never cross."""
    query = select(Account.name, Account.id).where(Account.name.in_(names), Account.asset == asset)
    have = dict(session.execute(query).all())
    missing = sorted(set(names) - set(have))
    if not missing:
        return have
    fresh = [{"name": name, "asset": asset, "floor": entries.has_floor(name)} for name in missing]
    made = session.execute(
        insert(Account)
        .values(fresh)
        .on_conflict_do_nothing(index_elements=["name", "asset"])
        .returning(Account.name, Account.id)
    )
    have |= dict(made.all())
    return have if len(have) == len(set(names)) else dict(session.execute(query).all())  # made by another meanwhile


def _stream(session: Session, *, kind: str, program: Rules, work: str, asset: str) -> Stream:
    """The work's stream, held until the transaction ends; begun where there is none."""
    if kind not in (FEE, EXPLOITATION):
        raise FaultyEntry(f"a work receives {FEE} or {EXPLOITATION}, not {kind!r}")
    session.execute(
        insert(Program).values(id=program.id, document=program.document()).on_conflict_do_nothing(index_elements=["id"])
    )
    fresh = {"work": work, "kind": kind, "asset": asset, "program": program.id, "received": 0}
    session.execute(insert(Stream).values(fresh).on_conflict_do_nothing(index_elements=["work", "kind", "asset"]))
    stream = _locked_stream(session, kind=kind, work=work, asset=asset)
    _same_program(stream, program)
    return stream


def _streams(session: Session, receipts: Sequence[Receipt], asset: str) -> dict[str, Stream]:
    """The exploitation streams of works, held until the transaction ends; begun where there are none."""
    rules = {receipt.program.id: receipt.program.document() for receipt in receipts}
    programs = [{"id": id, "document": rules[id]} for id in sorted(rules)]
    session.execute(insert(Program).on_conflict_do_nothing(index_elements=["id"]), programs)
    begun = {receipt.work: receipt.program.id for receipt in receipts}
    fresh = [
        {"work": work, "kind": EXPLOITATION, "asset": asset, "program": begun[work], "received": 0}
        for work in sorted(begun)
    ]
    session.execute(insert(Stream).on_conflict_do_nothing(index_elements=["work", "kind", "asset"]), fresh)
    query = select(Stream).where(Stream.work.in_(begun), Stream.kind == EXPLOITATION, Stream.asset == asset)
    locked = query.order_by(Stream.work).with_for_update().execution_options(populate_existing=True)
    return {stream.work: stream for stream in session.scalars(locked)}


def _same_program(stream: Stream, program: Rules) -> None:
    if stream.program != program.id:
        raise OtherProgram(
            f"the {stream.kind} of work {stream.work} is divided by program {stream.program[:12]}…,"
            f" not by {program.id[:12]}…; a work's program never changes, run homage audit",
            work=stream.work,
        )


def _locked_stream(session: Session, *, kind: str, work: str, asset: str) -> Stream:
    return session.get_one(Stream, (work, kind, asset), with_for_update=True, populate_existing=True)


def _payer(session: Session, work: str) -> str:
    """The person who paid what is held for a work."""
    held = session.scalar(select(Entry).where(Entry.reference == entries.hold_reference(work)))
    if held is None:
        raise NothingHeld(f"nothing was ever held for work {work}, so it can pay no fee", work=work)
    return str(held.facts["person"])


def _same(row: Entry, entry: entries.Entry) -> Entry:
    if row.inputs_hash != entry.inputs_hash():
        raise ReferenceReused(
            f"{entry.reference!r} names another entry already ({row.id}); an event has one reference, use a new one",
            reference=entry.reference,
            entry=row.id,
        )
    return row


def _refuse(session: Session, entry: entries.Entry, error: DBAPIError) -> NoReturn:
    """Say in our words what the database refused; what is not about money is raised as it came."""
    cause = error.orig
    name = cause.diag.constraint_name if isinstance(cause, psycopg.errors.IntegrityError) else None
    if name == "stream_stands_at_before":
        raise StreamMoved(
            f"entry {entry.reference} begins where its stream no longer stands; compute it anew", work=entry.work
        ) from error
    if name != "ck_balances_never_below_zero":
        raise error
    short = next(p for p in entry.postings if p.amount < 0 and entries.has_floor(p.account))
    have, need = balance(session, short.account, asset=entry.asset), Money(-short.amount, entry.asset)
    facts = {"account": short.account, "have": have.amount, "need": need.amount, "asset": entry.asset}
    if short.account.startswith("credit:"):
        raise NotEnoughCredit(f"this needs {need}, the credit is {have}; top it up first", **facts) from error
    raise NothingHeld(
        f"work {entry.work} holds {have}, not {need}; it has been paid or given back already", **facts
    ) from error
