"""What this floor's routes take and give of styles: as everyone sees them, and as their creators do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from core.waveform import SMALL
from core.web import In, Named, Out
from creators.models import Consent
from creators.schemas import AiTraining, DeclaredConsent, Line, Medium, OwnAsset, excerpt_url, thumbnail_url
from licensing.licenses import Revocation
from licensing.portfolio import Owned
from licensing.schemas import Effect, OfferBrief, Party, StyleState, TermsDocument
from licensing.showcase import Card, Near, Thumb


class Shown(Out):
    """A work of a style, small: a picture's `width` and `height` are the original's; a recording lasts, has an
    `excerpt` to hear, and is shown by its waveform, whose size that is then."""

    asset: str
    title: str
    url: str
    width: int
    height: int
    duration_ms: int | None
    tempo: int | None
    key: str | None
    excerpt: str | None


class StyleCard(Out):
    """A live style as a list shows it."""

    id: str
    name: str
    medium: Medium
    creator: Party
    looks: list[Shown]
    offer: OfferBrief
    works_made: int
    listed_at: datetime

    @classmethod
    def of(cls, card: Card) -> StyleCard:
        assert card.offer is not None  # a list shows no others
        return cls(**_shared(card), offer=OfferBrief.of(card.offer), listed_at=card.style.state_at)


class ShownAsset(Out):
    """A work of a style, small: a picture's `width` and `height` are the original's; a recording lasts, has an
    `excerpt` to hear, and is shown by its waveform, whose size that is then."""

    id: str
    title: str
    url: str
    width: int
    height: int
    duration_ms: int | None
    tempo: int | None
    key: str | None
    excerpt: str | None


class Style(Out):
    """A style whole. `offer` and `terms` are null while nothing is offered, `listed_at` while it is not listed."""

    id: str
    name: str
    medium: Medium
    creator: Party
    looks: list[Shown]
    offer: OfferBrief | None
    works_made: int
    listed_at: datetime | None
    state: StyleState
    version: int
    terms: TermsDocument | None
    ai_training: AiTraining
    assets: list[ShownAsset]

    @classmethod
    def of(cls, card: Card, consent: Consent | None, *, looks: int) -> Style:
        row, offer = card.style, card.offer
        shared = _shared(card)
        return cls.model_validate(
            {
                **shared,
                "looks": shared["looks"][:looks],
                "offer": OfferBrief.of(offer) if offer else None,
                "listed_at": row.state_at if row.state == "listed" else None,
                "state": row.state,
                "version": row.version,
                "terms": offer.terms if offer else None,
                "ai_training": consent.document["ai_training"] if consent else "notAllowed",
                "assets": [ShownAsset(id=x.id, **_small(x)) for x in card.looks],
            }
        )


class NewStyle(In):
    profile: Annotated[str, Named("cre")]
    name: Line
    medium: Medium


class NewName(In):
    name: Line


class OwnStyle(Out):
    """A style of one's own, whole. `missing`: what it lacks to be listed; `reason`: why it is off the list."""

    id: str
    name: str
    medium: Medium
    state: StyleState
    reason: str | None
    version: int
    creator: Party
    assets: list[OwnAsset]
    consent: DeclaredConsent | None
    offer: OfferBrief | None
    missing: list[str]
    created_at: datetime

    @classmethod
    def of(cls, owned: Owned) -> OwnStyle:
        return cls.model_validate(_owned(owned))


class TakenBack(OwnStyle):
    """A style that was taken off the list, and what ended with it."""

    effect: Effect

    @classmethod
    def after(cls, owned: Owned, revocation: Revocation) -> TakenBack:
        return cls.model_validate({**_owned(owned), "effect": Effect.of(revocation)})


class WithdrawnConsent(DeclaredConsent):
    """A declaration that was withdrawn, and what ended with it."""

    effect: Effect

    @classmethod
    def after(cls, row: Consent, revocation: Revocation) -> WithdrawnConsent:
        return cls(**DeclaredConsent.of(row).model_dump(), effect=Effect.of(revocation))


class NearStyle(Out):
    """A style near a picture. `distance`: 0 is the same look; `rank` begins at 1."""

    style: StyleCard
    distance: float
    rank: int

    @classmethod
    def of(cls, near: Near, rank: int) -> NearStyle:
        return cls(style=StyleCard.of(near.card), distance=round(near.distance, 4), rank=rank)


def _small(work: Thumb) -> dict[str, Any]:
    return {
        "title": work.title,
        "url": thumbnail_url(work.id),
        "width": work.width or SMALL[0],
        "height": work.height or SMALL[1],
        "duration_ms": work.duration_ms,
        "tempo": work.tempo,
        "key": work.key,
        "excerpt": excerpt_url(work.id, work.excerpt),
    }


def _shared(card: Card) -> dict[str, Any]:
    return {
        "id": card.style.id,
        "name": card.style.name,
        "medium": card.style.medium,
        "creator": Party.model_validate(card.creator),
        "looks": [Shown(asset=x.id, **_small(x)) for x in card.looks],
        "works_made": card.works,
    }


def _owned(owned: Owned) -> dict[str, Any]:
    row = owned.style
    return {
        "id": row.id,
        "name": row.name,
        "medium": row.medium,
        "state": row.state,
        "reason": row.reason,
        "version": row.version,
        "creator": Party.model_validate(owned.creator),
        "assets": [OwnAsset.of(intake) for intake in owned.intakes],
        "consent": DeclaredConsent.of(owned.consent) if owned.consent else None,
        "offer": OfferBrief.of(owned.offer) if owned.offer else None,
        "missing": list(owned.lacks),
        "created_at": row.created_at,
    }
