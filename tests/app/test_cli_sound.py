"""`homage revoice` and `replay` on a person's own files: what is written, what is told, what is refused."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.commands import songs
from app.demo import singing
from core import decode, decode_sound, encode_sound, tags
from core.errors import HomageError
from core.media import Sound
from core.tags import Tags
from generation import separation

ALMA, BRUNO = singing.SINGERS
RATE = 16_000
SAID = Tags(title="A line", artist="Ada Marsh", isrc="USRC17607839")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two voices in folders, a vocal, and a backing that is longer and in stereo."""
    folder = tmp_path_factory.mktemp("studio")
    for singer, name, takes in ((ALMA, "alma", (1, 2)), (BRUNO, "bruno", (1,))):
        (folder / name).mkdir()
        for take in takes:
            keep(folder / name / f"{name}-{take}.flac", sung(singer, take))
    keep(folder / "vocal.wav", sung(BRUNO, 9), SAID)
    hum = 0.1 * np.sin(2 * np.pi * 110 * np.arange(4 * 22_050) / 22_050)
    keep(folder / "backing.flac", Sound(np.stack([hum, 0.5 * hum], 1).astype(np.float32), 22_050))
    return folder


def sung(singer: singing.Singer, seed: int) -> Sound:
    """A phrase of some three seconds."""
    return singing.sung(singer, singing.line(singer, seed, notes=6), seed, rate=RATE)


def keep(path: Path, sound: Sound, said: Tags | None = None) -> None:
    path.write_bytes(encode_sound.encoded(sound, "wav" if path.suffix == ".wav" else "flac", said))


def homage(folder: Path, command: str) -> Result:
    """A command line in which @ names a file in the folder."""
    return CliRunner().invoke(app, [word.replace("@", f"{folder}/") for word in command.split()])


def refused(folder: Path, command: str) -> str:
    ran = homage(folder, command)
    assert isinstance(ran.exception, HomageError), (ran.output, ran.exception)
    assert "\n" not in ran.exception.message
    return ran.exception.message


def test_a_vocal_is_revoiced_told_drawn_and_replayed(studio: Path) -> None:
    made = "--out @sung.flac --map @sung.map --lane @lane.png"
    ran = homage(studio, f"revoice --voice @alma --content @vocal.wav {made} --json")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    told = json.loads(ran.stdout)
    assert sum(share["share"] for share in told["shares"]) == 1_000_000
    assert {share["asset"] for share in told["shares"]} <= {"alma-1.flac", "alma-2.flac"}
    assert 0 < told["longest_copy"] < 2
    vocal, sung = (decode_sound.sound(studio / name) for name in ("vocal.wav", "sung.flac"))
    assert (sung.rate, sung.frames, sung.channels) == (vocal.rate, vocal.frames, vocal.channels)
    assert sung.sha256 != vocal.sha256
    assert tags.of(studio / "sung.flac") == SAID
    assert decode.picture(studio / "lane.png").width > 1_000
    again = homage(studio, "replay @sung.map --voice @alma --content @vocal.wav --out @again.flac")
    assert again.exit_code == 0, (again.output, again.exception)
    assert (studio / "again.flac").read_bytes() == (studio / "sung.flac").read_bytes()
    assert "alma" in refused(studio, "replay @sung.map --voice @bruno --content @vocal.wav --out @no.flac")
    assert not (studio / "no.flac").exists()


def test_a_backing_is_put_back_in_sync_and_the_fader_moves_the_voice_alone(studio: Path) -> None:
    quiet = "revoice --voice @alma --content @vocal.wav --backing @backing.flac --transpose keep"
    for name, fader in (("level", "0"), ("down", "-24")):
        ran = homage(studio, f"{quiet} --fader {fader} --out @{name}.wav")
        assert ran.exit_code == 0, (ran.output, ran.exception)
    level, down = (decode_sound.sound(studio / f"{name}.wav") for name in ("level", "down"))
    vocal = decode_sound.sound(studio / "vocal.wav")
    assert level.rate == vocal.rate
    assert level.channels == 2
    assert level.frames == max(vocal.frames, 4 * RATE)
    hum = 0.1 * np.sin(2 * np.pi * 110 * np.arange(2 * RATE) / RATE)
    rest = down.samples[: 2 * RATE, 0] - hum
    assert np.corrcoef(down.samples[: 2 * RATE, 0], hum)[0, 1] > 0.97
    assert float(np.abs(rest).max()) < 0.25 * float(np.abs(level.samples[: 2 * RATE, 0] - hum).max())


