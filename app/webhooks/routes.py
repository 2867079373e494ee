"""Doors of webhooks: where one is told what happens, how that went, and once more."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.webhooks import deliveries, endpoints
from app.webhooks.schemas import (
    DeliveryOut,
    DeliveryWhole,
    Replayed,
    ReplayIn,
    State,
    WebhookChange,
    WebhookIn,
    WebhookMade,
    WebhookOut,
)
from core import clock, networks
from core.keys import Keystore
from core.web import Listed, Metered, Named, Page, Paged, Principal, Unit, allowed, port

COST = 10  # units of what makes us send requests at once
router = APIRouter(prefix="/webhooks", tags=["webhooks"])
Owner = Annotated[Principal, allowed("webhooks")]
Clock = Annotated[clock.Clock, port("clock")]
Keys = Annotated[Keystore, port("keys")]
Network = Annotated[networks.Network, port("network")]
WebhookId = Annotated[str, Named("whk")]
DeliveryId = Annotated[str, Named("dlv")]


@router.get("")
def list_webhooks(who: Owner, session: Unit, time: Clock) -> list[WebhookOut]:
    """Your webhooks and how they fare, the newest first."""
    return [WebhookOut.of(row, at=time.now()) for row in endpoints.listed(session, person=who.person)]


@router.post("", status_code=201)
def make_webhook(
    body: WebhookIn, who: Owner, session: Unit, time: Clock, keys: Keys, network: Network, meter: Metered
) -> WebhookMade:
    """Be told of what happens, at an https address of yours. The secret is shown in this answer and never again."""
    meter.costs(COST)
    endpoints.check(network, body.url)
    secret, row = endpoints.make(session, keys, person=who.person, **body.model_dump(), at=time.now())
    return WebhookMade.with_secret(row, secret, at=time.now())


@router.get("/{id}")
def get_webhook(id: WebhookId, who: Owner, session: Unit, time: Clock) -> WebhookOut:
    """One of your webhooks."""
    return WebhookOut.of(endpoints.get(session, webhook=id, person=who.person), at=time.now())


@router.patch("/{id}")
def change_webhook(
    id: WebhookId, body: WebhookChange, who: Owner, session: Unit, time: Clock, network: Network, meter: Metered
) -> WebhookOut:
    """Change its name, address or kinds; disable it, or enable it again."""
    if body.url is not None:
        meter.costs(COST)
        endpoints.check(network, body.url)
    row = endpoints.change(session, webhook=id, person=who.person, **body.model_dump(), at=time.now())
    return WebhookOut.of(row, at=time.now())


@router.delete("/{id}", status_code=204)
def remove_webhook(id: WebhookId, who: Owner, session: Unit) -> None:
    """Remove it, with the log of its deliveries."""
    endpoints.remove(session, webhook=id, person=who.person)


@router.post("/{id}/secret")
def rotate_webhook_secret(id: WebhookId, who: Owner, session: Unit, time: Clock, keys: Keys) -> WebhookMade:
    """Another secret, shown this once. For 24 hours every request is signed by the old one as well."""
    secret, row = endpoints.rotate(session, keys, webhook=id, person=who.person, at=time.now())
    return WebhookMade.with_secret(row, secret, at=time.now())


@router.post("/{id}/test", status_code=202)
def test_webhook(id: WebhookId, who: Owner, session: Unit, time: Clock, meter: Metered) -> DeliveryOut:
    """Send it a `ping`; the delivery's log says how that goes."""
    meter.costs(COST)
    return DeliveryOut.of(deliveries.test(session, webhook=id, person=who.person, at=time.now()))


@router.get("/{id}/deliveries")
def list_deliveries(
    id: WebhookId,
    who: Owner,
    session: Unit,
    page: Paged,
    state: Annotated[State | None, Query(description="only those in this state")] = None,
) -> Listed[DeliveryOut]:
    """What was sent to it in the last thirty days, the newest first, each with its last attempt."""
    found = deliveries.of_webhook(
        session, webhook=id, person=who.person, state=state, limit=page.limit + 1, before=_seen(page)
    )
    return page.of(found, lambda sent: [sent.delivery.id], DeliveryOut.of)


@router.get("/{id}/deliveries/{delivery}")
def get_delivery(id: WebhookId, delivery: DeliveryId, who: Owner, session: Unit) -> DeliveryWhole:
    """One delivery, with what is sent and every attempt."""
    return DeliveryWhole.of(deliveries.find(session, webhook=id, delivery=delivery, person=who.person))


@router.post("/{id}/replays", status_code=202)
def replay_deliveries(
    id: WebhookId, body: ReplayIn, who: Owner, session: Unit, time: Clock, meter: Metered
) -> Replayed:
    """Send one delivery again, or all that failed since a time, under the ids that they had."""
    meter.costs(COST)
    mine, at = {"webhook": id, "person": who.person}, time.now()
    if body.delivery is not None:
        return Replayed(replayed=deliveries.replay(session, **mine, delivery=body.delivery, at=at))
    assert body.since is not None
    return Replayed(replayed=deliveries.replay_failed(session, **mine, since=body.since, at=at))


def _seen(page: Page) -> str | None:
    """The id of the last item of the page before."""
    key = page.key(str)
    return key[0] if key else None
