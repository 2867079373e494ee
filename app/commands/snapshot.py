"""`snapshot`: the offline kit, written from the database and checked without it; and questions that it answers."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import options, show, signed
from core.errors import Invalid

if TYPE_CHECKING:
    from licensing.snapshots.layout import Header
    from licensing.verdicts import Verdict

KEYS = "jwks.json"  # beside a snapshot: the keys that it was signed with

snapshot = typer.Typer(help="What platforms ask without a call home.", no_args_is_help=True)


@snapshot.command("export")
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE_OR_FOLDER", help="where to write it; into a folder with keys")],
    *,
    since: Annotated[
        list[Path] | None,
        typer.Option(metavar="SNAPSHOT", help="write only what has changed since this one; repeat for those after it"),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Write what the house knows of every work, signed, for platforms to ask offline during seven days."""
    from core import db
    from licensing.snapshots.kit import Kit
    from licensing.snapshots.shelf import SUFFIX

    with show.existing_house() as house:
        at = house.clock.now()
        before = Kit.open(since, house.snapshot_keys.jwks()) if since else None
        folder = folder_of(out)
        path = folder / (house.snapshots.name(at, since=before) + SUFFIX) if folder else out
        header = house.snapshots.write(path, partial(db.unit, house.sessions), at=at, since=before)
        if folder:
            (folder / KEYS).write_text(json.dumps(house.snapshot_keys.jwks(), indent=2) + "\n")
    _tell(path, header, as_json=as_json)


@snapshot.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the snapshot")],
    *,
    keys: signed.Keys = None,
    as_json: options.Json = False,
) -> None:
    """Read all of a snapshot and compare it with what was signed. Exit code: 0 it is whole, 1 it is refused."""
    from licensing.snapshots.file import Opened

    opened = Opened(file, _keys(file, keys))
    opened.check()
    _tell(file, opened.header, as_json=as_json)


def folder_of(out: Path) -> Path | None:
    """The folder that is meant, made if it is new: what is one, or has a name without an ending. None for a file."""
    if out.is_dir():
        return out
    if out.suffix or out.exists():
        return None
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"cannot make the folder {out}: {error.strerror}; name another") from error
    return out


def ask(
    files: list[Path],
    file: Path,
    *,
    keys: Path | None,
    use: str | None,
    medium: str | None,
    territory: str | None,
    day: dt.date | None,
) -> Verdict:
    """What a kit answers about a file: a snapshot, then those that follow it. No house is asked."""
    from core.clock import SYSTEM
    from licensing.snapshots import answers
    from licensing.snapshots.kit import Kit

    at = SYSTEM.now()
    kit = Kit.open(files, _keys(files[0], keys))
    if (problem := kit.problem(at)) is not None:
        show.note(f"homage: nothing can be told: {problem}")
    finding = answers.identify(kit, file, at=at)
    return answers.answer(kit, finding, use=use, medium=medium, territory=territory, date=day, at=at)


def _keys(snapshot: Path, given: Path | None) -> object:
    """Never taken from the snapshot itself: who could write that could write the keys as well."""
    file = given or snapshot.with_name(KEYS)
    if not file.exists():
        raise Invalid(
            f"there are no keys in {file}; fetch /.well-known/jwks.json of the house once, and give it as --keys"
        )
    return signed.keys(file)


def _tell(path: Path, header: Header, *, as_json: bool) -> None:
    from licensing.snapshots import layout

    said = {"file": str(path), "bytes": path.stat().st_size, **layout.described(header)}
    if as_json:
        show.document(said)
        return
    what = "all works" if header.base is None else "what changed since the snapshot before it"
    show.out(f"{path}: {what}, as of {said['at']}, until {said['not_after']}")
    show.out(f"{said['works']} works, {said['licenses']} licenses, {said['bytes']} bytes, root {header.root[:16]}…")
