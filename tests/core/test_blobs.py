"""Blobs: what was stored comes back whole or not at all, and damage is seen."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.blobs import BlobDamaged, BlobMissing, LocalBlobs
from core.errors import Invalid, Unavailable

ROOT = Path(__file__).resolve().parent.parent.parent
NOWHERE = "0" * 64


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


def place(blobs: LocalBlobs, address: str) -> Path:
    return blobs.root / address[:2] / address[2:4] / address


def files(blobs: LocalBlobs) -> list[Path]:
    return [path for path in blobs.root.rglob("*") if path.is_file()]


@given(st.binary(max_size=2000))
def test_the_same_bytes_come_back_under_their_hash(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    blobs = LocalBlobs(tmp_path_factory.getbasetemp() / "shared-blobs")
    address = blobs.put(data)
    assert address == hashlib.sha256(data).hexdigest()
    assert blobs.has(address)
    assert blobs.get(address) == data


def test_storing_twice_is_storing_once(blobs: LocalBlobs) -> None:
    assert blobs.put(b"one") == blobs.put(b"one")
    assert len(files(blobs)) == 1


def test_a_deleted_file_is_gone_and_deleting_again_is_harmless(blobs: LocalBlobs) -> None:
    address = blobs.put(b"one")
    blobs.delete(address)
    blobs.delete(address)
    assert not blobs.has(address)
    with pytest.raises(BlobMissing):
        blobs.get(address)


@pytest.mark.parametrize("damage", [b"", b"on", b"onE", b"one" * 1000])
def test_damage_is_seen_and_storing_again_repairs_it(blobs: LocalBlobs, damage: bytes) -> None:
    address = blobs.put(b"one")
    place(blobs, address).write_bytes(damage)
    with pytest.raises(BlobDamaged, match="restore it from a backup"):
        blobs.get(address)
    assert blobs.put(b"one") == address
    assert blobs.get(address) == b"one"


@pytest.mark.parametrize("address", ["", "../../etc/passwd", "0" * 63, "0" * 65, "A" * 64, "0" * 64 + "\n", "/" * 64])
def test_an_address_is_a_hash_and_never_a_path(blobs: LocalBlobs, address: str) -> None:
    for ask in (blobs.get, blobs.has, blobs.delete):
        with pytest.raises(Invalid, match="no address"):
            ask(address)


def test_a_folder_in_the_place_of_a_file_is_damage(blobs: LocalBlobs) -> None:
    place(blobs, NOWHERE).mkdir(parents=True)
    with pytest.raises(BlobDamaged, match="cannot be read"):
        blobs.get(NOWHERE)


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="cannot store a file"):
        LocalBlobs(tmp_path / "blobs").put(b"one")


def test_a_failed_write_leaves_nothing(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        blobs.put(b"one")
    assert files(blobs) == []


def test_stored_files_are_for_this_user_only(blobs: LocalBlobs) -> None:
    assert place(blobs, blobs.put(b"one")).stat().st_mode & 0o077 == 0


def test_many_processes_may_store_the_same_file(blobs: LocalBlobs) -> None:
    script = (
        "import sys; from pathlib import Path; from core.blobs import LocalBlobs;"
        "store = LocalBlobs(Path(sys.argv[1]));"
        "print({store.put(b'%d' % (i % 5) * 100_000) for i in range(20)} == set(map(store.put, (b'%d' % i * 100_000"
        " for i in range(5)))))"
    )
    command = [sys.executable, "-c", script, str(blobs.root)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[0] for process in running] == [b"True\n"] * 4
    assert len(files(blobs)) == 5
    assert all(blobs.get(path.name) for path in files(blobs))
