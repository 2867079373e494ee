"""Works as a state machine, one transaction a step: claim, beat, finish, release, hand back, cancel, sweep.

The table is the render queue, for previews too, which cost nothing and are recorded nowhere. A claim sets a lease and
raises `attempt`, the fencing token: whoever holds an older attempt is refused. Consent is compared at each step through
the epochs a work was admitted under; `finish` holds the license and style rows while it does, so a revocation comes
either wholly before (no work, no fee) or wholly after.

Locks: the work; for each style, in the order of their ids, the style and its license; claims; the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Exists, Integer, cast, func, or_, select, update
from sqlalchemy.orm import Session

from attribution import registry
from attribution.seal import Sealed
from core import db, ids, progress
from core.errors import Conflict, HomageError, NotFound
from core.money import Money
from creators import assets, styles
from creators.models import Style
from creators.styles import StyleRevoked
from generation import waiting
from generation.engine import Cancelled
from generation.models import Work, WorkLicense
from licensing import licenses
from licensing.models import License, Offer
from payments import entries, ledger

MOST_LOSSES = 3
QUEUE = "works"
CANCELLED = "cancelled by its owner"


class StaleAttempt(Conflict):
    """Another worker has taken this work over."""


class AlreadyEnded(Conflict):
    """The work has already ended."""


@dataclass(frozen=True)
class Claimed:
    """A work in this worker's hands, until another attempt takes it."""

    work: str
    attempt: int


@dataclass(frozen=True)
class Made:
    """What a worker has made and stored: addresses of files, how large it is, what its row says of its making.

    `size`: the columns that say how large a picture is or how long a recording lasts. `renditions`: addresses of its
    other forms, by their names.
    """

    result: str
    map: str | None
    size: dict[str, int]
    facts: dict[str, Any]
    renditions: dict[str, str]


def claim(session: Session, *, engine: str, worker: str, lease: timedelta, limit: int) -> list[Claimed]:
    """Take up to `limit` queued works of `engine` in their turn; others' claims are skipped, not waited for."""
    claimed = []
    for work in _next(session, engine, limit):
        work.state, work.stage, work.worker = "running", "claimed", worker
        work.attempt += 1
        now = func.clock_timestamp()
        work.started_at, work.lease_until = session.execute(select(now, now + lease)).one()
        claimed.append(Claimed(work.id, work.attempt))
        tell(session, work)
    return claimed


def beat(session: Session, *, held: Claimed, lease: timedelta, stage: str, step: int = 0, of: int = 0) -> None:
    """Renew the lease and say where the work is. Raises StaleAttempt, Cancelled, Revoked, Expired."""
    ran = func.extract("epoch", func.clock_timestamp() - Work.started_at)
    row = session.execute(
        update(Work)
        .where(Work.id == held.work, Work.attempt == held.attempt, Work.state == "running")
        .values(lease_until=func.clock_timestamp() + lease, stage=stage, step=step, of=of, beat=Work.beat + 1)
        .returning(Work.cancel_requested, Work.beat, ran)
    ).one_or_none()
    if row is None:
        raise StaleAttempt(f"work {held.work} is no longer in this worker's hands", work=held.work)
    cancel, number, seconds = row
    if cancel:
        raise Cancelled(CANCELLED)
    revoked = _ended_consent(session, session.get_one(Work, held.work))
    if revoked is not None:
        raise revoked
    running = None if seconds is None else float(seconds)
    progress.tell(session, progress.Event(held.work, "running", stage, step, of, number, running=running))


def finish(session: Session, *, held: Claimed, sealed: Sealed, made: Made, at: datetime) -> None:
    """Record the claim, charge the fee and publish the work: all or nothing, and only once.

    Raises StaleAttempt, Cancelled, Revoked, Expired, StyleRevoked, AssetGone.
    """
    work = _unfinished(session, held)
    if work is None:
        return
    for grant in _in_lock_order(work):
        assert grant.license is not None
        licenses.confirm(session, license=grant.license, epoch=grant.epoch, style_epoch=grant.style_epoch)
    assets.confirm(session, assets=[x.asset for x in sealed.claim.contributions])
    _confirm_base(session, work)
    registry.record(session, sealed, at=at)
    if work.price > 0:
        licensors = _licensors(sealed)
        program = entries.fee_program(compute=work.compute, platform_ppm=work.platform_ppm, licensors=licensors)
        ledger.collect(
            session,
            kind="fee",
            program=program,
            work=work.id,
            amount=Money(work.price, work.asset),
            source=f"hold:{work.id}",
            reference=f"work:{work.id}:fee",
            at=at,
        )
    _done(session, work, made, at=at)


