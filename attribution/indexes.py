"""The two indexes of what is registered, pictures by their points and recordings by their triples.

A house puts its own, whose segments lie in its folder, into its sessions; where there are none, the rows alone are
searched, as they are.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from attribution.features import heard, pictures, points, sounds
from attribution.segments.body import Body
from attribution.segments.opening import HERE, opened
from attribution.segments.store import Index
from core import db

PICTURES = Body("picture", "points.1", points.unpack, pictures.build, pictures.search)
SOUNDS = Body("sound", "triples.1", heard.unpack, sounds.build, sounds.search)
PORT = "indexes"  # in a session's info


@dataclass(frozen=True, eq=False)
class Indexes:
    """Both, over one database."""

    pictures: Index
    sounds: Index


def size(index: Index, session: Session) -> int:
    """How many works are looked through."""
    stats = index.stats(session)
    return stats.works + stats.waiting


def over(sessions: db.Sessions, folder: Path, *, place: str | None = None, searched: str = HERE) -> Indexes:
    """The indexes of a house; as `segments.opening.opened`. Raises Invalid, StorageUnusable."""
    made = (opened(sessions, body, folder=folder, place=place, searched=searched) for body in (PICTURES, SOUNDS))
    return Indexes(*made)


def of(session: Session) -> Indexes:
    """Those that the session's house has."""
    found = session.info.get(PORT)
    if found is None:
        found = session.info[PORT] = _plain(session)
    return found() if callable(found) else found


def _plain(session: Session) -> Indexes:
    """For a session that no house opened: rows are read as they are."""
    return over(sessionmaker(session.get_bind()), Path(tempfile.gettempdir()))
