"""Tags of recordings: read from every format whatever a file says of itself, written so that players read them."""

from __future__ import annotations

import io
import json
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core import decode_sound, encode_sound, tagging, tags
from core.media import Sound
from core.tags import NONE, Tags

RATE = 16_000
SAID = Tags(
    title="Étude – 猫",
    artist="Ada Marsh",
    album="Mills",
    composer="Bob Reed",
    date="2024-05-31",
    genre="Folk",
    track="3",
    isrc="US-RC1-76-07839",
    copyright="© 2024 Ada Marsh",
    comment="sung in one take",
)
LONG = Tags(**dict.fromkeys(("title", "artist", "album", "composer", "genre", "copyright", "comment"), "猫" * 2000))


def tone(frames: int = 2001, channels: int = 1) -> Sound:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(frames) / RATE)
    return Sound(encode_sound.rounded(np.repeat(wave[:, None], channels, 1)), RATE)


def kept(folder: Path, data: bytes) -> Path:
    (folder / "a.any").write_bytes(data)
    return folder / "a.any"


@pytest.mark.parametrize("form", list(encode_sound.TYPES))
def test_tags_are_written_and_the_samples_stay_the_same(tmp_path: Path, form: encode_sound.Form) -> None:
    plain, _ = soundfile.read(io.BytesIO(encode_sound.encoded(tone(), form)))
    for said in (NONE, SAID, LONG):
        path = kept(tmp_path, encode_sound.encoded(tone(), form, said))
        assert np.array_equal(soundfile.read(path)[0], plain)
        assert here(path) == said
        assert tagging.SOFTWARE.encode() in path.read_bytes()
        if form != "opus":
            assert path.read_bytes() == encode_sound.encoded(tone(), form, said)


def here(path: Path) -> Tags:
    """The tags, read in this process."""
    return Tags.read(json.loads(tags.raw(path)))


@pytest.mark.parametrize("form", list(encode_sound.TYPES))
def test_other_readers_understand_them_too(tmp_path: Path, form: encode_sound.Form) -> None:
    path = kept(tmp_path, encode_sound.encoded(tone(channels=2), form, SAID))
    with soundfile.SoundFile(path) as file:
        read = file.copy_metadata()
    assert read.pop("software", tagging.SOFTWARE) == tagging.SOFTWARE
    said = {"tracknumber" if name == "track" else name: text for name, text in SAID.document().items()}
    assert read == {name: text for name, text in said.items() if name not in ("isrc", "composer")}
    seen = [decode_sound.ffmpeg(), "-v", "warning", "-xerror", "-i", str(path), "-f", "ffmetadata", "-"]
    if form == "opus":
        seen[-3:-3] = ["-map_metadata", "0:s:0"]
    shown = subprocess.run(seen, check=True, capture_output=True, text=True)
    assert "=USRC17607839\n" in shown.stdout
    assert "error" not in shown.stderr.lower()
    assert "crc" not in shown.stderr.lower()


@pytest.mark.parametrize(
    ("name", "isrc", "options"),
    [
        ("a.mp3", "TSRC", ("-id3v2_version", "3")),
        ("a.m4a", None, ("-c:a", "aac")),
        ("a.ogg", "ISRC", ("-c:a", "libvorbis")),
        ("a.aiff", "TSRC", ("-write_id3v2", "1")),
    ],
)
def test_what_other_programs_wrote_is_read(
    tmp_path: Path, name: str, isrc: str | None, options: tuple[str, ...]
) -> None:
    said = {"title": "Étude", "artist": "Ada Marsh", "date": "2024", "track": "3/12", "copyright": "© Ada"}
    if isrc:
        said[isrc] = "USRC17607839"
    words = [word for key, text in said.items() for word in ("-metadata", f"{key}={text}")]
    source, made = kept(tmp_path, encode_sound.encoded(tone(8000), "wav")), tmp_path / name
    subprocess.run([decode_sound.ffmpeg(), "-v", "error", "-i", source, *words, *options, str(made)], check=True)
    wanted = Tags("Étude", "Ada Marsh", date="2024", track="3", copyright="© Ada")
    assert here(made.rename(tmp_path / "a.jpg")) == (replace(wanted, isrc="USRC17607839") if isrc else wanted)


def test_several_artists_are_all_kept(tmp_path: Path) -> None:
    body = b"\x03Ada\0Bob"
    tag = b"TPE1" + struct.pack(">IH", len(body), 0) + body
    head = b"ID3\x04\0\0" + struct.pack(">I", len(tag))
    assert here(kept(tmp_path, head + tag + encode_sound.encoded(tone(), "mp3"))).artist == "Ada; Bob"


FLAC = encode_sound.encoded(tone(), "flac", SAID)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no recording",
        b"ID3\x04\0\0\x7f\x7f\x7f\x7fTIT2\x7f\x7f\x7f\x7f\0\0\x03",
        b"RIFF\xff\xff\xff\xffWAVELIST\xff\xff\xff\xffINFOINAM\xff\xff\xff\xffx",
        b"fLaC\x84\xff\xff\xff" + struct.pack("<II", 0, 0xFFFFFFFF),
        b"OggS" + bytes(200),
        FLAC[:50],
        b"\0\0\0\x18ftypM4A " + bytes(8) + struct.pack(">I", 1) + b"moov" + b"\xff" * 8,
    ],
)
def test_nothing_is_raised_on_account_of_a_file(tmp_path: Path, data: bytes) -> None:
    assert tags.of(kept(tmp_path, data)) in (NONE, Tags(title="x"))


def test_text_is_one_clean_line_of_limited_length() -> None:
    assert Tags(title=" a\tb\r\n c\0\x1b[31m\u202e \ngnp\ud800 ", album="e\u0301") == Tags("a b c[31m gnp", album="é")
    made = Tags(artist="y" * 3000, comment="x" * 3000)
    assert (len(made.artist), len(made.comment)) == (tags.LONGEST, tags.LONGEST_COMMENT)


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("isrc", "ISRC: us-rc1-76-07839", "USRC17607839"),
        ("isrc", "GBAYE0000351", "GBAYE0000351"),
        ("isrc", "QZ-NWX-19-0012", ""),
        ("isrc", "1SRC17607839", ""),
        ("isrc", "USRC1760783９", ""),
        ("date", "2024-05-31T12:00:00", "2024-05-31"),
        ("date", "2024-13", "2024"),
        ("date", "May 2024", ""),
        ("track", "03", "3"),
        ("track", "0", ""),
        ("track", "A1", ""),
    ],
)
def test_codes_dates_and_numbers_are_well_formed_or_left_out(name: str, given: str, kept: str) -> None:
    assert getattr(Tags(**{name: given}), name) == kept


def test_a_document_is_read_back() -> None:
    assert Tags.read(SAID.document()) == SAID
    assert NONE.document() == {}
    assert Tags.read({"title": "a", "unknown": 1, "isrc": "?"}) == Tags("a")
