"""Tables of this floor: offers, which never change once published, the licenses granted from them, batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_TIME = DateTime(timezone=True)


class Offer(Base):
    """A numbered version of a style's terms. Only `closed_at` is ever set; a trigger sees to it."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("style", "number"),
        Index("ux_offers_open", "style", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    style: Mapped[str] = mapped_column(ForeignKey("styles.id"))
    number: Mapped[int] = mapped_column(Integer)
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terms_hash: Mapped[str] = mapped_column(Text)
    deed_hash: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(_TIME)
    closed_at: Mapped[datetime | None] = mapped_column(_TIME)


class License(Base):
    """What a person may do with a style, under the terms it was granted with, for good or until revoked.

    `epoch` rises when it is revoked; a work keeps the one it was admitted under. `used` counts works against the cap.
    """

    __tablename__ = "licenses"
    __table_args__ = (
        UniqueConstraint("offer", "licensee"),
        CheckConstraint("state IN ('active', 'revoked')", name="state"),
        CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_at"),
        CheckConstraint("used >= 0", name="used"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    offer: Mapped[str] = mapped_column(ForeignKey("offers.id"))
    style: Mapped[str] = mapped_column(ForeignKey("styles.id"), index=True)
    licensor: Mapped[str] = mapped_column(ForeignKey("creators.id"), index=True)
    licensee: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terms_hash: Mapped[str] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    revoked_at: Mapped[datetime | None] = mapped_column(_TIME)
    reason: Mapped[str | None] = mapped_column(Text)
    used: Mapped[int] = mapped_column(Integer, default=0)


class AskedLine(Base):
    """An id that somebody gave a question in a batch lately. `question`: a digest of what was asked."""

    __tablename__ = "asked_lines"
    __table_args__ = (Index("ix_asked_lines_at", "at", postgresql_using="brin"),)

    asker: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    question: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(_TIME)


class Batch(Base):
    """A batch of questions that is answered in the background; its files lie in the spool under its id.

    `attempt`: rises when somebody begins to answer it, so that who was slower stops. `lines`: line breaks in it.
    """

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'answering', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("(finished_at IS NOT NULL) = (state IN ('done', 'failed', 'cancelled'))", name="finished"),
        Index("ix_batches_asker", "asker", text("id DESC")),
        Index("ix_batches_state", "touched_at", postgresql_where=text("state IN ('queued', 'answering')")),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    asker: Mapped[str] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[int] = mapped_column(Integer)
    answered: Mapped[int] = mapped_column(Integer)
    attempt: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    touched_at: Mapped[datetime] = mapped_column(_TIME)
    finished_at: Mapped[datetime | None] = mapped_column(_TIME)
    reason: Mapped[str | None] = mapped_column(Text)
