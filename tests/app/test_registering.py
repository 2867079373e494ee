"""Files to register: what is refused before any of them is sealed. The rest is tested in `tests/creators`."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands.registering import _given
from core.errors import Invalid

MILL, HARP = Path("mill.jpg"), Path("harp.mp3")


def test_sealed_copies_go_beside_their_files_or_into_a_folder(tmp_path: Path) -> None:
    assert [one.out.name for one in _given([MILL, HARP], None)] == ["mill.sealed.png", "harp.sealed.flac"]
    assert [one.out.parent for one in _given([MILL, HARP], tmp_path / "new")] == [tmp_path / "new"] * 2
    assert _given([MILL], tmp_path / "mill.webp")[0].out == tmp_path / "mill.webp"


def test_a_file_that_is_named_twice_is_registered_once() -> None:
    assert len(_given([MILL, HARP, MILL], None)) == 2


def test_two_files_are_not_written_to_one_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="2 files cannot be written"):
        _given([MILL, HARP], tmp_path / "both.jpg")
    with pytest.raises(Invalid, match="give them different names"):
        _given([MILL, Path("mill.png")], tmp_path)
