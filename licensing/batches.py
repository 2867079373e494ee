"""Batches too long to wait for: answered in the background, from a file to a file, and told of when they are done.

Answering only reads what is registered, so whoever finds a batch left alone begins it anew; `attempt` stops who was
slower. Locks: the batch's row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import db, ids, jobs
from core.clock import Clock
from core.errors import Conflict, HomageError, NotFound, TooMany
from core.spool import Spool, Spooled
from creators import profiles
from licensing import announcements
from licensing.models import Batch

MOST_LINES = 1_000_000
ALONE = dt.timedelta(minutes=2)  # without a sign of life, so that it is begun anew
KEPT = dt.timedelta(days=7)
MOST_ATTEMPTS = 5  # to answer a batch
MOST_WAITING = 4  # of one asker
SIGNS_EVERY = dt.timedelta(seconds=2)
log = structlog.get_logger()


class TooManyBatches(TooMany):
    """Several batches of yours are waiting already."""


class NotAnswered(Conflict):
    """The batch has no answers yet."""


class BatchFailed(Conflict):
    """The batch could not be answered."""


def take(session: Session, *, id: str, asker: str, body: Spooled, at: dt.datetime) -> Batch:
    """A batch whose questions lie in the spool. Raises TooManyBatches, NotFound where its asker was erased by now."""
    profiles.stay(session, person=asker)
    open_ones = select(Batch.id).where(Batch.asker == asker, Batch.state.in_(("queued", "answering")))
    if len(session.scalars(open_ones.with_for_update()).all()) >= MOST_WAITING:
        raise TooManyBatches(
            f"{MOST_WAITING} batches of yours are waiting; wait until one is done, or cancel one", retry_after=60
        )
    row = Batch(
        id=id,
        asker=asker,
        state="queued",
        bytes=body.bytes,
        lines=body.breaks,
        answered=0,
        attempt=0,
        created_at=at,
        touched_at=at,
    )
    session.add(row)
    session.flush()
    jobs.defer(session, "licensing:answer", batch=id)
    return row


def find(session: Session, *, batch: str, asker: str) -> Batch:
    """A batch of one's own. Raises NotFound."""
    row = session.get(Batch, ids.check(batch, "bat"), populate_existing=True)
    if row is None or row.asker != asker:
        raise NotFound(f"there is no batch {batch} of yours; batches are kept for {KEPT.days} days", id=batch)
    return row


def of_asker(session: Session, *, asker: str, limit: int, before: str | None = None) -> Sequence[Batch]:
    """Somebody's batches, the newest first."""
    query = select(Batch).where(Batch.asker == asker).order_by(Batch.id.desc()).limit(limit)
    return session.scalars(query.where(Batch.id < before) if before is not None else query).all()


def answers(session: Session, *, batch: str, asker: str, spool: Spool) -> Path:
    """Where the answers of a batch lie that is done. Raises NotFound, NotAnswered, BatchFailed."""
    row = find(session, batch=batch, asker=asker)
    if row.state == "failed":
        raise BatchFailed(f"batch {batch} was not answered: {row.reason}; send it again", id=batch)
    if row.state != "done":
        raise NotAnswered(f"batch {batch} is {row.state}; GET /v1/verifications/batches/{batch} says how far", id=batch)
    return spool.path(answers_of(batch))


def cancel(session: Session, *, batch: str, asker: str, at: dt.datetime) -> Batch:
    """Stop answering; what was answered is thrown away. One that is done stays done. Twice is once."""
    find(session, batch=batch, asker=asker)
    row = session.get_one(Batch, batch, with_for_update=True, populate_existing=True)
    if row.state in ("queued", "answering"):
        row.state, row.finished_at, row.attempt = "cancelled", at, row.attempt + 1
    return row


