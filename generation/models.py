"""Tables of this floor: works (the render queue, too), what each rests on, fans' pictures, what is known of styles."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base

_TIME = DateTime(timezone=True)


class Work(Base):
    """An ordered work, or a preview of one. `attempt` is the fencing token: a worker with another one is refused.

    `losses` counts the workers that fell silent while they held it; `beat` counts what was told of it. `took_ms`: from
    the start of the attempt that made it. `renditions`: the addresses of its other forms, by their names. `rework`: the
    earlier work that it repaints inside its mask. `sheet`: the first sample of the sheet that a preview belongs to.
    A recording lasts, where a picture has a width and a height; it may have a `backing`, over which `fader_mb`
    hundredths of a decibel raise it, and carries the `tags` of what it was made from.

    state: queued -> running -> done | failed | cancelled; running -> queued when a lease runs out.
    """

    __tablename__ = "works"
    __table_args__ = (
        UniqueConstraint("person", "idempotency_key"),
        CheckConstraint("kind IN ('work', 'preview')", name="kind"),
        CheckConstraint("kind = 'work' OR (price = 0 AND shared_at IS NULL)", name="preview_is_free"),
        CheckConstraint("sheet IS NULL OR kind = 'preview'", name="sheet_of_previews"),
        CheckConstraint("rework IS NULL OR mask_sha256 IS NOT NULL", name="rework_has_a_mask"),
        CheckConstraint(
            "num_nulls(width, height) IN (0, 2)"
            " AND (medium = 'picture' AND duration_ms IS NULL OR medium = 'sound' AND width IS NULL)",
            name="medium",
        ),
        CheckConstraint("(backing_sha256 IS NULL) = (fader_mb IS NULL)", name="backing"),
        Index("ix_works_queue", "engine", "kind", "priority", "id", postgresql_where=text("state = 'queued'")),
        Index("ix_works_started", "engine", "kind", "started_at"),
        Index("ix_works_previews", "created_at", postgresql_where=text("kind = 'preview'")),
        Index("ix_works_rework", "rework", postgresql_where=text("rework IS NOT NULL")),
        Index("ix_works_sheets", "person", "created_at", postgresql_where=text("sheet IS NOT NULL")),
        Index("ix_works_leases", "lease_until", postgresql_where=text("state = 'running'")),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, default="work")
    medium: Mapped[str] = mapped_column(Text)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    engine: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seed: Mapped[int] = mapped_column(BigInteger)
    source_blob: Mapped[str | None] = mapped_column(Text)
    source_sha256: Mapped[str | None] = mapped_column(Text)
    mask_blob: Mapped[str | None] = mapped_column(Text)
    mask_sha256: Mapped[str | None] = mapped_column(Text)
    backing_blob: Mapped[str | None] = mapped_column(Text)
    backing_sha256: Mapped[str | None] = mapped_column(Text)
    fader_mb: Mapped[int | None] = mapped_column(Integer)
    rework: Mapped[str | None] = mapped_column(ForeignKey("works.id"))
    sheet: Mapped[str | None] = mapped_column(Text)
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
    beat: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[datetime | None] = mapped_column(_TIME)
    took_ms: Mapped[int | None] = mapped_column(Integer)

    result_blob: Mapped[str | None] = mapped_column(Text)
    map_blob: Mapped[str | None] = mapped_column(Text)
    renditions: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    tags: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    ended_at: Mapped[datetime | None] = mapped_column(_TIME)
    shared_at: Mapped[datetime | None] = mapped_column(_TIME)

    grants: Mapped[list[WorkLicense]] = relationship(order_by="WorkLicense.position", lazy="selectin")


class WorkLicense(Base):
    """What a work rests on, with the epochs it was admitted under. A preview has no license, only the offer for one.

    A sample for a style's own creator has no offer either. `region`: where in the work the style may be used;
    `sections`: when, as pairs of milliseconds.
    """

    __tablename__ = "work_licenses"

    work: Mapped[str] = mapped_column(ForeignKey("works.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    license: Mapped[str | None] = mapped_column(ForeignKey("licenses.id"), index=True)
    offer: Mapped[str | None] = mapped_column(ForeignKey("offers.id"), index=True)
    style: Mapped[str] = mapped_column(ForeignKey("styles.id"))
    weight: Mapped[int] = mapped_column(Integer)
    epoch: Mapped[int] = mapped_column(Integer)
    style_epoch: Mapped[int] = mapped_column(Integer)
    region_blob: Mapped[str | None] = mapped_column(Text)
    region_sha256: Mapped[str | None] = mapped_column(Text)
    sections: Mapped[list[list[int]] | None] = mapped_column(JSONB(none_as_null=True))


class Source(Base):
    """A fan's picture or recording as it was first read from `origin`, an upload or a starter.

    `blob` is encrypted for them. Of an upload that was read as a mask, black and white, the origin is `mask:` and its
    id. `tags`: what the file says of a recording.
    """

    __tablename__ = "sources"
    __table_args__ = (
        CheckConstraint("num_nulls(width, height) IN (0, 2) AND num_nonnulls(width, duration_ms) = 1", name="medium"),
    )

    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(Text, primary_key=True)
    blob: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    tags: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(_TIME)

    @property
    def medium(self) -> Literal["picture", "sound"]:
        return "picture" if self.duration_ms is None else "sound"


class Preparation(Base):
    """What an engine learned from a set of assets, encrypted like the assets themselves; a cache, safe to delete."""

    __tablename__ = "preparations"

    style: Mapped[str] = mapped_column(ForeignKey("styles.id"), primary_key=True)
    engine: Mapped[str] = mapped_column(Text, primary_key=True)
    inputs_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    blob: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)


class StylePreset(Base):
    """The settings that a style's creator recommends with an engine: one of its presets by name, or their `own`."""

    __tablename__ = "style_presets"

    style: Mapped[str] = mapped_column(ForeignKey("styles.id"), primary_key=True)
    engine: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    chosen_at: Mapped[datetime] = mapped_column(_TIME)
