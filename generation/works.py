"""Works as a state machine, one transaction a step: order, claim, beat, finish, release, cancel, sweep.

The table is the render queue. A claim sets a lease and raises `attempt`, the fencing token: whoever holds an older
attempt is refused. Consent is compared at each step through the epochs a work was admitted under; `finish` holds the
license and style rows while it does, so a revocation comes either wholly before (no work, no fee) or wholly after.

Locks are taken in this order: work, styles, licenses, claims, ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from attribution import registry
from attribution.seal import Sealed
from core import canonical, db, ids, progress
from core.errors import Conflict, HomageError, Invalid, NotFound
from core.money import USD, Money
from generation.engine import Cancelled
from generation.models import Work, WorkLicense
from licensing import licenses
from licensing.models import License
from payments import entries, ledger
from payments.entries import FeePolicy

ATTEMPTS = 3
MEDIUM = "picture"
QUEUE = "works"


class StaleAttempt(Conflict):
    """Another worker has taken this work over."""


class KeyReused(Conflict):
    """This idempotency key was used for another order."""


class AlreadyEnded(Conflict):
    """The work has already ended."""


@dataclass(frozen=True)
class Order:
    """What a fan asks for. `offers`: (offer id, weight) for each style; weights are relative."""

    person: str
    offers: tuple[tuple[str, int], ...]
    engine: str
    params: dict[str, Any]
    seed: int
    source_blob: str | None
    source_sha256: str | None
    idempotency_key: str

    def inputs_hash(self) -> str:
        params = {key: str(value) for key, value in self.params.items()}
        return canonical.digest([self.person, self.offers, self.engine, params, self.seed, self.source_sha256])


@dataclass(frozen=True)
class Claimed:
    """A work in this worker's hands, until another attempt takes it."""

    work: str
    attempt: int


def order(session: Session, *, order: Order, policy: FeePolicy, at: datetime) -> Work:
    """Grant the licenses, hold the price, queue the work: all or nothing. The same key and order give the same work.

    Raises KeyReused, licensing's refusals, NotEnoughCredit.
    """
    _serialize(session, f"order:{order.person}:{order.idempotency_key}")
    known = session.scalar(
        select(Work).where(Work.person == order.person, Work.idempotency_key == order.idempotency_key)
    )
    if known is not None:
        if known.inputs_hash != order.inputs_hash():
            raise KeyReused(
                f"idempotency key {order.idempotency_key[:60]!r} was used for another order; send a new key",
                work=known.id,
            )
        return known
    if not order.offers or len({offer for offer, _ in order.offers}) != len(order.offers):
        raise Invalid("an order names one or more different offers")
    granted = [_grant(session, order, offer, at=at) for offer, _ in order.offers]
    price = sum(_price(license).amount for license in granted)
    work = Work(
        id=ids.new("wrk"),
        person=order.person,
        engine=order.engine,
        params=order.params,
        seed=order.seed,
        source_blob=order.source_blob,
        source_sha256=order.source_sha256,
        price=price,
        asset=USD,
        platform_ppm=policy.platform_ppm,
        compute=min(policy.compute.amount, price),
        idempotency_key=order.idempotency_key,
        inputs_hash=order.inputs_hash(),
        state="queued",
        stage="queued",
        created_at=at,
    )
    work.grants = [
        _admit(session, license, position, weight)
        for position, (license, (_, weight)) in enumerate(zip(granted, order.offers, strict=True))
    ]
    session.add(work)
    session.flush()
    if price > 0:
        ledger.post(session, entries.hold(work=work.id, person=order.person, amount=Money(price)), at=at)
    db.notify(session, QUEUE, '"queued"')
    _tell(session, work)
    return work


