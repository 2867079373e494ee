"""What other sites show of a link to a work or a style here: title, words and a picture, of what everyone may see."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.house import House
from core import db
from core.errors import NotFound
from generation import shown
from licensing import showcase


@dataclass(frozen=True)
class Card:
    """`image`: an address on this house, or None."""

    title: str
    words: str
    image: str | None


def find(house: House, path: str) -> Card | None:
    """The card of a page's address, or None where there is nothing that everyone may see."""
    kind, _, name = path.strip("/").partition("/")
    if kind not in CARDS:
        return None
    try:
        with db.unit(house.sessions) as session:
            return CARDS[kind](session, name)
    except (NotFound, SQLAlchemyError):  # the page itself needs no database, and tells what is wrong
        return None


def is_private(path: str, card: Card | None) -> bool:
    """Whether search engines are asked to leave this page out: a work or a style that not everyone may see."""
    return card is None and path.strip("/").partition("/")[0] in CARDS


def head(card: Card | None, *, url: str, origin: str, private: bool) -> str:
    """Elements for a document's head. Whatever people wrote is escaped."""
    if card is None:
        return '<meta name="robots" content="noindex" />\n' if private else ""
    told = {
        "og:type": "website",
        "og:site_name": "Homage",
        "og:url": url,
        "og:title": card.title,
        "og:description": card.words,
        **({"og:image": origin + card.image, "twitter:card": "summary_large_image"} if card.image else {}),
    }
    return "".join(f'<meta property="{name}" content="{html.escape(value)}" />\n' for name, value in told.items())


def _work(session: Session, name: str) -> Card | None:
    found = shown.one(session, work=name, person=None)
    if not found.has_file:
        return None
    styles = " and ".join(f"“{grant.name}” by {grant.creator_name}" for grant in found.grants)
    words = "Made under a license: see which of the artist's own works each part came from, and who is paid for it."
    return Card(f"A work in the style {styles}", words, f"/v1/works/{found.work.id}/thumbnail")


def _style(session: Session, name: str) -> Card:
    card, _ = showcase.one(session, style=name, person=None)
    words = f"A licensed style on Homage, with {len(card.looks)} works to learn from. Make a picture of yours in it."
    image = f"/v1/assets/{card.looks[0].id}/thumbnail" if card.looks else None
    return Card(f"“{card.style.name}” by {card.creator.name}", words, image)


CARDS: dict[str, Callable[[Session, str], Card | None]] = {"works": _work, "styles": _style}
