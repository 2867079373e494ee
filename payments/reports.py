"""Reports of what works earned, each taken once: under the reporter's own idempotency key, and under their reference.

No rail brings this money in yet: it comes from the account `world:reported`, and under the rehearsal processor it is
rehearsed like a top-up. So anyone with the right to report may report about any finished work.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core import ids
from core.errors import Invalid, NotFound
from core.money import USD, Money
from payments import announcements, entries, income, ledger
from payments.models import Entry, Report

MOST = entries.MOST_REPORTED
MOST_LETTERS = 120  # of a reference: with the reporter's id it is the ledger's, which has 200


class ReportReused(Invalid):
    """This key or reference was used for another report."""


class NotReportable(Invalid):
    """This cannot be reported as income."""


class UnknownReport(NotFound):
    """There is no such report of yours."""


def file(  # noqa: PLR0913  # who, what, how much and under which names: each is said by name
    session: Session,
    *,
    reporter: str,
    key: str,
    reference: str | None,
    work: str,
    amount: Money,
    processor: str,
    at: datetime,
) -> Report:
    """Divide what a work earned, once; the same key or reference gives the same report. Without one, the key is it.

    Raises NotFinished, NotReportable, ReportReused, FaultyEntry, NoTermsFor.
    """
    named = reference or key
    check(amount, named)
    said = (named, work, amount.amount, amount.asset)
    known = _known(session, reporter, key, named)
    if known:
        return _same(known, said)
    entry = income.report(session, work=work, amount=amount, reference=f"{reporter}:{named}", at=at)
    fresh = {
        "id": ids.new("rep"),
        "reporter": reporter,
        "idempotency_key": key,
        "reference": named,
        "work": work,
        "amount": amount.amount,
        "asset": amount.asset,
        "entry": entry.id,
        "processor": processor,
        "created_at": at,
    }
    taken = session.execute(insert(Report).values(fresh).on_conflict_do_nothing().returning(Report.id)).one_or_none()
    report = _same(_known(session, reporter, key, named), said)
    if taken is not None:
        announcements.accepted(session, report=report, entry=entry, at=at)
    return report


def find(session: Session, *, report: str, reporter: str) -> Report:
    """A report of one's own. Raises UnknownReport."""
    row = session.get(Report, ids.check(report, "rep"))
    if row is None or row.reporter != reporter:
        raise UnknownReport(f"there is no report {report} of yours; check the id", id=report)
    return row


def of_reporter(session: Session, *, reporter: str, limit: int, before: str | None = None) -> Sequence[Report]:
    """Someone's reports, the newest first; `before` is the id of the last one seen."""
    query = select(Report).where(Report.reporter == reporter).order_by(Report.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Report.id < before)
    return session.scalars(query).all()


def splits(session: Session, *, reports: Sequence[Report]) -> dict[str, list[tuple[str, int]]]:
    """For each report's id: who got how much of it, as accounts and units."""
    rows = session.scalars(select(Entry).where(Entry.id.in_([report.entry for report in reports]))).all()
    paid = {row.id: [(p.account, p.amount) for p in ledger.stored(session, row).postings] for row in rows}
    return {
        report.id: [(account, amount) for account, amount in paid[report.entry] if account != income.SOURCE]
        for report in reports
    }


def _known(session: Session, reporter: str, key: str, reference: str) -> Sequence[Report]:
    named = or_(Report.idempotency_key == key, Report.reference == reference)
    return session.scalars(select(Report).where(Report.reporter == reporter, named)).all()


def _same(known: Sequence[Report], said: tuple[str, str, int, str]) -> Report:
    for row in known:
        if (row.reference, row.work, row.amount, row.asset) != said:
            raise ReportReused(
                f"this key or reference was used for report {row.id}, which says something else; send new ones",
                report=row.id,
            )
    return known[0]


def check(amount: Money, reference: str) -> None:
    """Raises NotReportable."""
    checks = (
        (amount.asset == USD, f"what a work earned is reported in {USD}, not in {amount.asset}"),
        (0 < amount.amount <= MOST.amount, f"one report is up to {MOST}, not {amount}"),
        (
            0 < len(reference) <= MOST_LETTERS,
            f"a reference has 1 to {MOST_LETTERS} letters, so a longer key needs one beside it",
        ),
        (
            not reference.endswith(entries.REVERSAL),
            f"a reference does not end in {entries.REVERSAL}, which marks what is taken back",
        ),
    )
    fault = next((words for fine, words in checks if not fine), None)
    if fault:
        raise NotReportable(fault, amount=amount.amount)
