"""Files to register: what is refused before any of them is sealed. The rest is tested in `tests/creators`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands.registering import _given
from core import encode
from core.errors import Invalid
from tests.app.commands import homage
from tests.fakes import texture

MILL, HARP = Path("mill.jpg"), Path("harp.mp3")


def test_sealed_copies_go_beside_their_files_or_into_a_folder(tmp_path: Path) -> None:
    assert [one.out.name for one in _given([MILL, HARP], None)] == ["mill.sealed.png", "harp.sealed.flac"]
    assert [one.out.parent for one in _given([MILL, HARP], tmp_path / "new")] == [tmp_path / "new"] * 2
    assert _given([MILL], tmp_path / "mill.webp")[0].out == tmp_path / "mill.webp"


def test_a_file_that_is_named_twice_is_registered_once() -> None:
    assert len(_given([MILL, HARP, MILL], None)) == 2


def test_what_is_no_media_or_too_small_opens_no_profile_and_writes_nothing(tmp_path: Path) -> None:
    """Nor is there a house then: the database is not even begun."""
    text, thumbnail, var = tmp_path / "a.png", tmp_path / "b.png", tmp_path / "var"
    text.write_text("nothing that could be seen\n")
    thumbnail.write_bytes(encode.png(texture(1, height=60, width=90)))
    out = tmp_path / "sealed"
    done = homage("works", "register", text, thumbnail, tmp_path / "none.png", "--out", out, HOMAGE_VAR=str(var))
    said = [line for line in done.stderr.splitlines() if line.startswith("homage: ")]
    assert (done.returncode, done.stdout, len(said)) == (1, "", 3)
    assert "90 × 60 pixels is too small" in said[1]
    assert "128" in said[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.png"]


def test_a_secret_of_marks_is_rotated_only_where_there_is_a_house(tmp_path: Path) -> None:
    var = tmp_path / "var"
    done = homage("keys", "rotate", "marks", HOMAGE_VAR=str(var))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"there is no house in {var}" in done.stderr
    assert not var.exists()
    (var / "postgres" / "data").mkdir(parents=True)
    assert homage("keys", "rotate", "marks", HOMAGE_VAR=str(var)).returncode == 0
    assert [path.name for path in (var / "marks").iterdir()] == ["master-1.json"]


def test_two_files_are_not_written_to_one_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="2 files cannot be written"):
        _given([MILL, HARP], tmp_path / "both.jpg")
    with pytest.raises(Invalid, match="give them different names"):
        _given([MILL, Path("mill.png")], tmp_path)
