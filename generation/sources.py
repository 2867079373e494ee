"""What a fan starts from: an upload or a starter becomes a picture that is kept once, encrypted for them.

Decoding is slow and happens outside any transaction, for two pictures at a time: each may take much memory. What no
work was made from is forgotten after some days, as its upload is after one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, exists
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import db, decode, encode
from core.blobs import BlobStore
from core.keys import Keystore
from core.limits import Turns
from core.uploads import Uploads
from generation import starters
from generation.models import Source, Work

STARTER = "starter:"
KEPT = timedelta(days=2)  # unused
_decoding = Turns(2, queue=6, seconds=20)


@dataclass(frozen=True)
class Sources:
    """Where fans' pictures come from and where they are kept."""

    sessions: db.Sessions
    blobs: BlobStore
    keys: Keystore
    uploads: Uploads

    def bring(self, *, person: str, origin: str, at: datetime) -> Source:
        """The picture of an upload of one's own, or of `starter:NAME`; decoded at the first call.

        Raises NotFound, UploadIncomplete, NoPhotograph, Undecodable, TooLarge, AllBusy.
        """
        with db.unit(self.sessions) as session:
            known = session.get(Source, (person, origin))
            if known is not None:
                if known.created_at <= at - KEPT / 2:
                    known.created_at = at  # it is about to be used: no sweep takes it before
                return known
            path = self._path(session, person, origin)
        with _decoding.turn():
            picture = decode.picture(path)
            blob = self.blobs.put(self.keys.seal(person, encode.png(picture)))
        fresh = {
            "person": person,
            "origin": origin,
            "blob": blob,
            "sha256": picture.sha256,
            "width": picture.width,
            "height": picture.height,
            "created_at": at,
        }
        with db.unit(self.sessions) as session:
            session.execute(insert(Source).values(fresh).on_conflict_do_nothing())
            return session.get_one(Source, (person, origin))

    def _path(self, session: Session, person: str, origin: str) -> Path:
        if origin.startswith(STARTER):
            return starters.path(origin.removeprefix(STARTER))
        return self.uploads.file(session, upload=origin, person=person)


def sweep(sessions: db.Sessions, *, blobs: BlobStore, at: datetime) -> int:
    """Forget the pictures that no work was made from, rows and then files; how many."""
    used = exists().where(Work.person == Source.person, Work.source_blob == Source.blob)
    with db.unit(sessions) as session:
        unused = delete(Source).where(Source.created_at <= at - KEPT, ~used).returning(Source.blob)
        gone = session.scalars(unused).all()
    for blob in gone:
        blobs.delete(blob)  # encrypted with a nonce of its own, so no other row names it
    return len(gone)
