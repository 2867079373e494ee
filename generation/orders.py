"""Orders: what a fan asks for becomes licenses, a held price and a queued work, in one transaction or not at all.

Locks: the order's key; the fan; for each style, in the order of their ids, the style and its license; the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import canonical, ids
from core.errors import Invalid
from core.money import USD, Money
from generation import works
from generation.catalog import Catalog
from generation.engine import BadRequest, Engine
from generation.models import Work, WorkLicense
from licensing import licenses, offers
from licensing.models import License
from payments import entries, ledger
from payments.entries import FeePolicy

MEDIUM = "picture"
MOST_STYLES = 8
HEAVIEST = 1_000_000
MOST_KEY_LETTERS = 200


class KeyReused(Invalid):
    """This idempotency key was used for another order."""


@dataclass(frozen=True)
class Order:
    """What a fan asks for. `offers`: (offer id, weight) for each style; weights are relative."""

    person: str
    offers: tuple[tuple[str, int], ...]
    engine: str
    params: dict[str, Any]
    seed: int
    source_blob: str | None
    source_sha256: str | None
    idempotency_key: str

    def inputs_hash(self) -> str:
        params = {key: str(value) for key, value in self.params.items()}
        return canonical.digest([self.person, self.offers, self.engine, params, self.seed, self.source_sha256])


def place(session: Session, *, order: Order, catalog: Catalog, policy: FeePolicy, at: datetime) -> Work:
    """Grant the licenses, hold the price, queue the work: all or nothing. The same key and order give the same work.

    Raises UnknownEngine, BadRequest, KeyReused, licensing's refusals, NotEnoughCredit.
    """
    serialize(session, f"order:{order.person}:{order.idempotency_key}")
    known = session.scalar(
        select(Work).where(Work.person == order.person, Work.idempotency_key == order.idempotency_key)
    )
    if known is not None:
        if known.inputs_hash != order.inputs_hash():
            raise KeyReused(
                f"idempotency key {order.idempotency_key[:60]!r} was used for another order; send a new key",
                work=known.id,
            )
        return known
    check(order, catalog)
    granted = _granted(session, order, at=at)
    price = sum(_price(license).amount for license in granted)
    work = Work(
        **columns(order, at=at),
        id=ids.new("wrk"),
        kind="work",
        price=price,
        asset=USD,
        platform_ppm=policy.platform_ppm,
        compute=min(policy.compute.amount, price),
    )
    work.grants = [
        _admit(session, license, position, weight)
        for position, (license, (_, weight)) in enumerate(zip(granted, order.offers, strict=True))
    ]
    session.add(work)
    works.announce(session, work)
    if price > 0:
        ledger.post(session, entries.hold(work=work.id, person=order.person, amount=Money(price)), at=at)
    return work


def serialize(session: Session, key: str) -> None:
    """Whoever takes the same key waits until this transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def columns(order: Order, *, at: datetime) -> dict[str, Any]:
    """What a queued work's row says of its order."""
    return {
        "person": order.person,
        "engine": order.engine,
        "params": order.params,
        "seed": order.seed,
        "source_blob": order.source_blob,
        "source_sha256": order.source_sha256,
        "idempotency_key": order.idempotency_key,
        "inputs_hash": order.inputs_hash(),
        "state": "queued",
        "stage": "queued",
        "created_at": at,
    }


def check(order: Order, catalog: Catalog) -> None:
    """Refuse what no engine could make, before anything is granted or held. Raises UnknownEngine, BadRequest."""
    engine = catalog.get(order.engine)
    check_offers(order.offers, engine=engine)
    start = "compose" if order.source_blob is None else "source"
    needs = "needs a picture to start from" if order.source_blob is None else "takes no picture to start from"
    key = len(order.idempotency_key)
    _demand(
        (start in engine.card.accepts, f"engine {order.engine} {needs}"),
        (0 <= order.seed < 2**32, "a seed is a whole number from 0 to 4,294,967,295"),
        (0 < key <= MOST_KEY_LETTERS, f"an idempotency key has 1 to {MOST_KEY_LETTERS} letters; a UUID is a good one"),
    )
    try:
        engine.Params.model_validate(order.params)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'parameters'}: {e['msg']}" for e in error.errors())
        raise BadRequest(f"engine {order.engine} cannot use these parameters: {faults}") from error


def check_offers(offered: Sequence[tuple[str, int]], *, engine: Engine) -> None:
    """Whether (offer id, weight) pairs can be ordered together from this engine. Raises BadRequest."""
    weights = [weight for _, weight in offered]
    _demand(
        (
            0 < len(dict(offered)) == len(offered) <= MOST_STYLES,
            f"an order names 1 to {MOST_STYLES} different offers",
        ),
        (
            all(type(weight) is int and 0 < weight <= HEAVIEST for weight in weights),
            f"a style's weight is a whole number from 1 to {HEAVIEST:,}",
        ),
        (
            len(weights) < 2 or "mix" in engine.card.accepts,
            f"engine {engine.card.name} works in one style at a time; order each on its own",
        ),
    )


def _demand(*checks: tuple[bool, str]) -> None:
    fault = next((words for fine, words in checks if not fine), None)
    if fault:
        raise BadRequest(fault)


def _granted(session: Session, order: Order, *, at: datetime) -> list[License]:
    """The licenses, in the order's own order, taken in the one order in which locks are taken everywhere."""
    alone = len(order.offers) == 1
    named = [("" if alone else offers.get(session, offer=offer).style, offer) for offer, _ in order.offers]
    granted = {offer: _grant(session, order, offer, at=at) for _, offer in sorted(named)}
    return [granted[offer] for offer, _ in order.offers]


def _grant(session: Session, order: Order, offer: str, *, at: datetime) -> License:
    license = licenses.grant(session, offer=offer, licensee=order.person, at=at)
    decision = licenses.permit(session, license=license.id, licensee=order.person, medium=MEDIUM, at=at)
    licenses.demand(decision)
    licenses.use_up(session, license=license.id)
    return license


def _admit(session: Session, license: License, position: int, weight: int) -> WorkLicense:
    epoch, style_epoch = licenses.epochs(session, license=license.id)
    return WorkLicense(
        position=position,
        license=license.id,
        offer=license.offer,
        style=license.style,
        weight=weight,
        epoch=epoch,
        style_epoch=style_epoch,
    )


def _price(license: License) -> Money:
    return licenses.terms_of(license).price
