"""What an account's end takes of what its person registered: names, looks, and whatever could be learned from.

Originals and what engines learned from them are sealed, and end with their owner's key. Consents stay as they were
declared: licenses that others paid for rest on them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select, union_all, update
from sqlalchemy.orm import Session

from core import db
from creators import profiles, styles
from creators.models import Asset, Creator, Person, Style

NOBODY = "erased person"


def open_ones(session: Session, *, person: str) -> list[str]:
    """In words, the styles that still have to be retired."""
    rows = session.execute(
        select(Style.name, Style.state)
        .join(Creator, Creator.id == Style.creator)
        .where(Creator.person == person, Style.state.in_(("listed", "held")))
        .order_by(Style.id)
    )
    what_now = {"listed": "retire it first", "held": "wait until the house has decided"}
    return [f"style {name!r} is {state}, {what_now[state]}" for name, state in rows]


def styles_of(session: Session, *, owners: Sequence[str]) -> Sequence[str]:
    """Every style that these profiles ever had, whatever became of it."""
    return session.scalars(select(Style.id).where(Style.creator.in_(list(owners))).order_by(Style.id)).all()


def names_now(session: Session, *, said: Mapping[str, str]) -> dict[str, str]:
    """The names to show for people and profiles, by id: those that were signed, until their person was erased."""
    gone = _gone(session, said)
    return {id: NOBODY if id in gone else name for id, name in said.items()}


def _gone(session: Session, ids: Collection[str]) -> frozenset[str]:
    mine = (
        select(Creator.id, Person.erased_at).join(Person, Person.id == Creator.person).where(db.among(Creator.id, ids))
    )
    people = select(Person.id, Person.erased_at).where(db.among(Person.id, ids))
    return frozenset(id for id, erased_at in session.execute(union_all(people, mine)) if erased_at is not None)


def forget(session: Session, *, person: str, at: datetime) -> tuple[str, ...]:
    """Call a person and their profiles nobody, retire what they have left; the public files that nothing names now."""
    session.get_one(Person, person).erased_at = at
    session.get_one(Person, person).name = NOBODY
    files: list[str] = []
    for creator in profiles.of_person(session, person=person):
        creator.name, creator.payout = NOBODY, None
        for style in session.scalars(select(Style).where(Style.creator == creator.id).order_by(Style.id)).all():
            styles.retire(session, style=style.id, creator=creator.id, at=at)
        mine = Asset.creator == creator.id
        for open_ in (Asset.thumbnail, Asset.excerpt):
            files += filter(None, session.scalars(select(open_).where(mine)))
        session.execute(
            update(Asset).where(mine, Asset.state != "retired").values(state="retired", merged_into=None, retired_at=at)
        )
        session.execute(update(Asset).where(mine).values(thumbnail=None, excerpt=None, look=None, findings=None))
    session.flush()
    return tuple(sorted(blob for blob in set(files) if not _shown(session, blob)))


def _shown(session: Session, blob: str) -> bool:
    """Whether somebody else's asset looks or sounds the very same, and shows the same file."""
    same = or_(Asset.thumbnail == blob, Asset.excerpt == blob)
    return session.scalar(select(Asset.id).where(same).limit(1)) is not None
