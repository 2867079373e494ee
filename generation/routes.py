"""The doors of the studio: engines, what to start from, quotes, previews and orders."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.orm import Session

from core import db
from core.clock import Clock
from core.media_response import media
from core.uploads import Uploads
from core.web import Anyone, IdempotencyKey, Principal, Unit, allowed, port
from generation import orders, previews, quotes, shown, starters
from generation.catalog import Catalog
from generation.engine import BadRequest
from generation.models import Work
from generation.orders import Backing, Order, Part
from generation.schemas import EngineOut, OrderIn, QuoteIn, QuoteOut, StarterOut, WorkOut
from generation.shown import Shown
from generation.sources import Sources
from generation.workshop import Workshop
from payments.entries import FeePolicy

router = APIRouter(tags=["studio"])

Fan = Annotated[Principal, allowed("works")]
Time = Annotated[Clock, port("clock")]
Engines = Annotated[Catalog, port("catalog")]
Fees = Annotated[FeePolicy, port("policy")]
Shop = Annotated[Workshop, port("workshop")]
Up = Annotated[Uploads, port("uploads")]


@router.get("/engines")
def list_engines(catalog: Engines) -> list[EngineOut]:
    """What works can be made with."""
    return [EngineOut.of(engine) for engine in catalog.usable()]


@router.get("/starters")
def list_starters() -> list[StarterOut]:
    """Pictures and recordings to start from for those who have none at hand."""
    return [StarterOut.of(starter) for starter in starters.present()]


@router.get(
    "/starters/{name}/picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "audio/flac": {}}, "description": "The picture or the recording"}},
)
def get_starter_picture(name: Annotated[str, Path(max_length=40)], request: Request) -> Response:
    """The picture or the recording itself."""
    path = starters.path(name)
    type_ = "audio/flac" if starters.find(name).medium == "sound" else "image/jpeg"
    return media(path.read_bytes, type=type_, name=path.name, public=True, etag=name, request=request)


@router.post("/quotes")
def get_quote(body: QuoteIn, who: Anyone, session: Unit, catalog: Engines, policy: Fees) -> QuoteOut:
    """What a work will cost, who will get what, and what may be done with it."""
    person = who.person if who else None
    return QuoteOut.of(
        quotes.quote(session, offered=body.pairs(), engine=body.engine, catalog=catalog, policy=policy, person=person)
    )


@router.post("/previews", status_code=202)
def make_preview(body: OrderIn, who: Fan, shop: Shop, uploads: Up, answer: Response) -> WorkOut:
    """Try a style for nothing: small, marked all over, for yourself alone, gone after a day."""
    at = shop.clock.now()
    with db.unit(shop.sessions) as session:  # before anything is decoded
        previews.refuse_too_many(session, person=who.person, at=at)
    order = _order(body, who, shop, uploads, key="preview")
    return _placed(partial(previews.place, order=order, catalog=shop.catalog, at=at), who, shop, answer)


@router.post("/works", status_code=202)
def order_work(
    body: OrderIn, key: IdempotencyKey, who: Fan, shop: Shop, uploads: Up, policy: Fees, answer: Response
) -> WorkOut:
    """Accept the licenses, hold the price and queue the work; sent again with the same key, it is the same work.

    With `rework` a part of an earlier work is made anew: the order names all of its styles, and it stays as it is.
    """
    order = _order(body, who, shop, uploads, key=key)
    place = partial(orders.place, order=order, catalog=shop.catalog, policy=policy, at=shop.clock.now())
    return _placed(place, who, shop, answer)


def _order(body: OrderIn, who: Principal, shop: Workshop, uploads: Uploads, *, key: str) -> Order:
    """The order that a request means, its source and masks brought: slow for an upload that was not used before."""
    sources = Sources(shop.sessions, shop.blobs, shop.keys, uploads)
    at = shop.clock.now()

    def part(upload: str) -> Part:
        mask = sources.bring_mask(person=who.person, upload=upload, at=at)
        return Part(mask.blob, mask.sha256)

    source = None if body.source is None else sources.bring(person=who.person, origin=body.source, at=at)
    below = None if body.backing is None else sources.bring(person=who.person, origin=body.backing.upload, at=at)
    if below is not None and below.medium != "sound":
        raise BadRequest("the backing is a picture; send the rest of the song as a recording")
    return Order(
        person=who.person,
        offers=body.pairs(),
        engine=body.engine,
        params=body.params,
        seed=body.seed,
        source_blob=source.blob if source else None,
        source_sha256=source.sha256 if source else None,
        idempotency_key=key,
        mask=None if body.mask is None else part(body.mask),
        rework=body.rework,
        regions=tuple((one.offer, part(one.region)) for one in body.offers if one.region is not None),
        source_medium=source.medium if source else "picture",
        backing=Backing(below.blob, below.sha256, round(100 * body.backing.fader)) if body.backing and below else None,
        sections=tuple((one.offer, tuple(one.sections)) for one in body.offers if one.sections is not None),
        tags=source.tags if source else None,
    )


def _placed(place: Callable[[Session], Work], who: Principal, shop: Workshop, answer: Response) -> WorkOut:
    def placed(session: Session) -> Shown:
        return shown.of(session, [place(session)], person=who.person)[0]

    found = db.settled(shop.sessions, placed)
    answer.headers["Location"] = f"/v1/works/{found.work.id}"
    return WorkOut.show(found)
