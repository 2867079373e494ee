"""Tables of the index: the features that are its truth, and which segment files are live."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class StoredFeatures(Base):
    """By what a work or an asset is found again, written in the transaction that registers it.

    `data` is packed by the algorithm; `tx` is that transaction's number (0: from before the database was restored),
    and rows are in the order of (`tx`, `seq`). Removing takes `data` out and leaves the row, with the number of the
    transaction that did it: what was removed is never added again.
    """

    __tablename__ = "features"
    __table_args__ = (
        CheckConstraint("(data IS NULL) = (removed IS NOT NULL)", name="removed"),
        CheckConstraint("(removed IS NULL) = (removed_at IS NULL)", name="removed_at"),
        Index("ix_features_order", "kind", "algorithm", "tx", "seq", unique=True),
        Index("ix_features_removed", "kind", "algorithm", "removed", postgresql_where=text("removed IS NOT NULL")),
    )

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    algorithm: Mapped[str] = mapped_column(Text, primary_key=True)
    data: Mapped[bytes | None] = mapped_column(LargeBinary)
    tx: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text)::bigint"))
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    removed: Mapped[int | None] = mapped_column(BigInteger)
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class LiveSegments(Base):
    """The segments that together hold every row below their end; one row, so that they change all at once.

    `segments` are `Entry.document()`s in their order; `version` counts the changes; `cluster` is the database cluster
    whose transaction numbers they speak of.
    """

    __tablename__ = "live_segments"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    algorithm: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    cluster: Mapped[str] = mapped_column(Text)
    segments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
