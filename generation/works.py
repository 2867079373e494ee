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

from pydantic import ValidationError
from sqlalchemy import Select, func, or_, select, text, update
from sqlalchemy.orm import Session

from attribution import registry
from attribution.seal import Sealed
from core import canonical, db, ids, progress
from core.errors import Conflict, HomageError, NotFound
from core.money import USD, Money
from creators.models import Style
from generation.catalog import Catalog
from generation.engine import BadRequest, Cancelled
from generation.models import Work, WorkLicense
from licensing import licenses
from licensing.models import License
from payments import entries, ledger
from payments.entries import FeePolicy

MOST_LOSSES = 3
MEDIUM = "picture"
QUEUE = "works"
CANCELLED = "cancelled by its owner"
HEAVIEST = 1_000_000
MOST_KEY_LETTERS = 200


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


def order(session: Session, *, order: Order, catalog: Catalog, policy: FeePolicy, at: datetime) -> Work:
    """Grant the licenses, hold the price, queue the work: all or nothing. The same key and order give the same work.

    Raises UnknownEngine, BadRequest, KeyReused, licensing's refusals, NotEnoughCredit.
    """
    _check(order, catalog)
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
        raise Cancelled(CANCELLED)
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
        raise Cancelled(CANCELLED)
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


def hand_back(session: Session, *, held: Claimed) -> None:
    """A worker that stops gives its work back to the queue, at once and without counting it as lost."""
    work = session.get_one(Work, held.work, with_for_update=True, populate_existing=True)
    _fence(work, held)
    _requeue(session, work)


def cancel(session: Session, *, work: str, person: str, at: datetime) -> Work:
    """Stop a work of one's own: at once while it waits, at its next step while it runs. Raises AlreadyEnded."""
    row = _own(session, work, person, lock=True)
    if row.state == "queued":
        _end(session, row, state="cancelled", reason=CANCELLED, at=at)
    elif row.state == "running":
        row.cancel_requested = True
    else:
        raise AlreadyEnded(f"work {work} is already {row.state}; there is nothing to cancel", state=row.state)
    return row


def get(session: Session, *, work: str, person: str) -> Work:
    """A work of one's own, else NotFound."""
    return _own(session, work, person, lock=False)


def sweep(session: Session, *, at: datetime) -> int:
    """Requeue works whose lease ran out (give up at the third loss) and end waiting works whose consent is gone."""
    lost = session.scalars(
        select(Work)
        .where(Work.state == "running", Work.lease_until < func.clock_timestamp())
        .order_by(Work.id)
        .with_for_update(skip_locked=True)
    ).all()
    for work in lost:
        work.losses += 1
        if work.cancel_requested:
            _end(session, work, state="cancelled", reason=CANCELLED, at=at)
        elif work.losses >= MOST_LOSSES:
            reason = f"given up: {MOST_LOSSES} workers fell silent while making it; the price is back"
            _end(session, work, state="failed", reason=reason, at=at)
        else:
            _requeue(session, work)
    revoked = session.scalars(
        select(Work)
        .where(Work.state == "queued", Work.id.in_(_stale_works()))
        .order_by(Work.id)
        .with_for_update(skip_locked=True)
    ).all()
    for work in revoked:
        error = _stale_epoch(session, work)
        if error is not None:
            _end(session, work, state="cancelled", reason=error.message, at=at)
    return len(lost) + len(revoked)


def _check(order: Order, catalog: Catalog) -> None:
    """Refuse what no engine could make, before anything is granted or held."""
    engine = catalog.get(order.engine)
    start = "compose" if order.source_blob is None else "source"
    needs = "needs a picture to start from" if order.source_blob is None else "takes no picture to start from"
    weights = [weight for _, weight in order.offers]
    key = len(order.idempotency_key)
    checks = (
        (0 < len(dict(order.offers)) == len(order.offers), "an order names one or more different offers"),
        (
            all(type(weight) is int and 0 < weight <= HEAVIEST for weight in weights),
            f"a style's weight is a whole number from 1 to {HEAVIEST:,}",
        ),
        (
            len(weights) < 2 or "mix" in engine.card.accepts,
            f"engine {order.engine} works in one style at a time; order each on its own",
        ),
        (start in engine.card.accepts, f"engine {order.engine} {needs}"),
        (0 <= order.seed < 2**32, "a seed is a whole number from 0 to 4,294,967,295"),
        (0 < key <= MOST_KEY_LETTERS, f"an idempotency key has 1 to {MOST_KEY_LETTERS} letters; a UUID is a good one"),
    )
    fault = next((words for fine, words in checks if not fine), None)
    if fault:
        raise BadRequest(fault)
    try:
        engine.Params.model_validate(order.params)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'parameters'}: {e['msg']}" for e in error.errors())
        raise BadRequest(f"engine {order.engine} cannot use these parameters: {faults}") from error


def _grant(session: Session, order: Order, offer: str, *, at: datetime) -> License:
    license = licenses.grant(session, offer=offer, licensee=order.person, at=at)
    decision = licenses.permit(session, license=license.id, licensee=order.person, medium=MEDIUM, at=at)
    licenses.demand(decision)
    licenses.use_up(session, license=license.id)
    return license


def _admit(session: Session, license: License, position: int, weight: int) -> WorkLicense:
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


def _stale_works() -> Select[tuple[str]]:
    """The works of which a license or style has risen above the epoch they were admitted under."""
    return (
        select(WorkLicense.work)
        .join(License, License.id == WorkLicense.license)
        .join(Style, Style.id == License.style)
        .where(or_(License.epoch != WorkLicense.epoch, Style.epoch != WorkLicense.style_epoch))
    )


def _licensors(sealed: Sealed) -> Sequence[tuple[str, int]]:
    """Each licensor's measured part, in the order of first appearance."""
    parts: dict[str, int] = {}
    for contribution in sealed.claim.contributions:
        parts[contribution.licensor] = parts.get(contribution.licensor, 0) + contribution.share
    return [(f"creator:{licensor}", share) for licensor, share in parts.items()]


def _end(session: Session, work: Work, *, state: str, reason: str, at: datetime) -> None:
    for grant in sorted(work.grants, key=lambda grant: grant.license):
        licenses.give_back(session, license=grant.license)
    if work.price > 0:
        price = Money(work.price, work.asset)
        ledger.post(session, entries.release(work=work.id, person=work.person, amount=price), at=at)
    work.state, work.stage, work.reason, work.ended_at, work.lease_until = state, state, reason, at, None
    _tell(session, work)


def _requeue(session: Session, work: Work) -> None:
    work.state, work.stage, work.lease_until, work.worker = "queued", "queued", None, None
    db.notify(session, QUEUE, '"queued"')
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
