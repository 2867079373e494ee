"""A usage report: a file of lines that is accepted once, under the reporter's key, and taken piece by piece.

A short one is taken in the transaction that accepts it; of a long one the rest is taken in the background, and goes on
by itself wherever it was broken off. What was taken stays: nothing takes a report back.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import db, ids, jobs
from core.errors import Invalid, NotFound, TooMany
from core.spool import Spool, Spooled
from creators import profiles
from payments.usage import files, taking
from payments.usage.files import PIECE_LINES, Piece, Place
from payments.usage.lines import Form
from payments.usage.matching import Works
from payments.usage.models import UsageFault, UsageLine, UsageReport

MOST_LINES = 1_000_000
AT_ONCE = 1_000  # lines that are taken while the reporter waits
UNFINISHED = 8  # reports of one reporter's
TURN_SECONDS = 5.0  # of one job, so that other jobs come in between
LEFT_ALONE = dt.timedelta(minutes=1)
LOST = "the house has lost the file; send it again under a new key"  # what was taken is then a duplicate
FORMS: dict[str, Form] = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
}
log = structlog.get_logger()


class UsageKeyReused(Invalid):
    """This idempotency key was used for another usage report."""


class UnknownUsageReport(NotFound):
    """There is no such usage report of yours."""


class TooManyUsageReports(TooMany):
    """Several usage reports of yours are still being taken."""


@dataclass(frozen=True)
class Sent:
    """A file that came: whose, under which key of theirs, and by which processor the money would come."""

    reporter: str
    key: str
    form: Form
    file: Spooled
    processor: str


def check_room(session: Session, *, reporter: str) -> None:
    """Whether another report may come. Raises TooManyUsageReports."""
    if unfinished(session, person=reporter) >= UNFINISHED:
        raise TooManyUsageReports(
            f"{UNFINISHED} of your reports are being taken; wait until one is done", retry_after=30
        )


def accept(sessions: db.Sessions, sent: Sent, *, id: str, at: dt.datetime) -> UsageReport:
    """The report that a file is, the same for the same key; taken already, where it is short.

    `id`: that the file lies under; it stays while lines of it are to be taken in the background.
    Raises UsageKeyReused, BadHeader, EmptyUsageFile, NotFound where the reporter was erased meanwhile.
    """
    left = False
    try:
        row = db.settled(sessions, lambda session: _known(session, sent)) or _begin(sessions, sent, id=id, at=at)
        left = row.id == id and row.state == "taking"
    finally:
        if not left:
            sent.file.path.unlink(missing_ok=True)
    return row


def _begin(sessions: db.Sessions, sent: Sent, *, id: str, at: dt.datetime) -> UsageReport:
    start, columns = files.begin(sent.file.path, sent.form)
    fresh = {
        "id": id,
        "reporter": sent.reporter,
        "idempotency_key": sent.key,
        "form": sent.form,
        "columns": list(columns),
        "sha256": sent.file.sha256,
        "bytes": sent.file.bytes,
        "processor": sent.processor,
        "state": "taking",
        "place": start.offset,
        "number": start.number,
        **dict.fromkeys(("batches", "lines", "taken", "duplicates", "held", "faulty"), 0),
        **dict.fromkeys(("flagged", "earned", "waiting"), 0),
        "created_at": at,
        "moved_at": at,
    }
    first = _piece(sent.file.path, UsageReport(**fresh), at=at, most=AT_ONCE + 1)

    def keep(session: Session) -> UsageReport:
        profiles.stay(session, person=sent.reporter)  # a file may have been on its way for half an hour
        added = session.scalar(insert(UsageReport).values(fresh).on_conflict_do_nothing().returning(UsageReport.id))
        if added is None:  # the same came twice at once
            return _known(session, sent) or session.get_one(UsageReport, id)
        if first.ended:
            return taking.take(session, report=id, piece=first, works=Works(), at=at)
        jobs.defer(session, "payments:take-usage", report=id)
        return session.get_one(UsageReport, id)

    return db.settled(sessions, keep)


def advance(sessions: db.Sessions, spool: Spool, *, report: str, at: dt.datetime) -> None:
    """Take pieces of a report for some seconds, then leave the rest to the next job; at the end the file is removed.

    Where the file is not there as it came, the report has failed.
    """
    until, works = time.monotonic() + TURN_SECONDS, Works()
    while True:
        with db.unit(sessions) as session:
            row = session.get_one(UsageReport, report)
        if row.state != "taking":
            spool.remove(report)
            return
        if not _lies_whole(spool.path(report), row.bytes):
            log.error("the file of a usage report is lost", report=report, place=row.place)
            db.settled(sessions, partial(taking.give_up, report=report, reason=LOST, at=at))
            return
        piece = _piece(spool.path(report), row, at=at, most=PIECE_LINES)
        over = time.monotonic() > until

        def keep(session: Session, piece: Piece = piece, over: bool = over) -> None:
            moved = taking.take(session, report=report, piece=piece, works=works, at=at)
            if over and moved.state != "done":
                jobs.defer(session, "payments:take-usage", report=report)

        db.settled(sessions, keep)
        if over and not piece.ended:
            return


def resume(sessions: db.Sessions, spool: Spool, *, at: dt.datetime) -> None:
    """Go on with reports that nobody has moved on for a minute, and sweep files that belong to none."""
    with db.unit(sessions) as session:
        rows = session.scalars(select(UsageReport).where(UsageReport.state == "taking")).all()
        for row in rows:
            if row.moved_at < at - LEFT_ALONE:
                row.moved_at = at
                jobs.defer(session, "payments:take-usage", report=row.id)
    spool.sweep(keep={row.id for row in rows}, at=at)


def find(session: Session, *, report: str, reporter: str) -> UsageReport:
    """A report of one's own. Raises UnknownUsageReport."""
    row = session.get(UsageReport, ids.check(report, "usg"))
    if row is None or row.reporter != reporter:
        raise UnknownUsageReport(f"there is no usage report {report} of yours; check the id", id=report)
    return row


