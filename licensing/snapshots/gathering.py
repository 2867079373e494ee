"""What goes into a snapshot: every work's claim as far as a verdict rests on it, every license as it stands.

Claims are read before licenses are: of a revocation that is committed in between, either the claim or the license
tells, so a snapshot never permits what was revoked before it was begun. No transaction stays open for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from attribution.claim import Claim
from attribution.models import RecordedClaim, StoredFingerprint
from creators.models import Asset, Style
from licensing import dues, terms
from licensing.dues import NoTermsFor
from licensing.models import License
from licensing.snapshots.layout import UNSETTLED
from licensing.terms import Terms

AT_ONCE = 2_000  # rows that are read together


@dataclass(frozen=True)
class Work:
    """A work to write down. `parts`: of each license, or creator of an own work, its millionths."""

    id: str
    medium: str
    own: bool
    withdrawn_at: datetime | None
    file: str
    samples: str | None
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Granted:
    """A license to write down, as it and its style stand."""

    id: str
    licensor: str
    terms: str
    state: str
    style: str


def works(session: Session, *, after: str) -> Sequence[tuple[str, datetime | None]]:
    """The next works and when they were withdrawn."""
    query = select(RecordedClaim.work, RecordedClaim.withdrawn_at).where(RecordedClaim.work > after)
    return [(id, at) for id, at in session.execute(query.order_by(RecordedClaim.work).limit(AT_ONCE))]


def described(session: Session, *, ids: Sequence[str]) -> list[Work]:
    """These works, in the order of their ids, but for those that rest on a license that is not here: of them nothing is
    told."""
    same = StoredFingerprint.subject == RecordedClaim.work
    columns = RecordedClaim.document, RecordedClaim.file_sha256, RecordedClaim.withdrawn_at
    query = select(*columns, StoredFingerprint.samples_sha256).outerjoin(StoredFingerprint, same)
    rows = session.execute(query.where(RecordedClaim.work.in_(ids)).order_by(RecordedClaim.work)).all()
    claims = [Claim.read(row[0]) for row in rows]
    styles = _styles(session, {asset for claim in claims for asset in dues.ambiguous(claim)})
    known = _known(session, {x.license for claim in claims for x in claim.licenses})
    return [
        work_of(claim, styles=styles, file=file, withdrawn_at=withdrawn_at, samples=samples)
        for claim, (_, file, withdrawn_at, samples) in zip(claims, rows, strict=True)
        if known.issuperset(one.license for one in claim.licenses)
    ]


def originals(session: Session, *, after: str) -> Sequence[tuple[str, str]]:
    """The next registered originals, and the hashes of their samples."""
    columns = select(StoredFingerprint.subject, StoredFingerprint.samples_sha256)
    query = columns.where(StoredFingerprint.claim.is_(None), StoredFingerprint.subject > after)
    return [(id, sha256) for id, sha256 in session.execute(query.order_by(StoredFingerprint.subject).limit(AT_ONCE))]


def licenses(session: Session, *, after: str) -> list[Granted]:
    """The next licenses."""
    columns = License.id, License.licensor, License.terms_hash, License.state, Style.state
    query = select(*columns).join(Style, Style.id == License.style).where(License.id > after)
    return [Granted(*row) for row in session.execute(query.order_by(License.id).limit(AT_ONCE))]


def terms_of(session: Session, *, hashes: Sequence[str]) -> dict[str, Terms]:
    """The terms with these hashes, by hash."""
    query = select(License.terms_hash, License.terms).where(License.terms_hash.in_(hashes))
    rows = session.execute(query.ext(distinct_on(License.terms_hash))).all()
    return {sha256: terms.read(said) for sha256, said in rows}


def _known(session: Session, licenses: set[str]) -> set[str]:
    return set(session.scalars(select(License.id).where(License.id.in_(licenses)))) if licenses else set()


def _styles(session: Session, assets: set[str]) -> dict[str, str]:
    if not assets:
        return {}
    rows = session.execute(select(Asset.id, Asset.style).where(Asset.id.in_(assets)))
    return {row[0]: row[1] for row in rows}


def work_of(
    claim: Claim, *, styles: dict[str, str], file: str, withdrawn_at: datetime | None, samples: str | None
) -> Work:
    """What is written down of a claim. `styles`: of assets, where only they tell which license an asset rests on."""
    return Work(claim.work, claim.medium, claim.own, withdrawn_at, file, samples, _parts(claim, styles))


def _parts(claim: Claim, styles: dict[str, str]) -> tuple[tuple[str, int], ...]:
    if claim.own:
        return tuple((x.licensor, x.share) for x in claim.contributions)
    try:
        shares = dues.by_license(claim, styles=styles)
    except NoTermsFor:
        shares = dict.fromkeys((x.license for x in claim.licenses), UNSETTLED)
    return tuple((x.license, shares[x.license]) for x in claim.licenses)
