"""Works as they are shown: with the names of styles and people, their place in the queue, and whether they still stand.

Its owner sees all of a work, in whatever state. A finished work that its owner shares is seen by everyone, without what
it was made from; once withdrawn it has no file for others, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from attribution.models import RecordedClaim
from core import ids
from core.errors import Conflict, NotFound
from creators.models import Creator, Person, Style
from generation import waiting, works
from generation.models import Work
from generation.previews import LIFE
from generation.waiting import NOWHERE, Place


class NotShareable(Conflict):
    """Only a finished work that stands can be shared."""


class WorkWithdrawn(NotFound):
    """The license that the work rests on was withdrawn; its file is shown to its owner alone."""


@dataclass(frozen=True)
class Wanted:
    """Which of one's works are asked for."""

    kinds: Sequence[str]
    states: Sequence[str]


@dataclass(frozen=True)
class Grant:
    """A style that a work draws from."""

    style: str
    name: str
    creator: str
    creator_name: str
    offer: str | None
    license: str | None
    weight: int


@dataclass(frozen=True)
class Shown:
    """A work as this viewer sees it."""

    work: Work
    own: bool
    by: str
    grants: tuple[Grant, ...]
    place: Place
    withdrawn_at: datetime | None

    @property
    def has_file(self) -> bool:
        return self.work.state == "done" and (self.own or self.withdrawn_at is None)


def one(session: Session, *, work: str, person: str | None) -> Shown:
    """A work of one's own, or one that is shared; else NotFound."""
    row = session.get(Work, ids.check(work, "wrk"), populate_existing=True)
    if row is None or (row.person != person and row.shared_at is None):
        raise NotFound(f"there is no work {work} that you may see", id=work)
    return of(session, [row], person=person)[0]


def of(session: Session, rows: Sequence[Work], *, person: str | None) -> list[Shown]:
    """These works, which the person may see, in the same order."""
    granted = [grant for row in rows for grant in row.grants]
    names = {
        style: (name, creator, creator_name)
        for style, name, creator, creator_name in session.execute(
            select(Style.id, Style.name, Creator.id, Creator.name)
            .join(Creator, Creator.id == Style.creator)
            .where(Style.id.in_({grant.style for grant in granted}))
        )
    }
    people = dict(
        session.execute(select(Person.id, Person.name).where(Person.id.in_({row.person for row in rows}))).all()
    )
    done = [row.id for row in rows if row.state == "done"]
    ended = select(RecordedClaim.work, RecordedClaim.withdrawn_at).where(RecordedClaim.work.in_(done))
    withdrawn = dict(session.execute(ended).all()) if done else {}
    places = waiting.places(session, rows)
    return [
        Shown(
            work=row,
            own=row.person == person,
            by=people[row.person],
            grants=tuple(
                Grant(grant.style, *names[grant.style], grant.offer, grant.license, grant.weight)
                for grant in row.grants
            ),
            place=places.get(row.id, NOWHERE),
            withdrawn_at=withdrawn.get(row.id),
        )
        for row in rows
    ]


def with_file(session: Session, *, work: str, person: str | None) -> Shown:
    """As `one`, if the person may have its files. Raises NotFound, WorkWithdrawn."""
    seen = one(session, work=work, person=person)
    if not seen.own and seen.withdrawn_at is not None:
        raise WorkWithdrawn(
            f"work {work} was withdrawn on {seen.withdrawn_at.date()}; its file is no longer shown", id=work
        )
    return seen


def mine(session: Session, *, person: str, wanted: Wanted, before: str | None, limit: int, at: datetime) -> list[Shown]:
    """One's own works, the newest first, without previews whose day is over. `before`: the id of the last one seen."""
    query = select(Work).where(
        Work.person == person,
        Work.kind.in_(wanted.kinds),
        Work.state.in_(wanted.states),
        or_(Work.kind == "work", Work.created_at > at - LIFE),
    )
    if before is not None:
        query = query.where(Work.id < before)
    return of(session, session.scalars(query.order_by(Work.id.desc()).limit(limit)).all(), person=person)


def share(session: Session, *, work: str, person: str, shared: bool, at: datetime) -> Shown:
    """Show a work of one's own to everyone, or to nobody any more. Raises NotFound, NotShareable."""
    row = works.get(session, work=work, person=person, lock=True)
    if shared and row.shared_at is None:
        claim = session.get(RecordedClaim, row.id)
        if row.kind != "work" or row.state != "done" or claim is None or claim.withdrawn_at is not None:
            state = "withdrawn" if claim is not None else f"a {row.kind} that is {row.state}"
            raise NotShareable(
                f"work {work} is {state}; only a finished work that stands can be shared", state=row.state
            )
        row.shared_at = at
    elif not shared:
        row.shared_at = None
    session.flush()
    return of(session, [row], person=person)[0]
