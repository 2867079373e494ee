"""The demo's people: two artists with a style each, registered as any creator would be, and a fan with credit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from app.demo import strokes, woodcut
from app.house import House
from core import db, jobs
from core.media import Picture
from core.money import Money
from creators import assets, consent, profiles, styles
from creators.models import Creator, Person, Style
from licensing import offers
from licensing.models import Offer
from licensing.terms import Terms
from payments import checkout, ledger

Bar = Callable[[int, int, str], None]
SIZE = 768
FAN = "Robin Vega"
PRICE = Money.parse("5.00")


@dataclass(frozen=True)
class Artist:
    """A scripted hand: its name, its style's name, its subjects, and how it paints one."""

    name: str
    style: str
    subjects: tuple[str, ...]
    paint: Callable[..., Picture]


ARTISTS = (
    Artist(strokes.ARTIST, strokes.STYLE, tuple(strokes.SUBJECTS), strokes.paint),
    Artist(woodcut.ARTIST, woodcut.STYLE, tuple(woodcut.SUBJECTS), woodcut.paint),
)


def engage(house: House, artist: Artist, *, report: Bar) -> Offer:
    """The artist's current offer; the style is registered, declared, published and priced first if it is not yet."""
    with db.unit(house.sessions) as session:
        known = session.scalar(
            select(Style)
            .join(Creator, Creator.id == Style.creator)
            .where(Creator.name == artist.name, Style.name == artist.style, Style.state == "listed")
        )
        if known is not None:
            return offers.current(session, style=known.id)
    works = []
    for number, subject in enumerate(artist.subjects):
        report(number, len(artist.subjects), f"{artist.name} paints {number + 1}/{len(artist.subjects)}, “{subject}”")
        works.append((subject, artist.paint(subject, seed=number, size=SIZE)))
    return _register(house, artist, works)


def _register(house: House, artist: Artist, works: list[tuple[str, Picture]]) -> Offer:
    at = house.clock.now()
    with db.unit(house.sessions) as session:
        person = profiles.open_person(session, name=artist.name, at=at)
        creator = profiles.open_profile(session, person=person.id, name=artist.name, at=at)
        style = styles.register(session, creator=creator.id, name=artist.style, medium="picture", at=at)
    uploads = [
        (subject, assets.store(picture, creator=creator.id, blobs=house.blobs, keys=house.keys))
        for subject, picture in works
    ]
    with db.unit(house.sessions) as session:
        declaration = _declaration(creator, at)
        styles.declare_consent(session, style=style.id, creator=creator.id, declaration=declaration, at=at)
        for subject, upload in uploads:
            assets.take(session, style=style.id, upload=upload, title=subject, at=at)
        styles.publish(session, style=style.id, creator=creator.id, at=at)
        offer = offers.publish(session, style=style.id, creator=creator.id, terms=_terms(at), at=at)
        jobs.defer(session, "generation:prepare", style=style.id, engine="patchwork")
        return offer


def _declaration(creator: Creator, at: datetime) -> consent.Declaration:
    return consent.Declaration(
        creator=creator.id,
        legal_name=creator.name,
        is_author=True,
        holds_rights=True,
        adult=True,
        medium="picture",
        uses="Pictures that fans make in this style from their own photographs, to publish and to sell.",
        expires_on=(at + timedelta(days=5 * 365)).date(),
        declared_at=at,
    )


def _terms(at: datetime) -> Terms:
    return Terms(
        uses=frozenset({"publish", "print", "sell"}),
        medium="picture",
        territory="world",
        starts_on=date(2026, 1, 1),
        ends_on=(at + timedelta(days=3 * 365)).date(),
        cap=None,
        price=PRICE,
        royalty_ppm=500_000,
        fan_ppm=500_000,
        report_uses=frozenset({"sell"}),
        max_copy_ppm=50_000,
        attribution="",
    )


def fan(house: House, *, credit: Money) -> Person:
    """The demo's fan, with at least `credit` on account; the rehearsal processor fills it up."""
    with db.unit(house.sessions) as session:
        person = session.scalar(select(Person).where(Person.name == FAN))
        if person is None:
            person = profiles.open_person(session, name=FAN, at=house.clock.now())
        have = ledger.balance(session, f"credit:{person.id}")
    if have < credit:
        key = f"demo:{house.clock.now().astimezone(UTC).isoformat()}"
        checkout.rehearse_top_up(
            house.sessions, house.processor, person=person.id, amount=Money.parse("20.00"), key=key, clock=house.clock
        )
    return person
