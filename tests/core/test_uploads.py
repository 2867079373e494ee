"""Uploads: the file's length is the truth, one sends at a time, and what is nobody's goes."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import db, ids, uploads
from core.errors import NotFound
from core.uploads import (
    LIFE,
    Checksum,
    ChecksumMismatch,
    NoRoom,
    OffsetMismatch,
    TooManyUploads,
    Upload,
    UploadBusy,
    UploadExpired,
    UploadIncomplete,
    UploadOverrun,
    Uploads,
    UploadTooLong,
)

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ME, OTHER = ids.new("per"), ids.new("per")


@pytest.fixture
def store(tmp_path: Path) -> Uploads:
    return Uploads(tmp_path / "uploads", most_bytes=1000, most_bytes_each=1500)


def create(store: Uploads, session: Session, length: int = 10, person: str = ME, at: datetime = AT) -> Upload:
    return store.create(session, person=person, length=length, name="a.png", described="", at=at)


def send(store: Uploads, upload: Upload, data: bytes, offset: int = 0, checksum: Checksum | None = None) -> None:
    part = store.begin(upload, offset=offset, checksum=checksum)
    part.write(data)
    part.end(whole=True)


def checksum(data: bytes, algorithm: str = "sha256") -> Checksum:
    return Checksum(algorithm, hashlib.new(algorithm, data).digest())


def test_a_finished_upload_is_its_owners_file(store: Uploads, session: Session) -> None:
    upload = create(store, session)
    send(store, upload, b"01234")
    with pytest.raises(UploadIncomplete):
        store.file(session, upload=upload.id, person=ME)
    send(store, upload, b"56789", offset=5)
    assert store.file(session, upload=upload.id, person=ME).read_bytes() == b"0123456789"
    assert store.file(session, upload=upload.id, person=ME).stat().st_mode & 0o077 == 0
    for person, name in ((OTHER, upload.id), (ME, "../../etc/passwd"), (ME, ids.new("upl"))):
        with pytest.raises(NotFound):
            store.file(session, upload=name, person=person)


def test_the_offset_is_what_is_on_disk(store: Uploads, session: Session) -> None:
    upload = create(store, session)
    assert store.offset(upload.id) == 0
    send(store, upload, b"0123")
    assert store.offset(upload.id) == 4
    for offset in (0, 3, 5):
        with pytest.raises(OffsetMismatch) as caught:
            store.begin(upload, offset=offset)
        assert caught.value.facts == {"offset": 4}


def test_more_bytes_than_declared_are_refused_and_nothing_of_them_stays(store: Uploads, session: Session) -> None:
    upload = create(store, session)
    part = store.begin(upload, offset=0)
    part.write(b"012345")
    with pytest.raises(UploadOverrun):
        part.write(b"67890")
    part.end(whole=False)
    assert store.offset(upload.id) == 6


def test_one_sends_at_a_time(store: Uploads, session: Session) -> None:
    upload = create(store, session)
    part = store.begin(upload, offset=0)
    with pytest.raises(UploadBusy):
        store.begin(upload, offset=0)
    part.end(whole=True)
    store.begin(upload, offset=0).end(whole=True)


@pytest.mark.parametrize("algorithm", uploads.CHECKSUMS)
def test_a_part_counts_only_with_its_checksum(store: Uploads, session: Session, algorithm: str) -> None:
    upload = create(store, session)
    send(store, upload, b"01", checksum=checksum(b"01", algorithm))
    with pytest.raises(ChecksumMismatch):
        send(store, upload, b"2x", offset=2, checksum=checksum(b"23", algorithm))
    assert store.offset(upload.id) == 2
    part = store.begin(upload, offset=2, checksum=checksum(b"23", algorithm))
    part.write(b"2")
    part.end(whole=False)  # the connection broke
    assert store.offset(upload.id) == 2
    send(store, upload, b"23", offset=2, checksum=checksum(b"23", algorithm))
    assert store.offset(upload.id) == 4


def test_an_unchecked_part_of_a_killed_server_never_counts(store: Uploads, session: Session) -> None:
    upload = create(store, session)
    send(store, upload, b"01")
    pid = os.fork()
    if pid == 0:
        part = store.begin(upload, offset=2, checksum=checksum(b"2345"))
        part.write(b"xxx")
        os._exit(0)  # no end
    os.waitpid(pid, 0)
    assert (store.folder / upload.id).stat().st_size == 5
    assert store.offset(upload.id) == 2
    send(store, upload, b"23456789", offset=2)
    assert store.file(session, upload=upload.id, person=ME).read_bytes() == b"0123456789"


def test_a_write_that_comes_after_the_end_touches_nothing(store: Uploads, session: Session) -> None:
    upload = create(store, session)
    part = store.begin(upload, offset=0)
    part.end(whole=False)
    part.write(b"0123")
    assert store.offset(upload.id) == 0


def test_limits_of_one_upload_of_one_person_and_of_the_disk(
    store: Uploads, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UploadTooLong):
        create(store, session, length=1001)
    create(store, session, length=1000)
    with pytest.raises(TooManyUploads) as caught:
        create(store, session, length=501)
    assert caught.value.facts["retry_after"] == LIFE.total_seconds() + 1
    create(store, session, length=501, person=OTHER)
    create(store, session, length=501, at=AT + LIFE)  # by then the first has expired
    monkeypatch.setattr(uploads, "SPARE_BYTES", 1 << 60)
    with pytest.raises(NoRoom):
        create(store, session, length=1, person=ids.new("per"))


def test_nobody_fills_the_disk_with_what_was_announced_while_there_was_room(
    store: Uploads, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = create(store, session)
    part = store.begin(upload, offset=0)
    part.write(b"12345")
    monkeypatch.setattr(uploads, "SPARE_BYTES", 1 << 60)
    with pytest.raises(NoRoom):
        part.write(b"67890")
    part.end(whole=False)
    assert store.offset(upload.id) == 5


def test_how_many_one_person_may_have(store: Uploads, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 2)
    create(store, session, length=0)
    create(store, session, length=0)
    with pytest.raises(TooManyUploads):
        create(store, session, length=0)


def test_expired_ones_say_so_and_each_byte_gives_another_day(store: Uploads, session: Session) -> None:
    upload = create(store, session)
    late = AT + LIFE
    store.get(session, upload=upload.id, person=ME, at=late - timedelta(seconds=1))
    with pytest.raises(UploadExpired):
        store.get(session, upload=upload.id, person=ME, at=late)
    with pytest.raises(NotFound) as caught:
        store.get(session, upload=upload.id, person=OTHER, at=late)
    assert not isinstance(caught.value, UploadExpired)
    store.keep(session, upload=upload.id, at=late - timedelta(seconds=1))
    store.get(session, upload=upload.id, person=ME, at=late)


def test_the_sweep_removes_what_expired_and_what_is_nobodys(store: Uploads, sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        old, fresh, busy = create(store, session), create(store, session, at=AT + LIFE), create(store, session)
    for upload in (old, fresh, busy):
        send(store, upload, b"01")
    sending = store.begin(busy, offset=2)
    orphan, new_orphan = store.folder / ids.new("upl"), store.folder / ids.new("upl")
    for path, hours in ((orphan, 2), (new_orphan, 0)):
        path.write_bytes(b"x")
        when = (AT + LIFE - timedelta(hours=hours)).timestamp()
        os.utime(path, (when, when))
    assert store.sweep(sessions, at=AT + LIFE) == 2
    left = {path.name for path in store.folder.iterdir()}
    assert left == {fresh.id, busy.id, new_orphan.name}
    sending.end(whole=True)
    assert store.sweep(sessions, at=AT + LIFE) == 1
    with db.unit(sessions) as session:
        assert list(session.scalars(select(Upload.id))) == [fresh.id]


def test_the_file_goes_with_the_commit_and_stays_with_a_rollback(store: Uploads, sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        upload = create(store, session)
    send(store, upload, b"0123456789")

    def fail() -> None:
        with db.unit(sessions) as session:
            store.remove(session, upload=store.get(session, upload=upload.id, person=ME))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with db.unit(sessions) as session:
        assert store.file(session, upload=upload.id, person=ME).exists()
        store.forget(session, person=ME)
    assert list(store.folder.iterdir()) == []
