"""What a work will cost, who will get what and what may be done with it, before the order: by the code that pays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.money import USD
from core.shares import WHOLE, quantize
from creators import styles
from creators.models import Creator, Person
from generation import orders
from generation.catalog import Catalog
from licensing import licenses, offers
from licensing.dues import Part
from licensing.models import Offer
from licensing.terms import Terms
from licensing.territories import WORLD
from payments import entries, ledger, waterfall
from payments.entries import FeePolicy

HOUSE = {"platform": "This platform", "compute": "Computing"}


@dataclass(frozen=True)
class Line:
    """One payee's part of a fee, in units. `role`: compute, platform or licensor."""

    to: str
    role: str
    amount: int


@dataclass(frozen=True)
class Exploitation:
    """How what the finished work earns will be divided, in millionths."""

    creators_ppm: int
    fan_ppm: int
    platform_ppm: int


@dataclass(frozen=True)
class Quote:
    """What an order of these styles means. `predicted`: which style gives how much is measured only once it is made.

    names: of the accounts in the lines. uses, territory, ends_on, max_copy_ppm: the strictest of the terms. credit: the
    asker's, in units; None for nobody.
    """

    price: int
    lines: tuple[Line, ...]
    names: dict[str, str]
    predicted: bool
    uses: tuple[str, ...]
    report_uses: tuple[str, ...]
    territory: str | tuple[str, ...]
    ends_on: dt.date
    attribution: tuple[str, ...]
    max_copy_ppm: int
    exploitation: Exploitation
    credit: int | None


def quote(
    session: Session,
    *,
    offered: Sequence[tuple[str, int]],
    engine: str,
    catalog: Catalog,
    policy: FeePolicy,
    person: str | None,
) -> Quote:
    """A quote for (offer id, weight) pairs, as for an order: see `orders.check_offers`.

    Raises NotFound, NoOffer, OfferClosed, BadRequest, UnknownEngine.
    """
    maker = catalog.get(engine)
    orders.check_offers(offered, engine=maker)
    orders.check_media(session, [offer for offer, _ in offered], engine=maker)
    rows = [(_open(session, offer, person), weight) for offer, weight in offered]
    terms = [offers.terms_of(row) for row, _ in rows]
    creators = [styles.get(session, style=row.style).creator for row, _ in rows]
    weights = quantize({number: weight for number, (_, weight) in enumerate(rows)})
    price = sum(term.price.amount for term in terms)
    licensors: dict[str, int] = {}
    for number, creator in enumerate(creators):
        licensors[f"creator:{creator}"] = licensors.get(f"creator:{creator}", 0) + weights[number]
    split = lines(price=price, policy=policy, licensors=list(licensors.items()))
    return Quote(
        price=price,
        lines=tuple(split),
        names=names(session, [line.to for line in split]),
        predicted=len(rows) > 1,
        uses=tuple(sorted(frozenset.intersection(*(term.uses for term in terms)))),
        report_uses=tuple(sorted(frozenset().union(*(term.report_uses for term in terms)))),
        territory=_territory(terms),
        ends_on=min(term.ends_on for term in terms),
        attribution=tuple(dict.fromkeys(term.attribution for term in terms if term.attribution)),
        max_copy_ppm=min(term.max_copy_ppm for term in terms),
        exploitation=_exploitation(terms, [weights[number] for number in range(len(rows))]),
        credit=None if person is None else ledger.balance(session, f"credit:{person}", asset=USD).amount,
    )


def lines(*, price: int, policy: FeePolicy, licensors: list[tuple[str, int]]) -> list[Line]:
    """How a fee of `price` units is split among licensors with these relative weights; the lines sum to the price."""
    if price == 0:
        return []
    shares = list(quantize(dict(licensors)).items())
    program = entries.fee_program(
        compute=min(policy.compute.amount, price), platform_ppm=policy.platform_ppm, licensors=shares
    )
    split = waterfall.increments(program, 0, price)
    return [Line(to, role_of(to), amount) for to, amount in split.items()]


def role_of(account: str) -> str:
    """The role an account plays in a split: its own name for the house's accounts, else licensor or fan."""
    kind = account.partition(":")[0]
    return {"creator": "licensor", "person": "fan"}.get(kind, kind)


def names(session: Session, accounts: Iterable[str]) -> dict[str, str]:
    """What people call the owners of these accounts."""
    owners = {account: account.partition(":")[2] for account in accounts}
    found: dict[str, str] = {}
    for kind, table in (("creator:", Creator), ("person:", Person)):
        ids = [owner for account, owner in owners.items() if account.startswith(kind)]
        found |= {
            kind + id: name for id, name in session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        }
    return {account: found.get(account) or HOUSE.get(account, account) for account in owners}


def _open(session: Session, offer: str, person: str | None) -> Offer:
    """An offer that this person could order from now."""
    row = offers.get(session, offer=offer)
    now = offers.current(session, style=row.style)
    if row.closed_at is not None and not (person and licenses.held(session, offer=offer, licensee=person)):
        raise offers.OfferClosed(
            f"offer {offer} has been replaced by {now.id}; read its terms and ask for that one", current=now.id
        )
    return row


def _territory(terms: Sequence[Terms]) -> str | tuple[str, ...]:
    """Where all of the terms hold."""
    places = [term.territory for term in terms if not isinstance(term.territory, str)]
    return tuple(sorted(frozenset.intersection(*places))) if places else WORLD


def _exploitation(terms: Sequence[Terms], weights: Sequence[int]) -> Exploitation:
    """By the program that will divide it, were each style to give as much as it weighs."""
    parts = [
        Part("creator:any", weight, term.royalty_ppm, term.fan_ppm) for term, weight in zip(terms, weights, strict=True)
    ]
    split = waterfall.increments(entries.income_program(parts, fan="person:any"), 0, WHOLE)
    return Exploitation(split.get("creator:any", 0), split.get("person:any", 0), split.get("platform", 0))
