"""A house whose clock stands still, a person with webhooks, and their server."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient
from standardwebhooks import Webhook as Official

from app.webhooks import courier
from core import db, events
from core.clock import FrozenClock
from tests.core.receivers import Receiver
from tests.doors import Doors

NUMBERS = itertools.count()
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
WITHDRAWN = {"works": ["wrk_01jc3q00000000000000000000"], "reason": "enough"}


@dataclass
class Place:
    """One person with an account; what the house sends goes to `receiver`, whatever its name."""

    doors: Doors
    receiver: Receiver
    at: datetime = AT
    email: str = field(default_factory=lambda: f"ada{next(NUMBERS)}@example.org")
    clock: FrozenClock = field(init=False)
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.clock = self.doors.house.clock = FrozenClock(self.at)
        self.doors.house.network = self.receiver.network()
        self.client = self.doors.account(self.email)

    @property
    def person(self) -> str:
        return str(self.client.get("/v1/me").json()["person"])

    def webhook(self, *kinds: str, host: str = "example.test") -> dict[str, Any]:
        body = {"name": "Mine", "url": self.receiver.url("/in", host=host), "kinds": kinds or ["work.withdrawn"]}
        answer = self.client.post("/v1/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def told(self, kind: str = "work.withdrawn", *people: str, times: int = 1) -> None:
        with db.unit(self.doors.house.sessions) as session:
            for _ in range(times):
                now = self.clock.now()
                events.tell(session, kind, data=WITHDRAWN, people=people, everyone=not people, at=now)

    def turn(self) -> int:
        """Spread, take up and send, one after the other; how many came of it."""
        return courier.turn(self.doors.house)

    def deliveries(self, webhook: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
        answer = self.client.get(f"/v1/webhooks/{webhook['id']}/deliveries", params=params)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    def health(self, webhook: dict[str, Any]) -> dict[str, Any]:
        return dict(self.client.get(f"/v1/webhooks/{webhook['id']}").json()["health"])


def headers(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def verified(request: bytes, secret: str) -> dict[str, Any]:
    """What the specification's own client makes of a request; raises where it does not know the signature."""
    body = request.partition(b"\r\n\r\n")[2]
    return dict(Official(secret).verify(body, headers(request)))
