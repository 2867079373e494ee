"""A person's own styles, whole: works, consent, open offer, and what each still lacks to be listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ids
from core.errors import NotFound
from creators import styles
from creators.assets import Intake
from creators.models import Asset, Consent, Creator, Style
from licensing.models import Offer


@dataclass(frozen=True)
class Owned:
    """One of a person's own styles. `lacks`: what it needs to be listed, in words."""

    style: Style
    creator: Creator
    consent: Consent | None
    offer: Offer | None
    intakes: tuple[Intake, ...]
    lacks: tuple[str, ...]


def of_person(session: Session, *, person: str, at: datetime) -> list[Owned]:
    """All styles of a person's profiles, the newest first, in two queries."""
    return _owned(session, person, None, at)


def one(session: Session, *, style: str, person: str, at: datetime) -> Owned:
    """A style of this person's. Raises NotFound."""
    found = _owned(session, person, ids.check(style, "sty"), at)
    if not found:
        raise NotFound(f"there is no style {style} of yours", id=style)
    return found[0]


def _owned(session: Session, person: str, style: str | None, at: datetime) -> list[Owned]:
    query = (
        select(Style, Creator, Consent, Offer)
        .join(Creator, Creator.id == Style.creator)
        .outerjoin(Consent, Consent.id == Style.consent)
        .outerjoin(Offer, (Offer.style == Style.id) & Offer.closed_at.is_(None))
        .where(Creator.person == person)
        .order_by(Style.created_at.desc(), Style.id.desc())
    )
    if style is not None:
        query = query.where(Style.id == style)
    rows = session.execute(query).all()
    taken: dict[str, list[Asset]] = {row[0].id: [] for row in rows}
    for asset in _assets(session, list(taken)):
        taken[asset.style].append(asset)
    sung = [of for of, assets in taken.items() if any(asset.voice for asset in assets)]
    unproven = styles.unproven(session, styles=sung) if sung else {}
    return [_one(row[0], row[1], row[2], row[3], taken[row[0].id], unproven.get(row[0].id, 0), at) for row in rows]


def _one(
    style: Style,
    creator: Creator,
    consent: Consent | None,
    offer: Offer | None,
    assets: list[Asset],
    unproven: int,
    at: datetime,
) -> Owned:
    consented = consent is not None and consent.withdrawn_at is None and consent.expires_at > at
    lacks = styles.lacking(consented=consented, states=Counter(asset.state for asset in assets), unproven=unproven)
    titles = {asset.id: asset.title for asset in assets}
    intakes = [Intake(asset, titles.get(asset.merged_into or "")) for asset in assets]
    return Owned(style, creator, consent, offer, tuple(intakes), tuple(lacks))


def _assets(session: Session, of: list[str]) -> Sequence[Asset]:
    return session.scalars(select(Asset).where(Asset.style.in_(of)).order_by(Asset.created_at, Asset.id)).all()
