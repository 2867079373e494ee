"""What income tells: a report to its reporter, a work's first sale to whoever made it and whose styles are in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from attribution.claim import Claim
from attribution.models import RecordedClaim
from core import events
from core.events import News
from creators.models import Creator
from payments.models import Entry, Report


def accepted(session: Session, *, report: Report, entry: Entry, at: datetime) -> None:
    """Tell of a report that was taken, and of the work's first sale when it is that; once, by whoever wrote it down."""
    amount = {"amount": report.amount, "asset": report.asset}
    data = {"report": report.id, "reference": report.reference, "work": report.work, "amount": amount}
    events.tell(session, "report.accepted", data=data, people=(report.reporter,), at=at)
    first_sales(session, references=[entry.reference], at=at)


def first_sales(session: Session, *, references: Sequence[str], at: datetime) -> None:
    """Of entries that were written now, tell of each before which nothing was reported for its work."""
    before = aliased(Entry)
    earlier = select(before.id).where(before.work == Entry.work, before.kind == Entry.kind, before.seq < Entry.seq)
    fresh = select(Entry, RecordedClaim.document).join(RecordedClaim, RecordedClaim.work == Entry.work)
    first = fresh.where(Entry.reference.in_(references), Entry.facts["before"].as_integer() == 0, ~earlier.exists())
    sales = [(entry, Claim.read(document)) for entry, document in session.execute(first)]
    licensors = {part.licensor for _, claim in sales for part in claim.contributions}
    owners = dict(session.execute(select(Creator.id, Creator.person).where(Creator.id.in_(licensors))).all())
    events.tell_all(session, [_sale(entry, claim, owners) for entry, claim in sales], at=at)


def _sale(entry: Entry, claim: Claim, owners: dict[str, str]) -> News:
    people = (claim.licensee, *(owners[part.licensor] for part in claim.contributions))
    amount = {"amount": entry.facts["after"], "asset": entry.asset}
    return News("work.first_sale", {"work": claim.work, "amount": amount}, tuple(dict.fromkeys(people)))
