"""The lines of a usage report by what became of them, in pages and as files, and those at fault as they were sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic_core import from_json
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import db
from core.money import USD
from payments import spreadsheet
from payments.usage.lines import OURS, Fault, cells
from payments.usage.models import UsageFault, UsageLine, UsageReport

State = Literal["taken", "held", "flagged"]
MOST = 5_000  # lines of a file that are read at once
COLUMNS = (
    *("line", "state", "reason", "id", "work", "reference", "use", "medium", "territory", "first_on", "last_on"),
    *("quantity", "amount", "asset"),
)


def lines_of(
    session: Session, *, report: str, state: State, limit: int, after: int | None = None
) -> Sequence[UsageLine]:
    """Lines of a report in the order of its file; `after` is the number of the last one seen."""
    query = select(UsageLine).where(UsageLine.report == report, UsageLine.number > (after or 0))
    query = query.where(UsageLine.state == ("held" if state == "held" else "taken"))
    if state != "taken":  # by the index of those that have a reason
        query = query.where(UsageLine.reason.is_not(None))
    return session.scalars(query.order_by(UsageLine.number).limit(limit)).all()


def faults_of(session: Session, *, report: str, limit: int, after: int | None = None) -> Sequence[UsageFault]:
    """Faulty lines of a report, the first that were kept; `after` is the number of the last one seen."""
    query = select(UsageFault).where(UsageFault.report == report, UsageFault.number > (after or 0))
    return session.scalars(query.order_by(UsageFault.number).limit(limit)).all()


def sheet(sessions: db.Sessions, *, report: str, state: State) -> Iterator[str]:
    """The lines as CSV (RFC 4180), some thousands at a time; a spreadsheet runs nothing in it. Amounts are units."""
    yield _rows([COLUMNS])
    after: int | None = 0
    while after is not None:
        with db.unit(sessions) as session:
            rows = lines_of(session, report=report, state=state, limit=MOST, after=after)
        if rows:
            yield _rows([_cells(row) for row in rows])
        after = rows[-1].number if rows else None


def mended(sessions: db.Sessions, *, report: UsageReport) -> Iterator[str]:
    """The faulty lines in the report's own form, each with its number and what is wrong: to be mended and sent again.

    What cannot be told apart into fields is in one cell, or under `raw`.
    """
    columns = tuple(name for name in report.columns if name not in OURS)
    if report.form == "csv":
        yield _rows([(*OURS, *columns)])
    after: int | None = 0
    while after is not None:
        with db.unit(sessions) as session:
            rows = faults_of(session, report=report.id, limit=MOST, after=after)
        if report.form == "csv":
            yield _rows([_faulty_cells(row, columns, report) for row in rows])
        else:
            yield "".join(json.dumps(_faulty_object(row), ensure_ascii=False) + "\n" for row in rows)
        after = rows[-1].number if rows else None


def _rows(rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(
        [spreadsheet.text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return out.getvalue()


def _cells(row: UsageLine) -> tuple[object, ...]:
    names = (row.number, row.state, row.reason or "", row.line_id, row.work or "", row.reference, row.use)
    return (*names, row.medium or "", row.territory, row.first_on, row.last_on, row.quantity, row.amount, USD)


def _faulty_cells(row: UsageFault, columns: Sequence[str], report: UsageReport) -> tuple[object, ...]:
    raw = shown(row)
    try:
        said = cells(raw, report.columns)
    except Fault:
        return row.number, row.text, raw, *[""] * (len(columns) - 1)
    return row.number, row.text, *(said.get(name, "") for name in columns)


def _faulty_object(row: UsageFault) -> dict[str, Any]:
    raw = shown(row)
    try:
        found = from_json(raw)
    except ValueError:
        found = None
    said = found if isinstance(found, dict) else {"raw": raw}
    return {**said, "line": row.number, "fault": row.text}


def shown(row: UsageFault) -> str:
    """The line as it came, as far as it is text."""
    return row.raw.decode(errors="replace").replace("\0", "\ufffd")
