"""Finished works as they stand in the database: people, licenses with terms of their own, and the recorded claim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from attribution.claim import Claim, Contribution, Licensed
from attribution.models import RecordedClaim
from core import ids
from creators.models import Asset, Creator, Person, Style
from licensing.models import License, Offer
from licensing.terms import Terms
from tests.licensing.examples import TERMS
from tests.payments.books import AT


@dataclass(frozen=True)
class Given:
    """A license with one asset of its style that a work may be made from."""

    license: str
    style: str
    licensor: str
    asset: str
    terms: Terms


def person(session: Session, name: str = "Bob Reed") -> str:
    row = Person(id=ids.new("per"), name=name, created_at=AT)
    session.add(row)
    session.flush()
    return row.id


def creator(session: Session, name: str = "Ada Marsh") -> str:
    row = Creator(id=ids.new("cre"), person=person(session, name), name=name, created_at=AT)
    session.add(row)
    session.flush()
    return row.id


def license(session: Session, *, fan: str, licensor: str, **changes: Any) -> Given:
    """A license to a new style of the licensor's, under terms that differ from the example's in `changes`."""
    terms = replace(TERMS, **changes)
    style = Style(id=ids.new("sty"), creator=licensor, name="A hand", medium="picture", state="listed", state_at=AT)
    style.created_at = AT
    session.add(style)
    session.flush()
    offer = Offer(id=ids.new("off"), style=style.id, number=1, terms=terms.document(), terms_hash=terms.hash)
    offer.deed_hash, offer.published_at = "0" * 64, AT
    asset = Asset(id=ids.new("ast"), style=style.id, creator=licensor, title="A field", state="live")
    asset.samples_sha256, asset.blob = asset.id, "0" * 64
    asset.width, asset.height, asset.bytes, asset.created_at = 8, 8, 8, AT
    session.add_all([offer, asset])
    session.flush()
    row = License(
        id=ids.new("lic"),
        offer=offer.id,
        style=style.id,
        licensor=licensor,
        licensee=fan,
        terms=terms.document(),
        terms_hash=terms.hash,
        state="active",
        granted_at=AT,
        expires_at=AT + timedelta(days=365),
    )
    session.add(row)
    session.flush()
    return Given(row.id, style.id, licensor, asset.id, terms)


def work(session: Session, *, fan: str, parts: list[tuple[Given, int]], **codes: Any) -> str:
    """A finished work's id: its claim is recorded, made from these licenses with these shares, under these codes."""
    id = ids.new("wrk")
    claim = Claim(
        work=id,
        medium="picture",
        licensee=fan,
        licensee_name="Bob Reed",
        licenses=tuple(Licensed(x.license, x.style, x.licensor, "Ada Marsh", x.terms.hash) for x, _ in parts),
        contributions=tuple(
            Contribution(x.asset, "0" * 64, "A field", x.licensor, share) for x, share in parts if share
        ),
        engine="toy 1",
        learned_from="nothing",
        exact=True,
        method="measured",
    )
    row = RecordedClaim(
        work=id,
        document=claim.document(),
        licenses=sorted(x.license for x, _ in parts),
        styles=sorted(x.style for x, _ in parts),
        recorded_at=AT,
        **{"file_sha256": "0" * 64, "iscc": "ISCC:0", **codes},
    )
    session.add(row)
    session.flush()
    return id
