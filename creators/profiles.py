"""People, and the profiles under which some of them register styles; a profile is shown whole only to its owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ids
from core.errors import Invalid, NotFound
from creators.models import Creator, Person

MOST_LETTERS = 200


class BadName(Invalid):
    """A name or title cannot be shown as it is."""


def open_person(session: Session, *, name: str, at: datetime) -> Person:
    person = Person(id=ids.new("per"), name=named(name), created_at=at)
    session.add(person)
    session.flush()
    return person


def open_profile(session: Session, *, person: str, name: str, at: datetime) -> Creator:
    """A creator's profile for a person, under the name the public sees. Raises NotFound, BadName."""
    stay(session, person=person)
    creator = Creator(id=ids.new("cre"), person=person, name=named(name), created_at=at)
    session.add(creator)
    session.flush()
    return creator


def stay(session: Session, *, person: str) -> None:
    """Whoever erases the person waits for this transaction, or came before and is seen. Raises NotFound."""
    held = select(Person.erased_at).where(Person.id == ids.check(person, "per"))
    row = session.execute(held.with_for_update(read=True, key_share=True)).one_or_none()
    if row is None or row.erased_at is not None:
        raise NotFound(f"there is no person {person}", id=person)


def get(session: Session, *, creator: str, person: str) -> Creator:
    """A profile of one's own, else NotFound."""
    row = session.get(Creator, ids.check(creator, "cre"))
    if row is None or row.person != person:
        raise NotFound(f"there is no profile {creator} of yours", id=creator)
    return row


def of_person(session: Session, *, person: str) -> Sequence[Creator]:
    """A person's profiles, oldest first."""
    return session.scalars(
        select(Creator).where(Creator.person == person).order_by(Creator.created_at, Creator.id)
    ).all()


def named(name: str) -> str:
    """A name or title as it is kept: one printable line without outer spaces. Raises BadName."""
    kept = name.strip()
    if not kept or len(kept) > MOST_LETTERS or not kept.isprintable():
        raise BadName(f"{name[:40]!r} is no name; write one line of 1 to {MOST_LETTERS} printable letters")
    return kept
