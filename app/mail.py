"""Mail: put down in the transaction that causes it, sent afterwards by a background job, or left in the outbox.

A house without a mail server keeps its mails in the outbox, where its staff read them. With one, a mail is a row until
the server has taken it, and then gone. A crash in between sends it twice, never not at all.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.identity.letters import Letter
from app.identity.models import Message
from core import db, ids, jobs
from core.clock import Clock
from core.errors import Unavailable

SECONDS = 20
KEPT = timedelta(days=7)
log = structlog.get_logger()


class MailNotSent(Unavailable):
    """The mail server did not take a mail."""


@dataclass(frozen=True)
class Smtp:
    """The mail server that takes what the house sends."""

    host: str
    port: int
    user: str | None
    password: str | None
    sender: str
    tls: Literal["starttls", "tls", "none"]

    def send(self, message: EmailMessage) -> None:
        """Hand a mail over. Raises MailNotSent."""
        try:
            with self._connected() as server:
                if self.user is not None:
                    server.login(self.user, self.password or "")
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            said = _said(error).replace(str(message["To"]), "the recipient")
            raise MailNotSent(f"the mail server {self.host} did not take it: {said}") from None

    def _connected(self) -> smtplib.SMTP:
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=ssl.create_default_context())
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if self.tls == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server


@dataclass(frozen=True)
class Postbox:
    """Where mails are put. `url`: what their links begin with. `smtp`: None keeps them in the outbox.

    `rehearses`: whoever causes a mail may be shown it, because the house is tried out without a mail server.
    """

    url: str
    smtp: Smtp | None
    rehearses: bool

    def put(self, session: Session, *, to: str, letter: Letter, at: datetime) -> Message:
        """Write a mail down; it is sent once this transaction commits."""
        row = Message(
            id=ids.new("msg"), to=to, subject=letter.subject, text=letter.text, link=letter.link, created_at=at
        )
        session.add(row)
        session.flush()
        if self.smtp is not None:
            jobs.defer(session, "app:mail", message=row.id)
        return row


def deliver(sessions: db.Sessions, smtp: Smtp, *, message: str, clock: Clock) -> None:
    """Send one mail, if it is still there to be sent. Raises MailNotSent, whose words are kept for the staff."""
    with db.unit(sessions) as session:
        row = session.get(Message, message)
    if row is None:
        return
    try:
        smtp.send(_written(row, smtp.sender, clock.now()))
    except MailNotSent as error:
        with db.unit(sessions) as session:
            if (known := session.get(Message, message)) is not None:
                known.failure = error.message
        raise
    with db.unit(sessions) as session:
        session.execute(delete(Message).where(Message.id == message))
    log.info("mail sent", message=message)


def tidy(session: Session, *, at: datetime) -> None:
    """No mail is kept for long; the links in it have ended before."""
    session.execute(delete(Message).where(Message.created_at < at - KEPT))


def _written(row: Message, sender: str, at: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, row.to, row.subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{row.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(row.text)
    return mail


def _said(error: Exception) -> str:
    """The server's own words in one line."""
    return " ".join(f"{type(error).__name__} {error}".split())[:300]
