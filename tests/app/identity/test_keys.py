"""API keys: shown once, hashed, good for their scopes and no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from structlog.testing import capture_logs

from core.clock import FrozenClock
from tests.app.identity.people import problem
from tests.doors import Doors


def make(client: TestClient, *scopes: str, name: str = "a program") -> dict[str, str]:
    answer = client.post("/v1/me/keys", json={"name": name, "scopes": scopes})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


def by_key(doors: Doors, key: str) -> TestClient:
    client = doors.client()
    client.headers["authorization"] = f"Bearer {key}"
    return client


def test_a_key_is_shown_once_and_kept_as_a_hash(doors: Doors) -> None:
    client = doors.account()
    made = make(client, "verify", "works", "works")
    assert made["scopes"] == ["works", "verify"]
    assert made["key"].startswith(made["prefix"])
    assert (made["key"][:4], len(made["key"]), len(made["prefix"])) == ("hmg_", 47, 12)
    listed = client.get("/v1/me/keys")
    assert [row["id"] for row in listed.json()] == [made["id"]]
    assert made["key"] not in listed.text
    with doors.house.sessions() as session:
        assert made["key"] not in str(session.execute(text("SELECT * FROM api_keys")).all())


def test_a_key_does_what_its_scopes_say(doors: Doors) -> None:
    client = doors.account()
    styles = by_key(doors, make(client, "styles")["key"])
    works = by_key(doors, make(client, "works")["key"])
    assert styles.get("/v1/profiles").status_code == 200
    refused = works.get("/v1/profiles")
    assert (refused.status_code, problem(refused)) == (403, "scope-missing")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/me"),
        ("DELETE", "/v1/me"),
        ("GET", "/v1/me/keys"),
        ("POST", "/v1/me/keys"),
        ("GET", "/v1/me/sessions"),
        ("DELETE", "/v1/me/sessions"),
        ("POST", "/v1/me/password"),
        ("GET", "/v1/outbox"),
    ],
)
def test_no_key_touches_the_account(doors: Doors, method: str, path: str) -> None:
    key = make(doors.account(), "styles", "works", "money", "verify", "reports")["key"]
    body = {"password": "x", "current": "x", "new": "x", "name": "x", "scopes": ["works"]}
    refused = by_key(doors, key).request(method, path, json=body if method != "GET" else None)
    assert (refused.status_code, problem(refused)) == (403, "not-for-keys")


def test_a_revoked_key_ends_at_once_and_only_its_owner_revokes_it(doors: Doors) -> None:
    client, eve = doors.account(), doors.account("eve@example.org", name="Eve")
    made = make(client, "styles")
    assert eve.delete(f"/v1/me/keys/{made['id']}").status_code == 404
    assert by_key(doors, made["key"]).get("/v1/profiles").status_code == 200
    assert client.delete(f"/v1/me/keys/{made['id']}").status_code == 204
    refused = by_key(doors, made["key"]).get("/v1/profiles")
    assert (refused.status_code, problem(refused)) == (401, "key-refused")


def test_use_is_noted_at_most_once_a_minute_and_the_first_is_logged(doors: Doors) -> None:
    clock = FrozenClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    doors.house.clock = clock
    client = doors.account()
    made = make(client, "styles")
    assert made["used_at"] is None
    program = by_key(doors, made["key"])
    with capture_logs() as said:
        for _ in range(3):
            program.get("/v1/profiles")
            clock.advance(timedelta(seconds=25))
    assert [line["event"] for line in said if line.get("key") == made["id"]] == ["API key used for the first time"]
    assert made["key"] not in str(said)
    assert client.get("/v1/me/keys").json()[0]["used_at"] == "2026-05-01T12:00:00Z"
    program.get("/v1/profiles")
    assert client.get("/v1/me/keys").json()[0]["used_at"] == "2026-05-01T12:01:15Z"


def test_twenty_keys_are_enough(doors: Doors) -> None:
    client = doors.account()
    last = [make(client, "works") for _ in range(20)][-1]
    refused = client.post("/v1/me/keys", json={"name": "one more", "scopes": ["works"]})
    assert (refused.status_code, problem(refused)) == (409, "too-many-keys")
    client.delete(f"/v1/me/keys/{last['id']}")
    make(client, "works")


@pytest.mark.parametrize("scopes", [[], ["everything"], ["works", "staff"]])
def test_only_known_scopes_are_given(doors: Doors, scopes: list[str]) -> None:
    answer = doors.account().post("/v1/me/keys", json={"name": "a program", "scopes": scopes})
    assert answer.status_code == 422