def finish_preview(session: Session, *, held: Claimed, made: Made, assets_used: Sequence[str], at: datetime) -> None:
    """Show a preview, if consent to every style it draws from still stands, and to its owner's use of it.

    A sample asks for its style alone. Nothing is recorded or charged. Raises StaleAttempt, Cancelled, StyleRevoked,
    Revoked, AssetGone.
    """
    work = _unfinished(session, held)
    if work is None:
        return
    for grant in _in_lock_order(work):
        confirm_trial(session, work, grant)
    assets.confirm(session, assets=assets_used)
    _confirm_base(session, work)
    _done(session, work, made, at=at)


def _confirm_base(session: Session, work: Work) -> None:
    """What an earlier work holds may be shown again only while that work may. Raises Cancelled."""
    if work.rework is not None and registry.find(session, work=work.rework, lock=True).withdrawn_at is not None:
        raise Cancelled("a creator withdrew the license that the earlier work rests on")


def confirm_trial(session: Session, work: Work, grant: WorkLicense) -> None:
    """Hold the style in share until the transaction ends, if a preview in it may be shown to the preview's owner.

    A sample has no offer: its owner's own style need not be listed yet. Raises StyleRevoked, Revoked.
    """
    if grant.offer is None and styles.get(session, style=grant.style, lock="share").state == "draft":
        return
    styles.confirm(session, style=grant.style, epoch=grant.style_epoch)
    if grant.offer is not None:
        licenses.confirm_trial(session, offer=grant.offer, licensee=work.person)


def release(session: Session, *, held: Claimed, state: str, reason: str, at: datetime) -> None:
    """End a work without a result; the whole price goes back, and its reason says so. `state`: failed or cancelled."""
    work = session.get_one(Work, held.work, with_for_update=True, populate_existing=True)
    if work.state in ("done", "failed", "cancelled"):
        return
    _fence(work, held)
    _end(session, work, state=state, reason=reason, at=at)


def hand_back(session: Session, *, held: Claimed) -> None:
    """A worker that stops gives its work back to the queue, at once and without counting it as lost."""
    work = session.get_one(Work, held.work, with_for_update=True, populate_existing=True)
    _fence(work, held)
    _requeue(session, work)


def cancel(session: Session, *, work: str, person: str, at: datetime) -> Work:
    """Stop a work of one's own: at once while it waits, at its next step while it runs. Raises AlreadyEnded."""
    row = get(session, work=work, person=person, lock=True)
    if row.state == "queued":
        _end(session, row, state="cancelled", reason=CANCELLED, at=at)
    elif row.state == "running":
        row.cancel_requested = True
    else:
        raise AlreadyEnded(f"work {work} is already {row.state}; there is nothing to cancel", state=row.state)
    return row


def get(session: Session, *, work: str, person: str, lock: bool = False) -> Work:
    """A work of one's own, else NotFound. `lock` holds its row until the transaction ends."""
    row = session.get(Work, ids.check(work, "wrk"), with_for_update=lock, populate_existing=True)
    if row is None or row.person != person:
        raise NotFound(f"there is no work {work} of yours", id=work)
    return row


def due(session: Session) -> list[str]:
    """The works that a sweep must take up: their lease ran out, or they wait under a license that has ended."""
    lost = select(Work.id).where(Work.state == "running", Work.lease_until < func.clock_timestamp())
    ended = select(Work.id).where(Work.state == "queued", _lost_consent())
    return list(session.scalars(lost.union(ended).order_by(Work.id)))


def sweep(session: Session, *, work: str, at: datetime) -> bool:
    """Take up one work that is due: queue it again, give it up at its third loss, or end it with its license.

    One at a time, because ending a work locks its fan's credit: two sweeps over many could wait for each other.
    """
    row = session.scalar(select(Work).where(Work.id == work).with_for_update(skip_locked=True))
    if row is None or work not in due(session):
        return False  # another sweep has it, or had it
    if row.state == "running":
        _lose(session, row, at=at)
        return True
    error = _ended_consent(session, row)
    if error is None:
        return False
    _end(session, row, state="cancelled", reason=error.message, at=at)
    return True


def _lose(session: Session, work: Work, *, at: datetime) -> None:
    work.losses += 1
    if work.cancel_requested:
        _end(session, work, state="cancelled", reason=CANCELLED, at=at)
    elif work.losses >= MOST_LOSSES:
        reason = f"given up: {MOST_LOSSES} workers fell silent while making it"
        _end(session, work, state="failed", reason=reason, at=at)
    else:
        _requeue(session, work)


def _next(session: Session, engine: str, limit: int) -> list[Work]:
    """The works whose turn it is, locked."""
    first = waiting.turn(session, engine=engine)
    rows: list[Work] = []
    for kind in sorted(waiting.KINDS, key=lambda kind: kind != first):
        rows += session.scalars(
            select(Work)
            .where(Work.state == "queued", Work.engine == engine, Work.kind == kind)
            .where(~_lost_consent())
            .order_by(Work.priority, Work.id)
            .limit(limit - len(rows))
            .with_for_update(skip_locked=True)
        ).all()
    return rows


