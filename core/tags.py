"""What a recording says of itself: title, artist, ISRC and the like, read from files of strangers and kept as data."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from core import jail

LONGEST, LONGEST_COMMENT = 256, 1000  # characters
_BOX = jail.Box(seconds=5.0, answer=1 << 17)
_NAMES = {"date": "year"}  # where the library's name is another one
_SEVERAL = ("artist", "composer", "genre")  # what a file may name more than one of
_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
# ISO 3901: a prefix of five that begins with two letters, the year's last two digits, a number of five digits.
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
# They turn the text around them, so that a title could be shown as another one.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _line(text: str, longest: int = LONGEST) -> str:
    """One line of text that any program may show."""
    kept = "".join(sign for sign in unicodedata.normalize("NFC", text) if sign.isspace() or _shown(sign))
    return " ".join(kept.split())[:longest].strip()


def _shown(sign: str) -> bool:
    return sign not in _TURNS and unicodedata.category(sign) not in ("Cc", "Cs", "Co", "Cn")


def _date(text: str) -> str:
    found = _DATE.match(text.strip())
    return found[0] if found else ""


def _track(text: str) -> str:
    number = text.strip()
    return str(int(number)) if re.fullmatch(r"[0-9]{1,4}", number) and int(number) else ""


def _isrc(text: str) -> str:
    code = re.sub(r"[\s-]", "", text).upper().removeprefix("ISRC").removeprefix(":")
    return code if _ISRC.fullmatch(code) else ""


def _comment(text: str) -> str:
    return _line(text, LONGEST_COMMENT)


_CLEAN = {"date": _date, "track": _track, "isrc": _isrc, "comment": _comment}


@dataclass(frozen=True)
class Tags:
    """Tags of a recording, as text without control characters or line breaks; "" where nothing is said.

    At most `LONGEST` characters each, `LONGEST_COMMENT` for the comment: what is longer is cut. `date` is a year, a
    month or a day (2024-05-31), `track` a number from 1 to 9999, `isrc` 12 characters as ISO 3901 has them, without
    hyphens: what is none of these becomes "".
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    composer: str = ""
    date: str = ""
    genre: str = ""
    track: str = ""
    isrc: str = ""
    copyright: str = ""
    comment: str = ""

    def __post_init__(self) -> None:
        for name, text in vars(self).items():
            object.__setattr__(self, name, _CLEAN[name](text) if name in _CLEAN else _line(text))

    def document(self) -> dict[str, str]:
        """What is said, as plain JSON values."""
        return {name: text for name, text in vars(self).items() if text}

    @classmethod
    def read(cls, document: dict[str, Any]) -> Tags:
        """The tags that `document()` wrote; what else a document holds is left out."""
        return cls(**{one.name: str(document.get(one.name, "")) for one in fields(cls)})


NONE = Tags()


def of(path: Path) -> Tags:
    """A file's tags, read in a child process; nothing is raised on account of the file: unreadable ones are `NONE`."""
    try:
        return Tags.read(json.loads(jail.call("core.tags:raw", path, box=_BOX)))
    except (jail.Refused, jail.Crashed):
        return NONE


def raw(path: Path) -> bytes:
    """In the child: the tags as JSON."""
    import tinytag

    with path.open("rb") as file:  # without its name: what a file is, its first bytes say
        try:
            found = tinytag.TinyTag.get(file_obj=file, duration=False).as_dict()
        except tinytag.TinyTagException:
            return b"{}"
    return json.dumps({one.name: _value(found, one.name) for one in fields(Tags)}).encode()


def _value(found: dict[str, Any], name: str) -> str:
    texts = found.get(_NAMES.get(name, name), [])
    return "; ".join(text[:LONGEST] for text in texts[:8]) if name in _SEVERAL else str(next(iter(texts), ""))[:4096]
