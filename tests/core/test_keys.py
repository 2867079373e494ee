"""Keys: one for each owner; what it sealed opens for that owner, unchanged, until it is erased."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.keys import FileKeystore, KeyErased, KeyUnusable

ROOT = Path(__file__).resolve().parent.parent.parent
ANN, BEN = "cre_ann", "cre_ben"


@pytest.fixture
def keys(tmp_path: Path) -> FileKeystore:
    return FileKeystore(tmp_path / "keys")


def again(keys: FileKeystore) -> FileKeystore:
    """The same keystore in a program that starts anew."""
    return FileKeystore(keys.folder)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=500))
def test_what_is_sealed_opens_for_its_owner_only(keys: FileKeystore, data: bytes) -> None:
    sealed = keys.seal(ANN, data)
    assert again(keys).open(ANN, sealed) == data
    assert len(data) < 8 or data not in sealed
    keys.seal(BEN, b"")
    with pytest.raises(Invalid, match="not sealed for cre_ben"):
        keys.open(BEN, sealed)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_change_to_sealed_bytes_is_refused(keys: FileKeystore, data: st.DataObject) -> None:
    sealed = bytearray(keys.seal(ANN, b"the original"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Invalid):
        keys.open(ANN, bytes(sealed))


def test_cut_and_foreign_bytes_are_refused(keys: FileKeystore) -> None:
    sealed = keys.seal(ANN, b"the original")
    for wrong in (b"", b"H1", sealed[:29], sealed[:-1], sealed + b"x", os.urandom(100)):
        with pytest.raises(Invalid):
            keys.open(ANN, wrong)


def test_sealing_twice_never_gives_the_same_bytes(keys: FileKeystore) -> None:
    assert len({keys.seal(ANN, b"x") for _ in range(50)}) == 50


def test_erasing_a_key_erases_what_it_sealed_for_good(keys: FileKeystore) -> None:
    sealed, kept = keys.seal(ANN, b"x"), keys.seal(BEN, b"y")
    keys.destroy(ANN)
    keys.destroy(ANN)
    for store in (keys, again(keys)):
        with pytest.raises(KeyErased):
            store.open(ANN, sealed)
        with pytest.raises(KeyErased):
            store.seal(ANN, b"new")
        assert store.open(BEN, kept) == b"y"
    assert not list(keys.folder.glob(f"**/*{ANN}*key*"))


def test_an_owner_without_a_key_can_be_erased_in_advance(keys: FileKeystore) -> None:
    keys.destroy(ANN)
    with pytest.raises(KeyErased):
        keys.seal(ANN, b"x")


def test_an_erasure_that_was_cut_off_holds_and_is_completed(keys: FileKeystore) -> None:
    sealed = keys.seal(ANN, b"x")
    key = keys.folder / "owners" / f"{ANN}.key"
    key.with_suffix(".erased").touch()
    with pytest.raises(KeyErased):
        keys.open(ANN, sealed)
    assert not key.exists()


def test_opening_never_makes_a_key(keys: FileKeystore) -> None:
    sealed = keys.seal(ANN, b"x")
    with pytest.raises(KeyErased, match="no key of cre_ben"):
        keys.open(BEN, sealed)
    assert not list(keys.folder.glob(f"owners/{BEN}*"))


def test_keys_are_readable_by_this_user_only(keys: FileKeystore) -> None:
    keys.seal(ANN, b"x")
    for path in (keys.folder, *keys.folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    (keys.folder / "master.key").chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        again(keys).seal(ANN, b"x")


def test_an_owner_key_lies_wrapped(keys: FileKeystore) -> None:
    sealed = keys.seal(ANN, b"x")
    (keys.folder / "owners" / f"{BEN}.key").write_bytes((keys.folder / "owners" / f"{ANN}.key").read_bytes())
    with pytest.raises(KeyUnusable, match="belongs to another master key"):
        keys.open(BEN, sealed)


@pytest.mark.parametrize("damage", [b"", b"H1", b"x" * 62])
def test_a_damaged_owner_key_is_the_houses_fault(keys: FileKeystore, damage: bytes) -> None:
    sealed = keys.seal(ANN, b"x")
    (keys.folder / "owners" / f"{ANN}.key").write_bytes(damage)
    with pytest.raises(KeyUnusable, match="restore the keystore"):
        keys.open(ANN, sealed)


def test_a_lost_or_damaged_master_key_is_never_replaced(keys: FileKeystore) -> None:
    sealed = keys.seal(ANN, b"x")
    master = keys.folder / "master.key"
    good = master.read_bytes()
    master.unlink()
    for use in (lambda: again(keys).open(ANN, sealed), lambda: again(keys).seal(BEN, b"new")):
        with pytest.raises(KeyUnusable, match="missing"):
            use()
    master.touch(mode=0o600)
    master.write_bytes(good[:16])
    with pytest.raises(KeyUnusable, match="no master key"):
        again(keys).open(ANN, sealed)
    master.write_bytes(good)
    assert again(keys).open(ANN, sealed) == b"x"


@pytest.mark.parametrize("owner", ["", "ab", "../ann", "cre/ann", "CRE", "a" * 65, "ann\n", "a.b"])
def test_an_owner_is_an_id_and_never_a_path(keys: FileKeystore, owner: str) -> None:
    for use in (lambda: keys.seal(owner, b""), lambda: keys.open(owner, b""), lambda: keys.destroy(owner)):
        with pytest.raises(Invalid, match="cannot own a key"):
            use()


def test_a_keystore_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(KeyUnusable, match="check its folder"):
        FileKeystore(tmp_path / "keys").seal(ANN, b"x")
    with pytest.raises(KeyUnusable, match="erase again"):
        FileKeystore(tmp_path / "keys").destroy(ANN)


def test_processes_that_start_together_share_one_key(keys: FileKeystore) -> None:
    script = (
        "import sys; from pathlib import Path; from core.keys import FileKeystore; sys.stdin.read(1);"
        "sys.stdout.buffer.write(FileKeystore(Path(sys.argv[1])).seal('cre_ann', b'the same key'))"
    )
    command = [sys.executable, "-c", script, str(keys.folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    running = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(6)]
    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"g")
        process.stdin.flush()
    sealed = [process.communicate()[0] for process in running]
    assert [keys.open(ANN, data) for data in sealed] == [b"the same key"] * 6
    assert {path.name for path in keys.folder.rglob("*") if path.is_file()} == {"master.key", f"{ANN}.key"}
