"""Tables of people's accounts. Tokens and keys are kept as SHA-256 only; passwords as argon2 hashes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_TIME = DateTime(timezone=True)


class Account(Base):
    """How a person signs in. There is none before its address was confirmed."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("email"),)

    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    email: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    staff: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(_TIME)


class SignUp(Base):
    """A sign-up that waits for its mailed token. Of several for one address, the first confirmed wins.

    `browser_hash`: of the cookie by which the browser that asked is known again.
    """

    __tablename__ = "sign_ups"

    token_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    email: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    browser_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)


class Reset(Base):
    """A password reset that waits for its mailed token."""

    __tablename__ = "resets"

    token_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("accounts.person", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)


class SignedIn(Base):
    """A browser's session. `seen_at` is brought up to date at most once a minute."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("accounts.person", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(Text)
    agent: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    seen_at: Mapped[datetime] = mapped_column(_TIME)


class ApiKey(Base):
    """A key by which a program acts for a person, within its scopes. `prefix`: its first letters, to be told by.

    A `sandbox` key is for trying out; `sandbox_at`: the time its questions are answered at, or now.
    """

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("key_hash"),
        CheckConstraint("sandbox OR sandbox_at IS NULL", name="sandbox"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("accounts.person", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    key_hash: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(_TIME)
    used_at: Mapped[datetime | None] = mapped_column(_TIME)
    sandbox: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    sandbox_at: Mapped[datetime | None] = mapped_column(_TIME)


class Attempt(Base):
    """Something that is counted, to be slowed down: a guess at a password, or a mail that was asked for."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_who_at", "who", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(_TIME, index=True)


class Message(Base):
    """A mail on its way, or in the outbox of a house without a mail server; gone once it was sent.

    `failure`: what the mail server said when it last refused it.
    """

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    to: Mapped[str] = mapped_column(Text, index=True)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME, index=True)
    failure: Mapped[str | None] = mapped_column(Text)
