"""What the tests of accounts say to the API, and the mails that come of it."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select

from app.identity.models import Message
from tests.doors import PASSWORD, Doors

EMAIL = "ada@example.org"
SMTP = {
    "mail": {"host": "mail.example.org", "sender": "Homage <mail@example.org>"},
    "public_url": "https://homage.example.org",
}


def sign_up(client: TestClient, email: str = EMAIL, *, name: str = "Ada Marsh", password: str = PASSWORD) -> Response:
    return client.post("/v1/sign-up", json={"email": email, "name": name, "password": password})


def confirm(client: TestClient, token: str, password: str | None = None) -> Response:
    """Open a mailed link; in another browser than the one that signed up, with the password chosen there."""
    body = {"token": token} if password is None else {"token": token, "password": password}
    return client.post("/v1/sign-up/confirm", json=body)


def sign_in(client: TestClient, email: str = EMAIL, password: str = PASSWORD, **headers: str) -> Response:
    return client.post("/v1/sign-in", json={"email": email, "password": password}, headers=headers)


def erase(client: TestClient, password: str = PASSWORD) -> Response:
    return client.request("DELETE", "/v1/me", json={"password": password})


def mails(doors: Doors, to: str = EMAIL) -> list[Message]:
    with doors.house.sessions() as session:
        return list(session.scalars(select(Message).where(Message.to == to).order_by(Message.id)))


def token_of(mail: Message | dict[str, Any]) -> str:
    """The token in a mail's link, which also stands in its text."""
    link = mail.link if isinstance(mail, Message) else mail["link"]
    text = mail.text if isinstance(mail, Message) else mail["text"]
    assert link is not None
    assert link in text
    return link.partition("#token=")[2]


def problem(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.json()["type"].removeprefix("/problems/")