def run(
    sessions: db.Sessions,
    *,
    batch: str,
    spool: Spool,
    clock: Clock,
    tell: Callable[[Spooled, str], Iterator[bytes]],
) -> bool:
    """Answer a batch from its file to another; whether it is done now. `tell` gives the answers to an asker's file.

    Somebody else at it, or cancelled: nothing happens.
    """
    with db.unit(sessions) as session:
        row = _begin(session, batch, at=clock.now())
    if row is None:
        return False
    partial = spool.path(f"{answers_of(batch)}.{row.attempt}")
    told = clock.now()
    count = 0
    try:
        body = Spooled(spool.path(batch), row.bytes, row.lines, "")
        with partial.open("wb") as out:
            for data in tell(body, row.asker):
                out.write(data)
                count += data.count(b"\n")
                if clock.now() - told >= SIGNS_EVERY:
                    told = clock.now()
                    if not _sign(sessions, row, answered=count, at=told):
                        return False
        partial.replace(spool.path(answers_of(batch)))
    except (OSError, HomageError) as error:
        reason = error.message if isinstance(error, HomageError) else "its files cannot be read or written"
        log.warning("a batch cannot be answered", batch=batch, reason=str(error)[:200])
        _end(sessions, row, state="failed", answered=count, at=clock.now(), reason=reason)
        return False
    finally:
        partial.unlink(missing_ok=True)
    return _end(sessions, row, state="done", answered=count, at=clock.now())


def tend(session: Session, *, spool: Spool, at: dt.datetime) -> None:
    """Begin anew what was left alone, and forget what is old."""
    alone = Batch.state.in_(("queued", "answering")), Batch.touched_at < at - ALONE
    for row in session.scalars(select(Batch).where(*alone).with_for_update(skip_locked=True)).all():
        row.state, row.touched_at = "queued", at  # one job more in a while, and not in each minute that it waits
        jobs.defer(session, "licensing:answer", batch=row.id)
    for id in session.scalars(select(Batch.id).where(Batch.state == "cancelled", Batch.finished_at < at - ALONE)).all():
        _remove(spool, id)  # once nobody writes to them any more
    for row in session.scalars(select(Batch).where(Batch.finished_at < at - KEPT)).all():
        _remove(spool, row.id)
        session.delete(row)


def forget(session: Session, *, asker: str) -> None:
    """All batches of somebody's; their files are swept within the hour."""
    session.execute(delete(Batch).where(Batch.asker == asker))


def names(session: Session) -> frozenset[str]:
    """What lies in the spool for good reason."""
    ids = session.scalars(select(Batch.id)).all()
    return frozenset(ids) | {answers_of(id) for id in ids}


def answers_of(batch: str) -> str:
    """The name of its answers in the spool."""
    return f"{batch}.answers"


def _begin(session: Session, batch: str, *, at: dt.datetime) -> Batch | None:
    row = session.get(Batch, batch, with_for_update=True, populate_existing=True)
    if row is None or row.state not in ("queued", "answering"):
        return None
    if row.state == "answering" and row.touched_at > at - ALONE:
        return None
    if row.attempt >= MOST_ATTEMPTS:
        row.state, row.finished_at, row.reason = "failed", at, "something in it cannot be answered"
        announcements.finished(session, batch=row, at=at)
        log.error("a batch was begun too often", batch=batch, attempts=row.attempt)
        return None
    row.state, row.touched_at, row.answered = "answering", at, 0
    row.attempt += 1
    return row


def _sign(sessions: db.Sessions, row: Batch, *, answered: int, at: dt.datetime) -> bool:
    """A sign of life; whether the batch is still ours."""
    ours = Batch.id == row.id, Batch.attempt == row.attempt, Batch.state == "answering"
    with db.unit(sessions) as session:
        found = session.execute(update(Batch).where(*ours).values(answered=answered, touched_at=at).returning(Batch.id))
        return found.scalar() is not None


def _end(
    sessions: db.Sessions, row: Batch, *, state: str, answered: int, at: dt.datetime, reason: str | None = None
) -> bool:
    ours = Batch.id == row.id, Batch.attempt == row.attempt, Batch.state == "answering"
    with db.unit(sessions) as session:
        change = {"state": state, "answered": answered, "finished_at": at, "touched_at": at, "reason": reason}
        ended = session.scalar(update(Batch).where(*ours).values(**change).returning(Batch))
        if ended is not None:
            announcements.finished(session, batch=ended, at=at)
        return ended is not None


def _remove(spool: Spool, batch: str) -> None:
    for name in (batch, answers_of(batch)):
        spool.remove(name)
