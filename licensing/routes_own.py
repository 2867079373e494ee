"""One's own styles: registered, listed, taken back; each answer is the style whole, with what it still lacks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, status

from core.clock import Clock
from core.web import Principal, Unit, allowed, port
from creators import profiles, styles
from creators.schemas import ConsentId, StyleId
from licensing import licenses, portfolio
from licensing.schemas import TAKEN_BACK, Reason
from licensing.schemas_styles import NewName, NewStyle, OwnStyle, TakenBack, WithdrawnConsent

router = APIRouter(tags=["styles"])
Me = Annotated[Principal, allowed("styles")]
Time = Annotated[Clock, port("clock")]


@router.get("/me/styles")
def my_styles(session: Unit, me: Me, clock: Time) -> list[OwnStyle]:
    """All my styles, the newest first."""
    return [OwnStyle.of(owned) for owned in portfolio.of_person(session, person=me.person, at=clock.now())]


@router.get("/me/styles/{style}")
def my_style(session: Unit, me: Me, clock: Time, style: StyleId) -> OwnStyle:
    """One of my styles."""
    return OwnStyle.of(portfolio.one(session, style=style, person=me.person, at=clock.now()))


@router.post("/styles", status_code=status.HTTP_201_CREATED)
def register_style(session: Unit, me: Me, clock: Time, new: NewStyle) -> OwnStyle:
    """A draft of a style under a profile of mine."""
    at = clock.now()
    creator = profiles.get(session, creator=new.profile, person=me.person)
    row = styles.register(session, creator=creator.id, name=new.name, medium=new.medium, at=at)
    return OwnStyle.of(portfolio.one(session, style=row.id, person=me.person, at=at))


@router.patch("/styles/{style}")
def rename_style(session: Unit, me: Me, clock: Time, style: StyleId, new: NewName) -> OwnStyle:
    """Another name for a draft."""
    row = styles.of_person(session, style=style, person=me.person)
    styles.rename(session, style=style, creator=row.creator, name=new.name)
    return OwnStyle.of(portfolio.one(session, style=style, person=me.person, at=clock.now()))


@router.post("/styles/{style}/publication")
def publish_style(session: Unit, me: Me, clock: Time, style: StyleId) -> OwnStyle:
    """List the style, so that offers for it can be made. Twice is once."""
    at = clock.now()
    row = styles.of_person(session, style=style, person=me.person)
    styles.publish(session, style=style, creator=row.creator, at=at)
    return OwnStyle.of(portfolio.one(session, style=style, person=me.person, at=at))


@router.delete("/styles/{style}/publication")
def take_back_style(session: Unit, me: Me, clock: Time, style: StyleId, reason: Reason = TAKEN_BACK) -> TakenBack:
    """Take the style back: its licenses are revoked, works made in it withdrawn, works on their way stopped.

    It can be published again; what was revoked stays revoked. Twice is once.
    """
    at = clock.now()
    row = styles.of_person(session, style=style, person=me.person)
    ended = licenses.revoke_style(session, style=style, creator=row.creator, reason=reason, at=at)
    return TakenBack.after(portfolio.one(session, style=style, person=me.person, at=at), ended)


@router.post("/styles/{style}/retirement")
def retire_style(session: Unit, me: Me, clock: Time, style: StyleId) -> OwnStyle:
    """Nothing new is made in the style; what was made keeps its license. Twice is once."""
    at = clock.now()
    row = styles.of_person(session, style=style, person=me.person)
    styles.retire(session, style=style, creator=row.creator, at=at)
    return OwnStyle.of(portfolio.one(session, style=style, person=me.person, at=at))


@router.delete("/consents/{consent}")
def withdraw_consent(
    session: Unit, me: Me, clock: Time, consent: ConsentId, reason: Reason = TAKEN_BACK
) -> WithdrawnConsent:
    """Withdraw a declaration for good, and with it the style as if it were taken back. Twice is once."""
    row = styles.consent_of_person(session, consent=consent, person=me.person)
    ended = licenses.revoke_consent(session, consent=consent, creator=row.creator, reason=reason, at=clock.now())
    return WithdrawnConsent.after(row, ended)
