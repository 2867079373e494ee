"""`homage reed` on a person's own files: what is written, what is told, what is kept, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from core import decode_sound, encode_sound
from core.errors import HomageError
from tests.generation.engines.pipes import pipe


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studio")
    (folder / "shawm").mkdir()
    for name, sound in (
        ("shawm/low.flac", pipe(1, high=67)),
        ("shawm/high.flac", pipe(2, low=72)),
        ("melody.flac", pipe(3, flute=True, low=62, high=69)),
    ):
        (folder / name).write_bytes(encode_sound.encoded(sound, "flac"))
    return folder


def homage(folder: Path, command: str) -> Result:
    """A command line in which @ names a file in the folder."""
    return CliRunner().invoke(app, [word.replace("@", f"{folder}/") for word in command.split()])


def refused(folder: Path, command: str) -> str:
    ran = homage(folder, command)
    assert isinstance(ran.exception, HomageError), (ran.output, ran.exception)
    return ran.exception.message


def test_a_melody_is_played_told_and_played_again_without_learning(studio: Path) -> None:
    asked = "reed --catalogue @shawm --content @melody.flac --steps 2 --learned @shawm.reed --json"
    ran = homage(studio, f"{asked} --out @played.flac")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    told = json.loads(ran.stdout)
    assert told["provenance"] == "estimate"
    assert told["method"].startswith("similarity")
    assert told["interval"] > 0
    assert sum(share["share"] for share in told["shares"]) == 1_000_000
    assert {share["asset"] for share in told["shares"]} == {"low.flac", "high.flac"}
    assert "learning" in ran.stderr
    again = homage(studio, f"{asked} --out @again.flac")
    assert again.exit_code == 0, (again.output, again.exception)
    assert "learning" not in again.stderr
    melody, played, same = (decode_sound.sound(studio / f"{name}.flac") for name in ("melody", "played", "again"))
    assert played.frames == melody.frames
    assert same.sha256 == played.sha256 != melody.sha256
    assert "other recordings" in refused(studio, asked.replace("@shawm ", "@shawm/low.flac ") + " --out @no.flac")
    assert "other steps" in refused(studio, asked.replace("steps 2", "steps 3") + " --out @no.flac")
    assert not (studio / "no.flac").exists()


def test_what_cannot_be_done_is_refused_before_learning(studio: Path) -> None:
    asked = "reed --catalogue @shawm --content @melody.flac"
    assert ".reed" in refused(studio, f"{asked} --learned @shawm.pt --out @no.flac")
    twice = f"{asked} --catalogue @shawm/low.flac --learned @new.reed --out @no.flac"
    assert "one catalogue" in refused(studio, twice)
    assert "whole semitones" in refused(studio, f"{asked} --transpose up --out @no.flac")
    assert "weights" in refused(studio, f"{asked} --weight 1 --weight 2 --out @no.flac")
    assert not (studio / "no.flac").exists()


def test_people_are_told_that_it_is_an_estimate(studio: Path) -> None:
    ran = homage(studio, "reed --catalogue @shawm --content @melody.flac --steps 1 --out @plain.flac")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    assert "estimated, ±" in ran.stdout
