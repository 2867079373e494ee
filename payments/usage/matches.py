"""Held lines find their work: somebody says what a reporter's reference is, and who reported it, or staff, confirms.

What the reporter says of their own references counts at once, and so does what the registry says by now. A confirmed
match counts for lines to come as well. It is never taken back, for money follows from it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from attribution.claim import Claim
from core import db, ids, jobs
from core.errors import Conflict, Invalid, NotFound
from creators.models import Creator, Person
from payments import income
from payments.usage import lines, matching, taking
from payments.usage.files import Read
from payments.usage.lines import Fault, Line
from payments.usage.matching import Named, Works
from payments.usage.models import UsageLine, UsageMatch, UsageReport, UsageTotal

AT_ONCE = 1_000  # lines that are taken while one waits
PIECE_LINES = 20_000
TURN_SECONDS = 5.0  # of one job, so that other jobs come in between
LEFT_ALONE = dt.timedelta(minutes=1)
Place = tuple[str, int]  # a report and the number of a line in it
BEGINNING: Place = ("", 0)
_FORGOTTEN = text("""
SELECT m.id FROM usage_matches m WHERE m.state = 'confirmed' AND m.decided_at < :before AND EXISTS (
    SELECT FROM usage_lines l WHERE l.state = 'held' AND l.reference = m.reference AND l.reporter = m.reporter
    AND l.reason IS DISTINCT FROM 'not-postable')
ORDER BY m.decided_at LIMIT 100
""")
_TAKE = text("""
UPDATE usage_lines SET state = 'taken', work = :work, batch = :batch, reason = new.reason
FROM unnest(CAST(:number AS int[]), CAST(:reason AS text[])) AS new (number, reason)
WHERE report = :report AND usage_lines.number = new.number
""")


class BadUsageReference(Invalid):
    """This is not what a line names a work by."""


class NothingHeldFor(NotFound):
    """No line of this reporter is held under this reference."""


class UnknownMatch(NotFound):
    """There is no such match that you may decide or have proposed."""


class MatchedOtherwise(Conflict):
    """The reference is another work's already."""


class MatchDecided(Conflict):
    """The match was confirmed, and lines were taken by it."""


@dataclass(frozen=True)
class Asking:
    """Who proposes or decides. `staff`: for anybody."""

    person: str
    staff: bool = False


@dataclass(frozen=True)
class Held:
    """Lines that are held under one reference of a reporter's. No amounts: those are the reporter's to tell."""

    reporter: str
    name: str
    reference: str
    lines: int
    quantity: int
    first_on: dt.date
    last_on: dt.date


def held(
    session: Session, *, limit: int, after: tuple[str, str] | None, reference: str | None = None
) -> Sequence[Held]:
    """What is held, by reference and reporter; `after` is the pair of the last one seen. Raises BadUsageReference."""
    query = (
        select(
            UsageLine.reporter,
            Person.name,
            UsageLine.reference,
            func.count(),
            func.sum(UsageLine.quantity),
            func.min(UsageLine.first_on),
            func.max(UsageLine.last_on),
        )
        .join(Person, Person.id == UsageLine.reporter)
        .where(UsageLine.state == "held")
        .group_by(UsageLine.reference, UsageLine.reporter, Person.name)
        .order_by(UsageLine.reference, UsageLine.reporter)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(UsageLine.reference, UsageLine.reporter) > after)
    if reference is not None:
        query = query.where(UsageLine.reference == checked(reference))
    return [Held(*row[:4], int(row[4]), *row[5:]) for row in session.execute(query)]


def propose(session: Session, *, who: Asking, reporter: str, reference: str, work: str, at: dt.datetime) -> UsageMatch:
    """Say that what a reporter calls `reference` is this work; the same again is the same match.

    It counts at once from the reporter, from staff, and where the registry says so itself and no held line speaks
    against it; a match that was refused, from the reporter and staff alone.
    Raises BadUsageReference, NotFinished, NothingHeldFor, MatchedOtherwise, NoTermsFor.
    """
    name = checked(reference)
    claim = income.claim_of(session, work=work)
    decides = who.staff or who.person == reporter
    if not decides:
        _check_theirs(session, who.person, claim)
        _check_held(session, reporter, name)
    fresh = {"id": ids.new("mtc"), "reporter": reporter, "reference": name, "work": work, "proposer": who.person}
    session.execute(insert(UsageMatch).values(**fresh, state="open", created_at=at).on_conflict_do_nothing())
    said = UsageMatch.reporter == reporter, UsageMatch.reference == name, UsageMatch.work == work
    match = session.scalars(select(UsageMatch).where(*said).with_for_update()).one()
    if match.state != "confirmed" and (decides or (match.state == "open" and _is_registered(session, match))):
        _confirm(session, match, claim, decider=who.person if decides else None, at=at)
    return match


