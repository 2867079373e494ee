"""Webhooks over the API: made, tested, looked at, rotated, replayed, each by its owner alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.webhooks import endpoints
from core import db
from core.clock import SYSTEM
from tests.app.identity.people import problem
from tests.app.webhooks.place import Place, headers, verified
from tests.core.receivers import ok, receiving
from tests.doors import Doors
from tests.payments import made


def test_a_ping_arrives_and_the_official_client_knows_it(doors: Doors) -> None:
    with receiving(ok(b"thank you")) as receiver:
        place = Place(doors, receiver, at=SYSTEM.now())
        webhook = place.webhook()
        assert webhook["secret"].startswith("whsec_")
        asked = place.client.post(f"/v1/webhooks/{webhook['id']}/test")
        assert asked.status_code == 202
        assert place.client.post(f"/v1/webhooks/{webhook['id']}/test").json()["id"] == asked.json()["id"]
        place.turn()
    assert len(receiver.asked) == 1
    assert receiver.asked[0].startswith(b"POST /in HTTP/1.1\r\n")
    assert verified(receiver.asked[0], webhook["secret"])["type"] == "ping"
    sent = place.client.get(f"/v1/webhooks/{webhook['id']}/deliveries/{asked.json()['id']}").json()
    assert (sent["state"], sent["attempts"], sent["due_at"]) == ("delivered", 1, None)
    assert sent["body"].encode() == receiver.asked[0].partition(b"\r\n\r\n")[2]
    assert headers(receiver.asked[0])["webhook-id"] == sent["event"]
    attempt = sent["log"][0]
    assert (attempt["number"], attempt["status"], attempt["answer"]) == (1, 200, "thank you")
    assert place.health(webhook)["state"] == "ok"
    assert "secret" not in place.client.get(f"/v1/webhooks/{webhook['id']}").json()


def test_after_a_rotation_both_secrets_sign_for_a_day(doors: Doors) -> None:
    now = SYSTEM.now()
    with receiving() as receiver:
        place = Place(doors, receiver, at=now - timedelta(hours=23))
        old = place.webhook()
        new = place.client.post(f"/v1/webhooks/{old['id']}/secret").json()
        assert new["old_secret_until"] is not None
        place.clock.at = now
        place.told()
        place.turn()
        assert verified(receiver.asked[0], old["secret"]) == verified(receiver.asked[0], new["secret"])
        place.clock.advance(timedelta(hours=2))
        place.told()
        place.turn()
    assert len(headers(receiver.asked[1])["webhook-signature"].split(" ")) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "http://93.184.215.14/"}, "address-refused"),
        ({"url": "https://127.0.0.2/"}, "address-refused"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "address-refused"),
        ({"url": "https://a:b@example.test/"}, "address-refused"),
        ({"url": "ftp://example.test/"}, "address-refused"),
        ({"kinds": []}, "invalid-request"),
        ({"kinds": ["everything"]}, "invalid-request"),
        ({"kinds": ["ping"]}, "invalid-request"),
        ({"name": "\n"}, "bad-name"),
        ({"secret": "mine"}, "invalid-request"),
    ],
    ids=["http", "private", "mapped", "user", "scheme", "no-kind", "no-such-kind", "ping", "name", "unknown"],
)
def test_what_cannot_be_a_webhook_is_refused(place: Place, body: dict[str, Any], code: str) -> None:
    good = {"name": "Mine", "url": place.receiver.url(), "kinds": ["work.withdrawn"]}
    answer = place.client.post("/v1/webhooks", json={**good, **body})
    assert problem(answer) == code
    assert place.client.get("/v1/webhooks").json() == []


def test_ten_are_enough(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert endpoints.MOST == 10
    monkeypatch.setattr(endpoints, "MOST", 2)
    for _ in range(2):
        webhook = place.webhook()
    body = {"name": "One more", "url": place.receiver.url(), "kinds": ["work.withdrawn"]}
    assert problem(place.client.post("/v1/webhooks", json=body)) == "too-many-webhooks"
    assert place.client.delete(f"/v1/webhooks/{webhook['id']}").status_code == 204
    assert len(place.client.get("/v1/webhooks").json()) == 1


def test_what_is_changed_counts_from_then_on(place: Place) -> None:
    webhook = place.webhook()
    address = f"/v1/webhooks/{webhook['id']}"
    changed = place.client.patch(address, json={"name": "Other", "kinds": ["report.accepted", "license.revoked"]})
    assert (changed.json()["name"], changed.json()["kinds"]) == ("Other", ["license.revoked", "report.accepted"])
    assert changed.json()["url"] == webhook["url"]
    assert problem(place.client.patch(address, json={"url": "https://10.0.0.1/"})) == "address-refused"
    place.told()
    place.turn()
    assert place.receiver.asked == []
    assert place.client.patch(address, json={"enabled": False}).json()["health"]["because"] == "owner"
    assert problem(place.client.post(f"{address}/test")) == "webhook-disabled"
    assert (
        problem(place.client.post(f"{address}/replays", json={"since": "2026-01-01T00:00:00Z"})) == "webhook-disabled"
    )
    assert place.client.patch(address, json={"enabled": True}).json()["health"]["state"] == "ok"


def test_a_key_needs_the_scope(place: Place) -> None:
    made = place.client.post("/v1/me/keys", json={"name": "Hooks", "scopes": ["webhooks"]}).json()
    key = place.doors.client()
    key.headers["authorization"] = f"Bearer {made['key']}"
    assert key.get("/v1/webhooks").json() == []
    other = place.doors.client(place.person, scopes=frozenset({"verify"}))
    assert problem(other.get("/v1/webhooks")) == "scope-missing"


def test_deliveries_are_paged_filtered_and_replayed(doors: Doors) -> None:
    with receiving(ok(), ok(status="500 Broken"), ok()) as receiver:
        place = Place(doors, receiver)
        webhook = place.webhook()
        address = f"/v1/webhooks/{webhook['id']}"
        for _ in range(3):
            place.told()
            place.turn()
            place.clock.advance(timedelta(seconds=1))
        assert [one["state"] for one in place.deliveries(webhook)] == ["waiting", "waiting", "delivered"]
        assert place.health(webhook)["state"] == "failing"
        first = place.client.get(f"{address}/deliveries", params={"limit": 2}).json()
        following = place.client.get(f"{address}/deliveries", params={"limit": 2, "cursor": first["next"]}).json()
        assert (len(first["items"]), len(following["items"]), following["next"]) == (2, 1, None)
        (delivered,) = place.deliveries(webhook, state="delivered")
        assert place.client.post(f"{address}/replays", json={"delivery": delivered["id"]}).json() == {"replayed": 1}
        place.clock.advance(timedelta(seconds=20))
        while place.turn():
            pass
    assert [one["state"] for one in place.deliveries(webhook)] == ["delivered"] * 3
    again = place.client.get(f"{address}/deliveries/{delivered['id']}").json()
    assert [attempt["number"] for attempt in again["log"]] == [2, 1]
    ids = [headers(request)["webhook-id"] for request in receiver.asked]
    assert (ids.count(delivered["event"]), len(ids), len(set(ids))) == (2, 5, 3)  # one id, each time it is sent
    assert place.client.post(f"{address}/replays", json={}).status_code == 422
    assert place.client.post(f"{address}/replays", json={"delivery": "dlv_x"}).status_code == 404


def test_a_license_that_is_revoked_is_told_to_the_server_of_who_held_it(doors: Doors) -> None:
    with receiving() as receiver:
        place = Place(doors, receiver, at=SYSTEM.now())
        webhook = place.webhook("license.revoked", "work.withdrawn")
        with db.unit(doors.house.sessions) as session:
            licensor = made.creator(session)
            given = made.license(session, fan=place.person, licensor=licensor)
            work = made.work(session, fan=place.person, parts=[(given, 1_000_000)])
        ended = doors.creator(licensor).delete(f"/v1/licenses/{given.license}", params={"reason": "enough"})
        assert ended.status_code == 200, ended.text
        place.turn()
    told = {event["type"]: event["data"] for event in (verified(one, webhook["secret"]) for one in receiver.asked)}
    assert told["license.revoked"]["license"] == given.license
    assert told["work.withdrawn"] == {"works": [work], "reason": "enough"}
