"""Recordings in: every format of phones, browsers and studios, exact where the format is; clear words for the rest."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core import decode_any, decode_sound, encode_sound, jail
from core.decode_sound import Limits, TooLarge, Undecodable
from core.media import Sound

RATE = 44_100


def tone(seconds: float = 0.5, rate: int = RATE, channels: int = 2) -> Sound:
    """A chord, another one on each side, of whole steps of 24 bits."""
    t = np.arange(int(seconds * rate)) / rate
    sides = [0.3 * np.sin(2 * np.pi * hz * t) + 0.1 * np.sin(2 * np.pi * 3.1 * hz * t) for hz in (220, 331)]
    return Sound(encode_sound.rounded(np.stack(sides[:channels], 1)), rate)


def by_ffmpeg(tmp_path: Path, name: str, *options: str) -> Path:
    wav, made = tmp_path / "in.wav", tmp_path / name
    wav.write_bytes(encode_sound.encoded(tone(), "wav"))
    subprocess.run([decode_sound.ffmpeg(), "-y", "-v", "error", "-i", str(wav), *options, str(made)], check=True)
    return made


@pytest.mark.parametrize("form", ["wav", "flac"])
@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (192_000, 2)])
def test_lossless_files_give_back_every_bit(form: encode_sound.Form, rate: int, channels: int) -> None:
    there = tone(0.2, rate, channels)
    back = decode_sound.sound_of(encode_sound.encoded(there, form))
    assert (back.rate, back.channels, back.frames) == (rate, channels, there.frames)
    assert back.sha256 == there.sha256
    assert encode_sound.encoded(there, form) == encode_sound.encoded(back, form)


def likeness(one: Sound, other: Sound) -> float:
    """Correlation at the best shift of up to 60 ms, at one rate."""
    import soxr

    a, b = (np.array(soxr.resample(s.samples[:, 0], s.rate, 16_000), np.float64) for s in (one, other))
    middle = a[1_500:-1_500]
    at = int(np.correlate(b, middle, "valid").argmax())
    return float(np.corrcoef(middle, b[at : at + len(middle)])[0, 1])


@pytest.mark.parametrize("form", ["mp3", "opus"])
def test_lossy_files_sound_the_same(form: encode_sound.Form) -> None:
    assert likeness(tone(), decode_sound.sound_of(encode_sound.encoded(tone(), form))) > 0.98


@pytest.mark.parametrize("form", ["wav", "flac", "mp3", "opus"])
@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_a_single_sample_at_any_rate_makes_a_file(form: encode_sound.Form, rate: int) -> None:
    made = io.BytesIO(encode_sound.encoded(Sound(np.full((1, 2), 0.5, np.float32), rate), form))
    back, written = soundfile.read(made, always_2d=True)
    assert back.shape[1] == 2
    if form in ("wav", "flac"):
        assert (back.tolist(), written) == ([[0.5, 0.5]], rate)
    else:
        assert written == (rate if (form, rate) == ("mp3", 8_000) else 48_000)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.m4a", ("-c:a", "aac")),
        ("a.webm", ("-c:a", "libopus")),
        ("a.aac", ("-c:a", "aac")),
        ("a.mka", ("-c:a", "flac")),
        ("a.aiff", ()),
        ("a.ogg", ("-c:a", "libvorbis")),
    ],
)
def test_what_phones_and_browsers_record_can_be_read(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    made = by_ffmpeg(tmp_path, name, *options)
    assert decode_sound.is_sound(made.read_bytes()[:40])
    assert likeness(tone(), decode_sound.sound(made)) > 0.98


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    made = by_ffmpeg(tmp_path, "a.m4a", "-c:a", "aac")
    assert decode_sound.sound(made.rename(tmp_path / "a.wav")).channels == 2


def test_what_is_no_number_is_silence_and_headroom_is_kept(tmp_path: Path) -> None:
    samples = np.array([[np.nan], [np.inf], [-np.inf], [1.5], [-99.0], [0.25]], np.float32)
    soundfile.write(tmp_path / "a.wav", samples, RATE, subtype="FLOAT")
    assert decode_sound.sound(tmp_path / "a.wav").samples[:, 0].tolist() == [0, 0, 0, 1.5, -8, 0.25]


def test_a_sound_can_only_be_read() -> None:
    sound = decode_sound.sound_of(encode_sound.encoded(tone(), "wav"))
    with pytest.raises(ValueError, match="read-only"):
        sound.samples[0] = 1


CUT = encode_sound.encoded(tone(2), "flac")[:100_000]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"hello, I am a song", "no recording we can read"),
        (b"", "is empty"),
        (b"RIFF\0\0\0\0WAVEand nothing more", "damaged or cut off"),
        (b"\x1a\x45\xdf\xa3" + bytes(100), "no sound that can be read"),
        (b"\0\0\0\x20ftypM4A #EXTM3U\nfile:///etc/passwd", "no sound that can be read"),
        (b"#EXTM3U\nfile:///etc/passwd", "no recording we can read"),
        (CUT, "damaged or cut off"),
        (encode_sound.encoded(tone(), "wav")[:44], "no sound at all|damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, words: str) -> None:
    with pytest.raises(Undecodable, match=words) as refused:
        decode_sound.sound_of(data)
    assert "\n" not in refused.value.message


def test_limits_are_of_bytes_length_rate_and_channels(tmp_path: Path) -> None:
    wav = encode_sound.encoded(tone(1.5), "wav")
    with pytest.raises(TooLarge, match="the limit is"):
        decode_sound.sound_of(wav, limits=Limits(bytes=1000))
    with pytest.raises(TooLarge, match=r"longer than 0\.02 minutes"):
        decode_sound.sound_of(wav, limits=Limits(length=1.2))
    with pytest.raises(TooLarge, match=r"more than 0\.1 million samples; export it at 48,000"):
        decode_sound.sound_of(wav, limits=Limits(samples=100_000))
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((100, 1)), 4_000)
    with pytest.raises(Undecodable, match="4,000 samples a second"):
        decode_sound.sound(path)
    soundfile.write(path, np.zeros((100, 6)), RATE)
    with pytest.raises(Undecodable, match="6 channels; send it as mono or stereo"):
        decode_sound.sound(path)


def test_a_file_that_unpacks_to_too_much_ends_at_the_limit_and_costs_no_memory_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 8_000, 1, format="FLAC") as out:
        for _ in range(80):
            out.write(np.zeros(8_000 * 60))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(TooLarge, match="longer than 30 minutes"):
        decode_sound.sound(path)


def test_without_ffmpeg_its_formats_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)
    with pytest.raises(jail.Refused, match="need the program ffmpeg"):
        decode_sound.ffmpeg()


def test_what_is_neither_is_told_both(tmp_path: Path) -> None:
    (tmp_path / "song.wma").write_bytes(b"\x30\x26\xb2\x75" * 100)
    with pytest.raises(Undecodable, match=r"the upload: this is nothing we can read.* PNG, .*, or a recording: WAV, "):
        decode_any.decoding(tmp_path / "song.wma", name="the upload").result()


def test_large_recordings_lie_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode_sound, "_LARGE", 1000)
    kept = encode_sound.kept(tone())
    again = encode_sound.decoded(encode_sound.encoded(kept, "flac"))
    assert isinstance(kept.samples, np.memmap)
    assert isinstance(again.samples, np.memmap)
    assert again.sha256 == kept.sha256 == tone().sha256