def decide(session: Session, *, who: Asking, match: str, confirm: bool, at: dt.datetime) -> UsageMatch:
    """Confirm or refuse a match of one's own lines. Raises UnknownMatch, MatchDecided, MatchedOtherwise, NoTermsFor."""
    row = session.get(UsageMatch, ids.check(match, "mtc"), with_for_update=True)
    if row is None or not (who.staff or who.person == row.reporter):
        raise UnknownMatch(f"there is no match {match} of yours to decide; check the id", id=match)
    if row.state == "confirmed" and not confirm:
        raise MatchDecided(
            f"match {match} was confirmed at {row.decided_at:%Y-%m-%d}, and what was taken stays; ask the house",
            id=match,
        )
    if confirm and row.state != "confirmed":
        _confirm(session, row, income.claim_of(session, work=row.work), decider=who.person, at=at)
    elif not confirm:
        row.state, row.decider, row.decided_at = "refused", who.person, at
    return row


def of_person(session: Session, *, who: Asking, limit: int, before: str | None = None) -> Sequence[UsageMatch]:
    """What somebody proposed, or has to decide, the newest first; `before` is the id of the last one seen."""
    query = select(UsageMatch).order_by(UsageMatch.id.desc()).limit(limit)
    if not who.staff:
        query = query.where(or_(UsageMatch.proposer == who.person, UsageMatch.reporter == who.person))
    if before is not None:
        query = query.where(UsageMatch.id < before)
    return session.scalars(query).all()


def totals(session: Session, *, work: str, person: str) -> Sequence[UsageTotal]:
    """How a work was used, by those it belongs to. Raises NotFinished."""
    _check_theirs(session, person, income.claim_of(session, work=work))
    return session.scalars(select(UsageTotal).where(UsageTotal.work == work).order_by(UsageTotal.use)).all()


def release(sessions: db.Sessions, *, match: str, after: Place, at: dt.datetime) -> None:
    """Take what is held under a confirmed match's reference, for some seconds; what cannot be taken stays held."""
    until, works = time.monotonic() + TURN_SECONDS, Works()
    reached: Place | None = after
    while reached is not None:
        over = time.monotonic() > until

        def keep(session: Session, after: Place = reached, over: bool = over) -> Place | None:
            found = session.get_one(UsageMatch, match)
            last = _release(session, found, after=after, works=works, at=at, most=PIECE_LINES)
            if last is None or not over:
                return last
            _later(session, found, last)
            return None

        reached = db.settled(sessions, keep)


def resume(sessions: db.Sessions, *, at: dt.datetime) -> None:
    """Go on where lines are still held though their match was confirmed."""
    with db.unit(sessions) as session:
        for match in session.scalars(_FORGOTTEN, {"before": at - LEFT_ALONE}).all():
            jobs.defer(session, "payments:release-usage", match=match)


def checked(reference: str) -> str:
    """A reference in its one spelling. Raises BadUsageReference."""
    kind, _, value = reference.partition(":")
    if kind not in lines.NAMES:
        raise BadUsageReference(
            f"{reference[:60]!r} begins with none of {', '.join(f'{name}:' for name in lines.NAMES)}"
        )
    try:
        return lines.reference(kind, value)
    except Fault as fault:
        raise BadUsageReference(fault.text, reference=reference[:200]) from fault