def of_reporter(session: Session, *, reporter: str, limit: int, before: str | None = None) -> Sequence[UsageReport]:
    """Someone's reports, the newest first; `before` is the id of the last one seen."""
    query = select(UsageReport).where(UsageReport.reporter == reporter).order_by(UsageReport.id.desc()).limit(limit)
    if before is not None:
        query = query.where(UsageReport.id < before)
    return session.scalars(query).all()


def unfinished(session: Session, *, person: str) -> int:
    """How many reports of a person's are still being taken."""
    theirs = UsageReport.reporter == person, UsageReport.state == "taking"
    return session.scalar(select(func.count()).select_from(UsageReport).where(*theirs)) or 0


def forget(session: Session, *, person: str) -> None:
    """Forget what a person wrote of their own: faulty lines, and the names of reports and lines. The rest is books."""
    theirs = select(UsageReport.id).where(UsageReport.reporter == person)
    session.execute(delete(UsageFault).where(UsageFault.report.in_(theirs)))
    mine = update(UsageReport).where(UsageReport.reporter == person)
    session.execute(mine.values(idempotency_key=UsageReport.id, columns=[]))
    jobs.defer(session, "payments:forget-usage", person=person)


def forget_names(sessions: db.Sessions, *, person: str) -> None:
    """Call each line of a person's by its place in its report. Safe to repeat; a million lines take a minute."""
    with db.unit(sessions) as session:
        reports = session.execute(
            select(UsageReport.id, UsageReport.number).where(UsageReport.reporter == person)
        ).all()
    nameless = func.concat(UsageLine.report, ":", UsageLine.number)
    for report, last in reports:
        for start in range(0, last, PIECE_LINES):
            piece = UsageLine.report == report, UsageLine.number.between(start + 1, start + PIECE_LINES)
            with db.unit(sessions) as session:
                session.execute(update(UsageLine).where(*piece).values(line_id=nameless))


def _known(session: Session, sent: Sent) -> UsageReport | None:
    query = select(UsageReport).where(UsageReport.reporter == sent.reporter, UsageReport.idempotency_key == sent.key)
    row = session.scalar(query)
    if row is not None and (row.sha256, row.form) != (sent.file.sha256, sent.form):
        raise UsageKeyReused(
            f"this idempotency key was used for usage report {row.id}, another file; send a new key", report=row.id
        )
    return row


def _lies_whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _piece(path: Path, row: UsageReport, *, at: dt.datetime, most: int) -> Piece:
    today = at.astimezone(dt.UTC).date()
    start, columns = Place(row.place, row.number), tuple(row.columns)
    return files.piece(path, form=row.form, columns=columns, start=start, today=today, most=most)  # type: ignore[arg-type]
