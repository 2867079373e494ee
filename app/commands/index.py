"""`index`: where registered works are looked up."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands import show

index = typer.Typer(help="The index in which registered works are looked up.", no_args_is_help=True)


@index.command("rebuild")
def rebuild() -> None:
    """Build every file of the index anew from the database; questions are answered from the old ones meanwhile."""
    with show.existing_house() as house:
        for name, one in vars(house.indexes).items():
            show.out(f"{name}: {one.rebuild():,} works")


@index.command("stats")
def stats(as_json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False) -> None:
    """How many works there are in its files, how large those are, and how many works are in none yet."""
    from core import db

    with show.existing_house() as house, db.unit(house.sessions) as session:
        found = {name: vars(one.stats(session)) for name, one in vars(house.indexes).items()}
    if as_json:
        show.document(found)
        return
    for name, said in found.items():
        held = f"{said['works']:,} works in {said['segments']} files ({said['bytes'] / 1e6:,.1f} MB)"
        show.out(f"{name}: {held}, {said['waiting']:,} in none yet")
