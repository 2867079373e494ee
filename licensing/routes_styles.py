"""Styles for everyone: what can be licensed now, and which of it is nearest to a picture."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, UploadFile

from core import db, decode
from core.clock import Clock
from core.limits import Turns
from core.web import Anyone, Listed, Paged, Sessions, Unit, port
from creators import look
from creators.looks import Looks
from creators.schemas import Medium, StyleId
from licensing import showcase
from licensing.schemas import Use
from licensing.schemas_styles import NearStyle, Style, StyleCard
from licensing.showcase import KINDS, LOOKS, Card, Sort, Wanted
from licensing.terms import MOST_UNITS

router = APIRouter(tags=["styles"])
Time = Annotated[Clock, port("clock")]


def _wanted(
    q: Annotated[
        str | None,
        Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", description="part of the style's or its creator's name"),
    ] = None,
    use: Annotated[Use | None, Query(description="only what allows this use")] = None,
    medium: Annotated[Medium | None, Query(description="only styles of pictures, or of recordings")] = None,
    max_price: Annotated[int | None, Query(ge=0, le=MOST_UNITS, description="of one work, in units of USD/6")] = None,
    sort: Annotated[Sort, Query(description="newest first, cheapest first, or mixed by `seed`")] = "new",
    seed: Annotated[int, Query(ge=0, le=2**31 - 1, description="another seed, another random order")] = 0,
) -> Wanted:
    return Wanted(q=q, use=use, medium=medium, max_price=max_price, sort=sort, seed=seed)


@router.get("/styles")
def list_styles(
    session: Unit, clock: Time, page: Paged, wanted: Annotated[Wanted, Depends(_wanted)]
) -> Listed[StyleCard]:
    """Styles that can be licensed now. `random` mixes them by `seed`, and the same seed gives the same order."""
    after = page.key(*KINDS[wanted.sort])
    cards = showcase.find(session, wanted, at=clock.now(), limit=page.limit + 1, after=after)
    return page.of(cards, _key, StyleCard.of)


@router.post("/styles/nearest")
def nearest_styles(
    sessions: Sessions,
    clock: Time,
    looks: Annotated[Looks, port("looks")],
    turns: Annotated[Turns, port("verifying")],
    file: Annotated[UploadFile, File(description="a picture, as a file")],
) -> list[NearStyle]:
    """The styles whose works look most like a picture: its colors and the texture of its patches, not what it shows.

    Of a photograph these are the styles whose colors, contrast and grain are nearest to its own. Nothing is kept.
    """
    with turns.turn():
        asked = look.of(decode.picture_of(file.file.read(decode.DEFAULT.bytes + 1)))
    with db.unit(sessions) as session:
        found = showcase.nearest(session, asked, looks=looks, at=clock.now())
    return [NearStyle.of(near, rank) for rank, near in enumerate(found, start=1)]


@router.get("/styles/{style}")
def get_style(session: Unit, who: Anyone, style: StyleId) -> Style:
    """A listed style, or one of one's own, with all that may be done with it and all its works."""
    card, consent = showcase.one(session, style=style, person=who.person if who else None)
    return Style.of(card, consent, looks=LOOKS)


def _key(card: Card) -> list[Any]:
    return card.key
