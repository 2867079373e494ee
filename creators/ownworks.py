"""A creator's existing works, registered as they are: screened against everyone's, sealed, and recorded as their own.

Nothing learns from them; they are found again and told as their creator's. Sealing is slow and happens before the
transaction; only one upload at a time is screened and recorded, as in `assets.take`.

Locks: the screening lock.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from attribution import registry
from attribution.claim import Claim
from attribution.seal import Sealed, seal
from attribution.tools import Tools
from core import ids
from core.errors import Conflict, Invalid, NotFound
from core.media import Media, Picture
from creators import assets, profiles
from creators.models import Creator, Person

LEAST_LONG, LEAST_SHORT = 128, 64  # pixels: smaller copies of a work are not all known for what they are


class TooSmall(Invalid):
    """A picture that could not be told from a small copy of another."""


class AlreadyRegistered(Conflict):
    """The work, or a copy of it, was registered before."""


def profile(session: Session, *, name: str, accounts: Select[tuple[str]], at: datetime) -> Creator:
    """The earliest profile of this name, or a new one; or the profile with this id.

    `accounts`: the people who have one. A name is not enough to mean theirs: anybody may take any name, and would be
    given the works that were meant for another. Raises BadName, NotFound.
    """
    name = profiles.named(name)
    here = select(Creator).join(Person, Person.id == Creator.person).where(Person.erased_at.is_(None))
    if name.startswith("cre_"):
        meant = session.scalar(here.where(Creator.id == ids.check(name, "cre")))
        if meant is None:
            raise NotFound(f"there is no profile {name}; check the id", id=name)
        return meant
    here = here.where(Creator.name == name, Person.id.not_in(accounts))
    known = session.scalar(here.order_by(Creator.created_at, Creator.id).limit(1))
    if known is not None:
        return known
    person = profiles.open_person(session, name=name, at=at)
    return profiles.open_profile(session, person=person.id, name=name, at=at)


def check_size(media: Media) -> None:
    """Refuse a picture that is too small to be registered: it may be a thumbnail of somebody's. Raises TooSmall."""
    if not isinstance(media, Picture):
        return
    short, long = sorted((media.width, media.height))
    if long < LEAST_LONG or short < LEAST_SHORT:
        raise TooSmall(
            f"a picture of {media.width} × {media.height} pixels is too small to be told from a small copy of another;"
            f" it needs {LEAST_LONG} the long way and {LEAST_SHORT} the short way at least; register it at full size"
        )


def sealed(media: Media, *, creator: Creator, title: str, kind: str, tools: Tools, at: datetime) -> Sealed:
    """The work as a sealed file, which nothing is recorded of yet; slow, so call it outside any transaction.

    `kind`: the file's media type.
    """
    claim = Claim.of_own(
        ids.new("wrk"),
        "picture" if isinstance(media, Picture) else "sound",
        owner=(creator.person, creator.name),
        creator=creator.id,
        title=profiles.named(title),
        sha256=media.sha256,
    )
    return seal(media, claim, source=None, at=at, tools=tools, kind=kind)


def register(session: Session, *, sealed: Sealed, creator: Creator, at: datetime) -> str:
    """Record a sealed work as its creator's; its id. Raises AlreadyRegistered, which names the earlier work."""
    assets.screened_alone(session)
    for hit in registry.screen(session, sealed.fingerprint, owner=creator.id):
        whose = "you" if hit.owner == creator.id else "somebody else"
        raise AlreadyRegistered(
            f"it is a copy of {hit.asset}, which {whose} registered before; nothing was recorded", work=hit.asset
        )
    registry.record(session, sealed, at=at, owner=creator.id)
    return sealed.claim.work
