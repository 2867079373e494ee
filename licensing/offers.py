"""Offers: a style's terms as numbered versions that never change; publishing a version closes the one before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import ids
from core.errors import Conflict, Invalid, NotFound
from creators import styles
from creators.models import Consent, Style
from licensing import deed
from licensing.models import Offer
from licensing.terms import Terms, read


class NoOffer(NotFound):
    """The style is not offered for licensing now."""


class OfferClosed(Conflict):
    """A newer version of the terms has taken this offer's place."""


class BeyondConsent(Invalid):
    """The terms go further than what the creator consented to."""


def publish(session: Session, *, style: str, creator: str, terms: Terms, at: datetime) -> Offer:
    """Publish terms as the style's next version and close the former; licenses keep the terms they were granted with.

    Raises NotFound, StyleRevoked, BeyondConsent.
    """
    row = styles.own(session, style=style, creator=creator, lock=True)
    styles.standing(session, style=style, at=at)
    within_consent(session, terms, style=row)
    number = session.scalar(select(func.coalesce(func.max(Offer.number), 0) + 1).where(Offer.style == style))
    for former in session.scalars(select(Offer).where(Offer.style == style, Offer.closed_at.is_(None))):
        former.closed_at = at
    session.flush()
    offer = Offer(
        id=ids.new("off"),
        style=style,
        number=number,
        terms=terms.document(),
        terms_hash=terms.hash,
        deed_hash=deed.text_hash(terms),
        published_at=at,
    )
    session.add(offer)
    session.flush()
    return offer


def current(session: Session, *, style: str) -> Offer:
    """The open offer of a listed style. Raises NoOffer."""
    listed = styles.get(session, style=style).state == "listed"
    offer = session.scalar(select(Offer).where(Offer.style == style, Offer.closed_at.is_(None)))
    if not listed or offer is None:
        raise NoOffer(f"style {style} is not offered for licensing now", id=style)
    return offer


def get(session: Session, *, offer: str) -> Offer:
    """An offer, open or closed, as the database has it now: offers are public. Raises NotFound."""
    query = select(Offer).where(Offer.id == ids.check(offer, "off"))
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"there is no offer {offer}", id=offer)
    return row


def versions(session: Session, *, style: str, person: str | None) -> Sequence[Offer]:
    """All offers of a listed style, or of one of this person's own, the newest first. Raises NotFound."""
    styles.visible(session, style=style, person=person)
    return session.scalars(select(Offer).where(Offer.style == style).order_by(Offer.number.desc())).all()


def terms_of(offer: Offer) -> Terms:
    return read(offer.terms)


def within_consent(session: Session, terms: Terms, *, style: Style) -> None:
    """Terms never go further than the consent that the style rests on now. Raises BeyondConsent."""
    consent = session.get_one(Consent, style.consent, populate_existing=True)
    faults = []
    if terms.medium != style.medium:
        faults.append(f"the style's medium is {style.medium}")
    if terms.ends_on > consent.expires_at.date():
        faults.append(f"the consent ends on {consent.expires_at.date()}, before the terms do")
    if "train" in terms.uses and consent.document["ai_training"] == "notAllowed":
        faults.append("the consent does not allow training")
    if faults:
        raise BeyondConsent(
            f"these terms go beyond the consent declared: {'; '.join(faults)}; change them or declare anew",
            faults=faults,
        )
