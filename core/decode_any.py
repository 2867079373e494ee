"""A stranger's file of either medium: its first bytes say whether it is a recording, else it must be a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from core import decode, decode_sound


def decoding(file: Path, *, name: str | None = None) -> decode.Decoding | decode_sound.Decoding:
    """The file that is being decoded in a child process; `result()` waits for it.

    `name`: what to call it in what is said of it. Raises Undecodable, TooLarge.
    """
    if medium(file) == "sound":
        return decode_sound.Decoding(file, name=name)
    return decode.Decoding(file, name=name, instead=f"a recording: {decode_sound.READABLE}")


def medium(file: Path) -> Literal["picture", "sound"]:
    """What its first bytes say that it is. What cannot be read is called a picture: decoding will say why."""
    try:
        if not file.is_file():  # a pipe would be waited for
            return "picture"
        with file.open("rb") as opened:
            return "sound" if decode_sound.is_sound(opened.read(decode_sound.HEAD)) else "picture"
    except (OSError, ValueError):  # ValueError: a name that no file can have
        return "picture"
