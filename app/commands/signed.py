"""Files that are signed, and the public keys to check them with, as commands read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from core.errors import Invalid

MOST_BYTES = 1 << 20
Keys = Annotated[
    Path | None,
    typer.Option("--keys", metavar="JWKS.json", help="the house's public keys, from its /.well-known/jwks.json"),
]


def text(file: Path) -> str:
    """A small text file. Raises Invalid."""
    try:
        if file.exists() and not file.is_file():
            raise Invalid(f"{file} is not a file")
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise Invalid(f"{file} is no signed verdict and no key set: it has over {MOST_BYTES >> 20} MiB")
        return data.decode()
    except (OSError, UnicodeDecodeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise Invalid(f"cannot read {file}: {why}; name a file with a signed verdict, or a key set") from error


def keys(file: Path) -> object:
    """The JWK set in a file. Raises Invalid."""
    try:
        return json.loads(text(file))
    except (ValueError, RecursionError) as error:
        raise Invalid(f"{file} holds no JSON; give a JWK set, as /.well-known/jwks.json has it") from error
