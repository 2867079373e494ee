"""Trying out: whoever could have a license may have a preview, and nothing is granted by it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from creators.styles import StyleRevoked
from licensing import licenses
from licensing.licenses import NotPermitted, Revoked
from licensing.models import License
from licensing.offers import OfferClosed
from tests.creators.studio import AT, Studio
from tests.licensing.examples import TERMS
from tests.licensing.test_licenses import LATER, Shop, shop


def try_out(session: Session, here: Shop, at: dt.datetime = AT) -> str:
    return licenses.try_out(session, offer=here.offer.id, licensee=here.fan.id, at=at).id


def test_trying_out_grants_nothing(session: Session, studio: Studio) -> None:
    here = shop(session, studio)
    assert try_out(session, here) == here.offer.id
    assert session.scalar(select(func.count()).select_from(License)) == 0
    assert not licenses.held(session, offer=here.offer.id, licensee=here.fan.id)


def test_a_replaced_offer_is_for_those_who_hold_it(session: Session, studio: Studio) -> None:
    here = shop(session, studio)
    here.publish(session, replace(TERMS, cap=9))
    with pytest.raises(OfferClosed, match="has been replaced"):
        try_out(session, here)
    there = Shop(here.style, here.publish(session, TERMS), here.fan)
    license = there.grant(session)
    there.publish(session, replace(TERMS, cap=8))
    assert try_out(session, there) == there.offer.id
    assert licenses.held(session, offer=license.offer, licensee=here.fan.id)


def test_what_refuses_a_license_refuses_to_try(session: Session, studio: Studio) -> None:
    here = shop(session, studio)
    with pytest.raises(NotPermitted, match="not licensed"):
        try_out(session, here, at=dt.datetime(2031, 1, 1, tzinfo=dt.UTC))
    license = here.grant(session)
    licenses.revoke(session, license=license.id, by=license.licensor, reason="enough", at=LATER)
    assert not licenses.held(session, offer=here.offer.id, licensee=here.fan.id)
    with pytest.raises(Revoked, match="was revoked by its creator"):
        try_out(session, here, at=LATER)
    licenses.revoke_style(session, style=here.style.id, creator=here.style.creator, reason="enough", at=LATER)
    with pytest.raises(StyleRevoked):
        try_out(session, here, at=LATER)
