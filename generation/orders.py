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
from creators.models import Style
from generation import reworks, works
from generation.catalog import Catalog
from generation.engine import BadRequest, Engine, Medium
from generation.models import Work, WorkLicense
from licensing import licenses, offers
from licensing.models import License, Offer
from payments import entries, ledger
from payments.entries import FeePolicy

MOST_STYLES = 8
NAMED: dict[Medium, str] = {"picture": "a picture", "sound": "a recording"}
HEAVIEST = 1_000_000
MOST_KEY_LETTERS = 200


class KeyReused(Invalid):
    """This idempotency key was used for another order."""


@dataclass(frozen=True)
class Part:
    """A fan's mask as it is kept: the address of its file, which is encrypted for them, and the hash of its content."""

    blob: str
    sha256: str


@dataclass(frozen=True)
class Backing:
    """The rest of a song, kept like a mask. `fader_mb`: the voice over it, in hundredths of a decibel."""

    blob: str
    sha256: str
    fader_mb: int


Section = tuple[int, int]  # from and to, in milliseconds


@dataclass(frozen=True)
class Order:
    """What a fan asks for. `offers`: (offer id, weight) for each style; weights are relative.

    `mask`: where to paint. `rework`: the finished work to paint over there, from what it was made from itself; there is
    no other source then. `regions`: (offer id, where its style may be used), and `sections`: (offer id, when it may be
    heard); a style without one is used anywhere. `tags`: what the source's file says of a recording.
    """

    person: str
    offers: tuple[tuple[str, int], ...]
    engine: str
    params: dict[str, Any]
    seed: int
    source_blob: str | None
    source_sha256: str | None
    idempotency_key: str
    mask: Part | None = None
    rework: str | None = None
    regions: tuple[tuple[str, Part], ...] = ()
    source_medium: Medium = "picture"
    backing: Backing | None = None
    sections: tuple[tuple[str, tuple[Section, ...]], ...] = ()
    tags: dict[str, Any] | None = None

    def inputs_hash(self) -> str:
        """Equal for equal wishes; orders without parts hash as they did before there were any."""
        params = {key: str(value) for key, value in self.params.items()}
        said = [self.person, self.offers, self.engine, params, self.seed, self.source_sha256]
        regions = {offer: part.sha256 for offer, part in self.regions}
        parts = [self.mask.sha256 if self.mask else None, self.rework, regions]
        below = [self.backing.sha256, self.backing.fader_mb] if self.backing else []
        heard = [below, self.sections] if below or self.sections else []
        return canonical.digest([*said, *parts, *heard] if any(parts) or heard else said)

    def region(self, offer: str) -> dict[str, Any]:
        """What a work's row for this offer says of where and when its style may be used."""
        part, sections = dict(self.regions).get(offer), dict(self.sections).get(offer)
        where = {} if part is None else {"region_blob": part.blob, "region_sha256": part.sha256}
        return where if sections is None else {**where, "sections": [list(one) for one in sections]}


