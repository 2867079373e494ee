"""Tables of webhooks: where people are told, what they are told, and how each attempt went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_TIME = DateTime(timezone=True)


class Webhook(Base):
    """An address at which a person is told. `secret` signs, sealed for them; so does `old_secret` until `old_until`.

    `failures` in a row since `failing_since`; nothing is sent before `rest_until`. `disabled_because`: by its owner;
    gone, when its server said so; failing, when nothing arrived for days.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("disabled_because IN ('owner', 'gone', 'failing')", name="disabled_because"),
        CheckConstraint("(disabled_at IS NULL) = (disabled_because IS NULL)", name="disabled"),
        CheckConstraint("(failures = 0) = (failing_since IS NULL)", name="failing"),
        CheckConstraint("(old_secret IS NULL) = (old_until IS NULL)", name="old_secret"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("accounts.person", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_until: Mapped[datetime | None] = mapped_column(_TIME)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    served_at: Mapped[datetime | None] = mapped_column(_TIME)
    delivered_at: Mapped[datetime | None] = mapped_column(_TIME)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[datetime | None] = mapped_column(_TIME)
    rest_until: Mapped[datetime | None] = mapped_column(_TIME)
    disabled_at: Mapped[datetime | None] = mapped_column(_TIME)
    disabled_because: Mapped[str | None] = mapped_column(Text)


class Delivery(Base):
    """One event on its way to one webhook. state: waiting -> delivered | failed; a replay makes it wait again.

    `tries` of this round, `attempts` of all: the number of the newest one, whose outcome alone counts. Until
    `leased_until`, by the database's time, somebody is making it.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("event", "webhook"),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_deliveries_due", "webhook", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_deliveries_failed", "webhook", "id", postgresql_where=text("state = 'failed'")),
        Index("ix_deliveries_leased", "leased_until", postgresql_where=text("leased_until IS NOT NULL")),
        Index("ix_deliveries_webhook_id", "webhook", "id"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    webhook: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(ForeignKey("events.id"))
    state: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(_TIME)
    leased_until: Mapped[datetime | None] = mapped_column(_TIME)
    created_at: Mapped[datetime] = mapped_column(_TIME, index=True)
    settled_at: Mapped[datetime | None] = mapped_column(_TIME)


class DeliveryAttempt(Base):
    """One request, and what came of it: a status, or in words why there is none; the beginning of the answer."""

    __tablename__ = "delivery_attempts"

    delivery: Mapped[str] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(_TIME)
    took_ms: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
