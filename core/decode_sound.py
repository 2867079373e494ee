"""From an untrusted file to a Sound: limits are checked before decoding, decoding happens in a child process.

libsndfile reads what it can; the program ffmpeg, of its own or brought by the package imageio-ffmpeg, reads the rest:
the formats of phones and browsers. Which of them it is, a file's first bytes say, never its name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import jail
from core.decode import TooLarge, Undecodable, check_size, printable
from core.media import Sound

READABLE = "WAV, FLAC, MP3, OGG, Opus, AIFF, M4A or WebM"
_LOUDEST = 8.0  # samples beyond that are damage, not headroom
_PIECE = 1 << 16  # frames that are decoded at once
HEAD = 40  # bytes of a file that say what it is
_MOST_CHANNELS = 2


@dataclass(frozen=True)
class Limits:
    """What a recording may be at most."""

    bytes: int = 1 << 30
    length: float = 1800.0  # seconds
    samples: int = 180_000_000  # of all channels together: half an hour at 48,000, in stereo
    lowest_rate: int = 8_000
    highest_rate: int = 192_000
    seconds: float = 90.0  # of decoding


DEFAULT = Limits()


class Decoding:
    """A recording that is being decoded in a child process; `result()` waits for it."""

    def __init__(self, path: Path, limits: Limits = DEFAULT, *, name: str | None = None) -> None:
        self._name = name or printable(path.name)
        check_size(path, limits.bytes, name=name, wanted=f"a recording ({READABLE})")
        # A file that has no name: its pages are given back when memory is short, and it is gone when nobody reads it.
        self._file = tempfile.TemporaryFile(prefix="homage-sound-")  # noqa: SIM115
        rates = (str(limits.lowest_rate), str(limits.highest_rate))
        words = (str(limits.length), str(limits.samples), *rates, str(self._file.fileno()))
        box = jail.Box(seconds=limits.seconds, answer=1024, written=4 * limits.samples)
        self._child = jail.start("core.decode_sound:raw", path, *words, box=box, given=(self._file.fileno(),))

    def result(self) -> Sound:
        """Raises Undecodable, TooLarge."""
        with self._file:
            try:
                said = json.loads(self._child.result())
            except (jail.Refused, jail.Crashed) as error:
                kind = TooLarge if error.facts.get("too_large") else Undecodable
                raise kind(f"{self._name}: {error.message}") from error
            shape = (int(said["frames"]), int(said["channels"]))
            return Sound(np.memmap(self._file, "<f4", "r", shape=shape), int(said["rate"]))


def sound(path: Path, *, limits: Limits = DEFAULT) -> Sound:
    """Decode a file. Raises Undecodable or TooLarge, each with one line that says what to do."""
    return Decoding(path, limits).result()


def sound_of(data: bytes, *, limits: Limits = DEFAULT) -> Sound:
    """Decode bytes, in the same way."""
    with tempfile.NamedTemporaryFile(prefix="homage-") as file:
        file.write(data)
        file.flush()
        return Decoding(Path(file.name), limits, name="the recording").result()


def is_sound(head: bytes) -> bool:
    """Whether a file that begins like this is a recording in one of our formats."""
    return _kind(head) is not None


def raw(path: Path, length: str, samples: str, lowest: str, highest: str, number: str) -> bytes:
    """In the child: rate, channels and frames as JSON; the samples, frame after frame, into the given file."""
    with path.open("rb") as file:
        kind = _kind(file.read(HEAD))
    if kind is None:
        raise jail.Refused(f"this is no recording we can read, whatever its name says; send {READABLE}")
    reader = _Sndfile(path) if kind == "sndfile" else _Ffmpeg(path, kind)
    if not int(lowest) <= reader.rate <= int(highest):
        raise jail.Refused(
            f"it has {reader.rate:,} samples a second; {int(lowest):,} to {int(highest):,} can be read, export it at"
            " 44,100 or 48,000"
        )
    if reader.channels > _MOST_CHANNELS:
        raise jail.Refused(f"it has {reader.channels} channels; send it as mono or stereo")
    most, frames = int(float(length) * reader.rate), 0
    with os.fdopen(os.dup(int(number)), "wb") as out:
        for piece in reader.pieces():
            frames += len(piece)
            if frames > most:
                raise jail.Refused(
                    f"it is longer than {float(length) / 60:g} minutes; cut it into shorter ones", too_large=True
                )
            if frames * reader.channels > int(samples):
                raise jail.Refused(
                    f"it holds more than {int(samples) / 1e6:g} million samples; export it at 48,000 a second, or"
                    " cut it into shorter ones",
                    too_large=True,
                )
            out.write(_clean(piece))
    if not frames:
        raise jail.Refused("it holds no sound at all; export it again from where it was made")
    return json.dumps({"rate": reader.rate, "channels": reader.channels, "frames": frames}).encode()


def _kind(head: bytes) -> str | None:
    """`sndfile`, or the name of the one ffmpeg demuxer that may look at it: others open further files by name."""
    if head[4:8] == b"ftyp":
        return None if head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif") else "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "sndfile"
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "sndfile"
    if head[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return "aac"
    mpeg = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4, 0xE6)
    return "sndfile" if mpeg or head[:4] in (b"fLaC", b"OggS") or head[:3] == b"ID3" else None


def _clean(piece: NDArray[np.float32]) -> bytes:
    """What is no number is silence, as in players."""
    np.nan_to_num(piece, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    return piece.clip(-_LOUDEST, _LOUDEST).astype("<f4", copy=False).tobytes()


class _Sndfile:
    def __init__(self, path: Path) -> None:
        import soundfile

        self._broken = soundfile.LibsndfileError
        try:
            self._file = soundfile.SoundFile(str(path))
        except self._broken as error:
            raise _damaged() from error
        self.rate, self.channels = self._file.samplerate, self._file.channels

    def pieces(self) -> Iterator[NDArray[np.float32]]:
        """Blocks of [frames, channels]."""
        try:
            while len(piece := self._file.read(_PIECE, dtype="float32", always_2d=True)):
                yield piece
        except self._broken as error:
            raise _damaged() from error


class _Ffmpeg:
    """The first sound track of a file, as ffmpeg writes it in Sun's AU format: six numbers, then samples."""

    def __init__(self, path: Path, demuxer: str) -> None:
        command = [ffmpeg(), "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-f", demuxer]
        command += ["-i", f"file:{path}", "-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "-"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        head = np.frombuffer(self._pipe.read(24), ">u4")
        if len(head) < 6:
            raise jail.Refused("it holds no sound that can be read; export it again from where it was made")
        self._pipe.read(int(head[1]) - 24)
        self.rate, self.channels = int(head[4]), int(head[5])

    def pieces(self) -> Iterator[NDArray[np.float32]]:
        """Blocks of [frames, channels]."""
        step = 4 * self.channels
        while data := self._pipe.read(_PIECE * step):
            yield np.frombuffer(data[: len(data) // step * step], ">f4").astype(np.float32).reshape(-1, self.channels)
        if self._process.wait():
            raise _damaged()


def ffmpeg() -> str:
    """The system's, else the one that a package brought."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise jail.Refused(
            "M4A, AAC and WebM need the program ffmpeg, which is not installed here; install it, or send WAV, FLAC or"
            " MP3"
        ) from error


def _damaged() -> jail.Refused:
    return jail.Refused("it is damaged or cut off; export it again from where it was made")
