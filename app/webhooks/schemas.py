"""What the doors of webhooks take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, model_validator

from app.webhooks.deliveries import Sent
from app.webhooks.models import DeliveryAttempt, Webhook
from core.events import payload
from core.networks import MOST_URL
from core.web import In, Named, Out

Kind = Literal[
    "license.revoked",
    "work.withdrawn",
    "report.accepted",
    "usage.taken",
    "usage.failed",
    "work.first_sale",
    "batch.finished",
]
Name = Annotated[str, Field(max_length=200, description="what you know it by; one line", examples=["Catalog"])]
Url = Annotated[
    str, Field(max_length=MOST_URL, description="an https address of yours", examples=["https://example.org/homage"])
]
Kinds = Annotated[list[Kind], Field(min_length=1, max_length=20, description="what it is told")]
State = Literal["waiting", "delivered", "failed"]


class WebhookIn(In):
    """A webhook is asked for."""

    name: Name
    url: Url
    kinds: Kinds


class WebhookChange(In):
    """What of a webhook to change; what is left out stays. `enabled` again, it begins as if it were new."""

    name: Name | None = None
    url: Url | None = None
    kinds: Kinds | None = None
    enabled: bool | None = None


class Health(Out):
    """How a webhook fares. `because`: by its owner; gone, when its server answered 410; failing, after five days."""

    state: Literal["ok", "failing", "disabled"]
    failures: Annotated[int, Field(description="in a row")]
    failing_since: datetime | None
    delivered_at: Annotated[datetime | None, Field(description="when something last arrived")]
    disabled_at: datetime | None
    because: Literal["owner", "gone", "failing"] | None


class WebhookOut(Out):
    """A webhook, without its secret. `old_secret_until`: how long the one before the last rotation signs, too."""

    id: str
    name: str
    url: str
    kinds: list[str]
    created_at: datetime
    old_secret_until: datetime | None
    health: Health

    @classmethod
    def of(cls, row: Webhook, *, at: datetime) -> WebhookOut:
        return cls(**_told(row, at))


class WebhookMade(WebhookOut):
    """A webhook with its secret, which is shown this once and never again."""

    secret: str

    @classmethod
    def with_secret(cls, row: Webhook, secret: str, *, at: datetime) -> WebhookMade:
        return cls(**_told(row, at), secret=secret)


class AttemptOut(Out):
    """One request. `failure`: why there is no answer, or why it does not count; `answer`: its first 500 bytes."""

    number: int
    at: datetime
    took_ms: int
    status: int | None
    failure: str | None
    answer: str

    @classmethod
    def of(cls, row: DeliveryAttempt) -> AttemptOut:
        return cls.model_validate(row)


class DeliveryOut(Out):
    """One event on its way to a webhook. `event` is the `webhook-id` of every attempt; `due_at`: of the next one."""

    id: str
    event: str
    kind: str
    state: State
    created_at: datetime
    settled_at: datetime | None
    due_at: datetime | None
    attempts: int
    last: AttemptOut | None

    @classmethod
    def of(cls, sent: Sent) -> DeliveryOut:
        return cls(**_sent(sent))


class DeliveryWhole(DeliveryOut):
    """The same with what is sent, letter by letter, and every attempt, the newest first."""

    body: str
    log: list[AttemptOut]

    @classmethod
    def of(cls, sent: Sent) -> DeliveryWhole:
        body = payload(sent.event.kind, sent.event.data, sent.event.at).decode()
        return cls(**_sent(sent), body=body, log=[AttemptOut.of(row) for row in sent.attempts])


class ReplayIn(In):
    """What to send again: one delivery, or all that failed since a time."""

    delivery: Annotated[str, Named("dlv")] | None = None
    since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> ReplayIn:
        if (self.delivery is None) == (self.since is None):
            raise ValueError("name either a delivery, or since when what failed is sent again")
        return self


class Replayed(Out):
    """How many deliveries are sent again."""

    replayed: int


def _told(row: Webhook, at: datetime) -> dict[str, Any]:
    health = Health(
        state="disabled" if row.disabled_at is not None else "failing" if row.failures else "ok",
        failures=row.failures,
        failing_since=row.failing_since,
        delivered_at=row.delivered_at,
        disabled_at=row.disabled_at,
        because=row.disabled_because,  # type: ignore[arg-type]  # the table holds no other
    )
    old = row.old_until if row.old_until is not None and row.old_until > at else None
    named = {name: getattr(row, name) for name in ("id", "name", "url", "kinds", "created_at")}
    return {**named, "old_secret_until": old, "health": health}


def _sent(sent: Sent) -> dict[str, Any]:
    row = sent.delivery
    return {
        "id": row.id,
        "event": row.event,
        "kind": sent.event.kind,
        "state": row.state,
        "created_at": row.created_at,
        "settled_at": row.settled_at,
        "due_at": row.due_at if row.state == "waiting" else None,
        "attempts": row.attempts,
        "last": AttemptOut.of(sent.attempts[0]) if sent.attempts else None,
    }
