"""Lines of a usage report are taken: each once, its amount onto the work that it is about, or held, or faulty.

A piece of a file is one transaction: its lines, the entries that their amounts sum to, and how far the file is. So what
was broken off anywhere goes on where it stands, and nothing is taken twice.

Locks: the reporter, the report, then what the ledger locks, and the totals in the order of works and uses.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import events
from core.money import USD, Money
from payments import announcements, income, ledger
from payments.ledger import Receipt
from payments.usage import matching
from payments.usage.files import Faulty, Piece, Place, Read
from payments.usage.lines import MOST_FAULTS, Line
from payments.usage.matching import Works, among
from payments.usage.models import UsageFault, UsageLine, UsageReport

# Each column as one text, its values on lines of their own: to write out an array of them takes ten times as long.
_INSERT = text("""
WITH fresh AS (
    INSERT INTO usage_lines (report, number, reporter, line_id, digest, reference, work, use, medium, territory,
        first_on, last_on, quantity, amount, state, reason, batch)
    SELECT :report, number, :reporter, line_id, decode(digest, 'hex'), reference, work, use, medium, territory,
        first_on, last_on, quantity, amount, CASE WHEN work IS NULL THEN 'held' ELSE 'taken' END, reason,
        CASE WHEN work IS NOT NULL THEN CAST(:batch AS int) END
    FROM unnest(
        CAST(string_to_array(:number, chr(10)) AS int[]),
        string_to_array(:line_id, chr(10)),
        string_to_array(:digest, chr(10)),
        string_to_array(:reference, chr(10)),
        string_to_array(:work, chr(10), ''),
        string_to_array(:use, chr(10)),
        string_to_array(:medium, chr(10), ''),
        string_to_array(:territory, chr(10)),
        CAST(string_to_array(:first_on, chr(10)) AS date[]),
        CAST(string_to_array(:last_on, chr(10)) AS date[]),
        CAST(string_to_array(:quantity, chr(10)) AS bigint[]),
        CAST(string_to_array(:amount, chr(10)) AS bigint[]),
        string_to_array(:reason, chr(10), '')
    ) AS new (number, line_id, digest, reference, work, use, medium, territory, first_on, last_on, quantity, amount,
        reason)
    ON CONFLICT (reporter, line_id) DO NOTHING
    RETURNING number
)
SELECT array_agg(number) FROM fresh HAVING count(*) < :rows
""")
_TOTALS = text("""
INSERT INTO usage_totals (work, use, lines, quantity, amount)
SELECT * FROM unnest(CAST(:work AS text[]), CAST(:use AS text[]), CAST(:lines AS bigint[]),
    CAST(:quantity AS bigint[]), CAST(:amount AS bigint[])) AS new (work, use, lines, quantity, amount)
ORDER BY 1, 2
ON CONFLICT (work, use) DO UPDATE SET lines = usage_totals.lines + excluded.lines,
    quantity = usage_totals.quantity + excluded.quantity, amount = usage_totals.amount + excluded.amount
""")
_HOLD = text("""
UPDATE usage_lines SET state = 'held', work = NULL, batch = NULL, reason = :reason
WHERE report = :report AND batch = :batch AND work = ANY(:works)
""")


@dataclass(frozen=True)
class Row:
    """A line and what becomes of it. `work`: None while it is held. `reason`: as in UsageLine."""

    read: Read
    work: str | None
    reason: str | None

    @property
    def line(self) -> Line:
        return self.read.line


def take(session: Session, *, report: str, piece: Piece, works: Works, at: dt.datetime) -> UsageReport:
    """Take a piece of a report's file, unless the report has moved on from where the piece begins.

    The session cannot be used on after an error. Raises what the database raises.
    """
    one_at_a_time(session, session.get_one(UsageReport, report).reporter)
    row = session.get_one(UsageReport, report, with_for_update=True, populate_existing=True)
    if row.state != "taking" or Place(row.place, row.number) != piece.start:
        return row
    faulty = list(piece.faulty)
    with session.no_autoflush:  # counts agree again at the end
        rows = _looked_up(session, row, _once(row, piece, faulty), works)
        kept = _stored(session, row, rows, faulty)
        settle(session, report=row, rows=kept, works=works, at=at)
        _keep_faults(session, row, faulty)
    row.lines = row.taken + row.duplicates + row.held + row.faulty
    row.place, row.number, row.moved_at = piece.end.offset, piece.end.number, at
    if piece.ended:
        row.state, row.finished_at = "done", at
        events.tell(session, "usage.taken", data=_counted(row), people=(row.reporter,), at=at)
    session.flush()
    return row


def give_up(session: Session, *, report: str, reason: str, at: dt.datetime) -> None:
    """End a report that cannot be gone on with; what was taken of it stays. Nothing happens to one that has ended."""
    row = session.get_one(UsageReport, report, with_for_update=True, populate_existing=True)
    if row.state != "taking":
        return
    row.state, row.reason, row.finished_at = "failed", reason, at
    events.tell(session, "usage.failed", data={**_counted(row), "reason": reason}, people=(row.reporter,), at=at)


def one_at_a_time(session: Session, reporter: str) -> None:
    """Lines of one reporter are taken by one transaction at a time: two could hold what the other waits for."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"usage:{reporter}", 0))))


