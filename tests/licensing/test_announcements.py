"""A revocation tells each license's two parties, and whoever listens of the works; once, however often it is asked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.webhooks.kinds import DATA
from core.events import Event
from creators.models import Creator
from licensing import announcements, licenses
from tests.payments import made
from tests.payments.books import AT

LATER = AT + timedelta(days=1)


def told(session: Session) -> list[Event]:
    events = list(session.scalars(select(Event).order_by(Event.kind)))
    for event in events:
        assert DATA[event.kind].model_validate(event.data).model_dump() == event.data
    return events


def test_a_license_that_is_revoked_is_told_to_its_parties_and_its_works_to_everyone(session: Session) -> None:
    fan, ada = made.person(session), made.creator(session)
    given = made.license(session, fan=fan, licensor=ada)
    work = made.work(session, fan=fan, parts=[(given, 1_000_000)])
    for reason in ("enough", "again"):
        licenses.revoke(session, license=given.license, by=ada, reason=reason, at=LATER)
    revoked, withdrawn = told(session)
    assert (revoked.kind, revoked.everyone, revoked.at) == ("license.revoked", False, LATER)
    assert revoked.people == [fan, session.get_one(Creator, ada).person]
    parties = {"license": given.license, "style": given.style, "licensor": ada, "licensee": fan, "reason": "enough"}
    assert revoked.data.items() >= parties.items()
    assert (withdrawn.kind, withdrawn.everyone) == ("work.withdrawn", True)
    assert withdrawn.data == {"works": [work], "reason": "enough"}


def test_a_style_that_is_taken_back_tells_the_same_of_each_license(session: Session) -> None:
    fan, ada = made.person(session), made.creator(session)
    given = made.license(session, fan=fan, licensor=ada)
    work = made.work(session, fan=fan, parts=[(given, 1_000_000)])
    for _ in range(2):
        licenses.revoke_style(session, style=given.style, creator=ada, reason="all", at=LATER)
    revoked, withdrawn = told(session)
    assert (revoked.data["license"], withdrawn.data["works"]) == (given.license, [work])


def test_ten_thousand_works_are_told_in_a_hundred_events(session: Session) -> None:
    works = [f"wrk_{n:026d}" for n in range(10_000)]
    announcements.revoked(session, licenses=[], works=works, reason="x" * 200, at=LATER)
    events = told(session)
    assert len(events) == 100
    assert sorted(work for event in events for work in event.data["works"]) == works