def _unfinished(session: Session, held: Claimed) -> Work | None:
    """The work, locked, in this worker's hands; None when this attempt has finished it already."""
    work = session.get_one(Work, held.work, with_for_update=True, populate_existing=True)
    if work.state == "done" and work.attempt == held.attempt:
        return None
    _fence(work, held)
    if work.cancel_requested:
        raise Cancelled(CANCELLED)
    return work


def _done(session: Session, work: Work, made: Made, *, at: datetime) -> None:
    work.state, work.stage, work.result_blob, work.map_blob = "done", "done", made.result, made.map
    work.facts, work.renditions = made.facts, made.renditions
    for column, value in made.size.items():
        setattr(work, column, value)
    work.ended_at, work.lease_until = at, None
    took = func.extract("epoch", func.clock_timestamp() - Work.started_at) * 1000
    work.took_ms = session.scalar(select(cast(took, Integer)).where(Work.id == work.id))
    tell(session, work)


def _ended_consent(session: Session, work: Work) -> HomageError | None:
    """Why what a work rests on is gone, or None."""
    for grant in work.grants:
        if grant.license is None:
            ended = _ended_trial(session, work, grant)
        else:
            ended = licenses.ended(session, license=grant.license, epoch=grant.epoch, style_epoch=grant.style_epoch)
        if ended is not None:
            return ended
    return None


def _ended_trial(session: Session, work: Work, grant: WorkLicense) -> HomageError | None:
    epoch = session.scalar(select(Style.epoch).where(Style.id == grant.style))
    if epoch == grant.style_epoch:
        if grant.offer is None:  # a sample: its owner's own style
            return None
        return licenses.trial_ended(session, offer=grant.offer, licensee=work.person)
    return StyleRevoked(f"consent to style {grant.style} was taken back; nothing can be made in it", style=grant.style)


def _lost_consent() -> Exists:
    """Of the work in the query around it: its license has expired, or license or style are above their epoch then.

    A preview has no license; it ends when its owner's license of the style was revoked since the offer. A sample has
    no offer either.
    """
    revoked = licenses.revocations(style=WorkLicense.style, licensee=Work.person, since=Offer.published_at)
    return (
        select(WorkLicense.work)
        .join(Style, Style.id == WorkLicense.style)
        .outerjoin(Offer, Offer.id == WorkLicense.offer)
        .outerjoin(License, License.id == WorkLicense.license)
        .where(
            WorkLicense.work == Work.id,
            or_(
                License.epoch != WorkLicense.epoch,
                Style.epoch != WorkLicense.style_epoch,
                License.expires_at <= func.now(),
                WorkLicense.license.is_(None) & revoked.correlate(Work, WorkLicense, Offer).exists(),
            ),
        )
        .correlate(Work)
        .offset(0)  # a fence: else the planner may join all works that were ever made, instead of asking for each
        .exists()
    )


def _licensors(sealed: Sealed) -> Sequence[tuple[str, int]]:
    """Each licensor's measured part, in the order of first appearance."""
    parts: dict[str, int] = {}
    for contribution in sealed.claim.contributions:
        parts[contribution.licensor] = parts.get(contribution.licensor, 0) + contribution.share
    return [(f"creator:{licensor}", share) for licensor, share in parts.items()]


def _end(session: Session, work: Work, *, state: str, reason: str, at: datetime) -> None:
    for grant in _in_lock_order(work):
        if grant.license is not None:
            licenses.give_back(session, license=grant.license)
    held = ledger.balance(session, f"hold:{work.id}", asset=work.asset)
    if held.amount > 0:  # nothing for a preview, or where the hold itself was reversed by hand
        ledger.post(session, entries.release(work=work.id, person=work.person, amount=held), at=at)
        reason = f"{reason}; the price is back"
    work.state, work.stage, work.reason, work.ended_at, work.lease_until = state, state, reason, at, None
    tell(session, work)


def _in_lock_order(work: Work) -> list[WorkLicense]:
    return sorted(work.grants, key=lambda grant: (grant.style, grant.license or ""))


def _requeue(session: Session, work: Work) -> None:
    work.state, work.stage, work.lease_until, work.worker = "queued", "queued", None, None
    announce(session, work)


def _fence(work: Work, held: Claimed) -> None:
    if work.state != "running" or work.attempt != held.attempt:
        raise StaleAttempt(f"work {work.id} is no longer in this worker's hands", work=work.id)


def tell(session: Session, work: Work) -> None:
    """Say where the work stands, once this transaction commits; its row is held by the caller."""
    work.beat = (work.beat or 0) + 1
    running = 0.0 if work.state == "running" else None
    step, of = work.step or 0, work.of or 0  # a new row has its defaults only once it is written
    event = progress.Event(work.id, work.state, work.stage, step, of, work.beat, work.reason, running)
    progress.tell(session, event)


def announce(session: Session, work: Work) -> None:
    """Wake a worker for a queued work, once this transaction commits."""
    tell(session, work)  # first: it counts the beat, which a new row is then written with
    db.notify(session, QUEUE, '"queued"')
