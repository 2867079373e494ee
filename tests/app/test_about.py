"""What the house says of itself, and who reads its outbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.identity import accounts
from core import db
from tests.app.identity.people import EMAIL, SMTP, mails, problem, sign_up
from tests.doors import Doors


@pytest.fixture
def mailing(tmp_path: Path, database: str) -> Iterator[Doors]:
    doors = Doors(tmp_path, database, more=SMTP)
    yield doors
    doors.close()


def test_the_house_says_what_it_is(doors: Doors) -> None:
    said = doors.client().get("/v1/house").json()
    assert said["version"].count(".") >= 1
    assert {key: said[key] for key in ("name", "env", "mail", "payments", "secure_sign_in", "engines")} == {
        "name": "Homage",
        "env": "dev",
        "mail": "outbox",
        "payments": "rehearsal",
        "secure_sign_in": True,
        "engines": ["toy"],
    }


@pytest.mark.parametrize(
    ("origin", "possible"),
    [("https://homage.example.org", True), ("http://localhost:8000", True), ("http://192.168.1.20:8000", False)],
)
def test_it_says_whether_anyone_can_sign_in_here(doors: Doors, origin: str, possible: bool) -> None:
    assert doors.client(base_url=origin).get("/v1/house").json()["secure_sign_in"] is possible


def test_only_the_staff_read_the_outbox(doors: Doors) -> None:
    client = doors.account()
    refused = client.get("/v1/outbox")
    assert (refused.status_code, problem(refused)) == (403, "staff-only")
    assert doors.client().get("/v1/outbox").status_code == 401
    with db.unit(doors.house.sessions) as session:
        at = doors.house.clock.now()
        accounts.make_staff(session, email=EMAIL, name="Staff", password_hash=None, at=at)
    assert client.get("/v1/me").json()["staff"] is True
    for number in range(3):
        sign_up(doors.client(), f"{number}@example.org")
    first = client.get("/v1/outbox?limit=3").json()
    assert [row["to"] for row in first["items"]] == ["2@example.org", "1@example.org", "0@example.org"]
    assert "link" not in first["items"][0]
    rest = client.get(f"/v1/outbox?limit=3&cursor={first['next']}").json()
    assert [row["to"] for row in rest["items"]] == [EMAIL]
    assert rest["next"] is None
    whole = client.get(f"/v1/outbox/{first['items'][0]['id']}").json()
    assert whole["link"] in whole["text"]
    assert client.get("/v1/outbox/msg_none").status_code == 404


def test_where_mails_are_sent_nobody_else_reads_them(mailing: Doors) -> None:
    sign_up(mailing.client())
    staff = mailing.client("per_staff", staff=True)
    (message,) = mails(mailing)
    whole = staff.get(f"/v1/outbox/{message.id}").json()
    assert (whole["to"], whole["text"], whole["link"]) == (EMAIL, None, None)
    assert mailing.client().get("/v1/house").json()["mail"] == "smtp"
