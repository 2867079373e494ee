"""What the sound benchmarks convert, and into whose voice or instrument.

`RECORDINGS` names a folder: `vctk/SPEAKER/` and `ljspeech/` hold spoken sentences, `singing/` one singer a file,
`instruments/` one instrument a file. A name ends in its sentence's number, and equal numbers are equal words; a line of
the folder's README.md that begins with the number is the text. Without a folder there are the demo's own voices alone.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.demo import plucked, singing
from core import decode_sound
from core.media import Sound
from generation.engine import Asset

_ENDINGS = {".flac", ".wav", ".ogg", ".mp3"}
_TAKES, _SECONDS = 3, 20.0  # of each demo voice


@dataclass(frozen=True, eq=False)
class Take:
    """One recording; `number` is its sentence's, empty where nothing is known of the words."""

    name: str
    number: str
    sound: Sound

    @property
    def asset(self) -> Asset:
        return Asset(self.name, self.sound)


@dataclass(frozen=True, eq=False)
class Voice:
    """A speaker, singer or instrument."""

    name: str
    takes: tuple[Take, ...]

    def without(self, number: str) -> tuple[Take, ...]:
        """All takes but those of this sentence."""
        return tuple(take for take in self.takes if not number or take.number != number)


def folder() -> Path | None:
    """The folder of recordings that the environment names, if it is there."""
    named = os.environ.get("RECORDINGS", "")
    return Path(named) if named and Path(named).is_dir() else None


def told() -> str:
    """One line on where the recordings come from."""
    if (found := folder()) is not None:
        return f"recordings: {found.name}/ and the demo's own voices"
    missing = os.environ.get("RECORDINGS", "")
    why = f"{missing} is no folder" if missing else "RECORDINGS names no folder"
    return f"recordings: the demo's own voices alone ({why}); the goals are set for the full set"


@cache
def speakers() -> tuple[Voice, ...]:
    """Who speaks, each in several sentences."""
    found = folder()
    if found is None:
        return ()
    places = [*sorted((found / "vctk").glob("*/")), found / "ljspeech"]
    return tuple(Voice(place.name, tuple(map(_take, _files(place)))) for place in places if _files(place))


@cache
def singers() -> tuple[Voice, ...]:
    """The folder's singers, one take each, then the demo's."""
    found = folder()
    real = [Voice(file.stem, (_take(file),)) for file in _files(found / "singing")] if found is not None else []
    return (*real, *(_scripted(singer) for singer in singing.SINGERS))


@cache
def instruments() -> tuple[Voice, ...]:
    """The folder's instruments, one take each, then the demo's harp."""
    found = folder()
    real = [Voice(file.stem, (_take(file),)) for file in _files(found / "instruments")] if found is not None else []
    takes = tuple(Take(f"harp-{n}", "", plucked.recording(plucked.HARP, n, seconds=_SECONDS)) for n in (1, 2))
    return (*real, Voice("harp", takes))


@cache
def texts() -> dict[str, str]:
    """Each sentence's words by its number."""
    found = folder()
    if found is None or not (found / "README.md").is_file():
        return {}
    return dict(re.findall(r"^(\d{3,}) (.*?)(?: ·)?$", (found / "README.md").read_text("utf-8"), re.MULTILINE))


def _files(place: Path) -> list[Path]:
    return sorted(file for file in place.glob("*") if file.suffix.lower() in _ENDINGS)


def _take(file: Path) -> Take:
    number = re.search(r"(\d+)$", file.stem)
    return Take(file.stem, number.group(1) if number else "", decode_sound.sound(file))


def _scripted(singer: singing.Singer) -> Voice:
    name = singer.name.split()[0].lower()
    takes = (Take(f"{name}-{n}", "", singing.recording(singer, n, seconds=_SECONDS)) for n in range(1, _TAKES + 1))
    return Voice(name, tuple(takes))
