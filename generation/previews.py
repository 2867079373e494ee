"""Previews: a fan tries a style before they order. Free, small, marked; nothing is granted, held, recorded or sealed.

They go through the same queue and workers as orders (`waiting` says in which turn), and consent stops them at the same
moments. A day after it was asked for, a preview is gone, row and file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core import db, ids
from core.blobs import BlobStore
from core.errors import TooMany
from core.money import USD
from creators import styles
from generation import orders, works
from generation.catalog import Catalog
from generation.engine import BadRequest, Medium
from generation.models import Work, WorkLicense
from generation.orders import Order
from licensing import licenses, offers

LIFE = timedelta(hours=24)
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 60
MOST_AT_ONCE = 4  # a few seeds to choose from
LARGEST_BASE = 2_100_000  # pixels
SOON = 3  # seconds after which a preview of one's own may have ended


class TooManyPreviews(TooMany):
    """Nobody has more previews than this in an hour, or at once."""


def place(session: Session, *, order: Order, catalog: Catalog, at: datetime) -> Work:
    """Queue a preview of what an order would make. Raises TooManyPreviews, and what `orders.place` raises of styles."""
    orders.serialize(session, f"previews:{order.person}")
    refuse_too_many(session, person=order.person, at=at)
    orders.check(order, catalog)
    engine = catalog.get(order.engine)
    orders.check_media(session, [offer for offer, _ in order.offers], engine=engine)
    base = orders.base_of(session, order, catalog)
    _refuse_large(base)
    work = queued(replace(order, idempotency_key=ids.new("wrk")), base=base, medium=engine.card.medium, at=at)
    named = sorted((offers.get(session, offer=offer).style, offer) for offer, _ in order.offers)
    epochs = {offer: _epoch(session, order.person, offer, at) for _, offer in named}
    work.grants = [
        WorkLicense(
            position=position,
            offer=offer,
            style=style,
            weight=weight,
            epoch=0,
            style_epoch=epoch,
            **order.region(offer),
        )
        for position, (offer, weight) in enumerate(order.offers)
        for style, epoch in [epochs[offer]]
    ]
    session.add(work)
    works.announce(session, work)
    return work


def _refuse_large(base: Work | None) -> None:
    """A part of an earlier work is previewed at that work's size, and a preview is free. Raises BadRequest."""
    if base is not None and (base.width or 0) * (base.height or 0) > LARGEST_BASE:
        raise BadRequest(
            f"work {base.id} is {base.width} × {base.height} pixels, too large for a preview of a part; order it"
        )


def queued(order: Order, *, base: Work | None, medium: Medium, at: datetime) -> Work:
    """A preview's row, without what it rests on; its id is the order's key."""
    row = orders.columns(order, base=base, at=at)
    free = {"price": 0, "asset": USD, "platform_ppm": 0, "compute": 0}
    return Work(**row, **free, id=order.idempotency_key, kind="preview", medium=medium)


def refuse_too_many(session: Session, *, person: str, at: datetime) -> None:
    """Raises TooManyPreviews, which says when there may be another one."""
    own = (Work.person == person, Work.kind == "preview", Work.sheet.is_(None))
    waiting = session.scalar(select(func.count()).where(*own, Work.state.in_(("queued", "running")))) or 0
    if waiting >= MOST_AT_ONCE:
        raise TooManyPreviews(f"{waiting} previews of yours are not ready yet; wait for one of them", retry_after=SOON)
    count, first = session.execute(
        select(func.count(), func.min(Work.created_at)).where(*own, Work.created_at > at - HOUR)
    ).one()
    if count >= MOST_AN_HOUR:
        wait = max(1, ceil((first + HOUR - at).total_seconds()))
        raise TooManyPreviews(
            f"you had {count} previews within the hour, as many as there may be; wait {wait} s, or order the work",
            retry_after=wait,
        )


def sweep(sessions: db.Sessions, *, blobs: BlobStore, at: datetime) -> int:
    """Remove the previews whose day is over, each in its own transaction and its file after that; how many."""
    with db.unit(sessions) as session:
        over = list(session.scalars(select(Work.id).where(Work.kind == "preview", Work.created_at <= at - LIFE)))
    gone = [found for work in over if (found := db.settled(sessions, partial(_remove, work=work))) is not None]
    for blob in filter(None, gone):
        blobs.delete(blob)  # encrypted with a nonce of its own, so no other row names it
    return len(gone)


def _remove(session: Session, *, work: str) -> str | None:
    """The address of its file, "" where it has none; None while it is being made or is gone already."""
    row = session.scalar(select(Work).where(Work.id == work).with_for_update(skip_locked=True))
    if row is None or row.state == "running":
        return None
    session.execute(delete(WorkLicense).where(WorkLicense.work == work))
    session.execute(delete(Work).where(Work.id == work))
    return row.result_blob or ""


def _epoch(session: Session, person: str, offer: str, at: datetime) -> tuple[str, int]:
    """The style of an offer that the person may try, held in share, and its epoch."""
    style = licenses.try_out(session, offer=offer, licensee=person, at=at).style
    return style, styles.get(session, style=style).epoch
