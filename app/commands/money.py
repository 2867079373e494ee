"""`audit` and `statement`: every unit recomputed, every account told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import show
from core.money import Money

if TYPE_CHECKING:
    from payments.statement import Statement

Since = Annotated[
    dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="from this day on (UTC)")
]
Until = Annotated[
    dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="before this day (UTC)")
]


def audit(as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON")] = False) -> None:
    """Recompute every entry and every share from public inputs, and name each that differs."""
    from app.auditing import audit_all

    with show.existing_house() as house, show.progress("audit") as bar:
        result = audit_all(house, report=bar)
    if as_json:
        show.document(result.document())
    else:
        show.out(result.text())
    if result.findings:
        raise typer.Exit(1)


def statement(
    owner: Annotated[
        str, typer.Argument(metavar="OWNER", help="cre_… (a creator), per_… (a person), platform, compute")
    ],
    *,
    since: Since = None,
    until: Until = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the statement as JSON")] = False,
) -> None:
    """What an account received, for which work, by which kind of revenue, over a period (UTC)."""
    from core import db
    from payments import statement as statements

    name = owner.removeprefix("creator:").removeprefix("person:")
    with show.existing_house() as house, db.unit(house.sessions) as session:
        found = statements.of_owner(session, owner=name, since=_utc(since), until=_utc(until))
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
    for account, balance in statement.balances.items():
        show.out(f"{'balance ' + account.partition(':')[0]:<32}{Money(balance, statement.asset)!s:>16}")
