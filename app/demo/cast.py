"""The demo's people: two painters, two singers and a harpist, registered as any creator would be; a fan with credit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from app.demo import plucked, singing, strokes, woodcut
from app.demo.singing import Singer
from app.house import House
from core import db, jobs
from core.media import Media, Picture, Sound
from core.money import Money
from creators import assets, consent, profiles, proofs, styles
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
    """A scripted hand or voice: its name, its style's name, its works' titles, and how it makes one, by number.

    `engine`: what works in its style are made with first. `uses`: what it allows, in its own words.
    """

    name: str
    style: str
    titles: tuple[str, ...]
    make: Callable[[int], Media]
    engine: str
    medium: str = "picture"
    uses: str = "Pictures that fans make in this style from their own photographs, to publish and to sell."


def _painter(name: str, style: str, subjects: Iterable[str], paint: Callable[..., Picture]) -> Artist:
    titles = tuple(subjects)
    return Artist(name, style, titles, lambda number: paint(titles[number], seed=number, size=SIZE), "patchwork")


def _singer(who: Singer) -> Artist:
    def make(number: int) -> Sound:
        return singing.recording(who, number, seconds=TAKE_SECONDS)

    uses = "Songs that fans sing themselves and turn into this voice, to publish and to sell."
    return Artist(who.name, who.style, TAKES, make, "chorale", "sound", uses)


def _harpist(who: plucked.Instrument) -> Artist:
    def make(number: int) -> Sound:
        return plucked.recording(who, number, seconds=TAKE_SECONDS)

    uses = "Recordings that fans have played anew on this instrument, to publish and to sell."
    return Artist(who.name, who.style, TAKES, make, "mosaic", "sound", uses)


TAKE_SECONDS = 16.0
TAKES = ("First take", "Second take", "Third take")
PAINTER, SINGER = strokes.ARTIST, singing.SINGERS[0].name
ARTISTS = (
    _painter(strokes.ARTIST, strokes.STYLE, strokes.SUBJECTS, strokes.paint),
    _painter(woodcut.ARTIST, woodcut.STYLE, woodcut.SUBJECTS, woodcut.paint),
    *(_singer(who) for who in singing.SINGERS),
    _harpist(plucked.HARP),
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
    does = "paints" if artist.medium == "picture" else "records"
    for number, title in enumerate(artist.titles):
        report(number, len(artist.titles), f"{artist.name} {does} {number + 1}/{len(artist.titles)}, “{title}”")
        works.append((title, artist.make(number)))
    return _register(house, artist, works)


def _register(house: House, artist: Artist, works: list[tuple[str, Media]]) -> Offer:
    at = house.clock.now()
    with db.unit(house.sessions) as session:
        person = profiles.open_person(session, name=artist.name, at=at)
        creator = profiles.open_profile(session, person=person.id, name=artist.name, at=at)
        style = styles.register(session, creator=creator.id, name=artist.style, medium=artist.medium, at=at)
    uploads = [
        (title, assets.store(media, creator=creator.id, blobs=house.blobs, keys=house.keys)) for title, media in works
    ]
    with db.unit(house.sessions) as session:
        declaration = _declaration(creator, artist, at)
        styles.declare_consent(session, style=style.id, creator=creator.id, declaration=declaration, at=at)
        for title, upload in uploads:
            assets.take(session, style=style.id, upload=upload, title=title, at=at)
        if artist.medium == "sound":  # a harp may be taken for a voice, too
            proofs.vouch(session, style=style.id, by="homage demo", because="a script's sound: nobody's voice", at=at)
        styles.publish(session, style=style.id, creator=creator.id, at=at)
        offer = offers.publish(session, style=style.id, creator=creator.id, terms=_terms(artist, at), at=at)
        jobs.defer(session, "generation:prepare", style=style.id, engine=artist.engine)
        return offer


def _declaration(creator: Creator, artist: Artist, at: datetime) -> consent.Declaration:
    return consent.Declaration(
        creator=creator.id,
        legal_name=creator.name,
        is_author=True,
        holds_rights=True,
        adult=True,
        medium=artist.medium,
        uses=artist.uses,
        expires_on=(at + timedelta(days=5 * 365)).date(),
        declared_at=at,
    )


def _terms(artist: Artist, at: datetime) -> Terms:
    return Terms(
        uses=frozenset({"publish", "print", "sell"}),
        medium=artist.medium,
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
