"""A statement as CSV (RFC 4180) that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from core.money import Money
from payments.statement import Statement

COLUMNS = ("at", "kind", "account", "work", "units", "amount", "asset")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def of_statement(statement: Statement) -> str:
    """One row for what stood before, each line, and what stands after. `units` are whole, `amount` is the decimal."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerow(_row(statement, statement.since, "opening", statement.opening))
    for line in statement.lines:
        writer.writerow(_row(statement, line.at, line.kind, line.amount, account=line.account, work=line.work))
    writer.writerow(_row(statement, statement.until, "closing", statement.closing))
    return out.getvalue()


def name(statement: Statement) -> str:
    """The file's name: whose it is, and which days (UTC) it is about."""
    first = f"{statement.since:%Y-%m-%d}" if statement.since else "beginning"
    last = f"{statement.until:%Y-%m-%d}" if statement.until else "now"
    return f"statement-{statement.owner}-{first}-{last}.csv"


def text(value: str) -> str:
    """A cell that is text: one that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def decimal(money: Money) -> str:
    """All decimals of the asset, for programs: `-0.020000`."""
    whole, part = divmod(abs(money.amount), 10**money.scale)
    return f"{'-' if money.amount < 0 else ''}{whole}.{part:0{money.scale}d}" if money.scale else str(money.amount)


def _row(
    statement: Statement, at: datetime | None, kind: str, units: int, *, account: str = "", work: str | None = None
) -> tuple[str, str, str, str, int, str, str]:
    when = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else ""
    amount = decimal(Money(units, statement.asset))
    return when, text(kind), text(account), text(work or ""), units, amount, statement.asset
