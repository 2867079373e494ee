"""What was sent to a webhook, for its owner to look at, to test and to replay; forgotten after thirty days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from app.webhooks import dispatch, endpoints
from app.webhooks.models import Delivery, DeliveryAttempt, Webhook
from core import events, ids
from core.errors import NotFound
from core.events import Event

KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Sent:
    """A delivery with its event, and its attempts, the newest first; `last` of them alone in a list."""

    delivery: Delivery
    event: Event
    attempts: tuple[DeliveryAttempt, ...]


def of_webhook(
    session: Session, *, webhook: str, person: str, state: str | None, limit: int, before: str | None = None
) -> list[Sent]:
    """Deliveries to a webhook of one's own, the newest first, each with its last attempt. Raises NotFound."""
    hook = endpoints.get(session, webhook=webhook, person=person)
    query = select(Delivery, Event).join(Event, Event.id == Delivery.event).where(Delivery.webhook == hook.id)
    if state is not None:
        query = query.where(Delivery.state == state)
    if before is not None:
        query = query.where(Delivery.id < before)
    rows = session.execute(query.order_by(Delivery.id.desc()).limit(limit)).all()
    last = _last(session, [delivery.id for delivery, _ in rows])
    return [Sent(delivery, event, tuple(filter(None, [last.get(delivery.id)]))) for delivery, event in rows]


def find(session: Session, *, webhook: str, delivery: str, person: str) -> Sent:
    """One delivery, with all its attempts. Raises NotFound."""
    row = _get(session, endpoints.get(session, webhook=webhook, person=person), delivery)
    attempts = select(DeliveryAttempt).where(DeliveryAttempt.delivery == row.id)
    newest_first = session.scalars(attempts.order_by(DeliveryAttempt.number.desc())).all()
    return Sent(row, session.get_one(Event, row.event), tuple(newest_first))


def test(session: Session, *, webhook: str, person: str, at: datetime) -> Sent:
    """Send a ping, whatever the webhook is told otherwise; one that is still on its way is enough.

    Raises NotFound, WebhookDisabled.
    """
    hook = _enabled(session, webhook, person)
    waiting = session.scalar(
        select(Delivery.id)
        .join(Event, Event.id == Delivery.event)
        .where(Delivery.webhook == hook.id, Delivery.state == "waiting", Event.kind == events.PING)
    )
    if waiting is None:
        event = events.tell(session, events.PING, data={"webhook": hook.id}, at=at)
        row = dispatch.fresh_delivery(event, hook.id, at=at)
        session.execute(insert(Delivery).values(row))
        waiting = row["id"]
    return find(session, webhook=webhook, delivery=waiting, person=person)


def replay(session: Session, *, webhook: str, delivery: str, person: str, at: datetime) -> int:
    """Send one event again, whatever became of it. Raises NotFound, WebhookDisabled."""
    hook = _enabled(session, webhook, person)
    row = _get(session, hook, delivery)
    return _again(session, at, Delivery.id == row.id)


def replay_failed(session: Session, *, webhook: str, since: datetime, person: str, at: datetime) -> int:
    """Send again all that failed and was told since then; how many. Raises NotFound, WebhookDisabled."""
    hook = _enabled(session, webhook, person)
    return _again(session, at, Delivery.webhook == hook.id, Delivery.state == "failed", Delivery.created_at >= since)


def tidy(session: Session, *, at: datetime) -> None:
    """Forget deliveries after thirty days, with their attempts, and events that nothing is left of."""
    session.execute(delete(Delivery).where(Delivery.created_at < at - KEPT))
    kept = select(Delivery.id).where(Delivery.event == Event.id).exists()
    session.execute(delete(Event).where(Event.at < at - KEPT, Event.spread_at.is_not(None), ~kept))


def _enabled(session: Session, webhook: str, person: str) -> Webhook:
    hook = endpoints.get(session, webhook=webhook, person=person, held=True)
    endpoints.demand_enabled(hook)
    hook.rest_until = None  # its owner wants to know whether it is back
    return hook


def _get(session: Session, hook: Webhook, delivery: str) -> Delivery:
    row = session.get(Delivery, ids.check(delivery, "dlv"), populate_existing=True)
    if row is None or row.webhook != hook.id:
        raise NotFound(f"there is no delivery {delivery} to webhook {hook.id}", id=delivery)
    return row


def _again(session: Session, at: datetime, *which: ColumnElement[bool]) -> int:
    again = update(Delivery).where(*which).values(state="waiting", tries=0, due_at=at, settled_at=None)
    rows = session.execute(again.returning(Delivery.id).execution_options(synchronize_session=False)).all()
    return len(rows)


def _last(session: Session, deliveries: Sequence[str]) -> dict[str, DeliveryAttempt]:
    numbers = (
        select(DeliveryAttempt.delivery, func.max(DeliveryAttempt.number))
        .where(DeliveryAttempt.delivery.in_(deliveries))
        .group_by(DeliveryAttempt.delivery)
    )
    newest = select(DeliveryAttempt).where(tuple_(DeliveryAttempt.delivery, DeliveryAttempt.number).in_(numbers))
    return {attempt.delivery: attempt for attempt in session.scalars(newest)}
