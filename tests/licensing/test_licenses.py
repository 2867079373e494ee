"""Licenses: granted once, capped, and revoked at three levels with all that was made under them."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import db, ids
from core.errors import NotFound
from creators import styles
from creators.models import Consent, Person, Style
from creators.styles import StyleRevoked
from licensing import licenses, offers
from licensing.licenses import NotPermitted, QuotaUsedUp, Revoked
from licensing.models import License, Offer
from licensing.offers import OfferClosed
from licensing.terms import Terms
from tests.creators import studio as people
from tests.creators.studio import AT, Studio, until_someone_waits
from tests.licensing.examples import TERMS
from tests.licensing.sealed import record, withdrawn

LATER = AT + dt.timedelta(days=1)


@dataclass(frozen=True)
class Shop:
    """A listed style with an offer, and a fan."""

    style: Style
    offer: Offer
    fan: Person

    def grant(self, session: Session, at: dt.datetime = AT) -> License:
        return licenses.grant(session, offer=self.offer.id, licensee=self.fan.id, at=at)

    def publish(self, session: Session, terms: Terms, at: dt.datetime = AT) -> Offer:
        return offers.publish(session, style=self.style.id, creator=self.style.creator, terms=terms, at=at)


def shop(session: Session, studio: Studio, terms: Terms = TERMS) -> Shop:
    style = studio.listed(session)
    offer = offers.publish(session, style=style.id, creator=style.creator, terms=terms, at=AT)
    return Shop(style, offer, people.person(session))


REVOKE: dict[str, Callable[[Session, License, Style], object]] = {
    "license": lambda s, row, style: licenses.revoke(s, license=row.id, by=row.licensor, reason="enough", at=LATER),
    "style": lambda s, row, style: licenses.revoke_style(
        s, style=row.style, creator=row.licensor, reason="enough", at=LATER
    ),
    "consent": lambda s, row, style: licenses.revoke_consent(
        s, consent=str(style.consent), creator=row.licensor, reason="enough", at=LATER
    ),
}


def permit(session: Session, row: License, **asked: Any) -> list[str]:
    asked = {"medium": "picture", "territory": "DE", "at": AT, **asked}
    decision = licenses.permit(session, license=row.id, licensee=row.licensee, **asked)
    return [decision.permission, *(reason.code for reason in decision.reasons)]


def test_a_license_keeps_the_terms_it_was_granted_with(session: Session, studio: Studio) -> None:
    at_first = shop(session, studio)
    row = at_first.grant(session)
    at_first.publish(session, replace(TERMS, cap=None))
    session.expire_all()
    kept = licenses.get(session, license=row.id)
    assert licenses.terms_of(kept) == TERMS
    assert (kept.terms_hash, kept.licensor, kept.style) == (TERMS.hash, at_first.style.creator, at_first.style.id)
    assert kept.expires_at == dt.datetime(2029, 1, 1, tzinfo=dt.UTC)


def test_the_database_refuses_to_change_what_was_granted(session: Session, studio: Studio) -> None:
    shop(session, studio).grant(session)
    for change in ("terms = '{}'", "terms_hash = 'x'", "expires_at = now()", "epoch = -1"):
        with pytest.raises(DBAPIError, match="keeps what it was granted with"), session.begin_nested():
            session.execute(text(f"UPDATE licenses SET {change}"))


def test_a_person_has_one_license_per_offer(session: Session, studio: Studio) -> None:
    place = shop(session, studio)
    assert place.grant(session).id == place.grant(session).id


def test_a_closed_offer_names_the_one_in_its_place(session: Session, studio: Studio) -> None:
    place = shop(session, studio)
    second = place.publish(session, TERMS)
    with pytest.raises(OfferClosed, match=second.id):
        place.grant(session)


@pytest.mark.parametrize("day", [dt.datetime(2025, 12, 31, tzinfo=dt.UTC), dt.datetime(2029, 1, 1, tzinfo=dt.UTC)])
def test_nothing_is_granted_outside_the_window(session: Session, studio: Studio, day: dt.datetime) -> None:
    with pytest.raises(NotPermitted):
        shop(session, studio).grant(session, at=day)


def test_a_style_off_the_list_grants_nothing(session: Session, studio: Studio) -> None:
    place = shop(session, studio)
    styles.retire(session, style=place.style.id, creator=place.style.creator, at=AT)
    with pytest.raises(StyleRevoked):
        place.grant(session)


def test_the_cap_is_kept_and_given_back(session: Session, studio: Studio) -> None:
    row = shop(session, studio).grant(session)
    for used in (1, 2, 3):
        assert licenses.use_up(session, license=row.id).used == used
    with pytest.raises(QuotaUsedUp):
        licenses.use_up(session, license=row.id)
    assert permit(session, row) == ["deny", "quota"]
    assert permit(session, row, use="print") == ["permit"]  # of a work that is already made
    licenses.give_back(session, license=row.id)
    assert permit(session, row) == ["permit"]
    assert licenses.use_up(session, license=row.id).used == 3


def test_giving_back_never_goes_below_nothing(session: Session, studio: Studio) -> None:
    row = shop(session, studio).grant(session)
    assert licenses.give_back(session, license=row.id).used == 0


def test_of_racing_uses_only_as_many_pass_as_the_cap_allows(sessions: db.Sessions, studio: Studio) -> None:
    with db.unit(sessions) as session:
        row = shop(session, studio).grant(session)
    together, passed = threading.Barrier(5), []

    def use() -> None:
        together.wait(timeout=20)
        try:
            with db.unit(sessions) as session:
                licenses.use_up(session, license=row.id)
        except QuotaUsedUp:
            return
        passed.append(1)

    run([use] * 5)
    with db.unit(sessions) as session:
        assert (len(passed), licenses.get(session, license=row.id).used) == (3, 3)


def test_racing_grants_give_one_license(sessions: db.Sessions, studio: Studio) -> None:
    with db.unit(sessions) as session:
        place = shop(session, studio)
    together, found = threading.Barrier(4), []

    def grant() -> None:
        together.wait(timeout=20)
        with db.unit(sessions) as session:
            found.append(place.grant(session).id)

    run([grant] * 4)
    assert len(found) == 4
    assert len(set(found)) == 1


def test_permit_gives_every_reason(session: Session, studio: Studio) -> None:
    row = shop(session, studio).grant(session)
    assert permit(session, row, use="sell") == ["needs-report", "report"]
    assert permit(session, row, use="train", territory="FR") == ["deny", "training-reserved", "territory"]
    REVOKE["license"](session, row, session.get_one(Style, row.style))
    assert permit(session, row, use="train") == ["deny", "training-reserved", "revoked"]


@pytest.mark.parametrize(
    ("asked", "error"), [({"use": "train"}, NotPermitted), ({"at": AT.replace(year=2040)}, NotPermitted)]
)
def test_demand_refuses_with_the_reasons(
    session: Session, studio: Studio, asked: dict[str, Any], error: type[NotPermitted]
) -> None:
    row = shop(session, studio).grant(session)
    asked = {"medium": "picture", "territory": "DE", "at": AT, **asked}
    decision = licenses.permit(session, license=row.id, licensee=row.licensee, **asked)
    with pytest.raises(error) as caught:
        licenses.demand(decision)
    assert caught.value.facts["reasons"] == [reason.code for reason in decision.reasons]


def test_demand_says_which_kind_of_refusal(session: Session, studio: Studio) -> None:
    row = shop(session, studio, replace(TERMS, cap=1)).grant(session)
    ask: dict[str, Any] = {"license": row.id, "licensee": row.licensee, "medium": "picture", "at": AT}
    licenses.demand(licenses.permit(session, **ask))
    licenses.use_up(session, license=row.id)
    with pytest.raises(QuotaUsedUp):
        licenses.demand(licenses.permit(session, **ask))
    REVOKE["license"](session, row, session.get_one(Style, row.style))
    with pytest.raises(Revoked):
        licenses.demand(licenses.permit(session, **ask))


def test_a_held_style_makes_its_licenses_contested(session: Session, studio: Studio) -> None:
    row = shop(session, studio).grant(session)
    styles.hold(session, style=row.style, reason="a report", at=AT)
    assert permit(session, row, use="print") == ["deny", "contested"]


@pytest.mark.parametrize("level", REVOKE)
def test_revoking_withdraws_claims_and_confirm_fails(session: Session, studio: Studio, level: str) -> None:
    place = shop(session, studio)
    row = place.grant(session)
    stranger = people.person(session, "Cleo Dunn")
    other = licenses.grant(session, offer=place.offer.id, licensee=stranger.id, at=AT)
    mine, theirs = record(session, studio, row, seed=100), record(session, studio, other, seed=200)
    epoch, style_epoch = licenses.epochs(session, license=row.id)
    assert licenses.confirm(session, license=row.id, epoch=epoch, style_epoch=style_epoch).id == row.id
    assert not withdrawn(session, studio, mine)
    REVOKE[level](session, row, place.style)
    with pytest.raises((Revoked, StyleRevoked)):
        licenses.confirm(session, license=row.id, epoch=epoch, style_epoch=style_epoch)
    assert licenses.epochs(session, license=row.id) != (epoch, style_epoch)
    assert (row.state, row.revoked_at, row.reason) == ("revoked", LATER, "enough")
    assert withdrawn(session, studio, mine)
    assert withdrawn(session, studio, theirs) == (level != "license")
    assert (other.state == "active") == (level == "license")
    with pytest.raises(Revoked):
        licenses.use_up(session, license=row.id)


@pytest.mark.parametrize("level", REVOKE)
def test_revoking_twice_is_revoking_once(session: Session, studio: Studio, level: str) -> None:
    place = shop(session, studio)
    row = place.grant(session)
    record(session, studio, row)
    states = []
    for _ in range(2):
        REVOKE[level](session, row, place.style)
        states.append((row.epoch, row.state, row.revoked_at, place.style.epoch, place.style.state))
    assert states[0] == states[1]
    assert row.epoch == 1


def test_a_retired_style_can_still_be_taken_back(session: Session, studio: Studio) -> None:
    place = shop(session, studio)
    row = place.grant(session)
    work = record(session, studio, row)
    styles.retire(session, style=place.style.id, creator=place.style.creator, at=AT)
    assert not withdrawn(session, studio, work)
    REVOKE["style"](session, row, place.style)
    assert withdrawn(session, studio, work)


def test_whoever_was_revoked_needs_an_offer_published_after_that(session: Session, studio: Studio) -> None:
    place = shop(session, studio)
    REVOKE["license"](session, place.grant(session), place.style)
    with pytest.raises(Revoked, match="wait for an offer"):
        place.grant(session)
    newer = replace(place, offer=place.publish(session, TERMS, at=LATER + dt.timedelta(days=1)))
    assert newer.grant(session).state == "active"


@pytest.mark.parametrize("level", REVOKE)
def test_listeners_hear_of_a_revocation_when_it_commits(sessions: db.Sessions, studio: Studio, level: str) -> None:
    with db.unit(sessions) as session:
        place = shop(session, studio)
        row = place.grant(session)
    url = session.get_bind().engine.url
    with psycopg.connect(dbname=url.database, host=str(url.query["host"]), user=url.username, autocommit=True) as ear:
        ear.execute("LISTEN revoked")
        for _ in range(2):
            with db.unit(sessions) as session:
                REVOKE[level](session, licenses.get(session, license=row.id), place.style)
        heard = [json.loads(note.payload) for note in ear.notifies(timeout=0.2)]
    named = {"license": row.id} if level == "license" else {"style": row.style}
    assert heard == [{**named, "epoch": 1}]


def test_strangers_neither_see_nor_revoke(session: Session, studio: Studio) -> None:
    place = shop(session, studio)
    row = place.grant(session)
    eve = people.creator(session, "Eve Moss")
    acts: list[Callable[[], object]] = [
        lambda: licenses.permit(session, license=row.id, licensee=eve.person, medium="picture", at=AT),
        lambda: licenses.revoke(session, license=row.id, by=eve.id, reason="x", at=AT),
        lambda: licenses.revoke_style(session, style=row.style, creator=eve.id, reason="x", at=AT),
        lambda: licenses.revoke_consent(session, consent=str(place.style.consent), creator=eve.id, reason="x", at=AT),
        lambda: licenses.get(session, license=ids.new("lic")),
        lambda: licenses.epochs(session, license=ids.new("lic")),
        lambda: licenses.grant(session, offer=ids.new("off"), licensee=eve.person, at=AT),
        lambda: licenses.grant(session, offer=place.offer.id, licensee=ids.new("per"), at=AT),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert (row.state, place.style.state) == ("active", "listed")


def test_consent_that_ends_meanwhile_is_noticed(session: Session, studio: Studio) -> None:
    row = shop(session, studio).grant(session)
    session.execute(update(Consent).values(expires_at=AT - dt.timedelta(days=400)))
    with pytest.raises(StyleRevoked):
        licenses.confirm(session, license=row.id, epoch=0, style_epoch=0)


@pytest.mark.parametrize("level", REVOKE)
def test_a_work_that_finishes_first_is_withdrawn_by_the_revocation(
    sessions: db.Sessions, studio: Studio, level: str
) -> None:
    """Finish holds license and style; the revocation waits for it, and then finds its claim."""
    with db.unit(sessions) as session:
        place = shop(session, studio)
        row = place.grant(session)

    def revoke() -> None:
        with db.unit(sessions) as session:
            REVOKE[level](session, licenses.get(session, license=row.id), place.style)

    thread = threading.Thread(target=revoke)
    with db.unit(sessions) as session:
        licenses.confirm(session, license=row.id, epoch=0, style_epoch=0)
        work = record(session, studio, row)
        thread.start()
        until_someone_waits(sessions)
    thread.join(timeout=30)
    with db.unit(sessions) as session:
        assert licenses.get(session, license=row.id).state == "revoked"
        assert withdrawn(session, studio, work)


@pytest.mark.parametrize("level", REVOKE)
def test_a_revocation_that_comes_first_stops_the_work(sessions: db.Sessions, studio: Studio, level: str) -> None:
    """The revocation holds the rows; finish waits for it, and then is refused."""
    with db.unit(sessions) as session:
        place = shop(session, studio)
        row = place.grant(session)
    refused: list[type] = []

    def finish() -> None:
        try:
            with db.unit(sessions) as session:
                licenses.confirm(session, license=row.id, epoch=0, style_epoch=0)
                record(session, studio, row)
        except (Revoked, StyleRevoked) as error:
            refused.append(type(error))

    thread = threading.Thread(target=finish)
    with db.unit(sessions) as session:
        REVOKE[level](session, licenses.get(session, license=row.id), place.style)
        thread.start()
        until_someone_waits(sessions)
    thread.join(timeout=30)
    assert refused == [Revoked if level == "license" else StyleRevoked]


def run(jobs: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
