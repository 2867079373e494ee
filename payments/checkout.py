"""A fan pays into their credit: our row, then the processor with no transaction open, its word kept once, the credit.

Each step can be the last before a crash; asking again under the same key goes on where it stopped. The charge's id is
the key the processor is asked under, an event is kept under the processor's id, and the credit's reference is the
charge: so nothing is charged or credited twice, whoever asks how often.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import db, ids
from core.clock import Clock
from core.errors import Conflict, HomageError, Invalid, NotFound, PaymentRequired
from core.money import USD, Money
from creators import profiles
from payments import entries, ledger
from payments.models import Charge, ProcessorEvent
from payments.processor import Event, Processor, ProcessorUnavailable

log = structlog.get_logger()

CENT = 10_000  # units of USD/6
MOST = Money.parse("100000.00")  # one top-up; far inside the database's 64 bits
MOST_KEY_LETTERS = 200


class NotChargeable(Invalid):
    """No processor could charge this."""


class ChargeKeyReused(Invalid):
    """This idempotency key was used for another top-up."""


class UnknownCharge(NotFound):
    """There is no such charge."""


class WrongEvent(Conflict):
    """What the processor says does not fit the charge."""


class Declined(PaymentRequired):
    """The processor did not get the money."""


def rehearse_top_up(
    sessions: db.Sessions, processor: Processor, *, person: str, amount: Money, key: str, clock: Clock
) -> Charge:
    """Charge a person and credit what they paid; the charge is still `pending` where the processor has not decided.

    The same key goes on with the same charge. Raises NotChargeable, NotFound, ChargeKeyReused, Declined,
    ProcessorUnavailable.
    """
    with db.unit(sessions) as session:
        charge = begin(session, person=person, amount=amount, processor=processor.name, key=key, at=clock.now())
    if charge.state == "pending":
        charge = ask(sessions, processor, charge=charge, clock=clock)
    if charge.state == "failed":
        raise Declined(
            f"the payment of {amount} failed ({charge.reason}); nothing was charged, try another way to pay",
            charge=charge.id,
        )
    return charge


def top_up(
    sessions: db.Sessions, processor: Processor, *, person: str, amount: Money, key: str, clock: Clock
) -> Charge:
    """The same for whoever looks at the charge's state: it is returned as it stands, declined or without an answer.

    A charge that got no answer stays `pending`; `resume` goes on with it. Raises NotChargeable, NotFound,
    ChargeKeyReused.
    """
    with suppress(Declined, ProcessorUnavailable):
        rehearse_top_up(sessions, processor, person=person, amount=amount, key=key, clock=clock)
    with db.unit(sessions) as session:
        return begin(session, person=person, amount=amount, processor=processor.name, key=key, at=clock.now())


def of_person(session: Session, *, person: str, limit: int, before: str | None = None) -> Sequence[Charge]:
    """A person's charges, the newest first; `before` is the id of the last one seen."""
    query = select(Charge).where(Charge.person == person).order_by(Charge.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Charge.id < before)
    return session.scalars(query).all()


def find(session: Session, *, charge: str, person: str) -> Charge:
    """A charge of one's own. Raises UnknownCharge."""
    row = session.get(Charge, ids.check(charge, "chg"))
    if row is None or row.person != person:
        raise UnknownCharge(f"there is no top-up {charge} of yours; check the id", id=charge)
    return row


def begin(session: Session, *, person: str, amount: Money, processor: str, key: str, at: datetime) -> Charge:
    """The charge under this person's key, made at the first call. Raises NotChargeable, NotFound, ChargeKeyReused."""
    _check(amount, key)
    profiles.stay(session, person=person)
    fresh = {
        "id": ids.new("chg"),
        "person": person,
        "amount": amount.amount,
        "asset": amount.asset,
        "processor": processor,
        "idempotency_key": key,
        "state": "pending",
        "created_at": at,
    }
    session.execute(insert(Charge).values(fresh).on_conflict_do_nothing(index_elements=["person", "idempotency_key"]))
    charge = session.scalars(select(Charge).where(Charge.person == person, Charge.idempotency_key == key)).one()
    if (charge.amount, charge.asset, charge.processor) != (amount.amount, amount.asset, processor):
        raise ChargeKeyReused(
            f"idempotency key {key[:60]!r} was used to charge {Money(charge.amount, charge.asset)}; send a new key",
            charge=charge.id,
        )
    return charge


