"""What everyone may see: live styles with their look, their open offer, and how many works were made in them.

A style is shown while it can be licensed today: it is listed, its consent stands, and an open offer holds now. A page
of cards costs two queries, however many cards it has; no original is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, Text, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from attribution.models import RecordedClaim
from core import ids
from core.errors import NotFound
from creators.look import Look
from creators.looks import Looks
from creators.models import Asset, Consent, Creator, Style
from creators.styles import proven
from licensing.models import Offer

Sort = Literal["new", "price", "random"]
Rows = Select[*tuple[Any, ...]]
LOOKS = 6
MOST_NEAREST = 12
THUMB = ("id", "title", "width", "height", "duration_ms", "tempo", "key", "excerpt")
SIZES = (Asset.width, Asset.height, Asset.duration_ms, Asset.tempo, Asset.key, Asset.excerpt)
PRICE = cast(Offer.terms["price"]["amount"].astext, BigInteger)


@dataclass(frozen=True)
class Wanted:
    """Which styles are asked for. `q`: part of the style's or its creator's name. `max_price`: in units of USD/6."""

    q: str | None = None
    use: str | None = None
    medium: str | None = None
    max_price: int | None = None
    sort: Sort = "new"
    seed: int = 0


@dataclass(frozen=True)
class Thumb:
    """A work of a style as a page shows it: how large the original is or how long it lasts. `excerpt`: its file."""

    id: str
    title: str
    width: int | None
    height: int | None
    duration_ms: int | None
    tempo: int | None
    key: str | None
    excerpt: str | None


@dataclass(frozen=True)
class Card:
    """A style as everyone sees it. `key`: its place in the list it came from."""

    style: Style
    creator: Creator
    offer: Offer | None
    works: int
    looks: tuple[Thumb, ...]
    key: list[Any]


@dataclass(frozen=True)
class Near:
    """A style and how far its works look from the asked picture; 0 is the same look."""

    card: Card
    distance: float


KINDS: dict[Sort, tuple[type, ...]] = {"new": (datetime, str), "price": (int, str), "random": (str, str)}


def find(
    session: Session, wanted: Wanted, *, at: datetime, limit: int, after: tuple[Any, ...] | None = None
) -> list[Card]:
    """Up to `limit` cards of the styles wanted, in their order, behind the key `after` (of `KINDS`)."""
    order = _order(wanted)
    query = _cards(at).add_columns(order[0].label("place"))
    query = query.where(*_filters(wanted))
    if after is not None:
        behind = tuple_(*(literal(part) for part in after))
        here = tuple_(*order)
        query = query.where(here < behind if wanted.sort == "new" else here > behind)
    turned = [column.desc() for column in order] if wanted.sort == "new" else list(order)
    rows = session.execute(query.order_by(*turned).limit(limit)).all()
    looks = _looks(session, [row[0].id for row in rows], most=LOOKS)
    return [_card(row[:4], looks, key=[row[4], row[0].id]) for row in rows]


def one(session: Session, *, style: str, person: str | None) -> tuple[Card, Consent | None]:
    """A listed style, or one of this person's own, with all its live works. Raises NotFound."""
    query = (
        select(Style, Creator, Offer, _works(), Consent)
        .join(Creator, Creator.id == Style.creator)
        .outerjoin(Offer, (Offer.style == Style.id) & Offer.closed_at.is_(None))
        .outerjoin(Consent, Consent.id == Style.consent)
    )
    found = session.execute(query.where(Style.id == ids.check(style, "sty"))).one_or_none()
    if found is None or not (found[0].state == "listed" or found[1].person == person):
        raise NotFound(f"there is no style {style}", id=style)
    row, creator, offer, works, consent = found
    looks = _looks(session, [row.id], most=None).get(row.id, [])
    return Card(row, creator, offer, works, tuple(looks), []), consent


def nearest(session: Session, asked: Look, *, looks: Looks, at: datetime) -> list[Near]:
    """The styles shown now whose works look most like this, the nearest first."""
    rows = session.execute(_shown(select(Style.id, Style.version), at)).all()
    versions = {row.id: row.version for row in rows}
    ranked = looks.nearest(session, asked, versions=versions)[:MOST_NEAREST]
    query = _cards(at).where(Style.id.in_([style for style, _ in ranked]))
    found = {row[0].id: row for row in session.execute(query)}
    thumbs = _looks(session, found, most=LOOKS)
    return [Near(_card(found[style], thumbs), distance) for style, distance in ranked if style in found]


def _card(row: Sequence[Any], thumbs: Mapping[str, list[Thumb]], *, key: Sequence[Any] = ()) -> Card:
    style, creator, offer, works = row
    return Card(style, creator, offer, works, tuple(thumbs.get(style.id, ())), list(key))


def _cards(at: datetime) -> Rows:
    return _shown(select(Style, Creator, Offer, _works()), at)


def _shown(query: Rows, at: datetime) -> Rows:
    """Only styles that can be licensed now."""
    today = at.astimezone(UTC).date().isoformat()
    return (
        query.join(Creator, Creator.id == Style.creator)
        .join(Offer, (Offer.style == Style.id) & Offer.closed_at.is_(None))
        .join(Consent, Consent.id == Style.consent)
        .where(
            Style.state == "listed",
            Consent.withdrawn_at.is_(None),
            Consent.expires_at > at,
            Offer.terms["starts_on"].astext <= today,
            Offer.terms["ends_on"].astext > today,
        )
    )


def _works() -> ColumnElement[int]:
    """How many works that still stand were made in the style."""
    counted = select(func.count()).where(
        RecordedClaim.styles.contains(array([Style.id])), RecordedClaim.withdrawn_at.is_(None)
    )
    return counted.correlate(Style).scalar_subquery()


def _filters(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.q:
        yield Style.name.icontains(wanted.q, autoescape=True) | Creator.name.icontains(wanted.q, autoescape=True)
    if wanted.use is not None:
        yield Offer.terms["uses"].contains([wanted.use])
    if wanted.medium is not None:
        yield Style.medium == wanted.medium
    if wanted.max_price is not None:
        yield literal(wanted.max_price, BigInteger) >= PRICE


def _order(wanted: Wanted) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    places: dict[Sort, ColumnElement[Any]] = {
        "new": Style.state_at.expression,
        "price": PRICE,
        "random": func.md5(Style.id + cast(literal(str(wanted.seed)), Text)),
    }
    return places[wanted.sort], Style.id.expression


def _looks(session: Session, styles: Iterable[str], *, most: int | None) -> dict[str, list[Thumb]]:
    """The first works of each style that have a thumbnail, oldest first."""
    number = func.row_number().over(partition_by=Asset.style, order_by=(Asset.created_at, Asset.id)).label("number")
    query = select(Asset.style, Asset.id, Asset.title, *SIZES, number)
    shown = (Asset.state == "live", Asset.thumbnail.is_not(None), proven())
    query = query.where(Asset.style.in_(list(styles)), *shown)
    sub = query.subquery()
    rows: Sequence[Any] = session.execute(
        select(sub)
        .where(sub.c.number <= most if most is not None else literal(True))
        .order_by(sub.c.style, sub.c.number)
    ).all()
    found: dict[str, list[Thumb]] = {}
    for row in rows:
        found.setdefault(row.style, []).append(Thumb(*(getattr(row, part) for part in THUMB)))
    return found
