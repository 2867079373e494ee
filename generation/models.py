"""Tables of this floor: works (which are also the render queue), the licenses each rests on, prepared styles."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base

_TIME = DateTime(timezone=True)


class Work(Base):
    """An ordered work. `attempt` is the fencing token: a worker whose attempt is not the row's is refused.

    `losses` counts the workers that fell silent while they held it.

    state: queued -> running -> done | failed | cancelled; running -> queued when a lease runs out.
    """

    __tablename__ = "works"
    __table_args__ = (
        UniqueConstraint("person", "idempotency_key"),
        Index("ix_works_queue", "engine", "priority", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_works_leases", "lease_until", postgresql_where=text("state = 'running'")),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    engine: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seed: Mapped[int] = mapped_column(BigInteger)
    source_blob: Mapped[str | None] = mapped_column(Text)
    source_sha256: Mapped[str | None] = mapped_column(Text)
    price: Mapped[int] = mapped_column(BigInteger)
    asset: Mapped[str] = mapped_column(Text)
    platform_ppm: Mapped[int] = mapped_column(Integer)
    compute: Mapped[int] = mapped_column(BigInteger)
    idempotency_key: Mapped[str] = mapped_column(Text)
    inputs_hash: Mapped[str] = mapped_column(Text)

    state: Mapped[str] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)
    step: Mapped[int] = mapped_column(Integer, default=0)
    of: Mapped[int] = mapped_column(Integer, default=0)
    priority: Mapped[int] = mapped_column(Integer, default=0)
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    losses: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(_TIME)
    worker: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(Text)

    result_blob: Mapped[str | None] = mapped_column(Text)
    map_blob: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)

    grants: Mapped[list[WorkLicense]] = relationship(order_by="WorkLicense.position", lazy="selectin")


class WorkLicense(Base):
    """A license that a work rests on, with the epochs it was admitted under."""

    __tablename__ = "work_licenses"

    work: Mapped[str] = mapped_column(ForeignKey("works.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    license: Mapped[str] = mapped_column(ForeignKey("licenses.id"), index=True)
    style: Mapped[str] = mapped_column(ForeignKey("styles.id"))
    weight: Mapped[int] = mapped_column(Integer)
    epoch: Mapped[int] = mapped_column(Integer)
    style_epoch: Mapped[int] = mapped_column(Integer)


class Preparation(Base):
    """What an engine learned from a set of assets, encrypted like the assets themselves; a cache, safe to delete."""

    __tablename__ = "preparations"

    style: Mapped[str] = mapped_column(ForeignKey("styles.id"), primary_key=True)
    engine: Mapped[str] = mapped_column(Text, primary_key=True)
    inputs_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    blob: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