def place(session: Session, *, order: Order, catalog: Catalog, policy: FeePolicy, at: datetime) -> Work:
    """Grant the licenses, hold the price, queue the work: all or nothing. The same key and order give the same work.

    Raises UnknownEngine, BadRequest, KeyReused, NotReworkable, licensing's refusals, NotEnoughCredit.
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
    demand(
        (
            order.backing is None or not order.params.get("length"),
            "an excerpt is made without its backing, from which it would run away; leave out the backing or `length`",
        )
    )
    check_media(session, [offer for offer, _ in order.offers], engine=catalog.get(order.engine))
    medium = catalog.get(order.engine).card.medium
    base = base_of(session, order, catalog)
    granted = _granted(session, order, medium, at=at)
    price = sum(_price(license).amount for license in granted)
    work = Work(
        **columns(order, base=base, at=at),
        id=ids.new("wrk"),
        medium=medium,
        kind="work",
        price=price,
        asset=USD,
        platform_ppm=policy.platform_ppm,
        compute=min(policy.compute.amount, price),
    )
    work.grants = [
        _admit(session, license, position=position, weight=weight, region=order.region(offer))
        for position, (license, (offer, weight)) in enumerate(zip(granted, order.offers, strict=True))
    ]
    session.add(work)
    works.announce(session, work)
    if price > 0:
        ledger.post(session, entries.hold(work=work.id, person=order.person, amount=Money(price)), at=at)
    return work


def serialize(session: Session, key: str) -> None:
    """Whoever takes the same key waits until this transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def base_of(session: Session, order: Order, catalog: Catalog) -> Work | None:
    """The work that an order paints over, if any. Raises NotFound, NotReworkable, BadRequest."""
    if order.rework is None:
        return None
    engine, offered = catalog.get(order.engine), [offer for offer, _ in order.offers]
    return reworks.base(session, work=order.rework, person=order.person, engine=engine, offered=offered)


def columns(order: Order, *, base: Work | None, at: datetime) -> dict[str, Any]:
    """What a queued work's row says of its order; it starts from what `base` started from, where there is one."""
    start = base or order
    return {
        "person": order.person,
        "engine": order.engine,
        "params": order.params,
        "seed": order.seed,
        "source_blob": start.source_blob,
        "source_sha256": start.source_sha256,
        "mask_blob": order.mask and order.mask.blob,
        "mask_sha256": order.mask and order.mask.sha256,
        "backing_blob": order.backing and order.backing.blob,
        "backing_sha256": order.backing and order.backing.sha256,
        "fader_mb": order.backing and order.backing.fader_mb,
        "tags": order.tags,
        "rework": order.rework,
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
    key = len(order.idempotency_key)
    demand(
        *_parts(order, engine),
        *_heard(order, engine),
        *start(engine, None if order.source_blob is None else order.source_medium, rework=order.rework is not None),
        (0 <= order.seed < 2**32, "a seed is a whole number from 0 to 4,294,967,295"),
        (0 < key <= MOST_KEY_LETTERS, f"an idempotency key has 1 to {MOST_KEY_LETTERS} letters; a UUID is a good one"),
    )
    check_params(engine, order.params)


def start(engine: Engine, brought: Medium | None, *, rework: bool = False) -> list[tuple[bool, str]]:
    """What must hold of what a work starts from, and what to say where it does not. `brought`: the source's medium."""
    name, wanted = engine.card.name, NAMED[engine.card.medium]
    accepts = engine.card.accepts
    return [
        (brought in (None, engine.card.medium), f"engine {name} starts from {wanted}, and this is none; send another"),
        (rework or brought is not None or "compose" in accepts, f"engine {name} needs {wanted} to start from"),
        (brought is None or "source" in accepts, f"engine {name} takes no {wanted[2:]} to start from"),
    ]


def check_params(engine: Engine, params: dict[str, Any]) -> None:
    """Whether the engine takes these parameters. Raises BadRequest, which names each fault."""
    try:
        engine.Params.model_validate(params)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'parameters'}: {e['msg']}" for e in error.errors())
        raise BadRequest(f"engine {engine.card.name} cannot use these parameters: {faults}") from error


def _parts(order: Order, engine: Engine) -> list[tuple[bool, str]]:
    """What must hold of an order's mask, regions and rework, and what to say where it does not."""
    accepts, name = engine.card.accepts, engine.card.name
    masked, reworked, from_none = order.mask is not None, order.rework is not None, order.source_blob is None
    return [
        (not reworked or "rework" in accepts, f"engine {name} cannot paint over a finished work; order a new one"),
        (not reworked or masked, "a rework needs a mask; paint white what is to be made anew"),
        (not reworked or from_none, "a rework starts from what the earlier work started from; send no source"),
        (reworked or not masked or "mask" in accepts, f"engine {name} makes the whole, not a part; send no mask"),
        (reworked or not masked or not from_none, "a mask is a part of a picture to start from; send that, too"),
        (not order.regions or "region" in accepts, f"engine {name} keeps no style to a region; send no region"),
        (not order.regions or reworked or not from_none, "a region is a part of a picture; send that, too"),
        (not order.regions or len(order.offers) > 1, "a region parts styles; name two or more, or send no region"),
    ]


