"""`audit` and `statement`: every unit recomputed, every account told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import show
from core.money import Money

if TYPE_CHECKING:
    from payments.statement import Statement

Day = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def audit(as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON")] = False) -> None:
    """Recompute every entry and every share from public inputs; name the first unit that differs."""
    from app import settings
    from app.auditing import audit_all
    from app.house import House

    with House(settings.load()) as house, show.progress("audit") as bar:
        result = audit_all(house, report=bar)
    if as_json:
        show.document(result.document())
    else:
        show.out(result.text())
    if result.findings:
        raise typer.Exit(1)


def statement(
    owner: Annotated[str, typer.Argument(help="a creator (cre_…), a person (per_…), platform or compute")],
    *,
    since: Day = None,
    until: Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the statement as JSON")] = False,
) -> None:
    """What an account received, for which work, by which kind of revenue, over a period (UTC)."""
    from app import settings
    from app.house import House
    from core import db
    from payments import statement as statements

    with House(settings.load()) as house, db.unit(house.sessions) as session:
        found = statements.of_owner(session, owner=owner, since=_utc(since), until=_utc(until))
    if as_json:
        show.document(found.document())
    else:
        _tell(found)


def _utc(day: dt.datetime | None) -> dt.datetime | None:
    return day.replace(tzinfo=dt.UTC) if day else None


def _tell(statement: Statement) -> None:
    for line in statement.lines:
        amount = Money(line.amount, statement.asset)
        show.out(f"{line.at:%Y-%m-%d %H:%M} UTC  {line.kind:<14}{amount!s:>16}  {line.work or ''}")
    for kind, total in statement.totals.items():
        show.out(f"{'total ' + kind:<32}{Money(total, statement.asset)!s:>16}")
    show.out(f"{'balance':<32}{Money(statement.closing, statement.asset)!s:>16}")