def claim(session: Session, *, engine: str, worker: str, lease: timedelta, limit: int) -> list[Claimed]:
    """Take up to `limit` queued works of `engine`, oldest first; others' claims are skipped, not waited for."""
    rows = session.scalars(
        select(Work)
        .where(Work.state == "queued", Work.engine == engine)
        .order_by(Work.priority, Work.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    claimed = []
    for work in rows:
        if _stale_epoch(session, work) is not None:
            continue  # the sweep gives the money back
        work.state, work.stage, work.worker = "running", "claimed", worker
        work.attempt += 1
        work.lease_until = session.scalar(select(func.clock_timestamp() + lease))
        claimed.append(Claimed(work.id, work.attempt))
        _tell(session, work)
    return claimed


def beat(session: Session, *, held: Claimed, lease: timedelta, stage: str, step: int = 0, of: int = 0) -> None:
    """Renew the lease and say where the work is. Raises StaleAttempt, Cancelled, or licensing's Revoked."""
    cancel = session.execute(
        update(Work)
        .where(Work.id == held.work, Work.attempt == held.attempt, Work.state == "running")
        .values(lease_until=func.clock_timestamp() + lease, stage=stage, step=step, of=of)
        .returning(Work.cancel_requested)
    ).scalar_one_or_none()
    if cancel is None:
        raise StaleAttempt(f"work {held.work} is no longer in this worker's hands", work=held.work)
    if cancel:
        raise Cancelled("cancelled by its owner")
    revoked = _stale_epoch(session, session.get_one(Work, held.work))
    if revoked is not None:
        raise revoked
    progress.tell(session, progress.Event(held.work, "running", stage, step, of))


def finish(
    session: Session,
    *,
    held: Claimed,
    sealed: Sealed,
    result: str,
    map: str | None,
    facts: dict[str, Any],
    at: datetime,
) -> None:
    """Record the claim, charge the fee and publish the work: all or nothing, and only once."""
    work = session.get_one(Work, held.work, with_for_update=True, populate_existing=True)
    if work.state == "done" and work.attempt == held.attempt:
        return
    _fence(work, held)
    if work.cancel_requested:
        raise Cancelled("cancelled by its owner")
    for grant in work.grants:
        licenses.confirm(session, license=grant.license, epoch=grant.epoch, style_epoch=grant.style_epoch)
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
    work.state, work.stage, work.result_blob, work.map_blob = "done", "done", result, map
    work.facts, work.ended_at, work.lease_until = facts, at, None
    _tell(session, work)


def release(session: Session, *, held: Claimed, state: str, reason: str, at: datetime) -> None:
    """End a work without a result; the whole price goes back. `state`: failed or cancelled."""
    work = session.get_one(Work, held.work, with_for_update=True, populate_existing=True)
    if work.state in ("done", "failed", "cancelled"):
        return
    _fence(work, held)
    _end(session, work, state=state, reason=reason, at=at)


def cancel(session: Session, *, work: str, person: str, at: datetime) -> Work:
    """Stop a work of one's own: at once while it waits, at its next step while it runs. Raises AlreadyEnded."""
    row = _own(session, work, person, lock=True)
    if row.state == "queued":
        _end(session, row, state="cancelled", reason="cancelled by its owner", at=at)
    elif row.state == "running":
        row.cancel_requested = True
    else:
        raise AlreadyEnded(f"work {work} is already {row.state}; there is nothing to cancel", state=row.state)
    return row


def get(session: Session, *, work: str, person: str) -> Work:
    """A work of one's own, else NotFound."""
    return _own(session, work, person, lock=False)


def sweep(session: Session, *, at: datetime) -> int:
    """Requeue works whose lease ran out (give up after three attempts) and end waiting works whose consent is gone."""
    lost = session.scalars(
        select(Work)
        .where(Work.state == "running", Work.lease_until < func.clock_timestamp())
        .with_for_update(skip_locked=True)
    ).all()
    for work in lost:
        if work.attempt >= ATTEMPTS:
            _end(session, work, state="failed", reason=f"given up after {ATTEMPTS} attempts", at=at)
        else:
            work.state, work.stage, work.lease_until, work.worker = "queued", "queued", None, None
            db.notify(session, QUEUE, '"queued"')
    waiting = session.scalars(select(Work).where(Work.state == "queued").with_for_update(skip_locked=True)).all()
    ended = 0
    for work in waiting:
        revoked = _stale_epoch(session, work)
        if revoked is not None:
            _end(session, work, state="cancelled", reason=revoked.message, at=at)
            ended += 1
    return len(lost) + ended


def _grant(session: Session, order: Order, offer: str, *, at: datetime) -> License:
    license = licenses.grant(session, offer=offer, licensee=order.person, at=at)
    decision = licenses.permit(session, license=license.id, licensee=order.person, medium=MEDIUM, at=at)
    licenses.demand(decision)
    licenses.use_up(session, license=license.id)
    return license


def _admit(session: Session, license: License, position: int, weight: int) -> WorkLicense:
    if weight <= 0:
        raise Invalid("a style's weight is a positive whole number")
    epoch, style_epoch = licenses.epochs(session, license=license.id)
    return WorkLicense(
        position=position, license=license.id, style=license.style, weight=weight, epoch=epoch, style_epoch=style_epoch
    )


def _stale_epoch(session: Session, work: Work) -> HomageError | None:
    """Why the consent a work rests on is gone, or None."""
    for grant in work.grants:
        if licenses.epochs(session, license=grant.license) != (grant.epoch, grant.style_epoch):
            return licenses.Revoked(f"license {grant.license} was revoked; the price has been given back")
    return None


def _licensors(sealed: Sealed) -> Sequence[tuple[str, int]]:
    """Each licensor's measured part, in the order of first appearance."""
    parts: dict[str, int] = {}
    for contribution in sealed.claim.contributions:
        parts[contribution.licensor] = parts.get(contribution.licensor, 0) + contribution.share
    return [(f"creator:{licensor}", share) for licensor, share in parts.items()]


def _end(session: Session, work: Work, *, state: str, reason: str, at: datetime) -> None:
    if work.price > 0:
        ledger.post(session, entries.release(work=work.id, person=work.person, amount=Money(work.price)), at=at)
    for grant in work.grants:
        licenses.give_back(session, license=grant.license)
    work.state, work.stage, work.reason, work.ended_at, work.lease_until = state, state, reason, at, None
    _tell(session, work)


def _fence(work: Work, held: Claimed) -> None:
    if work.state != "running" or work.attempt != held.attempt:
        raise StaleAttempt(f"work {work.id} is no longer in this worker's hands", work=work.id)


def _own(session: Session, work: str, person: str, *, lock: bool) -> Work:
    row = session.get(Work, ids.check(work, "wrk"), with_for_update=lock, populate_existing=True)
    if row is None or row.person != person:
        raise NotFound(f"there is no work {work} of yours", id=work)
    return row


def _price(license: License) -> Money:
    return licenses.terms_of(license).price


def _serialize(session: Session, key: str) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def _tell(session: Session, work: Work) -> None:
    progress.tell(session, progress.Event(work.id, work.state, work.stage, work.step or 0, work.of or 0))
