"""Uploads: files on their way in, their owner's alone, resumed where they broke off, gone when they expire.

How far an upload is, is the length of its file and is written down nowhere else: what a killed server left on disk is
where the client goes on. A part that comes with a checksum counts only when it is whole and right; until then a marker
beside the file keeps the length before it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import os
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Text, delete, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import db, ids
from core.errors import Conflict, Invalid, NotFound, TooMany, Unavailable

LIFE = timedelta(hours=24)  # after the last byte that came
ORPHAN = timedelta(hours=1)
MOST_AT_ONCE = 200
SPARE_BYTES = 1 << 30  # of the disk, for everything else
CHECKSUMS = ("sha256", "sha1", "md5")


class UploadIncomplete(Conflict):
    """The upload is not complete yet."""


class UploadExpired(NotFound):
    """The upload was left alone for too long and is gone."""


class UploadTooLong(Invalid):
    """The upload is longer than allowed."""


class UploadOverrun(Invalid):
    """More bytes came than the upload was declared to have."""


class UploadBusy(Conflict):
    """Somebody else is sending to this upload."""


class OffsetMismatch(Conflict):
    """The upload is not where the sender believes it to be."""


class ChecksumMismatch(Invalid):
    """The bytes that came are not those that were sent."""


class TooManyUploads(TooMany):
    """There is no room for another upload of yours."""


class NoRoom(Unavailable):
    """The disk is too full for this upload."""


class Upload(db.Base):
    """What is known of an upload from its creation on. `described`: the client's own words (tus metadata), as sent."""

    __tablename__ = "uploads"
    __table_args__ = (CheckConstraint("length >= 0", name="length"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    person: Mapped[str] = mapped_column(Text, index=True)
    length: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    described: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


@dataclass(frozen=True)
class Checksum:
    """What the sender says a part hashes to."""

    algorithm: str
    digest: bytes


class Part:
    """Bytes being added to one file by the one process that may. Ends with `end`, whatever happens."""

    def __init__(self, file: int, marker: Path, start: int, most: int, checksum: Checksum | None) -> None:
        self._file, self._marker, self._start, self._most = file, marker, start, most
        self._sum = checksum
        self._hash = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._lock = threading.Lock()  # a request that is given up may leave a write behind on its thread
        self._ended = False
        self.offset = start

    def write(self, data: bytes) -> None:
        """Raises UploadOverrun, NoRoom; what came before stays."""
        with self._lock:
            if self._ended:
                return
            if self.offset + len(data) > self._most:
                raise UploadOverrun(f"this upload was declared with {self._most} bytes, and more came; create it anew")
            if self._hash is not None:
                self._hash.update(data)
            self._put(memoryview(data))

    def end(self, *, whole: bool) -> None:
        """Make what came durable; with a checksum, only if it is whole and right. Raises ChecksumMismatch."""
        with self._lock:
            self._ended = True
            try:
                right = self._sum is None or (whole and self._matches())
                if not right:
                    os.ftruncate(self._file, self._start)
                    self.offset = self._start
                os.fsync(self._file)
                self._marker.unlink(missing_ok=True)
            finally:
                os.close(self._file)
        if whole and not right:
            raise ChecksumMismatch("the bytes that came do not match their checksum and were dropped; send them again")

    def _put(self, rest: memoryview) -> None:
        disk = os.fstatvfs(self._file)  # what others announced and have not sent yet was not free either
        if disk.f_bavail * disk.f_frsize < SPARE_BYTES:
            raise NoRoom("the disk is nearly full; what came is kept, try again later")
        while rest:
            try:
                done = os.pwrite(self._file, rest, self.offset)
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise NoRoom("the disk is full; what came is kept, try again later") from error
                raise
            self.offset += done
            rest = rest[done:]

    def _matches(self) -> bool:
        assert self._sum is not None
        assert self._hash is not None
        return hmac.compare_digest(self._hash.digest(), self._sum.digest)


@dataclass(frozen=True)
class Uploads:
    """Where uploads lie, and how much may lie there. The names of files are ours, never a client's."""

    folder: Path
    most_bytes: int = 4 << 30
    most_bytes_each: int = 8 << 30  # of one person, finished and unfinished together

    def create(self, session: Session, *, person: str, length: int, name: str, described: str, at: datetime) -> Upload:
        """Raises UploadTooLong, TooManyUploads, NoRoom."""
        if length > self.most_bytes:
            raise UploadTooLong(
                f"{length:,} bytes are more than one upload may have ({self.most_bytes:,}); send a smaller file",
                most=self.most_bytes,
            )
        self._check_room(session, person=person, length=length, at=at)
        upload = Upload(
            id=ids.new("upl"),
            person=person,
            length=length,
            name=name,
            described=described,
            created_at=at,
            expires_at=at + LIFE,
        )
        session.add(upload)
        session.flush()
        return upload

    def get(self, session: Session, *, upload: str, person: str, at: datetime | None = None) -> Upload:
        """One's own upload. Raises NotFound, and with `at` UploadExpired."""
        found = session.get(Upload, ids.check(upload, "upl"))
        if found is None or found.person != person:
            raise NotFound(f"there is no upload {upload!r}", id=upload)
        if at is not None and found.expires_at <= at:
            raise UploadExpired("this upload was left alone for a day and is gone; send the file again", id=upload)
        return found

    def file(self, session: Session, *, upload: str, person: str) -> Path:
        """A finished upload of one's own. Raises NotFound, UploadIncomplete."""
        found = self.get(session, upload=upload, person=person)
        offset = self.offset(found.id)
        if offset != found.length:
            raise UploadIncomplete(
                f"only {offset:,} of {found.length:,} bytes have come; send the rest first",
                offset=offset,
                length=found.length,
            )
        return self._path(found.id)

    def offset(self, upload: str) -> int:
        """How many bytes of it count."""
        path = self._path(upload)
        with suppress(FileNotFoundError, ValueError):
            size = path.stat().st_size
            with suppress(FileNotFoundError):
                return min(size, int(_marker(path).read_text()))
            return size
        return 0

    def begin(self, upload: Upload, *, offset: int, checksum: Checksum | None = None) -> Part:
        """Go on at `offset`. Raises UploadBusy, OffsetMismatch."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(upload.id)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _alone(file):
                raise UploadBusy("another connection is sending to this upload; try again in a moment", id=upload.id)
            there = self.offset(upload.id)
            os.ftruncate(file, there)  # a part that was broken off before its checksum could be compared
            if there != offset:
                raise OffsetMismatch(
                    f"this upload has {there} bytes, not {offset}; ask how far it is, and go on from there",
                    offset=there,
                )
            marker = _marker(path)
            marker.unlink(missing_ok=True)
            if checksum is not None:
                _write_durably(marker, str(there).encode())
            return Part(file, marker, there, upload.length, checksum)
        except BaseException:
            os.close(file)
            raise

    def keep(self, session: Session, *, upload: str, at: datetime) -> datetime:
        """Bytes came: it lives for another day; until when. Raises NotFound if it was removed meanwhile."""
        found = session.get(Upload, upload, with_for_update=True)
        if found is None:
            raise NotFound(f"there is no upload {upload!r} any more", id=upload)
        found.expires_at = at + LIFE
        return found.expires_at

    def remove(self, session: Session, *, upload: Upload) -> None:
        """Its file goes once this transaction is committed."""
        session.delete(upload)
        session.flush()
        event.listen(session, "after_commit", lambda _: self._unlink(upload.id), once=True)

    def forget(self, session: Session, *, person: str) -> None:
        """Remove all that somebody uploaded."""
        for upload in session.scalars(select(Upload).where(Upload.person == person)):
            self.remove(session, upload=upload)

    def sweep(self, sessions: db.Sessions, *, at: datetime) -> int:
        """Remove what expired and files that belong to no upload, but nothing that is being sent; how many."""
        with db.unit(sessions) as session:
            due = [id for id in session.scalars(select(Upload.id).where(Upload.expires_at <= at)) if not self._busy(id)]
            session.execute(delete(Upload).where(Upload.id.in_(due), Upload.expires_at <= at))
        with db.unit(sessions) as session:
            known = set(session.scalars(select(Upload.id)))
        gone = len(due)
        for path in self.folder.glob("upl_*") if self.folder.is_dir() else ():
            id = path.name.partition(".")[0]
            if id not in known and (id in due or _age(path, at) > ORPHAN) and not self._busy(id):
                path.unlink(missing_ok=True)
                gone += id not in due
        return gone

    def _check_room(self, session: Session, *, person: str, length: int, at: datetime) -> None:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"uploads:{person}", 0))))
        theirs = (Upload.person == person, Upload.expires_at > at)
        count, total, first = session.execute(
            select(func.count(), func.coalesce(func.sum(Upload.length), 0), func.min(Upload.expires_at)).where(*theirs)
        ).one()
        if count >= MOST_AT_ONCE or total + length > self.most_bytes_each:
            raise TooManyUploads(
                f"you have {count} uploads here of {int(total):,} bytes, and {MOST_AT_ONCE} of {self.most_bytes_each:,}"
                " bytes may be; use or remove some, or wait until they expire",
                retry_after=int((first - at).total_seconds()) + 1 if first else 1,
            )
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < length + SPARE_BYTES:
            raise NoRoom("there is no room for a file of this size now; try again later")

    def _path(self, upload: str) -> Path:
        return self.folder / upload

    def _busy(self, upload: str) -> bool:
        try:
            file = os.open(self._path(upload), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return not _alone(file)
        finally:
            os.close(file)

    def _unlink(self, upload: str) -> None:
        path = self._path(upload)
        _marker(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def _marker(path: Path) -> Path:
    """Beside a file whose end is not compared with its checksum yet: the length that counts."""
    return path.with_name(f"{path.name}.unchecked")


def _alone(file: int) -> bool:
    """Whether the file is ours to write until it is closed; the system frees what a killed process held."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _age(path: Path, at: datetime) -> timedelta:
    try:
        return at - datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta(0)


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
