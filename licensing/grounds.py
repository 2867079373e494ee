"""What the database knows that a verdict rests on: licenses as they stand, names as they may be told; many at once.

Nothing is written. Claims are read before licenses are: of a revocation that is committed in between, either the claim
or the license tells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution import judgment
from attribution.claim import Claim
from attribution.evidence import Finding
from attribution.models import RecordedClaim
from core import db
from creators import erasing
from creators.models import Asset, Style
from licensing import dues, policy, terms, verdicts
from licensing.models import License
from licensing.terms import Terms
from licensing.verdicts import Ground, Grounds, Verdict

MOST_READ = 4_096
_READ: dict[str, Terms] = {}  # by their hash


def answer(
    session: Session,
    finding: Finding,
    *,
    use: str | None = None,
    medium: str | None = None,
    territory: str | None = None,
    date: dt.date | None = None,
    at: dt.datetime,
) -> Verdict:
    """What a platform is told of a file that `attribution.verify` looked at: see `verdicts.compose`."""
    grounds = of(session, [finding])
    return verdicts.compose(finding, grounds, use=use, medium=medium, territory=territory, date=date, at=at)


def of(session: Session, findings: Sequence[Finding]) -> Grounds:
    """All that verdicts about these findings rest on, in a handful of queries however many there are."""
    others = _others(session, {id for x in findings if x.identification == "several" for id in x.others})
    documents = [x.claim for x in (*findings, *others.values()) if x.claim is not None]
    read = {claim.work: claim for claim in map(Claim.read, documents)}
    claims = read.values()
    return Grounds(
        claims=read,
        licenses=_licenses(session, {x.license for claim in claims for x in claim.licenses}),
        names=_names(session, claims),
        others=others,
        styles=_styles(session, {asset for claim in claims for asset in dues.ambiguous(claim)}),
    )


def _others(session: Session, ids: set[str]) -> dict[str, Finding]:
    if not ids:
        return {}
    rows = session.scalars(select(RecordedClaim).where(db.among(RecordedClaim.work, ids))).all()
    return {row.work: judgment.found("matched", 1.0, row, (), changed=True) for row in rows}


def _licenses(session: Session, ids: set[str]) -> dict[str, Ground]:
    """By columns, so that nothing that the session remembers is taken for what stands now."""
    if not ids:
        return {}
    columns = License.id, License.terms, License.terms_hash, License.state, Style.state
    rows = session.execute(select(*columns).join(Style, Style.id == License.style).where(db.among(License.id, ids)))
    return {
        id: Ground(id, _terms(said, sha256), sha256, policy.standing(id, state=state, style=style))
        for id, said, sha256, state, style in rows
    }


def _names(session: Session, claims: Iterable[Claim]) -> dict[str, str]:
    said: dict[str, str] = {}
    for claim in claims:
        said |= {**verdicts.licensors_of(claim), claim.licensee: claim.licensee_name}
    return erasing.names_now(session, said=said) if said else {}


def _styles(session: Session, assets: set[str]) -> dict[str, str]:
    if not assets:
        return {}
    return dict(session.execute(select(Asset.id, Asset.style).where(db.among(Asset.id, assets))).all())


def _terms(document: object, sha256: str) -> Terms:
    """Terms that were read once are not read again: they never change."""
    found = _READ.get(sha256)
    if found is None:
        found = terms.read(document)
        if len(_READ) >= MOST_READ:
            _READ.clear()
        if found.hash == sha256:
            _READ[sha256] = found
    return found
