"""Finished works painted over in one part: which may be, and by an order of which styles."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution import registry
from attribution.claim import Claim
from core.errors import Conflict
from creators import styles
from creators.models import Asset
from generation import works
from generation.engine import BadRequest, Engine
from generation.models import Work
from licensing import offers


class NotReworkable(Conflict):
    """This work cannot be painted over."""


def base(session: Session, *, work: str, person: str, engine: Engine, offered: Sequence[str]) -> Work:
    """A finished work of the person's that an order of these offers may paint over with the engine.

    What stays of it keeps its owners, so the order licenses all of its styles anew. Raises NotFound, NotReworkable,
    BadRequest.
    """
    row = works.get(session, work=work, person=person)
    if row.kind != "work" or row.state != "done":
        raise _refused(row, f"it is a {row.kind} that is {row.state}; take a finished work")
    if row.map_blob is None:
        raise _refused(row, "its engine only estimated whose strokes it holds; order a new one")
    record = registry.find(session, work=work)
    claim = Claim.read(record.document)
    here = f"{engine.card.name} {engine.card.version}"
    if record.withdrawn_at is not None:
        raise _refused(row, "a creator withdrew the license it rests on; order a new one")
    if claim.engine != here:
        raise _refused(row, f"it was made by {claim.engine}, this order asks for {here}; order a new one")
    used = [x.asset for x in claim.contributions]
    if session.scalar(select(Asset.id).where(Asset.id.in_(used), Asset.state != "live").limit(1)) is not None:
        raise _refused(row, "a creator took back a picture that it holds strokes of; order a new one")
    _covered(session, row, offered)
    return row


def _covered(session: Session, row: Work, offered: Sequence[str]) -> None:
    known = {offers.get(session, offer=offer).style for offer in offered}
    for grant in row.grants:
        if grant.style not in known:
            name = styles.get(session, style=grant.style).name
            raise BadRequest(
                f"work {row.id} holds strokes in the style {name!r}, which this order does not name; add its offer",
                style=grant.style,
            )


def _refused(row: Work, why: str) -> NotReworkable:
    return NotReworkable(f"work {row.id} cannot be reworked: {why}", id=row.id)
