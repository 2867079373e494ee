"""What the tests of this floor and the next start from: creators with styles, made through the nouns as everyone's."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from core import db
from core.blobs import LocalBlobs
from core.keys import FileKeystore
from core.media import Media, Sound
from creators import assets, profiles, proofs, styles
from creators.assets import Upload
from creators.consent import Declaration
from creators.models import Asset, Consent, Creator, Person, Style
from tests.fakes import texture

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Studio:
    """Where a test keeps files and keys."""

    root: Path

    @property
    def blobs(self) -> LocalBlobs:
        return LocalBlobs(self.root / "blobs")

    @property
    def keys(self) -> FileKeystore:
        return FileKeystore(self.root / "keys")

    def take(self, session: Session, style: Style, media: Media, title: str = "A field") -> Asset:
        upload = self.store(media, creator=style.creator)
        return assets.take(session, style=style.id, upload=upload, title=title, at=AT)

    def store(self, media: Media, *, creator: str) -> Upload:
        return assets.store(media, creator=creator, blobs=self.blobs, keys=self.keys)

    def listed(self, session: Session, *, name: str = "Ada Marsh", seed: int = 1, work: Media | None = None) -> Style:
        """A published style of a new creator with one work in it, a picture if not told otherwise."""
        medium = "sound" if isinstance(work, Sound) else "picture"
        style = draft(session, name=name, medium=medium)
        declare(session, style, medium=medium)
        self.take(session, style, work or texture(seed))
        if medium == "sound":
            proofs.vouch(session, style=style.id, by="the tests", because="a script sings", at=AT)
        return styles.publish(session, style=style.id, creator=style.creator, at=AT)


def person(session: Session, name: str = "Bob Reed") -> Person:
    return profiles.open_person(session, name=name, at=AT)


def creator(session: Session, name: str = "Ada Marsh") -> Creator:
    return profiles.open_profile(session, person=person(session, name).id, name=name, at=AT)


def draft(session: Session, *, name: str = "Ada Marsh", medium: str = "picture") -> Style:
    owner = creator(session, name)
    return styles.register(session, creator=owner.id, name="Marsh light", medium=medium, at=AT)


def declaration(style: Style, **changes: object) -> Declaration:
    said = Declaration(
        creator=style.creator,
        legal_name="Ada Marsh",
        is_author=True,
        holds_rights=True,
        adult=True,
        medium="picture",
        uses="Pictures that fans make from their own photographs, to publish and to print.",
        expires_on=date(2035, 1, 1),
        declared_at=AT,
    )
    return replace(said, **changes)  # type: ignore[arg-type]


def declare(session: Session, style: Style, **changes: object) -> Consent:
    said = declaration(style, **changes)
    return styles.declare_consent(session, style=style.id, creator=style.creator, declaration=said, at=AT)


def until_someone_waits(sessions: db.Sessions) -> None:
    """Go on once a transaction waits for a lock: to force an interleaving instead of hoping for it."""
    blocked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with sessions() as session:
            if session.scalar(blocked):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits for a lock")