def settle(session: Session, *, report: UsageReport, rows: Sequence[Row], works: Works, at: dt.datetime) -> None:
    """Post what stored lines of the report's next batch sum to, work by work, and count them."""
    earned: dict[str, int] = defaultdict(int)
    for one in rows:
        if one.work is not None:
            earned[one.work] += one.line.amount
    batch = report.batches + 1
    receipts = [
        Receipt(work, program, Money(amount, USD), reference(report.id, batch, work))
        for work, amount in sorted(earned.items())
        if amount and (program := works.program(work)) is not None
    ]
    refused = ledger.collect_all(session, receipts=receipts, source=income.SOURCE, at=at)
    if refused:
        said = {"report": report.id, "batch": batch, "works": list(refused), "reason": matching.REFUSED}
        session.execute(_HOLD, said)
        rows = [Row(x.read, None, matching.REFUSED) if x.work in refused else x for x in rows]
    announcements.first_sales(session, references=[receipt.reference for receipt in receipts], at=at)
    taken = [one for one in rows if one.work is not None]
    report.batches = batch if taken else report.batches
    report.taken += len(taken)
    report.held += len(rows) - len(taken)
    report.flagged += sum(one.reason is not None for one in taken)
    report.earned += sum(one.line.amount for one in taken)
    report.waiting += sum(one.line.amount for one in rows if one.work is None)
    _add_up(session, taken)


def reference(report: str, batch: int, work: str) -> str:
    """Of the entry that lines of one work, taken together, became."""
    return f"income:{report}:{batch}:{work}"


def _counted(row: UsageReport) -> dict[str, Any]:
    counts = {name: getattr(row, name) for name in ("lines", "taken", "duplicates", "held", "faulty")}
    return {"report": row.id, **counts, "earned": {"amount": row.earned, "asset": USD}}


def _once(row: UsageReport, piece: Piece, faulty: list[Faulty]) -> list[Read]:
    """Each id of a piece once, the first; the same again is a duplicate, the same id with other content is faulty."""
    first: dict[str, Read] = {}
    for read in piece.lines:
        before = first.setdefault(read.line.id, read)
        if before is not read:
            _again(row, read, before.line.digest, faulty)
    return list(first.values())


def _again(row: UsageReport, read: Read, before: bytes, faulty: list[Faulty]) -> None:
    if read.line.digest == before:
        row.duplicates += 1
    else:
        words = f"another line has the id {read.line.id} and says something else; a line has an id of its own"
        faulty.append(Faulty(read.number, "id", words, read.raw))


def _looked_up(session: Session, row: UsageReport, lines: list[Read], works: Works) -> list[Row]:
    references = {name for read in lines for name in read.line.references}
    found = matching.works_of(session, reporter=row.reporter, references=references)
    works.load(session, {work for named in found.values() if named.sure for work in named.works})
    return [judged(read, *matching.work_of(read.line.references, found), works) for read in lines]


def judged(read: Read, work: str | None, why: str, works: Works) -> Row:
    """A line of this work, or of none because of `why`."""
    if work is None:
        return Row(read, None, why)
    if works.program(work) is None:
        return Row(read, None, matching.NO_TERMS)
    return Row(read, work, works.flag(work, read.line))


def _stored(session: Session, row: UsageReport, rows: list[Row], faulty: list[Faulty]) -> list[Row]:
    """Those that were not there before; what was, is a duplicate or faulty."""
    if not rows:
        return []
    said: dict[str, list[Any]] = {
        name: [getattr(one.read.line, name) for one in rows]
        for name in ("use", "territory", "first_on", "last_on", "quantity", "amount")
    }
    said["number"] = [one.read.number for one in rows]
    said["line_id"] = [one.read.line.id for one in rows]
    said["digest"] = [one.read.line.digest.hex() for one in rows]
    said["reference"] = [one.read.line.references[0] for one in rows]
    said["work"] = [one.work or "" for one in rows]
    said["medium"] = [one.read.line.medium or "" for one in rows]
    said["reason"] = [one.reason or "" for one in rows]
    columns = {name: "\n".join(map(str, values)) for name, values in said.items()}
    whole = {**columns, "report": row.id, "reporter": row.reporter, "batch": row.batches + 1}
    some = session.execute(_INSERT, {**whole, "rows": len(rows)}).one_or_none()
    if some is None:
        return rows
    fresh = set(some[0] or ())
    known = [one.read for one in rows if one.read.number not in fresh]
    theirs = UsageLine.reporter == row.reporter, among(UsageLine.line_id, [read.line.id for read in known])
    digests = dict(session.execute(select(UsageLine.line_id, UsageLine.digest).where(*theirs)).all())
    for read in known:
        _again(row, read, digests[read.line.id], faulty)
    return [one for one in rows if one.read.number in fresh]


def _add_up(session: Session, taken: Sequence[Row]) -> None:
    lines, quantity, amount = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in taken:
        key = (str(one.work), one.line.use)
        lines[key] += 1
        quantity[key] += one.line.quantity
        amount[key] += one.line.amount
    if lines:
        said = {
            "lines": [*lines.values()],
            "quantity": [quantity[x] for x in lines],
            "amount": [amount[x] for x in lines],
        }
        session.execute(_TOTALS, {**said, "work": [x[0] for x in lines], "use": [x[1] for x in lines]})


def _keep_faults(session: Session, row: UsageReport, faulty: Sequence[Faulty]) -> None:
    kept = sorted(faulty, key=lambda fault: fault.number)[: max(0, MOST_FAULTS - row.faulty)]
    if kept:
        session.execute(insert(UsageFault), [{"report": row.id, **vars(fault)} for fault in kept])
    row.faulty += len(faulty)
