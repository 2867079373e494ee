"""`works`: finished works, as a house's operator deals with them."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands import show

works = typer.Typer(help="Finished works.", no_args_is_help=True)


@works.callback()
def _group() -> None:
    """Keeps each command one of its own, also while there is only one."""


@works.command("credits")
def credits(
    work: Annotated[str, typer.Argument(metavar="WORK", help="the work's number, wrk_…")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,
) -> None:
    """Whom to credit for a work, and which parts of it to disclose as made by AI."""
    from core import db
    from generation import credits as noun
    from generation.credits_schemas import CreditsOut

    with show.existing_house() as house, db.unit(house.sessions) as session:
        found = CreditsOut.of(noun.of_any(session, work=work))
    if as_json:
        show.document(found.model_dump(mode="json"))
        return
    for one in found.contributors:
        share = "" if one.share is None else f"{show.percent(one.share):>12}"
        show.out(f"{one.role:<9} {one.name}{share}")
    for part in found.made_by_ai:
        show.out(f"by AI     {part.part.replace('_', '-')}: {part.extent}")
    show.out(f"engine    {found.engine}, which learned from {found.learned_from}")
    if found.isrc:
        show.out(f"version of ISRC {found.isrc}")
