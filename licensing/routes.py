"""Offers and licenses: what a style's terms are, who holds a license, and its end."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from core.clock import Clock
from core.web import Anyone, Listed, Paged, Principal, Unit, allowed, port
from creators import styles
from creators.consent import MEDIA
from creators.schemas import StyleId
from licensing import deed, granted, licenses, offers, portfolio
from licensing.presets import PRESETS, window
from licensing.schemas import (
    TAKEN_BACK,
    License,
    LicenseId,
    NewOffer,
    Offer,
    OfferId,
    Reason,
    RevokedLicense,
    TermsPreset,
    UseOfMe,
)

router = APIRouter(tags=["licensing"])
Me = Annotated[Principal, allowed("styles")]
Fan = Annotated[Principal, allowed("works")]
Party = Annotated[Principal, allowed("works", "styles")]
Time = Annotated[Clock, port("clock")]
LD = "application/ld+json"
DEED: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}, LD: {}}}}


@router.get("/terms/presets")
def list_presets(
    session: Unit,
    clock: Time,
    who: Anyone,
    style: Annotated[
        StyleId | None, Query(description="one of one's own: its creator is named, its consent kept to")
    ] = None,
) -> list[TermsPreset]:
    """Five sets of terms in plain words to start from, for an offer made today."""
    today, until, creator = clock.now().astimezone(UTC).date(), None, ""
    medium = MEDIA[0]
    if style is not None:
        owned = portfolio.one(session, style=style, person=who.person if who else "", at=clock.now())
        creator, medium = owned.creator.name, owned.style.medium
        until = owned.consent.expires_at.date() if owned.consent else None
    starts, ends = window(today=today, until=until)
    dates = {"starts_on": starts, "ends_on": ends}
    return [TermsPreset.of(x, x.terms(**dates, creator=creator, medium=medium)) for x in PRESETS]


@router.get("/styles/{style}/offers")
def list_offers(session: Unit, who: Anyone, style: StyleId) -> list[Offer]:
    """All versions of a style's terms, the newest first."""
    return [Offer.of(row) for row in offers.versions(session, style=style, person=who.person if who else None)]


@router.post("/styles/{style}/offers", status_code=status.HTTP_201_CREATED)
def publish_offer(session: Unit, me: Me, clock: Time, style: StyleId, new: NewOffer) -> Offer:
    """Offer a style of mine under these terms; the version before is closed, licenses keep the terms they have."""
    row = styles.of_person(session, style=style, person=me.person)
    return Offer.of(offers.publish(session, style=style, creator=row.creator, terms=new.terms(), at=clock.now()))


@router.get("/offers/{offer}")
def get_offer(session: Unit, offer: OfferId) -> Offer:
    """A version of a style's terms, open or closed."""
    return Offer.of(offers.get(session, offer=offer))


@router.get("/offers/{offer}/deed", response_class=PlainTextResponse, responses=DEED)
def get_deed(request: Request, session: Unit, offer: OfferId) -> Response:
    """The offer's deed: text for people, or ODRL in JSON-LD where `Accept` asks for it."""
    terms = offers.terms_of(offers.get(session, offer=offer))
    headers = {"Vary": "Accept"}
    if LD in request.headers.get("accept", ""):
        return JSONResponse(deed.odrl(terms), media_type=LD, headers=headers)
    return PlainTextResponse(deed.text(terms), headers=headers)


@router.get("/licenses")
def my_licenses(session: Unit, me: Fan, page: Paged) -> Listed[License]:
    """The licenses I hold, the newest first."""
    after = page.key(*granted.KEY)
    rows = granted.of_licensee(session, person=me.person, limit=page.limit + 1, after=after)
    return page.of(rows, granted.Granted.key, License.of)


@router.get("/licenses/{license}")
def get_license(session: Unit, me: Party, license: LicenseId) -> License:
    """A license that I hold or gave."""
    return License.of(granted.one(session, license=license, person=me.person))


@router.delete("/licenses/{license}")
def revoke_license(
    session: Unit, me: Me, clock: Time, license: LicenseId, reason: Reason = TAKEN_BACK
) -> RevokedLicense:
    """End a license that I gave: works made under it are withdrawn, works on their way stopped. Twice is once."""
    row = granted.given(session, license=license, person=me.person)
    ended = licenses.revoke(session, license=license, by=row.licensor, reason=reason, at=clock.now())
    return RevokedLicense.after(granted.one(session, license=license, person=me.person), ended)


@router.get("/uses")
def uses_of_me(session: Unit, me: Me, page: Paged) -> Listed[UseOfMe]:
    """Who uses my styles: the licenses that others hold, the newest first, with how much they made."""
    after = page.key(*granted.KEY)
    rows = granted.of_licensor(session, person=me.person, limit=page.limit + 1, after=after)
    return page.of(rows, granted.Granted.key, UseOfMe.of)
