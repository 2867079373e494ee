"""What a fan starts from: an upload or a starter becomes a picture, recording or mask, kept once, encrypted for them.

Decoding is slow and happens outside any transaction, for two files at a time: each may take much memory. What no
work was made from is forgotten after some days, as its upload is after one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, exists
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import db, decode, decode_any, encode, encode_sound, tags
from core.blobs import BlobStore
from core.keys import Keystore
from core.limits import Turns
from core.media import Picture, extent
from core.uploads import Uploads
from generation import masks, starters
from generation.models import Source, Work, WorkLicense

STARTER, MASK = "starter:", "mask:"
KEPT = timedelta(days=2)  # unused
_decoding = Turns(2, queue=6, seconds=20)


@dataclass(frozen=True)
class Kept:
    """A lossless file, the hash of what is in it, and the columns that say how large it is or how long it lasts."""

    data: bytes
    sha256: str
    columns: dict[str, Any]


@dataclass(frozen=True)
class Sources:
    """Where fans' pictures and recordings come from and where they are kept."""

    sessions: db.Sessions
    blobs: BlobStore
    keys: Keystore
    uploads: Uploads

    def bring(self, *, person: str, origin: str, at: datetime) -> Source:
        """The picture or recording of an upload of one's own, or of `starter:NAME`; decoded at the first call.

        Raises NotFound, UploadIncomplete, NoPhotograph, Undecodable, TooLarge, AllBusy.
        """
        return self._brought(person, origin, origin, _media, at)

    def bring_mask(self, *, person: str, upload: str, at: datetime) -> Source:
        """The white part of an upload of one's own, decoded at the first call. Raises as `bring`, NothingToPaint."""
        return self._brought(person, MASK + upload, upload, _mask, at)

    def _brought(self, person: str, origin: str, file: str, kept: Callable[[Path], Kept], at: datetime) -> Source:
        with db.unit(self.sessions) as session:
            known = session.get(Source, (person, origin))
            if known is not None:
                if known.created_at <= at - KEPT / 2:
                    known.created_at = at  # it is about to be used: no sweep takes it before
                return known
            path = self._path(session, person, file)
        with _decoding.turn():
            found = kept(path)
            blob = self.blobs.put(self.keys.seal(person, found.data))
        fresh = {
            "person": person,
            "origin": origin,
            "blob": blob,
            "sha256": found.sha256,
            **found.columns,
            "created_at": at,
        }
        with db.unit(self.sessions) as session:
            session.execute(insert(Source).values(fresh).on_conflict_do_nothing())
            return session.get_one(Source, (person, origin))

    def _path(self, session: Session, person: str, file: str) -> Path:
        if file.startswith(STARTER):
            return starters.path(file.removeprefix(STARTER))
        return self.uploads.file(session, upload=file, person=person)


def _media(file: Path) -> Kept:
    media = decode_any.decoding(file, name="the upload").result()
    if isinstance(media, Picture):
        return Kept(encode.png(media), media.sha256, extent(media))
    media = encode_sound.kept(media)
    columns = {**extent(media), "tags": tags.of(file).document()}
    return Kept(encode_sound.encoded(media, "flac"), media.sha256, columns)


def _mask(file: Path) -> Kept:
    picture = decode.Decoding(file, name="the mask").result()
    mask = masks.of(picture)
    return Kept(masks.png(mask), masks.sha256(mask), extent(picture))


def sweep(sessions: db.Sessions, *, blobs: BlobStore, at: datetime) -> int:
    """Forget the pictures that no work was made from, rows and then files; how many."""
    used = [
        exists().where(Work.person == Source.person, Work.source_blob == Source.blob),
        exists().where(Work.person == Source.person, Work.mask_blob == Source.blob),
        exists().where(Work.person == Source.person, Work.backing_blob == Source.blob),
        exists().where(WorkLicense.region_blob == Source.blob),
    ]
    with db.unit(sessions) as session:
        unused = delete(Source).where(Source.created_at <= at - KEPT, *(~use for use in used)).returning(Source.blob)
        gone = session.scalars(unused).all()
    for blob in gone:
        blobs.delete(blob)  # encrypted with a nonce of its own, so no other row names it
    return len(gone)
