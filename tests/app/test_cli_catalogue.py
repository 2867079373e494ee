"""`homage mosaic`, `extend` and `replay` on a person's own files: what is written, what is told, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.demo import plucked
from core import decode, decode_sound, tags
from core.media import Sound
from core.tags import NONE
from tests.app.test_cli_sound import SAID, homage, keep, refused

RATE = 16_000


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two catalogues, and a melody."""
    folder = tmp_path_factory.mktemp("room")
    (folder / "harp").mkdir()
    for take in (1, 2):
        keep(folder / "harp" / f"harp-{take}.flac", plucked.recording(plucked.HARP, take, seconds=3, rate=RATE), SAID)
    keep(folder / "other.flac", plucked.recording(plucked.HARP, 5, seconds=3, rate=RATE))
    t = np.arange(2 * RATE) / RATE
    wave = 0.2 * np.sin(2 * np.pi * 330 * 2 ** (np.floor(2 * t) * 2 / 12) * t) * np.exp(-4 * (t % 0.5))
    keep(folder / "melody.wav", Sound(wave[:, None].astype(np.float32), RATE), SAID)
    return folder


def test_a_melody_is_rebuilt_told_drawn_and_replayed_without_it(room: Path) -> None:
    ran = homage(room, "mosaic --catalogue @harp --content @melody.wav --out @m.flac --map @m.map --lane @m.png --json")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    told = json.loads(ran.stdout)
    assert sum(share["share"] for share in told["shares"]) == 1_000_000
    assert {share["asset"] for share in told["shares"]} <= {"harp-1.flac", "harp-2.flac"}
    assert 0 < told["longest_copy"] < 2
    melody, made = (decode_sound.sound(room / name) for name in ("melody.wav", "m.flac"))
    assert (made.rate, made.frames) == (melody.rate, melody.frames)
    assert decode.picture(room / "m.png").width > 1_000
    again = homage(room, "replay @m.map --catalogue @harp --out @again.flac")
    assert again.exit_code == 0, (again.output, again.exception)
    assert decode_sound.sound(room / "again.flac").sha256 == made.sha256
    assert (tags.of(room / "m.flac"), tags.of(room / "again.flac")) == (SAID, NONE)
    assert "harp-" in refused(room, "replay @m.map --catalogue @other.flac --out @no.flac")


def test_a_catalogue_is_continued_and_mixed_by_weight(room: Path) -> None:
    wish = "extend --catalogue @harp --catalogue @other.flac --weight 3 --weight 1 --seconds 10"
    ran = homage(room, f"{wish} --out @e.wav --map @e.map --json")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    told = json.loads(ran.stdout)
    shares = {share["asset"]: share["share"] for share in told["shares"]}
    assert shares["other.flac"] == 250_000
    assert decode_sound.sound(room / "e.wav").seconds == 10
    assert tags.of(room / "e.wav") == NONE
    again = homage(room, "replay @e.map --style @harp --style @other.flac --out @e2.wav")
    assert again.exit_code == 0, (again.output, again.exception)
    assert (room / "e.wav").read_bytes() == (room / "e2.wav").read_bytes()


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (
            "mosaic --catalogue @harp --content @melody.wav --weight 1 --weight 2",
            "1 catalogues are given and 2 weights",
        ),
        ("mosaic --catalogue @harp --content @melody.wav --excerpt 2", "--excerpt"),
        ("mosaic --catalogue @harp --content @nothing.wav", "cannot read"),
        ("mosaic --catalogue @other.flac --content @click.wav", "takes 0"),
        ("mosaic --catalogue @other.flac --content @nan.wav", "nothing sounds"),
        ("mosaic --catalogue @harp --catalogue @harp --content @melody.wav", "same recordings"),
        ("extend --catalogue @silence.wav --seconds 9", "not silent"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(room: Path, wish: str, words: str) -> None:
    keep(room / "silence.wav", Sound(np.zeros((RATE, 1), np.float32), RATE))
    keep(room / "click.wav", Sound(np.ones((1, 1), np.float32), RATE))
    soundfile.write(room / "nan.wav", np.full(RATE, np.nan), RATE, subtype="FLOAT")
    assert words in refused(room, f"{wish} --out @no.flac")
    assert not (room / "no.flac").exists()
