"""What is registered here: claims of sealed works, fingerprints of works and assets. Recorded once, withdrawn once.

Locks: claims, in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from attribution import fingerprint as fingerprints
from attribution import heard, indexes, iscc, pictured
from attribution.features import heard as hearing
from attribution.features import points
from attribution.fingerprint import Fingerprint, Recorded, Samples
from attribution.models import KeptManifest, MarkReference, RecordedClaim, StoredFingerprint
from attribution.seal import Sealed
from attribution.segments.models import StoredFeatures
from core import ids
from core.errors import Conflict, NotFound

LOOKED_THROUGH = 10_000  # ids at a time, for fingerprints that lack points


class ClaimMissing(NotFound):
    """No claim is recorded for this work."""


class AlreadyRecorded(Conflict):
    """Something else is recorded under this id."""


@dataclass(frozen=True)
class Hit:
    """Something registered that a picture is a copy of: `asset` is the id of an asset or of a work."""

    asset: str
    owner: str
    confidence: float


def record(session: Session, sealed: Sealed, *, at: datetime, owner: str | None = None) -> None:
    """Record a sealed work's claim with its fingerprint; twice is once. `owner`: the licensee, unless told.

    Raises AlreadyRecorded.
    """
    claim = sealed.claim
    row = {
        "work": ids.check(claim.work, "wrk"),
        "document": claim.document(),
        "licenses": sorted({x.license for x in claim.licenses}),
        "styles": sorted({x.style for x in claim.licenses}),
        "file_sha256": sealed.sha256,
        "iscc": sealed.iscc,
        "mark": sealed.mark.number if sealed.mark is not None else None,
        "mark_epoch": sealed.mark.epoch if sealed.mark is not None else None,
        "recorded_at": at,
    }
    fresh = insert(RecordedClaim).values(row).on_conflict_do_nothing(index_elements=[RecordedClaim.work])
    added = session.execute(fresh.returning(RecordedClaim.work))
    if added.scalar() is None:
        if find(session, work=claim.work).file_sha256 != sealed.sha256:
            raise AlreadyRecorded(
                f"work {claim.work} is already recorded with another file; make a new work instead", work=claim.work
            )
        return
    if sealed.reference is not None:
        session.add(MarkReference(work=claim.work, data=sealed.reference))
    session.add(_kept(sealed))
    session.flush()
    owner = owner or claim.licensee
    _store(session, claim.work, owner, sealed.fingerprint, claim=claim.work)


def marked(session: Session, *, number: int) -> RecordedClaim | None:
    """The claim of the work that carries this number."""
    return session.scalar(select(RecordedClaim).where(RecordedClaim.mark == number))


def reference(session: Session, *, work: str) -> bytes | None:
    """What a work's mark is read against, if that is kept."""
    row = session.get(MarkReference, work)
    return row.data if row is not None else None


def find(session: Session, *, work: str, lock: bool = False) -> RecordedClaim:
    """A work's claim as recorded; `lock` holds it in share until the transaction ends. Raises ClaimMissing."""
    row = session.get(RecordedClaim, work, with_for_update={"read": True} if lock else None, populate_existing=lock)
    if row is None:
        raise ClaimMissing(f"no claim is recorded for {work[:60]!r}", work=work[:60])
    return row


def withdraw(
    session: Session,
    *,
    licenses: Sequence[str] = (),
    styles: Sequence[str] = (),
    reason: str,
    at: datetime,
) -> tuple[str, ...]:
    """Withdraw every claim that rests on one of these licenses or styles; the works newly withdrawn."""
    resting = or_(RecordedClaim.licenses.overlap(list(licenses)), RecordedClaim.styles.overlap(list(styles)))
    standing = RecordedClaim.withdrawn_at.is_(None)
    locked = session.scalars(
        select(RecordedClaim.work).where(resting, standing).order_by(RecordedClaim.work).with_for_update()
    ).all()
    session.execute(
        update(RecordedClaim)
        .where(RecordedClaim.work.in_(locked))
        .values(withdrawn_at=at, withdrawn_reason=reason)
        .execution_options(synchronize_session="fetch")
    )
    return tuple(locked)


def owned(session: Session, *, owners: Sequence[str]) -> Sequence[str]:
    """The works that are registered as one of these owners' own, by id."""
    mine = StoredFingerprint.owner.in_(list(owners)), StoredFingerprint.claim.is_not(None)
    return session.scalars(select(StoredFingerprint.subject).where(*mine).order_by(StoredFingerprint.subject)).all()


def forget_contents(session: Session, *, works: Sequence[str]) -> None:
    """Take out, for good, the small pictures of the photographs that these works were made from, and of the works.

    Their texture alone must then bear a copy out, which needs more of it (see `attribution.confidence`); their marks
    are read blind.
    """
    session.execute(delete(MarkReference).where(MarkReference.work.in_(list(works))))
    session.execute(
        update(StoredFingerprint)
        .where(StoredFingerprint.subject.in_(list(works)), StoredFingerprint.content.is_not(None))
        .values(content=None, forgotten=True)
        .execution_options(synchronize_session="fetch")
    )