def ask(sessions: db.Sessions, processor: Processor, *, charge: Charge, clock: Clock) -> Charge:
    """Ask the processor for a pending charge, keep what it says, credit what was paid.

    Raises NotFound where the payer was erased meanwhile, ProcessorUnavailable.
    """
    with db.unit(sessions) as session:
        profiles.stay(session, person=charge.person)
        row = session.get_one(Charge, charge.id, with_for_update=True)
        row.asked_at = row.asked_at or clock.now()
    for event in processor.charge(charge=charge.id, amount=Money(charge.amount, charge.asset)):
        receive(sessions, event, processor=processor.name, clock=clock)
    with db.unit(sessions) as session:
        return session.get_one(Charge, charge.id)


def receive(sessions: db.Sessions, event: Event, *, processor: str, clock: Clock) -> Charge:
    """What a processor says, however it reached us and however often: kept once, then acted on.

    Raises UnknownCharge, WrongEvent.
    """
    with db.unit(sessions) as session:
        keep(session, event, processor=processor, at=clock.now())
    with db.unit(sessions) as session:
        return settle(session, charge=event.charge, at=clock.now())


def keep(session: Session, event: Event, *, processor: str, at: datetime) -> None:
    """Write down a processor's event under its own id, once. Raises UnknownCharge."""
    charge = session.get(Charge, event.charge)
    if charge is None or charge.processor != processor:
        raise UnknownCharge(f"{processor} speaks of charge {event.charge[:60]!r}, which is not ours to it")
    said = {"amount": event.amount.amount, "asset": event.amount.asset}
    fresh = {
        "processor": processor,
        "id": event.id,
        "kind": event.kind,
        "charge": event.charge,
        "payload": {**event.payload, **said, "external": event.external, "reason": event.reason},
        "received_at": at,
    }
    session.execute(insert(ProcessorEvent).values(fresh).on_conflict_do_nothing(index_elements=["processor", "id"]))


def settle(session: Session, *, charge: str, at: datetime) -> Charge:
    """Bring a charge to where its kept events say it is, and credit it if it was paid: once, in whatever order.

    Raises WrongEvent where another amount was paid; the event is kept for a person to look at.
    """
    row = session.get_one(Charge, charge, with_for_update=True, populate_existing=True)
    events = {
        event.kind: event for event in session.scalars(select(ProcessorEvent).where(ProcessorEvent.charge == charge))
    }
    paid, failed = events.get("charge.succeeded"), events.get("charge.failed")
    if row.state == "succeeded" or not events:
        return row
    if paid is not None:
        amount = Money(row.amount, row.asset)
        _same_amount(row, paid)
        entry = entries.topup(charge=row.id, person=row.person, amount=amount, processor=row.processor)
        ledger.post(session, entry, at=at)
        row.state, row.reason, row.external, row.settled_at = "succeeded", None, paid.payload["external"], at
    elif failed is not None and row.state == "pending":
        row.state, row.reason, row.settled_at = "failed", failed.payload["reason"], at
        row.external = failed.payload["external"]
    return row


def _same_amount(row: Charge, paid: ProcessorEvent) -> None:
    said, asked = Money(paid.payload["amount"], paid.payload["asset"]), Money(row.amount, row.asset)
    if said != asked:
        raise WrongEvent(
            f"{row.processor} says that charge {row.id} was {said}, we asked for {asked}; look at it by hand",
            charge=row.id,
        )


def resume(
    sessions: db.Sessions, processor: Processor, *, clock: Clock, older_than: timedelta = timedelta(minutes=1)
) -> int:
    """Go on with charges that were asked for and are still pending; how many were decided. Safe to repeat.

    One that a crash kept from ever being asked is left alone: its payer may have begun another since.
    """
    with db.unit(sessions) as session:
        waiting = session.scalars(
            select(Charge)
            .where(
                Charge.state == "pending",
                Charge.processor == processor.name,
                Charge.asked_at.is_not(None),
                Charge.created_at <= clock.now() - older_than,
            )
            .order_by(Charge.id)
        ).all()
    decided = 0
    for charge in waiting:
        try:
            decided += ask(sessions, processor, charge=charge, clock=clock).state != "pending"
        except ProcessorUnavailable:
            continue  # the next round asks again
        except HomageError as error:
            log.error("a charge needs a person", charge=charge.id, reason=error.message)
    return decided


def _check(amount: Money, key: str) -> None:
    checks = (
        (amount.asset == USD, f"a top-up is in {USD}, not in {amount.asset}"),
        (0 < amount.amount <= MOST.amount, f"a top-up is from 0.01 to {MOST}, not {amount}"),
        (amount.amount % CENT == 0, f"a top-up is in whole cents, not {amount}"),
        (0 < len(key) <= MOST_KEY_LETTERS, f"a key has 1 to {MOST_KEY_LETTERS} letters; a UUID is a good one"),
    )
    fault = next((words for fine, words in checks if not fine), None)
    if fault:
        raise NotChargeable(fault, amount=amount.amount)
