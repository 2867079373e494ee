"""Sessions: an opaque token in a cookie, its hash here. They end when idle, when old, when told to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.identity import tokens
from app.identity.models import Account, SignedIn
from core import ids
from core.errors import NotFound
from core.web import Principal
from creators.models import Person

IDLE, LONGEST = timedelta(days=14), timedelta(days=90)
SEEN_EVERY = timedelta(minutes=1)
MOST_AGENT_LETTERS = 200


def begin(session: Session, *, person: str, agent: str, at: datetime) -> tuple[str, SignedIn]:
    """A new session and its token, which is given out once."""
    token, token_hash = tokens.fresh()
    shown = "".join(letter for letter in agent if letter.isprintable())[:MOST_AGENT_LETTERS]
    row = SignedIn(id=ids.new("ses"), person=person, token_hash=token_hash, agent=shown, created_at=at, seen_at=at)
    session.add(row)
    session.flush()
    return token, row


def find(session: Session, *, token: str, at: datetime) -> Principal | None:
    """Whose session this is, if it has not ended."""
    found = session.execute(  # columns, not objects: this is asked before every request
        select(SignedIn.id, SignedIn.person, SignedIn.seen_at, Account.staff, Person.name)
        .join(Account, Account.person == SignedIn.person)
        .join(Person, Person.id == SignedIn.person)
        .where(SignedIn.token_hash == tokens.hash_of(token), *_alive(at))
    ).one_or_none()
    if found is None:
        return None
    if at - found.seen_at >= SEEN_EVERY:
        session.execute(update(SignedIn).where(SignedIn.id == found.id).values(seen_at=at))
    return Principal(person=found.person, name=found.name, staff=found.staff, session=found.id)


def listed(session: Session, *, person: str, at: datetime) -> Sequence[SignedIn]:
    """A person's sessions that have not ended, the last used first."""
    query = select(SignedIn).where(SignedIn.person == person, *_alive(at))
    return session.scalars(query.order_by(SignedIn.seen_at.desc(), SignedIn.id.desc())).all()


def end(session: Session, *, id: str, person: str) -> None:
    """End one session of one's own. Raises NotFound."""
    row = session.get(SignedIn, ids.check(id, "ses"))
    if row is None or row.person != person:
        raise NotFound(f"there is no session {id} of yours", id=id)
    session.delete(row)


def end_all(session: Session, *, person: str, but: str | None = None) -> None:
    """Sign out everywhere, or everywhere but here."""
    session.execute(delete(SignedIn).where(SignedIn.person == person, SignedIn.id != (but or "")))


def tidy(session: Session, *, at: datetime) -> None:
    session.execute(delete(SignedIn).where(or_(SignedIn.seen_at <= at - IDLE, SignedIn.created_at <= at - LONGEST)))


def _alive(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return SignedIn.seen_at > at - IDLE, SignedIn.created_at > at - LONGEST
