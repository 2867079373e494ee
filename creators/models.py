"""Tables of this floor: people, creators, styles with their epoch, assets, consents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Double, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_TIME = DateTime(timezone=True)
Packed = bytes  # inside `Asset`, `bytes` is a column


class Person(Base):
    """Someone who has rights and money here. After `erased_at` nothing of them is left but what others rest on."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    erased_at: Mapped[datetime | None] = mapped_column(_TIME)


class Creator(Base):
    """A person's profile under which styles are registered. `payout`: where their money goes, once they say."""

    __tablename__ = "creators"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    payout: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(_TIME)


class Style(Base):
    """A creator's style. A work keeps the `epoch` it was admitted under; leaving the list raises it.

    state: draft -> listed <-> suspended | retired, by its creator; held is the house's, until it is decided.
    `version` counts the changes of its live assets. `consent` is the declaration it is listed under.
    """

    __tablename__ = "styles"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'listed', 'held', 'suspended', 'retired')", name="state"),
        CheckConstraint("epoch >= 0", name="epoch"),
        Index("ix_styles_listed", "state_at", "id", postgresql_where=text("state = 'listed'")),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    creator: Mapped[str] = mapped_column(ForeignKey("creators.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    medium: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    state_at: Mapped[datetime] = mapped_column(_TIME)
    reason: Mapped[str | None] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=0)
    consent: Mapped[str | None] = mapped_column(
        ForeignKey("consents.id", use_alter=True, name="fk_styles_consent_consents")
    )
    created_at: Mapped[datetime] = mapped_column(_TIME)


class Consent(Base):
    """A declaration as it was made; `document` and `hash` never change."""

    __tablename__ = "consents"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    creator: Mapped[str] = mapped_column(ForeignKey("creators.id"), index=True)
    style: Mapped[str] = mapped_column(ForeignKey("styles.id"), index=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    hash: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    withdrawn_at: Mapped[datetime | None] = mapped_column(_TIME)
    reason: Mapped[str | None] = mapped_column(Text)


class Asset(Base):
    """A work that a style is learned from: a picture with a width and a height, or a recording that lasts.

    `blob` addresses its encrypted original. `thumbnail` addresses a small JPEG and `excerpt` a short MP3 of a
    recording, neither encrypted: they are everyone's while the style is listed. `look` is what `creators.look`
    measured of a picture, packed; `voice` whether a recording is one; `tempo` and `key` what `creators.music` heard;
    `findings` what was noticed. All of these are None for works of older houses until a background job makes them.
    `left_out`: areas that no work may take anything from.

    state: live; merged into an earlier one of the same creator; held, because it looks like someone else's; retired.
    """

    __tablename__ = "assets"
    __table_args__ = (
        CheckConstraint("state IN ('live', 'merged', 'held', 'retired')", name="state"),
        CheckConstraint("(state = 'merged') = (merged_into IS NOT NULL)", name="merged_into"),
        # Screening finds copies; this makes the exact ones impossible.
        Index("ux_assets_live", "samples_sha256", unique=True, postgresql_where=text("state = 'live'")),
        CheckConstraint("num_nulls(width, height) IN (0, 2) AND num_nonnulls(width, duration_ms) = 1", name="medium"),
        Index(
            "ix_assets_unseen",
            "id",
            postgresql_where=text("thumbnail IS NULL OR findings IS NULL OR (look IS NULL AND width IS NOT NULL)"),
        ),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    style: Mapped[str] = mapped_column(ForeignKey("styles.id"), index=True)
    creator: Mapped[str] = mapped_column(ForeignKey("creators.id"), index=True)
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("assets.id"))
    samples_sha256: Mapped[str] = mapped_column(Text, index=True)
    blob: Mapped[str] = mapped_column(Text)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    bytes: Mapped[int] = mapped_column(Integer)
    thumbnail: Mapped[str | None] = mapped_column(Text)
    excerpt: Mapped[str | None] = mapped_column(Text)
    voice: Mapped[bool | None] = mapped_column()
    tempo: Mapped[int | None] = mapped_column(Integer)
    key: Mapped[str | None] = mapped_column(Text)
    look: Mapped[Packed | None] = mapped_column(LargeBinary)
    findings: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    left_out: Mapped[list[list[int]]] = mapped_column(JSONB, default=list)
    created_at: Mapped[datetime] = mapped_column(_TIME)
    retired_at: Mapped[datetime | None] = mapped_column(_TIME)


class VoiceProof(Base):
    """A phrase that a creator was asked to speak; `take` addresses what they sent, encrypted for them.

    `assets`: the recordings it was compared with. `decision` is `creators.voiceproof`'s, with its `likeness`, how
    `natural` the take is, and the codes of its `reasons`; `ruling` is what the house's staff made of it, because of
    what they say.
    """

    __tablename__ = "voice_proofs"
    __table_args__ = (
        CheckConstraint("decision IN ('not-a-stranger', 'unclear', 'refused')", name="decision"),
        CheckConstraint("(taken_at IS NULL) = (decision IS NULL)", name="taken"),
        CheckConstraint("ruling IN ('passed', 'refused') AND decision IS NOT NULL OR ruling IS NULL", name="ruling"),
        Index(
            "ix_voice_proofs_unclear",
            "taken_at",
            "id",
            postgresql_where=text("decision = 'unclear' AND ruling IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    style: Mapped[str] = mapped_column(ForeignKey("styles.id"), index=True)
    creator: Mapped[str] = mapped_column(ForeignKey("creators.id"))
    phrase: Mapped[str] = mapped_column(Text)
    syllables: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime] = mapped_column(_TIME)
    expires_at: Mapped[datetime] = mapped_column(_TIME)
    take: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[datetime | None] = mapped_column(_TIME)
    assets: Mapped[list[str]] = mapped_column(JSONB, default=list)
    decision: Mapped[str | None] = mapped_column(Text)
    likeness: Mapped[float | None] = mapped_column(Double)
    natural: Mapped[float | None] = mapped_column(Double)
    reasons: Mapped[list[str]] = mapped_column(JSONB, default=list)
    ruling: Mapped[str | None] = mapped_column(Text)
    ruled_by: Mapped[str | None] = mapped_column(Text)
    ruled_at: Mapped[datetime | None] = mapped_column(_TIME)
    ruled_because: Mapped[str | None] = mapped_column(Text)
