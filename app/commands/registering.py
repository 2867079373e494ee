"""`works register`: a creator's existing works, sealed and registered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import files, options, show
from core.errors import HomageError, Invalid

if TYPE_CHECKING:
    from app.house import House
    from core.media import Media
    from creators.models import Creator

NOBODY = "The house"
KINDS = {
    **{".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"},
    **{".flac": "audio/flac", ".wav": "audio/wav", ".mp3": "audio/mpeg"},
}


@dataclass(frozen=True)
class Given:
    """A file to register, and where its sealed copy goes."""

    file: Path
    out: Path


def register(
    file: Annotated[list[Path], typer.Argument(metavar="FILE...", help="pictures or recordings of one creator")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE_OR_FOLDER", help="where sealed copies go [default: beside each file]"),
    ] = None,
    creator: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="whose works they are, as the public sees it; the profile's id, where they have an account",
        ),
    ] = NOBODY,
    as_json: options.Json = False,
) -> None:
    """Seal existing works and register them: marked, signed, and found again after what people do to files.

    One line a file, with --json one JSON object. What cannot be registered is told on stderr, the others are
    registered, and the exit code is then 1.
    """
    from app import settings
    from app.house import House
    from creators import profiles

    given, name = _given(file, out), profiles.named(creator)
    failed = 0
    with House(settings.load()) as house:
        owner = cache(partial(_profile, house, name))
        for number, one in enumerate(given):
            try:
                said = _register(house, one, owner)
            except HomageError as error:
                failed += 1
                named = one.file.name in error.message
                show.note(f"homage: {error.message if named else f'{one.file}: {error.message}'}")
                continue
            show.out(json.dumps(said, ensure_ascii=False) if as_json else "  ".join(said.values()))
            if len(given) > 1:
                show.note(f"works register: {number + 1} of {len(given)}")
    if failed:
        raise typer.Exit(1)


def _profile(house: House, name: str) -> Creator:
    from sqlalchemy import select

    from app.identity.models import Account
    from core import db
    from creators import ownworks

    with db.unit(house.sessions) as session:
        return ownworks.profile(session, name=name, accounts=select(Account.person), at=house.clock.now())


def _register(house: House, one: Given, owner: Callable[[], Creator]) -> dict[str, str]:
    """Decode, seal, record, write; the file is there before the record is, so that no record is without its file.

    `owner` opens the creator's profile, if there is none; it is asked once something can be registered.
    """
    from core import db, decode_any
    from creators import ownworks

    media = decode_any.decoding(one.file).result()
    at = house.clock.now()
    kind = KINDS[one.out.suffix.lower()]
    _check_kind(one, media)
    ownworks.check_size(media)
    who = owner()
    sealed = ownworks.sealed(media, creator=who, title=one.file.stem, kind=kind, tools=house.tools, at=at)
    with db.unit(house.sessions) as session:
        work = ownworks.register(session, sealed=sealed, creator=who, at=at)
        files.make_folder(one.out.parent)
        files.write(one.out, sealed.data)
    if sealed.mark is None:
        show.note(f"works register: {one.file} bears no mark: it is too small, too short, or too quiet for one")
    return {"work": work, "file": str(one.file), "sealed": str(one.out)}


def _check_kind(one: Given, media: Media) -> None:
    """A picture is sealed as a picture. Raises Invalid."""
    from core.media import extent

    family = "image/" if "width" in extent(media) else "audio/"
    if not KINDS[one.out.suffix.lower()].startswith(family):
        thing = "picture" if family == "image/" else "recording"
        fitting = ", ".join(suffix for suffix, kind in KINDS.items() if kind.startswith(family))
        raise Invalid(f"a {thing} cannot be written to {one.out.name!r}; give that a name that ends in {fitting}")


def _given(found: list[Path], out: Path | None) -> list[Given]:
    """Refused before the work: what is missing, and what would be written over."""
    found = list(dict.fromkeys(found))
    if out is not None and len(found) > 1 and out.suffix.lower() in KINDS and not out.is_dir():
        raise Invalid(f"{len(found)} files cannot be written to {str(out)!r}; name a folder, or one file at a time")
    folder = out is None or out.is_dir() or len(found) > 1 or not out.suffix
    given = [Given(file, _target(file, out, folder)) for file in found]
    twice = {one.out for one in given if [x.out for x in given].count(one.out) > 1}
    if twice:
        raise Invalid(f"several files would be written to {min(twice)}; give them different names")
    for one in given if out is None or out.exists() or not folder else ():  # a new folder is made with its first file
        files.writable(one.out, KINDS, keep=found)
    return given


def _target(file: Path, out: Path | None, folder: bool) -> Path:
    if not folder:
        assert out is not None
        return out
    suffix = ".flac" if file.suffix.lower() in files.SOUND_SUFFIXES else ".png"
    return (out or file.parent) / f"{file.stem}.sealed{suffix}"
