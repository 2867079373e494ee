"""Styles: listed only with consent and works, and off the list with a raised epoch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import db, ids
from core.errors import Invalid, NotFound
from creators import styles
from creators.consent import ConsentIncomplete
from creators.models import Asset, Consent, Style
from creators.styles import NotPublishable, StyleHeld, StyleRevoked
from tests.creators import studio as people
from tests.creators.studio import AT, Studio, declaration, declare, draft
from tests.fakes import texture


def publish(session: Session, style: Style) -> Style:
    return styles.publish(session, style=style.id, creator=style.creator, at=AT)


def suspend(session: Session, style: Style) -> Style:
    return styles.suspend(session, style=style.id, creator=style.creator, reason="enough", at=AT)


def test_a_style_starts_as_a_draft(session: Session) -> None:
    style = draft(session)
    assert (style.state, style.epoch, style.version, style.consent) == ("draft", 0, 0, None)


def test_only_known_media_and_creators_can_be_registered(session: Session) -> None:
    owner = people.creator(session).id
    with pytest.raises(Invalid, match="medium"):
        styles.register(session, creator=owner, name="x", medium="smell", at=AT)
    with pytest.raises(NotFound):
        styles.register(session, creator=ids.new("cre"), name="x", medium="picture", at=AT)


def test_publishing_names_everything_that_is_missing(session: Session) -> None:
    with pytest.raises(NotPublishable) as caught:
        publish(session, draft(session))
    assert len(caught.value.facts["missing"]) == 2


def test_publishing_needs_consent(session: Session, studio: Studio) -> None:
    style = draft(session)
    studio.take(session, style, texture(1))
    with pytest.raises(NotPublishable, match="consent"):
        publish(session, style)


def test_publishing_needs_an_asset(session: Session) -> None:
    style = draft(session)
    declare(session, style)
    with pytest.raises(NotPublishable, match="work of yours"):
        publish(session, style)


def test_publishing_needs_consent_that_has_not_ended(session: Session, studio: Studio) -> None:
    style = draft(session)
    studio.take(session, style, texture(1))
    declare(session, style, expires_on=date(2026, 4, 1))
    with pytest.raises(NotPublishable, match="consent"):
        styles.publish(session, style=style.id, creator=style.creator, at=AT + timedelta(days=31))


def test_publishing_twice_is_publishing_once(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    assert publish(session, style).state == "listed"
    assert style.epoch == 0


def test_consent_must_be_complete_and_for_this_style(session: Session) -> None:
    style, other = draft(session), draft(session, name="Ida Lund")
    with pytest.raises(ConsentIncomplete):
        declare(session, style, adult=False)
    said = declaration(other)
    with pytest.raises(ConsentIncomplete, match="not for style"):
        styles.declare_consent(session, style=style.id, creator=style.creator, declaration=said, at=AT)
    assert style.consent is None


def test_consent_is_kept_word_for_word(session: Session) -> None:
    style = draft(session)
    consent = declare(session, style)
    said = declaration(style)
    session.expire_all()
    kept = session.get_one(Consent, style.consent)
    assert (kept.id, kept.document, kept.hash) == (consent.id, said.document(), said.hash)
    assert kept.expires_at == said.valid_until


LEAVES: dict[str, Callable[[Session, Style], Style]] = {
    "suspended": suspend,
    "held": lambda session, style: styles.hold(session, style=style.id, reason="a report", at=AT),
    "retired": lambda session, style: styles.retire(session, style=style.id, creator=style.creator, at=AT),
}


@pytest.mark.parametrize("state", LEAVES)
def test_leaving_the_list_raises_the_epoch_once(session: Session, studio: Studio, state: str) -> None:
    style = studio.listed(session)
    for _ in range(2):
        LEAVES[state](session, style)
        assert (style.state, style.epoch) == (state, 1)
    with pytest.raises(StyleRevoked):
        styles.confirm(session, style=style.id, epoch=0)
    with pytest.raises(StyleRevoked):
        styles.standing(session, style=style.id, at=AT)


@pytest.mark.parametrize("state", ["suspended", "retired"])
def test_a_creator_may_list_again_but_old_works_stay_behind(session: Session, studio: Studio, state: str) -> None:
    style = studio.listed(session)
    LEAVES[state](session, style)
    publish(session, style)
    assert styles.confirm(session, style=style.id, epoch=1) is style
    with pytest.raises(StyleRevoked):
        styles.confirm(session, style=style.id, epoch=0)


def test_a_held_style_is_out_of_its_creators_hands(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    LEAVES["held"](session, style)
    for act in (publish, LEAVES["retired"]):
        with pytest.raises(StyleHeld, match="a report"):
            act(session, style)
    assert suspend(session, style).state == "held"
    assert styles.release(session, style=style.id, at=AT).state == "suspended"
    assert publish(session, style).state == "listed"


def test_withdrawn_consent_suspends_the_style_once(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    consent = session.get_one(Consent, style.consent)
    for at in (AT, AT + timedelta(days=1)):
        styles.withdraw_consent(session, consent=consent.id, creator=style.creator, reason="enough", at=at)
        assert (style.state, style.epoch, consent.withdrawn_at, consent.reason) == ("suspended", 1, AT, "enough")
    with pytest.raises(NotPublishable, match="consent"):
        publish(session, style)
    declare(session, style)
    assert publish(session, style).state == "listed"


def test_expired_consent_no_longer_confirms(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    styles.confirm(session, style=style.id, epoch=0)
    session.execute(update(Consent).values(expires_at=AT - timedelta(days=400)))
    with pytest.raises(StyleRevoked, match="ended"):
        styles.confirm(session, style=style.id, epoch=0)


def test_another_creators_style_does_not_exist(session: Session, studio: Studio) -> None:
    style = studio.listed(session)
    stranger = people.creator(session, "Eve Moss").id
    who: dict[str, Any] = {"style": style.id, "creator": stranger}
    acts: list[Callable[[], object]] = [
        lambda: styles.own(session, **who),
        lambda: styles.publish(session, **who, at=AT),
        lambda: styles.retire(session, **who, at=AT),
        lambda: styles.suspend(session, **who, reason="x", at=AT),
        lambda: styles.declare_consent(session, **who, declaration=declaration(style), at=AT),
        lambda: styles.withdraw_consent(session, consent=str(style.consent), creator=stranger, reason="x", at=AT),
        lambda: styles.get(session, style=ids.new("sty")),
        lambda: styles.get(session, style="sty_' OR 1=1"),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    assert (style.state, style.epoch) == ("listed", 0)


def test_confirm_keeps_a_suspension_waiting(sessions: db.Sessions, studio: Studio) -> None:
    """While a work is being finished, its style cannot be taken away under it."""
    with db.unit(sessions) as session:
        style = studio.listed(session)
    with db.unit(sessions) as finishing:
        styles.confirm(finishing, style=style.id, epoch=0)
        with sessions() as other:
            free = other.scalar(select(Style).where(Style.id == style.id).with_for_update(skip_locked=True))
            assert free is None
    with db.unit(sessions) as session:
        assert suspend(session, style).epoch == 1
        assert session.scalar(select(func.count()).select_from(Asset)) == 1