def _heard(order: Order, engine: Engine) -> list[tuple[bool, str]]:
    """What must hold of an order's backing and sections, and what to say where it does not."""
    name, sound = engine.card.name, engine.card.medium == "sound"
    times = [time for _, sections in order.sections for time in sections]
    return [
        (order.backing is None or sound, f"engine {name} makes pictures, which have no backing; send none"),
        (order.backing is None or order.source_blob is not None, "a backing is put under a vocal; send that, too"),
        (not order.regions or not sound, f"engine {name} makes sounds: say when by sections, not where by a region"),
        (not order.sections or (sound and "region" in engine.card.accepts), f"engine {name} parts no sections"),
        (not order.sections or len(order.offers) > 1, "sections part artists; name two or more, or send none"),
        (all(0 <= begin < end for begin, end in times), "a section ends after it begins, in milliseconds"),
    ]


def check_media(session: Session, offered: Sequence[str], *, engine: Engine) -> None:
    """Whether the styles of these offers are of the engine's medium. Raises BadRequest, which names one that is not."""
    query = select(Style).join(Offer, Offer.style == Style.id).where(Offer.id.in_(offered))
    for row in session.scalars(query.where(Style.medium != engine.card.medium).order_by(Style.id).limit(1)):
        suits(engine, row)


def suits(engine: Engine, style: Style) -> None:
    """Raises BadRequest where an engine cannot work in a style's medium."""
    if style.medium != engine.card.medium:
        raise BadRequest(
            f"style {style.name!r} is one of {style.medium}s, and engine {engine.card.name} makes"
            f" {engine.card.medium}s; choose another engine",
            style=style.id,
        )


def check_offers(offered: Sequence[tuple[str, int]], *, engine: Engine) -> None:
    """Whether (offer id, weight) pairs can be ordered together from this engine. Raises BadRequest."""
    weights = [weight for _, weight in offered]
    demand(
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


def demand(*checks: tuple[bool, str]) -> None:
    """Raises BadRequest with the words of the first that does not hold."""
    fault = next((words for fine, words in checks if not fine), None)
    if fault:
        raise BadRequest(fault)


def _granted(session: Session, order: Order, medium: Medium, *, at: datetime) -> list[License]:
    """The licenses, in the order's own order, taken in the one order in which locks are taken everywhere."""
    alone = len(order.offers) == 1
    named = [("" if alone else offers.get(session, offer=offer).style, offer) for offer, _ in order.offers]
    granted = {offer: _grant(session, order, offer, medium, at=at) for _, offer in sorted(named)}
    return [granted[offer] for offer, _ in order.offers]


def _grant(session: Session, order: Order, offer: str, medium: Medium, *, at: datetime) -> License:
    license = licenses.grant(session, offer=offer, licensee=order.person, at=at)
    decision = licenses.permit(session, license=license.id, licensee=order.person, medium=medium, at=at)
    licenses.demand(decision)
    licenses.use_up(session, license=license.id)
    return license


def _admit(session: Session, license: License, *, position: int, weight: int, region: dict[str, Any]) -> WorkLicense:
    epoch, style_epoch = licenses.epochs(session, license=license.id)
    return WorkLicense(
        position=position,
        license=license.id,
        offer=license.offer,
        style=license.style,
        weight=weight,
        epoch=epoch,
        style_epoch=style_epoch,
        **region,
    )


def _price(license: License) -> Money:
    return licenses.terms_of(license).price
