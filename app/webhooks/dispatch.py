"""Events become deliveries, deliveries are taken up, and what came of an attempt is written down.

An attempt is in no transaction: taking leases the delivery, settling ends the lease. Of several workers one takes a
delivery up; when it dies, another does after the lease. So an event arrives at least once, under one id.

Locks: the webhook, then its delivery.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, func, insert, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.identity import letters
from app.identity.models import Account
from app.mail import Postbox
from app.webhooks import endpoints, schedule
from app.webhooks.models import Delivery, DeliveryAttempt, Webhook
from core import ids
from core.events import Event, payload
from creators.models import Person

AT_ONCE, AT_ONCE_EACH = 2, 4  # to one webhook, to all of one person: a slow server keeps nobody else waiting
SPREAD_AT_ONCE = 20
LEASE = timedelta(seconds=2 * schedule.SECONDS)
log = structlog.get_logger()


@dataclass(frozen=True)
class Parcel:
    """One attempt to make: what is sent where, and under which number. `secrets` are sealed for the person."""

    delivery: str
    number: int
    webhook: str
    person: str
    url: str
    event: str
    body: bytes = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt that began `at`: a status, or a failure in words. `asked`: how long it wants peace."""

    at: datetime
    took_ms: int
    status: int | None = None
    failure: str | None = None
    answer: str = ""
    asked: timedelta = timedelta()

    @property
    def ended_at(self) -> datetime:
        return self.at + timedelta(milliseconds=self.took_ms)


def spread(session: Session, *, at: datetime) -> int:
    """Give each new event to the webhooks that want it; how many events, some at a time.

    A webhook that was disabled because it failed misses nothing: what it would have been told can be replayed.
    """
    fresh = select(Event).where(Event.spread_at.is_(None)).order_by(Event.id).limit(SPREAD_AT_ONCE)
    events = session.scalars(fresh.with_for_update(skip_locked=True)).all()
    if not events:
        return 0
    pairs = session.execute(
        select(Event.id, Webhook.id, Webhook.disabled_at)
        .join(Webhook, Event.kind == func.any(Webhook.kinds))
        .where(Event.id.in_([event.id for event in events]))
        .where(or_(Event.everyone, Webhook.person == func.any(Event.people)))
        .where(or_(Webhook.disabled_at.is_(None), Webhook.disabled_because == "failing"))
    )
    rows = [fresh_delivery(event, webhook, at=at, failed=off is not None) for event, webhook, off in pairs]
    if rows:
        session.execute(upsert(Delivery).on_conflict_do_nothing(index_elements=["event", "webhook"]), rows)
    for event in events:
        event.spread_at = at
    session.flush()
    return len(events)


def fresh_delivery(event: str, webhook: str, *, at: datetime, failed: bool = False) -> dict[str, Any]:
    """A row of `deliveries`, due at once."""
    return {
        "id": ids.new("dlv"),
        "webhook": webhook,
        "event": event,
        "state": "failed" if failed else "waiting",
        "tries": 0,
        "attempts": 0,
        "due_at": at,
        "created_at": at,
        "settled_at": at if failed else None,
    }


