"""Offers: numbered, immutable, within the consent, and only from the style's creator."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import ids
from core.errors import NotFound
from creators import styles
from creators.models import Style
from creators.styles import StyleRevoked
from licensing import deed, offers
from licensing.models import Offer
from licensing.offers import BeyondConsent, NoOffer
from licensing.terms import Terms
from tests.creators import studio as people
from tests.creators.studio import AT, Studio
from tests.licensing.examples import TERMS


def publish(session: Session, style: Style, terms: Terms = TERMS) -> Offer:
    return offers.publish(session, style=style.id, creator=style.creator, terms=terms, at=AT)


def test_versions_are_numbered_and_close_the_former(session: Session, studio: Studio) -> None:
    style, other = studio.listed(session), studio.listed(session, name="Ida Lund", seed=2)
    first, second = publish(session, style), publish(session, style, replace(TERMS, cap=None))
    assert (first.number, second.number, publish(session, other).number) == (1, 2, 1)
    assert (first.closed_at, second.closed_at) == (AT, None)
    assert offers.current(session, style=style.id).id == second.id


def test_an_offer_keeps_its_terms_and_the_hash_of_its_deed(session: Session, studio: Studio) -> None:
    offer = publish(session, studio.listed(session))
    session.expire_all()
    kept = offers.get(session, offer=offer.id)
    assert offers.terms_of(kept) == TERMS
    assert (kept.terms_hash, kept.deed_hash) == (TERMS.hash, deed.text_hash(TERMS))


def test_the_database_refuses_to_change_an_offer(session: Session, studio: Studio) -> None:
    publish(session, studio.listed(session))
    for change in (
        "UPDATE offers SET terms = jsonb_set(terms, '{cap}', '99')",
        "UPDATE offers SET terms_hash = 'x'",
        "UPDATE offers SET number = 7",
        "UPDATE offers SET published_at = now()",
        "UPDATE offers SET closed_at = now(), deed_hash = 'x'",
        "DELETE FROM offers",
    ):
        with pytest.raises(DBAPIError, match="cannot be changed"), session.begin_nested():
            session.execute(text(change))


def test_a_closed_offer_stays_closed(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    first, _ = publish(session, style), publish(session, style)
    with pytest.raises(DBAPIError, match="cannot be changed"):
        session.execute(text("UPDATE offers SET closed_at = NULL WHERE id = :id"), {"id": first.id})


def test_only_a_listed_style_with_consent_is_offered(session: Session, studio: Studio) -> None:
    with pytest.raises(StyleRevoked, match="draft"):
        publish(session, people.draft(session))
    style = studio.listed(session)
    with pytest.raises(StyleRevoked, match="consent"):
        offers.publish(
            session, style=style.id, creator=style.creator, terms=TERMS, at=dt.datetime(2035, 1, 1, tzinfo=dt.UTC)
        )


@pytest.mark.parametrize(
    ("change", "word"),
    [({"ends_on": dt.date(2035, 1, 2)}, "ends on"), ({"uses": frozenset({"sell", "train"})}, "training")],
)
def test_terms_stay_within_the_consent(session: Session, studio: Studio, change: dict[str, object], word: str) -> None:
    with pytest.raises(BeyondConsent, match=word):
        publish(session, studio.listed(session), replace(TERMS, **change))  # type: ignore[arg-type]


def test_training_may_be_offered_where_the_consent_allows_it(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    people.declare(session, style, ai_training="allowed")
    terms = replace(TERMS, uses=frozenset({"train"}), report_uses=frozenset())
    assert offers.terms_of(publish(session, style, terms)) == terms


def test_strangers_cannot_publish(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    stranger = people.creator(session, "Eve Moss").id
    with pytest.raises(NotFound):
        offers.publish(session, style=style.id, creator=stranger, terms=TERMS, at=AT)


def test_what_is_not_offered_is_said_so(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    with pytest.raises(NoOffer):
        offers.current(session, style=style.id)
    publish(session, style)
    styles.retire(session, style=style.id, creator=style.creator, at=AT)
    with pytest.raises(NoOffer):
        offers.current(session, style=style.id)
    with pytest.raises(NotFound):
        offers.get(session, offer=ids.new("off"))
