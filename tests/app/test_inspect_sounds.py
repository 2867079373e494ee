"""`homage inspect` on recordings: what is told of each and of all together, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.commands.files import write_sound
from core.errors import Invalid
from tests.creators.test_listening import made, voice


def test_recordings_are_told_of(tmp_path: Path) -> None:
    write_sound(tmp_path / "a.wav", voice(0, 3))
    write_sound(tmp_path / "b.wav", made(voice(0, 3).samples[500:, 0]))
    told = CliRunner().invoke(app, ["inspect", str(tmp_path)])
    assert told.exit_code == 0
    assert "E4 to A4" in told.stdout
    assert "copy: a.wav, b.wav" in told.stdout
    report = json.loads(CliRunner().invoke(app, ["inspect", str(tmp_path / "a.wav"), "--json"]).stdout)
    assert report["recordings"][0]["voice"] is True
    assert report["recordings"][0]["findings"] == []
    assert report["together"][0]["code"] == "too-little"
    assert report["range"] == ["E4", "A4"]
    assert set(report["sounds"]) == {"all", "low", "middle", "high"}


def test_pictures_and_recordings_are_not_mixed(tmp_path: Path) -> None:
    for name in ("a.wav", "b.png"):
        (tmp_path / name).touch()
    told = CliRunner().invoke(app, ["inspect", str(tmp_path)])
    assert isinstance(told.exception, Invalid)
    with pytest.raises(Invalid, match="different styles"):
        raise told.exception