def forget_manifests(session: Session, *, works: Sequence[str], styles: Sequence[str]) -> None:
    """Give back no more, for good, the manifests of these works, and of those that rest on one of these styles: they
    say names that nobody is told any more."""
    resting = select(RecordedClaim.work).where(RecordedClaim.styles.overlap(list(styles)))
    named = or_(KeptManifest.work.in_(list(works)), KeptManifest.work.in_(resting))
    session.execute(delete(KeptManifest).where(named).execution_options(synchronize_session="fetch"))


def register_asset(session: Session, *, asset: str, owner: str, fingerprint: Samples) -> None:
    """Remember an asset, so that copies of it are known. Raises AlreadyRecorded."""
    _store(session, ids.check(asset, "ast"), owner, fingerprint, claim=None)


def screen(session: Session, fingerprint: Samples, *, owner: str) -> tuple[Hit, ...]:
    """What an upload is a copy of: others' first, then the owner's own.

    Found are pictures saved anew, resized, toned, mirrored, turned, framed, cut, or put among others, and recordings
    that were cut, encoded anew, or made faster, slower, higher or lower.
    """
    exact = exactly(session, sha256=fingerprint.sha256)
    hits = {row.subject: Hit(row.subject, row.owner, 1.0) for row in exact}
    if isinstance(fingerprint, Fingerprint):
        for match in pictured.screening(session, fingerprint):
            hits.setdefault(match.subject, Hit(match.subject, match.owner, match.confidence))
    elif isinstance(fingerprint, Recorded) and fingerprint.heard is not None:
        for one in heard.screening(session, fingerprint):
            hits.setdefault(one.subject, Hit(one.subject, one.owner, one.confidence))
    return tuple(sorted(hits.values(), key=lambda hit: (hit.owner == owner, -hit.confidence, hit.asset)))


def exactly(session: Session, *, sha256: str) -> Sequence[StoredFingerprint]:
    """Everything registered with these very samples, the earliest first (ids sort by time)."""
    return session.scalars(
        select(StoredFingerprint).where(StoredFingerprint.samples_sha256 == sha256).order_by(StoredFingerprint.subject)
    ).all()


def mark_older(session: Session, *, after: str = "", most: int, within: int = LOOKED_THROUGH) -> tuple[int, str]:
    """Add the points that fingerprints of older houses lack, computed from their sheets.

    Looked through are at most so many ids `within` those that follow `after`, since all of a large house's would take
    long each time. Returns how many got points, and the id up to which none lacks them any more: begin after it next
    time. What is registered later comes later, as ids sort by time.
    """
    ids_after = select(StoredFingerprint.subject, StoredFingerprint.sheet.is_not(None))
    following = ids_after.where(StoredFingerprint.subject > after).order_by(StoredFingerprint.subject).limit(within)
    page = session.execute(following).all()
    if not page:
        return 0, after
    last = page[-1][0]
    between = StoredFeatures.subject > after, StoredFeatures.subject <= last
    pointed = set(session.scalars(select(StoredFeatures.subject).where(*between)))
    lacking = [subject for subject, is_picture in page if is_picture and subject not in pointed]
    found = lacking[:most]
    for row in session.scalars(select(StoredFingerprint).where(StoredFingerprint.subject.in_(found))).all():
        content = fingerprints.unpack(row.content) if row.content is not None else None
        known = points.of(fingerprints.unpack(row.sheet or b""), content)
        if row.forgotten:  # nobody can tell any more which are its own
            known = replace(known, own=np.zeros(len(known), np.bool_))
        indexes.of(session).pictures.add(session, row.subject, points.pack(known))
    return len(found), found[-1] if len(lacking) > most else last


def _store(
    session: Session,
    subject: str,
    owner: str,
    mark: Samples,
    *,
    claim: str | None,
) -> None:
    row: dict[str, Any] = {
        "subject": subject,
        "claim": claim,
        "owner": owner,
        "samples_sha256": mark.sha256,
        "content": _content(mark),
    }
    if isinstance(mark, Fingerprint):
        row["views"] = fingerprints.pack_views(mark.views)
        row["keys"] = fingerprints.keys(mark.views)
        row["sheet"] = fingerprints.pack(mark.sheet)
    stored = insert(StoredFingerprint).values(row).on_conflict_do_nothing().returning(StoredFingerprint.subject)
    if session.execute(stored).scalar() is None:
        raise AlreadyRecorded(f"{subject} already has a fingerprint; register a new one instead", subject=subject)
    if isinstance(mark, Fingerprint):
        indexes.of(session).pictures.add(session, subject, points.pack(mark.points))
    elif isinstance(mark, Recorded) and mark.heard is not None:
        indexes.of(session).sounds.add(session, subject, hearing.pack(mark.heard))


def _kept(sealed: Sealed) -> KeptManifest:
    unit = iscc.unit(sealed.iscc)
    return KeptManifest(
        work=sealed.claim.work,
        label=sealed.store.label,
        data=sealed.store.data,
        iscc=unit.body if unit is not None else None,
        iscc_keys=unit.keys if unit is not None else None,
    )


def _content(mark: Samples) -> bytes | None:
    """What it was made from, as it is stored: never to be taken for the work."""
    if isinstance(mark, Fingerprint) and mark.content is not None:
        return fingerprints.pack(mark.content)
    if isinstance(mark, Recorded) and mark.content is not None:
        return hearing.pack(mark.content)
    return None