def test_two_voices_share_as_agreed(studio: Path) -> None:
    ran = homage(
        studio, "revoice --voice @alma --voice @bruno --weight 3 --weight 1 --content @vocal.wav --out @duo.mp3 --json"
    )
    assert ran.exit_code == 0, (ran.output, ran.exception)
    shares = json.loads(ran.stdout)["shares"]
    assert sum(share["share"] for share in shares if share["asset"].startswith("alma")) == pytest.approx(750_000, abs=2)


def test_an_excerpt_is_as_long_as_asked(studio: Path) -> None:
    ran = homage(studio, "revoice --voice @alma --content @vocal.wav --excerpt 0.5-2 --out @part.wav")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    assert decode_sound.sound(studio / "part.wav").seconds == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--transpose high", "--transpose"),
        ("--transpose 40", "--semitones"),
        ("--delivery sighs", "--delivery"),
        ("--excerpt 9", "--excerpt"),
        ("--excerpt 9-3", "--excerpt"),
        ("--excerpt 0-1 --backing @backing.flac", "--separator or --excerpt"),
        ("--whole-song --backing @backing.flac", "--whole-song or --backing"),
        ("--whole-song --separator any", "--whole-song and --backing"),
        ("--stem @stem.flac", "--separator"),
        ("--weight 1 --weight 2", "1 voices are given and 2 weights"),
        ("--map @vocal.map --lane @x.wav", "cannot write 'x.wav'"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_before_the_work(studio: Path, options: str, words: str) -> None:
    said = refused(studio, f"revoice --voice @alma --content @vocal.wav --out @no.flac {options}")
    assert words in said
    assert not (studio / "no.flac").exists()


def test_files_that_cannot_serve_are_refused(studio: Path) -> None:
    wish = "revoice --out @no.flac"
    assert "cannot read" in refused(studio, f"{wish} --voice @alma --content @nothing.wav")
    assert "one of the files that this is made from" in refused(
        studio, "revoice --voice @alma --content @vocal.wav --out @vocal.wav"
    )
    keep(studio / "silence.wav", Sound(np.zeros((RATE, 1), np.float32), RATE))
    assert "nothing sounds" in refused(studio, f"{wish} --voice @alma --content @silence.wav")
    assert "voice" in refused(studio, f"{wish} --voice @silence.wav --content @vocal.wav")
    (studio / "cut.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\xff")
    assert "damaged" in refused(studio, f"{wish} --voice @alma --content @cut.wav")
    assert not (studio / "no.flac").exists()


def test_sections_say_who_sings_when(studio: Path) -> None:
    both = "revoice --voice @alma --voice @bruno --content @vocal.wav --out @duet.wav"
    ran = homage(studio, f"{both} --section 1:0-1 --section 2:1- --json")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    told = json.loads(ran.stdout)
    alma = sum(share["share"] for share in told["shares"] if share["asset"].startswith("alma"))
    assert 0.1 * 1_000_000 < alma < 0.5 * 1_000_000  # a second of two and a half
    assert "moments in which it sings" in told["facts"]["mix_reason"]
    assert "2 voices" in refused(studio, f"{both} --section 3:0-1")


@pytest.mark.parametrize(("section", "words"), [("1:9-12", "lasts"), ("one:0-1", "--section"), ("1:4", "--section")])
def test_a_section_that_cannot_be_is_refused(section: str, words: str) -> None:
    with pytest.raises(HomageError, match=words):
        songs.regions_of([section], 2, 2.5)


def test_a_separator_that_the_operator_admits_takes_a_mix_apart(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mix = "revoice --voice @alma --content @vocal.wav --transpose keep --out @apart.wav"
    assert "HOMAGE_SEPARATORS" in refused(studio, f"{mix} --separator half")
    monkeypatch.setenv("HOMAGE_SEPARATORS", '["half"]')
    monkeypatch.setattr(
        separation, "entry_points", lambda group: [EntryPoint("half", f"{__name__}:Half", separation.GROUP)]
    )
    ran = homage(studio, f"{mix} --separator half --stem @half.flac --map @half.map")
    assert ran.exit_code == 0, (ran.output, ran.exception)
    vocal, stem, made = (decode_sound.sound(studio / name) for name in ("vocal.wav", "half.flac", "apart.wav"))
    assert np.abs(stem.samples - vocal.samples / 2).max() <= 2.0**-23
    again = homage(studio, "replay @half.map --voice @alma --content @half.flac --out @again.wav")
    assert again.exit_code == 0, (again.output, again.exception)
    sung = decode_sound.sound(studio / "again.wav").samples.astype(np.float64)
    assert np.abs(sung + vocal.samples - stem.samples - made.samples).max() < 2.0**-21


class Half:
    """Takes half of everything for the voice."""

    card = separation.SeparatorCard("half", "1", learned_from="nothing", weights_license=None)

    def split(self, mix: Sound) -> Sound:
        return Sound(mix.samples / 2, mix.rate)
