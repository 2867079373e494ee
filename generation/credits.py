"""Whom to credit for a finished work, and which parts of it to disclose as made by a machine."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attribution import credits, registry
from attribution.claim import Claim
from attribution.credits import Credits
from core import ids
from core.errors import NotFound
from core.tags import Tags
from generation import provenance, shown
from generation.models import Work


def of(session: Session, *, work: str, person: str | None) -> Credits:
    """Of a finished work that the person may see. Raises NotFound, NoProvenance."""
    return _of(session, shown.one(session, work=work, person=person).work)


def of_any(session: Session, *, work: str) -> Credits:
    """Of any finished work, for the house itself. Raises NotFound, NoProvenance."""
    row = session.get(Work, ids.check(work, "wrk"))
    if row is None:
        raise NotFound(f"there is no work {work} here; check the number", id=work)
    return _of(session, row)


def _of(session: Session, work: Work) -> Credits:
    provenance.check(work)
    claim = Claim.read(registry.find(session, work=work.id).document)
    return credits.of(
        claim,
        names=provenance.parties(session, claim),
        with_source=work.source_sha256 is not None,
        isrc=Tags.read(work.tags or {}).isrc,
    )
