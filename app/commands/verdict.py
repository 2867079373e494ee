"""`verdict check`: does a signed verdict hold, who signed it, and is it still in its time? No database is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import show, signed
from core.errors import Invalid

if TYPE_CHECKING:
    from licensing.presented import Presented

EXPIRED = 4

verdict = typer.Typer(help="Signed verdicts.", no_args_is_help=True)


@verdict.callback()
def _group() -> None:
    """Keeps `check` a command of its own name while it is the only one."""


@verdict.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.jws", help="the signed verdict, as a platform keeps it")],
    *,
    keys: signed.Keys = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="as of when, as 2026-05-01T12:00Z; without a zone UTC; else now")
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="take one of the sandbox, too, about a made-up work")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
) -> None:
    """Whether a signed verdict is what a house said, and still counts.

    Exit code: 0 it is and does, 4 it is but its time is over, 1 it is refused.
    """
    from core.clock import SYSTEM
    from licensing import presented

    when = SYSTEM.now() if at is None else _time(at)
    found = presented.read(signed.text(file).strip(), _keys(keys), at=when, sandbox=sandbox)
    if as_json:
        show.document(found.document())
    else:
        for line in _lines(found):
            show.out(line)
    raise typer.Exit(EXPIRED if found.expired else 0)


def _keys(file: Path | None) -> object:
    if file is not None:
        return signed.keys(file)
    from app import settings
    from app.house import House

    return House(settings.load()).verdict_keys.jwks()


def _lines(found: Presented) -> Iterator[str]:
    """For people: the answer first, then how far it can be believed."""
    said = found.verdict
    yield f"{said.get('standing')}, identified as {said.get('identification')}"
    if said.get("sandbox"):
        yield "of the sandbox: about a made-up work, and of no use outside it"
    if said.get("permission") is not None:
        yield f"this use: {said['permission']}"
    for reason in said.get("reasons") or ():
        yield f"  because {reason['text'] if isinstance(reason, dict) and 'text' in reason else reason}"
    for name in ("subject", "work", "asked", "nonce", "iss", "jti"):
        if said.get(name) is not None:
            yield f"{name:<9} {_inline(said[name])}"
    retired = "" if found.retired_at is None else f", which was retired at {found.retired_at}"
    yield f"signature holds, by key {found.kid}{retired}"
    until = "its time was over" if found.expired else "it counts until"
    yield f"signed    at {found.issued_at}; {until} {'at ' * found.expired}{found.expires_at}"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_inline(one)}" for name, one in value.items() if one is not None)
    return str(value)


def _time(said: str) -> datetime:
    try:
        time = datetime.fromisoformat(said)
    except ValueError as error:
        raise Invalid(f"{said[:40]!r} is no time; write it as 2026-05-01T12:00Z") from error
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
