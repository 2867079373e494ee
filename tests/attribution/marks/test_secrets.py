"""Keys of marks: made once, one for each medium and quarter, and never lost by a rotation."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attribution.marks.secrets import Key, Secrets, SecretUnusable

WINTER = datetime(2026, 11, 29, tzinfo=UTC)
SPRING = datetime(2027, 4, 1, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path / "marks")


def test_the_same_quarter_has_the_same_key(house: Secrets) -> None:
    key = house.writing("picture", WINTER)
    assert (key.epoch, key.medium, len(key.secret)) == ("2026Q4", "picture", 32)
    assert Secrets(house.folder).writing("picture", datetime(2026, 10, 1, tzinfo=UTC)) == key
    others = [house.writing("sound", WINTER), house.writing("picture", SPRING)]
    assert len({key.secret, *(other.secret for other in others)}) == 3


def test_the_files_are_for_this_user_only(house: Secrets) -> None:
    house.writing("picture", WINTER)
    assert [path.stat().st_mode & 0o777 for path in house.folder.iterdir()] == [0o600]
    assert house.folder.stat().st_mode & 0o077 == 0


def test_a_key_does_not_print_its_secret(house: Secrets) -> None:
    key = house.writing("picture", WINTER)
    assert key.secret.hex() not in repr(key)
    assert repr(key.secret)[2:10] not in repr(key)


def test_reading_tries_the_newest_first_and_nothing_from_before_the_house(house: Secrets) -> None:
    assert house.reading("picture", WINTER) == []
    assert not house.folder.exists()
    written = [house.writing("picture", at) for at in (WINTER, datetime(2027, 1, 1, tzinfo=UTC), SPRING)]
    assert house.reading("picture", SPRING, most=8) == written[::-1]
    assert house.reading("picture", SPRING) == written[:0:-1]
    assert house.reading("picture", WINTER, most=8) == written[:1]


def test_a_clock_set_back_changes_no_key_that_is_read(house: Secrets) -> None:
    house.writing("picture", WINTER)
    early = house.writing("picture", datetime(2026, 1, 1, tzinfo=UTC))
    assert early in house.reading("picture", WINTER)
    assert early in house.reading("picture", datetime(2025, 1, 1, tzinfo=UTC))


def test_a_rotation_writes_with_a_new_secret_and_reads_with_the_old(house: Secrets) -> None:
    old = house.writing("picture", WINTER)
    assert house.rotate(SPRING) == 2
    new = house.writing("picture", SPRING)
    assert (old.epoch, new.epoch) == ("2026Q4", "2027Q2-2")
    keys = house.reading("picture", SPRING, most=8)
    assert [key.epoch for key in keys] == ["2027Q2-2", "2027Q2", "2027Q1", "2026Q4"]
    assert (keys[0], keys[-1]) == (new, old)
    assert keys[0].secret != keys[1].secret


def test_of_two_makers_one_wins(house: Secrets) -> None:
    start, keys = threading.Barrier(2), list[Key]()

    def make() -> None:
        start.wait()
        keys.append(Secrets(house.folder).writing("sound", WINTER))

    makers = [threading.Thread(target=make) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert [path.name for path in house.folder.iterdir()] == ["master-1.json"]


def test_a_secret_that_others_can_read_is_refused(house: Secrets) -> None:
    house.writing("picture", WINTER)
    (house.folder / "master-1.json").chmod(0o640)
    with pytest.raises(SecretUnusable, match="chmod 600"):
        house.reading("picture", WINTER)


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"v": 1, "since": "2026-11-29", "secret": "00"})])
def test_a_damaged_secret_is_said(house: Secrets, text: str) -> None:
    house.writing("picture", WINTER)
    (house.folder / "master-1.json").write_text(text)
    with pytest.raises(SecretUnusable, match="restore it from your copy"):
        house.writing("picture", WINTER)


def test_a_missing_secret_is_said(house: Secrets) -> None:
    house.rotate(WINTER)
    house.rotate(WINTER)
    (house.folder / "master-1.json").unlink()
    with pytest.raises(SecretUnusable, match=r"no master-1\.json; restore"):
        house.reading("picture", WINTER)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SecretUnusable, match="cannot write"):
            Secrets(tmp_path / "marks").writing("picture", WINTER)
    finally:
        tmp_path.chmod(0o700)
