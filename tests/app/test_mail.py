"""Mail: sent by a job after the commit, once; kept with the server's words where it is refused."""

from __future__ import annotations

import email
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app import mail
from app.identity import tasks
from app.identity.letters import Letter
from app.identity.models import Message
from app.mail import MailNotSent, Smtp
from core import db
from core.clock import FrozenClock
from tests.app.identity.people import EMAIL, mails, sign_up
from tests.doors import Doors

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
LETTER = Letter("Grüße", "Öffne dies:\n\nhttps://homage.example.org/confirm#token=x\n")


@dataclass
class Server:
    """A mail server that speaks as much SMTP as a client needs, and refuses whom it is told to."""

    taken: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False
    port: int = 0

    def answer(self, line: str) -> str:
        if line.upper().startswith("RCPT") and self.refuses:
            return f"550 5.1.1 no such user {EMAIL}"
        known = {"EHLO": "250 here", "MAIL": "250 ok", "RCPT": "250 ok", "RSET": "250 ok", "DATA": "354 go on"}
        return known.get(line[:4].upper(), "221 bye")


@pytest.fixture
def smtp() -> Iterator[Server]:
    told = Server()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline().decode():
                self.wfile.write(f"{told.answer(line)}\r\n".encode())
                if line.upper().startswith("DATA"):
                    lines = iter(self.rfile.readline, b".\r\n")
                    message = email.message_from_bytes(b"".join(lines), policy=default)
                    assert isinstance(message, EmailMessage)
                    told.taken.append(message)
                    self.wfile.write(b"250 taken\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        told.port = listener.server_address[1]
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield told
        listener.shutdown()


@pytest.fixture
def mailing(tmp_path: Path, database: str, smtp: Server) -> Iterator[Doors]:
    settings = {"host": "127.0.0.1", "port": smtp.port, "sender": "Homage <mail@example.org>", "tls": "none"}
    doors = Doors(tmp_path, database, more={"mail": settings, "public_url": "https://homage.example.org/"})
    yield doors
    doors.close()


class Context:
    """What a task is given by the queue."""

    def __init__(self, doors: Doors) -> None:
        house = doors.house
        self.additional_context = {"post": house.post, "sessions": house.sessions, "clock": house.clock}


def put(doors: Doors, to: str = EMAIL) -> str:
    with db.unit(doors.house.sessions) as session:
        return doors.house.post.put(session, to=to, letter=LETTER, at=AT).id


def jobs(doors: Doors) -> list[str]:
    with doors.house.sessions() as session:
        waiting = text("SELECT args ->> 'message' FROM procrastinate_jobs WHERE task_name = 'app:mail' ORDER BY id")
        return list(session.scalars(waiting))


def test_a_mail_is_sent_by_its_job_and_then_gone_and_twice_is_once(mailing: Doors, smtp: Server) -> None:
    message = put(mailing)
    assert jobs(mailing) == [message]
    for _ in range(2):
        tasks.send(Context(mailing), message=message)  # type: ignore[arg-type]
    (sent,) = smtp.taken
    assert (sent["from"], sent["to"], sent["subject"]) == ("Homage <mail@example.org>", EMAIL, "Grüße")
    assert sent["message-id"] == f"<{message}@example.org>"
    assert sent["auto-submitted"] == "auto-generated"
    assert "Öffne dies" in sent.get_content()
    assert mails(mailing) == []


def test_signing_up_mails_the_link_and_shows_it_to_nobody(mailing: Doors, smtp: Server) -> None:
    answer = sign_up(mailing.client(base_url="https://homage.example.org"))
    assert answer.json() == {"email": EMAIL, "rehearsed_mail": None}
    tasks.send(Context(mailing), message=jobs(mailing)[0])  # type: ignore[arg-type]
    assert "https://homage.example.org/confirm#token=" in smtp.taken[0].get_content()


def test_what_is_rolled_back_is_never_mailed(mailing: Doors) -> None:
    def fails() -> None:
        with db.unit(mailing.house.sessions) as session:
            mailing.house.post.put(session, to=EMAIL, letter=LETTER, at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert jobs(mailing) == []


def test_a_refusal_is_kept_for_the_staff_without_the_address_and_tried_again(mailing: Doors, smtp: Server) -> None:
    message = put(mailing)
    smtp.refuses = True
    with pytest.raises(MailNotSent) as refused:
        tasks.send(Context(mailing), message=message)  # type: ignore[arg-type]
    assert EMAIL not in refused.value.message
    (kept,) = mails(mailing)
    assert "no such user the recipient" in str(kept.failure)
    smtp.refuses = False
    tasks.send(Context(mailing), message=message)  # type: ignore[arg-type]
    assert len(smtp.taken) == 1


def test_a_server_that_is_away_is_said_in_one_line() -> None:
    away = Smtp("127.0.0.1", 9, None, None, "Homage <mail@example.org>", "none")
    with pytest.raises(MailNotSent, match=r"127\.0\.0\.1 did not take it: ConnectionRefusedError") as said:
        away.send(EmailMessage())
    assert "\n" not in said.value.message


def test_without_a_mail_server_mails_lie_in_the_outbox_for_a_week(doors: Doors) -> None:
    put(doors)
    assert jobs(doors) == []
    clock = FrozenClock(AT + timedelta(days=7))
    doors.house.clock = clock
    tasks.tidy(Context(doors))  # type: ignore[arg-type]
    assert len(mails(doors)) == 1
    clock.advance(timedelta(seconds=1))
    for _ in range(2):
        tasks.tidy(Context(doors))  # type: ignore[arg-type]
    with doors.house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_subject_cannot_smuggle_a_header() -> None:
    row = Message(id="msg_x", to=EMAIL, subject="Hello\r\nBcc: eve@example.org", text="x", created_at=AT)
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        mail._written(row, "Homage <mail@example.org>", AT)