def take(session: Session, *, free: int, at: datetime) -> list[Parcel]:
    """Take up to `free` due deliveries, leased until settled: of each webhook few, of one that fails one at a time."""
    # One look at the index for each webhook; from EXISTS the planner makes a join over all that waits.
    due = select(true()).where(Delivery.webhook == Webhook.id, *_due(at)).limit(1).scalar_subquery()
    rested = or_(Webhook.rest_until.is_(None), Webhook.rest_until <= at)
    busy, busy_each = _busy(session)
    full = [webhook for webhook, count in busy.items() if count >= AT_ONCE]
    full_each = [person for person, count in busy_each.items() if count >= AT_ONCE_EACH]
    hooks = session.scalars(
        select(Webhook)
        .where(Webhook.disabled_at.is_(None), rested, due.is_(True))
        .where(Webhook.id.not_in(full), Webhook.person.not_in(full_each))
        .order_by(Webhook.served_at.asc().nulls_first(), Webhook.id)
        .limit(free)
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    busy, busy_each = _busy(session)  # again, now that these webhooks are held
    parcels: list[Parcel] = []
    for hook in hooks:
        at_once = 1 if hook.failures else AT_ONCE
        few = min(at_once - busy[hook.id], AT_ONCE_EACH - busy_each[hook.person], free - len(parcels))
        taken = _taken(session, hook, few, at=at) if few > 0 else []
        busy_each[hook.person] += len(taken)
        parcels += taken
    return parcels


def settle(session: Session, *, parcel: Parcel, outcome: Outcome, post: Postbox) -> None:
    """Write down what came of an attempt, and when the next one is due. What was removed meanwhile stays removed."""
    hook = session.get(Webhook, parcel.webhook, with_for_update={"key_share": True}, populate_existing=True)
    row = session.get(Delivery, parcel.delivery, with_for_update=True, populate_existing=True) if hook else None
    if hook is None or row is None:
        return
    session.execute(
        insert(DeliveryAttempt).values(
            delivery=row.id,
            number=parcel.number,
            at=outcome.at,
            took_ms=outcome.took_ms,
            status=outcome.status,
            failure=outcome.failure,
            answer=outcome.answer,
        )
    )
    if row.attempts != parcel.number:
        return  # its lease was over, and somebody else has taken it up
    row.leased_until = None
    if schedule.arrived(outcome.status):
        row.state, row.settled_at = "delivered", outcome.ended_at
        hook.failures, hook.failing_since, hook.rest_until, hook.delivered_at = 0, None, None, outcome.ended_at
    else:
        _failed(session, hook, row, outcome, post)
    session.flush()


def _due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    unleased = or_(Delivery.leased_until.is_(None), Delivery.leased_until <= func.now())
    return Delivery.state == "waiting", Delivery.due_at <= at, unleased


def _busy(session: Session) -> tuple[Counter[str], Counter[str]]:
    """How many attempts are under way: to each webhook, and to all of each person's."""
    under_way = select(Webhook.id, Webhook.person).join(Delivery, Delivery.webhook == Webhook.id)
    rows = session.execute(under_way.where(Delivery.leased_until > func.now())).all()
    return Counter(webhook for webhook, _ in rows), Counter(person for _, person in rows)


def _taken(session: Session, hook: Webhook, few: int, *, at: datetime) -> list[Parcel]:
    due = select(Delivery.id).where(Delivery.webhook == hook.id, *_due(at)).order_by(Delivery.due_at)
    chosen = session.scalars(due.limit(few).with_for_update(skip_locked=True)).all()
    leased = session.execute(
        update(Delivery)
        .where(Delivery.id.in_(chosen))
        .values(tries=Delivery.tries + 1, attempts=Delivery.attempts + 1, leased_until=func.now() + LEASE)
        .returning(Delivery.id, Delivery.attempts, Delivery.event)
        .execution_options(synchronize_session=False)
    ).all()
    if leased:
        hook.served_at = at
    events = {
        event.id: event for event in session.scalars(select(Event).where(Event.id.in_([one[2] for one in leased])))
    }
    return [
        Parcel(
            delivery=delivery,
            number=number,
            webhook=hook.id,
            person=hook.person,
            url=hook.url,
            event=event,
            body=payload(events[event].kind, events[event].data, events[event].at),
            secrets=endpoints.sealed_secrets(hook, at=at),
        )
        for delivery, number, event in leased
    ]


def _failed(session: Session, hook: Webhook, row: Delivery, outcome: Outcome, post: Postbox) -> None:
    at = outcome.ended_at
    hook.failures += 1
    hook.failing_since = hook.failing_since or at
    hook.rest_until = at + max(schedule.rest(hook.failures), outcome.asked)
    following = schedule.wait(row.tries, jitter=secrets.randbelow(1_000) / 1_000)
    if following is None or hook.disabled_at is not None:
        row.state, row.settled_at = "failed", at
    else:
        row.due_at = at + max(following, outcome.asked)
    if hook.disabled_at is None and outcome.status == schedule.GONE:
        _give_up(session, hook, post, because="gone", at=at)
    elif hook.disabled_at is None and at - hook.failing_since >= schedule.GIVEN_UP_AFTER:
        _give_up(session, hook, post, because="failing", at=at)


def _give_up(session: Session, hook: Webhook, post: Postbox, *, because: str, at: datetime) -> None:
    session.flush()
    endpoints.disable(session, hook, because=because, at=at)
    email = session.scalar(select(Account.email).where(Account.person == hook.person))
    if email is not None:
        name = session.get_one(Person, hook.person).name
        letter = letters.webhook_disabled(url=post.url, name=name, webhook=hook.name, gone=because == "gone")
        post.put(session, to=email, letter=letter, at=at)