def _confirm(session: Session, match: UsageMatch, claim: Claim, *, decider: str | None, at: dt.datetime) -> None:
    income.program_of(session, claim)  # what cannot be divided would only stay held
    taking.one_at_a_time(session, match.reporter)
    said = UsageMatch.reporter == match.reporter, UsageMatch.reference == match.reference
    other = session.scalar(select(UsageMatch).where(*said, UsageMatch.state == "confirmed"))
    if other is not None:
        raise MatchedOtherwise(
            f"{match.reference} of this reporter's is work {other.work} since {other.decided_at:%Y-%m-%d}",
            match=other.id,
            work=other.work,
        )
    match.state, match.decider, match.decided_at = "confirmed", decider, at
    session.flush()
    after = _release(session, match, after=BEGINNING, works=Works(), at=at, most=AT_ONCE)
    if after is not None:
        _later(session, match, after)


def _later(session: Session, match: UsageMatch, after: Place) -> None:
    if session.scalar(_following(match, after).limit(1)) is not None:
        report, number = after
        jobs.defer(session, "payments:release-usage", match=match.id, report=report, number=number)


def _release(
    session: Session, match: UsageMatch, *, after: Place, works: Works, at: dt.datetime, most: int
) -> Place | None:
    """Take some lines of one report; the place of the last one, or None when there were none."""
    taking.one_at_a_time(session, match.reporter)
    report = session.scalar(_following(match, after).limit(1))
    if report is None:
        return None
    row = session.get_one(UsageReport, report, with_for_update=True, populate_existing=True)
    query = select(UsageLine).where(*_held(match, after), UsageLine.report == report)
    fresh = query.order_by(UsageLine.number).limit(most).execution_options(populate_existing=True)
    stored = session.scalars(fresh).all()
    works.load(session, {match.work})
    rows = [taking.judged(_read(line), match.work, "", works) for line in stored]
    now = [one for one in rows if one.work is not None]
    said = {"number": [one.read.number for one in now], "reason": [one.reason for one in now]}
    session.execute(_TAKE, {**said, "report": report, "work": match.work, "batch": row.batches + 1})
    with session.no_autoflush:  # counts agree again at the end
        row.held -= len(rows)
        row.waiting -= sum(one.line.amount for one in rows)
        taking.settle(session, report=row, rows=rows, works=works, at=at)
    session.flush()
    return row.id, stored[-1].number


def _following(match: UsageMatch, after: Place) -> Select[str]:
    """The reports of what is held there after a place, in order."""
    return select(UsageLine.report).where(*_held(match, after)).order_by(UsageLine.report, UsageLine.number)


def _held(match: UsageMatch, after: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        UsageLine.state == "held",
        UsageLine.reference == match.reference,
        UsageLine.reporter == match.reporter,
        tuple_(UsageLine.report, UsageLine.number) > after,
    )


def _read(row: UsageLine) -> Read:
    said = (row.use, row.medium, row.territory, row.first_on, row.last_on, row.quantity, row.amount)
    return Read(row.number, b"", Line(row.line_id, (row.reference,), *said))


def _check_theirs(session: Session, person: str, claim: Claim) -> None:
    """Whether the work is this person's: they had it made, licensed a style or brought it. Raises NotFinished."""
    creators = {x.licensor for x in claim.licenses} | {x.licensor for x in claim.contributions}
    theirs = select(Creator.id).where(Creator.person == person, Creator.id.in_(creators)).limit(1)
    if claim.licensee != person and session.scalar(theirs) is None:
        raise income.NotFinished(f"there is no finished work {claim.work} of yours; check the id", work=claim.work)


def _is_registered(session: Session, match: UsageMatch) -> bool:
    """Whether the registry says the same for sure, and all that the reporter's held lines name besides."""
    found = matching.works_of(session, reporter="", references=[match.reference]).get(match.reference)
    if found != Named(frozenset({match.work})):
        return False
    against = UsageLine.reason.in_((matching.SEVERAL, matching.CODE_ONLY))
    lines = select(UsageLine.number).where(*_held(match, BEGINNING), against)
    return session.scalar(lines.limit(1)) is None


def _check_held(session: Session, reporter: str, reference: str) -> None:
    there = UsageLine.state == "held", UsageLine.reference == reference, UsageLine.reporter == reporter
    if session.scalar(select(UsageLine.number).where(*there).limit(1)) is None:
        raise NothingHeldFor(
            f"no line of {reporter[:60]} is held under {reference}; GET /v1/usage/held lists what is",
            reference=reference,
        )
