"""Sessions: listed, ended one by one or everywhere, and by time alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.identity import sessions
from core import db
from core.clock import FrozenClock
from tests.app.identity.people import problem, sign_in
from tests.doors import Doors

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def clock(doors: Doors) -> FrozenClock:
    clock = FrozenClock(AT)
    doors.house.clock = clock
    return clock


def test_a_session_ends_when_idle_for_a_fortnight(doors: Doors, clock: FrozenClock) -> None:
    client = doors.account()
    clock.advance(timedelta(days=13, hours=23))
    assert client.get("/v1/me").status_code == 200
    clock.advance(timedelta(days=13, hours=23))
    assert client.get("/v1/me").status_code == 200
    clock.advance(timedelta(days=14))
    assert client.get("/v1/me").status_code == 401


def test_a_session_ends_after_ninety_days_however_busy(doors: Doors, clock: FrozenClock) -> None:
    client = doors.account()
    for _ in range(8):
        clock.advance(timedelta(days=11))
        assert client.get("/v1/me").status_code == 200
    clock.advance(timedelta(days=2))
    assert client.get("/v1/me").status_code == 401
    with db.unit(doors.house.sessions) as session:
        sessions.tidy(session, at=clock.now())
        assert session.query(sessions.SignedIn).count() == 0


def test_seen_is_brought_up_to_date_at_most_once_a_minute(doors: Doors, clock: FrozenClock) -> None:
    client = doors.account()
    clock.advance(timedelta(seconds=59))
    assert client.get("/v1/me/sessions").json()[0]["seen_at"] == "2026-05-01T12:00:00Z"
    clock.advance(timedelta(seconds=1))
    assert client.get("/v1/me/sessions").json()[0]["seen_at"] == "2026-05-01T12:01:00Z"


def test_sessions_are_listed_and_ended_one_by_one(doors: Doors, clock: FrozenClock) -> None:
    here, there = doors.account(), doors.client()
    sign_in(there, **{"user-agent": "Old Browser/1.0 " + "x" * 400})
    rows = here.get("/v1/me/sessions").json()
    assert [row["current"] for row in rows].count(True) == 1
    other = next(row for row in rows if not row["current"])
    assert other["agent"].startswith("Old Browser/1.0")
    assert len(other["agent"]) == 200
    assert here.delete(f"/v1/me/sessions/{other['id']}").status_code == 204
    assert there.get("/v1/me").status_code == 401
    assert here.get("/v1/me").status_code == 200
    assert here.delete(f"/v1/me/sessions/{other['id']}").status_code == 404


def test_somebody_elses_session_is_not_there(doors: Doors) -> None:
    ada, eve = doors.account(), doors.account("eve@example.org", name="Eve")
    theirs = ada.get("/v1/me/sessions").json()[0]["id"]
    refused = eve.delete(f"/v1/me/sessions/{theirs}")
    assert (refused.status_code, problem(refused)) == (404, "not-found")
    assert eve.delete("/v1/me/sessions/nonsense").status_code == 404
    assert ada.get("/v1/me").status_code == 200


def test_signing_out_everywhere_is_here_too(doors: Doors) -> None:
    here, there = doors.account(), doors.client()
    sign_in(there)
    gone = here.delete("/v1/me/sessions")
    assert gone.status_code == 204
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert [client.get("/v1/me").status_code for client in (here, there)] == [401, 401]
