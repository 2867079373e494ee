"""Sheets of samples: a style in each of an engine's presets, for its creator to choose the one they recommend.

Samples are previews that rest on no offer: their creator sees their own style, which may still be a draft. They wait
behind every fan's preview, and end with the style's consent as those do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import ids
from core.errors import TooMany
from creators import assets, profiles, styles
from creators.models import Style
from generation import orders, previews, works
from generation.catalog import Catalog
from generation.engine import BadRequest, Engine, Medium, Preset
from generation.models import Work, WorkLicense
from generation.orders import Order
from generation.preparations import NothingToLearnFrom

MOST_SHEETS = 5
HOUR = timedelta(hours=1)
LAST = 1  # in the queue of previews


class TooManySamples(TooMany):
    """Nobody has more sheets of samples than this in an hour."""


@dataclass(frozen=True)
class Sheet:
    """What a creator wants to see: their style on one source, or composed from its pictures alone."""

    person: str
    style: str
    engine: str
    source_blob: str | None
    source_sha256: str | None
    source_medium: Medium = "picture"


def place(session: Session, *, sheet: Sheet, catalog: Catalog, at: datetime) -> list[tuple[Preset, Work]]:
    """Queue one sample for each preset, in the engine's order.

    Raises NotFound for a style of somebody else, UnknownEngine, BadRequest, StyleRevoked, NothingToLearnFrom,
    TooManySamples.
    """
    orders.serialize(session, f"samples:{sheet.person}")
    row = styles.of_person(session, style=sheet.style, person=sheet.person)
    refuse_too_many(session, person=sheet.person, at=at)
    engine = catalog.get(sheet.engine)
    orders.suits(engine, row)
    _check(sheet, engine)
    profiles.stay(session, person=sheet.person)
    epoch = _open(session, row, at=at)
    made = [(preset, _sample(sheet, engine, preset, epoch=epoch, at=at)) for preset in engine.card.presets]
    for _, work in made:
        work.sheet, work.priority = made[0][1].id, LAST
        session.add(work)
        works.announce(session, work)
    return made


def refuse_too_many(session: Session, *, person: str, at: datetime) -> None:
    """Raises TooManySamples, which says when there may be another sheet."""
    begun = (
        select(func.min(Work.created_at).label("at"))
        .where(Work.person == person, Work.sheet.is_not(None), Work.created_at > at - HOUR)
        .group_by(Work.sheet)
        .subquery()
    )
    count, first = session.execute(select(func.count(), func.min(begun.c.at)).select_from(begun)).one()
    if count >= MOST_SHEETS:
        wait = max(1, ceil((first + HOUR - at).total_seconds()))
        raise TooManySamples(
            f"you had {count} sheets of samples within the hour, as many as there may be; wait {wait} s",
            retry_after=wait,
        )


def _check(sheet: Sheet, engine: Engine) -> None:
    if not engine.card.presets:
        raise BadRequest(f"engine {engine.card.name} has no presets to choose from; set its parameters yourself")
    orders.demand(*orders.start(engine, None if sheet.source_blob is None else sheet.source_medium))


def _open(session: Session, row: Style, *, at: datetime) -> int:
    """The epoch of a draft, or of a style whose consent stands; it is held in share until the transaction ends."""
    style = styles.get(session, style=row.id, lock="share")
    if style.state != "draft":
        style = styles.standing(session, style=row.id, at=at)
    if not assets.learned(session, style=row.id):
        raise NothingToLearnFrom(f"style {row.id} has nothing to learn from; add a work of yours", style=row.id)
    return style.epoch


def _sample(sheet: Sheet, engine: Engine, preset: Preset, *, epoch: int, at: datetime) -> Work:
    order = Order(
        person=sheet.person,
        offers=(),
        engine=sheet.engine,
        params=preset.params,
        seed=0,
        source_blob=sheet.source_blob,
        source_sha256=sheet.source_sha256,
        idempotency_key=ids.new("wrk"),
    )
    work = previews.queued(order, base=None, medium=engine.card.medium, at=at)
    work.grants = [WorkLicense(position=0, style=sheet.style, weight=1, epoch=0, style_epoch=epoch)]
    return work
