"""What income tells: a report to its reporter, a work's first sale to whoever made it and whose styles are in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from creators.models import Creator
from payments import income
from payments.models import Entry, Report


def accepted(session: Session, *, report: Report, entry: Entry, at: datetime) -> None:
    """Tell of a report that was taken, and of the work's first sale when it is that; once, by whoever wrote it down."""
    amount = {"amount": report.amount, "asset": report.asset}
    data = {"report": report.id, "reference": report.reference, "work": report.work, "amount": amount}
    events.tell(session, "report.accepted", data=data, people=(report.reporter,), at=at)
    first_sale(session, entry=entry, at=at)


def first_sale(session: Session, *, entry: Entry, at: datetime) -> None:
    """Tell of an entry that was written now, if nothing was reported for its work before it."""
    assert entry.work is not None
    if entry.facts["before"] != 0 or _earned_before(session, entry):
        return
    claim = income.claim_of(session, work=entry.work)
    licensors = {contribution.licensor for contribution in claim.contributions}
    owners = session.scalars(select(Creator.person).where(Creator.id.in_(licensors)).order_by(Creator.person)).all()
    data = {"work": entry.work, "amount": {"amount": entry.facts["after"], "asset": entry.asset}}
    people = tuple(dict.fromkeys((claim.licensee, *owners)))
    events.tell(session, "work.first_sale", data=data, people=people, at=at)


def _earned_before(session: Session, entry: Entry) -> bool:
    """Whether there was income that has been taken back since."""
    earlier = select(Entry.id).where(Entry.work == entry.work, Entry.kind == entry.kind, Entry.seq < entry.seq)
    return session.scalar(earlier.limit(1)) is not None
