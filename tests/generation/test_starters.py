"""What to start from: there, credited as its license asks, and found without loading what brings it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core import decode, decode_sound
from generation import starters

PICTURES = [starter for starter in starters.STARTERS if starter.medium == "picture"]


@pytest.mark.parametrize("starter", PICTURES, ids=lambda starter: starter.name)
def test_starters_are_found_and_credited(starter: starters.Starter) -> None:
    path = starters.path(starter.name)
    picture = decode.picture(path)
    assert (picture.width, picture.height) == (starter.width, starter.height)
    notes = (path.parent / "README.txt").read_text()
    account, number = starter.credit.split(", ")[1].split("/")[-2:]
    assert f"flickr.com/photos/{account}/{number}/" in notes
    assert "creativecommons.org/licenses/by/2.0/" in notes
    assert starter.credit.endswith("CC BY 2.0")


def test_the_sung_line_lasts_as_long_as_is_said_and_is_everyones() -> None:
    line = starters.find("line")
    sound = decode_sound.sound(starters.path("line"))
    assert (line.medium, sound.milliseconds, sound.channels) == ("sound", line.duration_ms, 1)
    assert line.credit.endswith("CC0")


def test_finding_a_starter_does_not_import_scikit_learn() -> None:
    told = "import sys; from generation import starters; starters.path('china'); print('sklearn' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_unknown_starter_names_those_there_are() -> None:
    with pytest.raises(starters.NoPhotograph, match="china, flower, line"):
        starters.path("lena")


def test_missing_package_offers_nothing_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starters, "find_spec", lambda name: None)
    assert [starter.name for starter in starters.present()] == ["line"]
    with pytest.raises(starters.NoPhotograph, match="pip install scikit-learn"):
        starters.path("china")
