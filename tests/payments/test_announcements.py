"""A report tells its reporter, and the first about a work tells whom it earned for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.webhooks.kinds import DATA
from core.events import Event
from core.money import Money
from creators.models import Creator
from payments import ledger, reports
from tests.payments import made
from tests.payments import test_usage_taking as usage
from tests.payments.books import AT


def report(session: Session, work: str, reporter: str, key: str) -> reports.Report:
    return reports.file(
        session,
        reporter=reporter,
        key=key,
        reference=None,
        work=work,
        amount=Money(2_000_000),
        processor="rehearsal",
        at=AT,
    )


def test_reports_are_told_and_the_first_is_a_sale(session: Session) -> None:
    fan, ada, platform = made.person(session), made.creator(session), made.person(session, "Label")
    work = made.work(session, fan=fan, parts=[(made.license(session, fan=fan, licensor=ada), 1_000_000)])
    first = report(session, work, platform, "one")
    assert report(session, work, platform, "one").id == first.id
    ledger.reverse(session, reference=f"income:{platform}:one", at=AT)
    report(session, work, platform, "two")
    one, two, sale = session.scalars(select(Event).order_by(Event.kind, Event.data["report"])).all()
    assert [event.kind for event in (one, two, sale)] == ["report.accepted", "report.accepted", "work.first_sale"]
    assert [event.people for event in (one, sale)] == [[platform], [fan, session.get_one(Creator, ada).person]]
    for event in (one, two, sale):
        assert DATA[event.kind].model_validate(event.data).model_dump() == event.data
    amount = {"amount": 2_000_000, "asset": "USD/6"}
    said = {"report": first.id, "reference": "one", "work": work, "amount": amount}
    assert said in (one.data, two.data)
    assert sale.data == {"work": work, "amount": amount}


def test_a_file_of_usage_is_told_at_its_end_and_first_sales_with_it(session: Session) -> None:
    fan, ada, platform = made.person(session), made.creator(session), made.person(session, "Label")
    parts = [(made.license(session, fan=fan, licensor=ada), 1_000_000)]
    works = [made.work(session, fan=fan, parts=parts) for _ in range(2)]
    row = usage.report(session, platform)
    usage.take(session, row, usage.line("a", works[0]), usage.line("b", works[1]), usage.line("c", works[0]))
    usage.take(session, row, usage.line("d", works[1]), ended=True)
    told = list(session.scalars(select(Event).order_by(Event.kind)))
    for event in told:
        assert DATA[event.kind].model_validate(event.data).model_dump() == event.data
    assert [event.kind for event in told] == ["usage.taken", "work.first_sale", "work.first_sale"]
    amounts = {event.data["work"]: event.data["amount"]["amount"] for event in told[1:]}
    assert amounts == {works[0]: 2_000_000, works[1]: 1_000_000}
    counted = {"report": row.id, "lines": 4, "taken": 4, "duplicates": 0, "held": 0, "faulty": 0}
    assert told[0].data == {**counted, "earned": {"amount": 4_000_000, "asset": "USD/6"}}
    assert told[0].people == [platform]
