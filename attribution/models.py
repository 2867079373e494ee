"""Tables of this floor: the claims of sealed works, the fingerprints by which works and assets are found again,
what marks are read against, and the manifests to give back. The features of the index are in
`attribution.segments.models`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

_TIME = DateTime(timezone=True)


class RecordedClaim(Base):
    """A sealed work's claim as it was recorded; only a withdrawal is ever added. `document` is `Claim.document()`.

    `mark`: the number hidden in the work, by the key of `mark_epoch`; None in what is too small to carry one.
    `licenses` and `styles` repeat what the document says, so that a revocation finds its works by an index.
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawal"),
        CheckConstraint("mark > 0 AND (mark IS NULL) = (mark_epoch IS NULL)", name="mark"),
        Index("ix_claims_mark", "mark", unique=True, postgresql_where=text("mark IS NOT NULL")),
        Index("ix_claims_licenses", "licenses", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("ix_claims_styles", "styles", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    work: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    licenses: Mapped[list[str]] = mapped_column(ARRAY(Text))
    styles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    file_sha256: Mapped[str] = mapped_column(Text, index=True)
    iscc: Mapped[str] = mapped_column(Text, index=True)
    mark: Mapped[int | None] = mapped_column(BigInteger)
    mark_epoch: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(_TIME)
    withdrawn_at: Mapped[datetime | None] = mapped_column(_TIME)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)


class StoredFingerprint(Base):
    """The fingerprint of a work (of a claim) or of an asset. `owner`: the licensee, or the creator.

    `views`: the hashes, 8 bytes each; `keys`: parts of them, for the index. `sheet` and `content` are small gray
    pictures of the work and, laid over it, of the photograph it was made from; `forgotten` where that was taken out.
    A recording has none of these but `content`: the features of what was sung or played anew in it.
    """

    __tablename__ = "fingerprints"
    __table_args__ = (
        CheckConstraint("(claim IS NOT NULL) = (subject LIKE 'wrk\\_%')", name="claim"),
        CheckConstraint("content IS NULL OR claim IS NOT NULL", name="content"),
        CheckConstraint("NOT forgotten OR content IS NULL", name="forgotten"),
        CheckConstraint("num_nulls(views, keys, sheet) IN (0, 3)", name="texture"),
        Index("ix_fingerprints_keys", "keys", postgresql_using="gin"),
    )

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    claim: Mapped[str | None] = mapped_column(ForeignKey("claims.work"))
    owner: Mapped[str] = mapped_column(Text)
    samples_sha256: Mapped[str] = mapped_column(Text, index=True)
    views: Mapped[bytes | None] = mapped_column(LargeBinary)
    keys: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    sheet: Mapped[bytes | None] = mapped_column(LargeBinary)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    forgotten: Mapped[bool] = mapped_column(default=False)

    @property
    def made_from_one(self) -> bool:
        """Whether it was made from a photograph, known still or forgotten."""
        return self.content is not None or self.forgotten


class MarkReference(Base):
    """What a work's mark is read against: a small copy of it before it was marked, or its bands' levels."""

    __tablename__ = "mark_references"

    work: Mapped[str] = mapped_column(ForeignKey("claims.work"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class KeptManifest(Base):
    """A sealed work's manifest store, to give back to a file that lost it; never changed, and taken out by an erasure.

    `label`: by which others name it. `iscc`: the 64 bits of the content's code, with `iscc_keys` (`iscc.Unit`) for
    the index; both None where the code tells nothing.
    """

    __tablename__ = "manifests"
    __table_args__ = (
        CheckConstraint("num_nulls(iscc, iscc_keys) IN (0, 2)", name="iscc"),
        Index("ix_manifests_iscc_keys", "iscc_keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    work: Mapped[str] = mapped_column(ForeignKey("claims.work"), primary_key=True)
    label: Mapped[str] = mapped_column(Text, unique=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)
    iscc: Mapped[int | None] = mapped_column(BigInteger)
    iscc_keys: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
