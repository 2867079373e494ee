"""What other sites show of a link to a work or a style here: title, words and a picture, of what everyone may see."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.house import House
from core import db
from core.errors import NotFound
from generation import shown
from generation.shown import Shown
from licensing import showcase

OEMBED = "application/json+oembed"


@dataclass(frozen=True)
class Card:
    """`image`: an address on this house, or None. `embeds`: whether oEmbed tells how to show it elsewhere."""

    title: str
    words: str
    image: str | None
    embeds: bool = False


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


def oembed_link(origin: str, url: str, title: str) -> str:
    """The element by which other sites discover how to show this page's work (oEmbed 1.0, section 4)."""
    address = f"{origin}/v1/oembed?url={quote(url, safe='')}&format=json"
    return f'<link rel="alternate" type="{OEMBED}" href="{html.escape(address)}" title="{html.escape(title)}" />\n'


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
    embed = oembed_link(origin, url, card.title) if card.embeds else ""
    return embed + "".join(
        f'<meta property="{name}" content="{html.escape(value)}" />\n' for name, value in told.items()
    )


def titled(seen: Shown) -> str:
    """What a work is called, since nobody gave it a title."""
    styles = " and ".join(f"“{grant.name}” by {grant.creator_name}" for grant in seen.grants)
    return f"A work in the style {styles}"


def _work(session: Session, name: str) -> Card | None:
    found = shown.one(session, work=name, person=None)
    if not found.has_file:
        return None
    words = "Made under a license: see which of the artist's own works each part came from, and who is paid for it."
    return Card(titled(found), words, f"/v1/works/{found.work.id}/thumbnail", embeds=True)


def _style(session: Session, name: str) -> Card:
    card, _ = showcase.one(session, style=name, person=None)
    words = f"A licensed style on Homage, with {len(card.looks)} works to learn from. Make a picture of yours in it."
    image = f"/v1/assets/{card.looks[0].id}/thumbnail" if card.looks else None
    return Card(f"“{card.style.name}” by {card.creator.name}", words, image)


CARDS: dict[str, Callable[[Session, str], Card | None]] = {"works": _work, "styles": _style}
