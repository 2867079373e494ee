"""Orders: what one grants, holds and queues, and that a refused one leaves nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from core import db
from core.errors import NotFound
from generation import orders, works
from generation.catalog import UnknownEngine
from generation.engine import BadRequest
from generation.models import Work
from licensing import offers
from licensing.licenses import QuotaUsedUp
from licensing.models import License
from licensing.offers import BeyondConsent, OfferClosed
from payments.ledger import NotEnoughCredit
from payments.models import Entry
from tests.creators.studio import declare
from tests.generation.world import POLICY, PRICE, World


def counts(world: World) -> tuple[int, int, int]:
    """How many works, licenses and entries there are."""
    with world.sessions() as session:
        tables = (Work.id, License.id, Entry.id)
        return tuple(session.scalar(select(func.count(column))) or 0 for column in tables)  # type: ignore[return-value]


def test_an_order_grants_a_license_holds_the_price_and_queues_the_work(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    work = world.place(world.order(fan, offer))
    assert (work.state, work.price) == ("queued", PRICE.amount)
    assert world.balance(f"credit:{fan.id}") == 15_000_000
    assert world.balance(f"hold:{work.id}") == PRICE.amount
    assert world.license_of(work.id).used == 1


def test_the_same_key_and_order_give_the_same_work_and_one_hold(world: World) -> None:
    order = world.order(world.fan(), world.artist())
    first, second = world.place(order), world.place(order)
    assert first.id == second.id
    assert world.entry_kinds(first.id) == ["hold"]


@pytest.mark.parametrize("change", [{"seed": 4}, {"params": {"steps": 3}}, {"source_sha256": "0" * 64}])
def test_a_key_used_for_another_order_is_refused(world: World, change: dict[str, object]) -> None:
    order = world.order(world.fan(), world.artist())
    world.place(order)
    before = counts(world)
    with pytest.raises(orders.KeyReused, match="send a new key"):
        world.place(replace(order, **change))  # type: ignore[arg-type]
    assert counts(world) == before


def test_two_people_may_use_the_same_key(world: World) -> None:
    offer = world.artist()
    ordered = [world.place(world.order(world.fan(name), offer, idempotency_key="one")) for name in ("Bob", "Eve")]
    assert ordered[0].id != ordered[1].id


def test_without_credit_neither_work_nor_license_nor_entry_is_left(world: World) -> None:
    offer, fan = world.artist(), world.fan(credit="4.99")
    before = counts(world)
    with pytest.raises(NotEnoughCredit):
        world.place(world.order(fan, offer))
    assert counts(world) == before


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"engine": "nobody"}, UnknownEngine, "no engine 'nobody' is admitted"),
        ({"params": {"steps": 0}}, BadRequest, "steps: Input should be greater than or equal to 1"),
        ({"params": {"speed": 1}}, BadRequest, "speed: Extra inputs are not permitted"),
        ({"seed": -1}, BadRequest, "a seed is a whole number"),
        ({"offers": ()}, BadRequest, "1 to 8 different offers"),
        ({"idempotency_key": ""}, BadRequest, "an idempotency key has"),
        ({"offers": (("off_unknown", 1),)}, NotFound, "off_unknown"),
        ({"person": "per_01arz3ndektsv4rrffq69g5fav"}, NotFound, "there is no person"),
    ],
)
def test_a_faulty_order_is_refused_whole(
    world: World, change: dict[str, object], error: type[Exception], words: str
) -> None:
    order = world.order(world.fan(), world.artist())
    before = counts(world)
    with pytest.raises(error, match=words):
        world.place(replace(order, **change))  # type: ignore[arg-type]
    assert counts(world) == before


def test_weights_are_positive_whole_numbers(world: World) -> None:
    offer = world.artist()
    with pytest.raises(BadRequest, match="weight"):
        world.place(world.order(world.fan(), offers=((offer.id, 0),)))


def test_a_closed_offer_names_the_one_in_its_place(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    with db.unit(world.sessions) as session:
        style = world.style_of(offer)
        newer = offers.publish(
            session, style=style.id, creator=style.creator, terms=offers.terms_of(offer), at=world.now
        )
    with pytest.raises(OfferClosed) as caught:
        world.place(world.order(fan, offer))
    assert caught.value.facts["current"] == newer.id


def test_the_cap_counts_works_and_gives_failed_ones_back(world: World) -> None:
    offer, fan = world.artist(cap=1), world.fan()
    first = world.place(world.order(fan, offer))
    with pytest.raises(QuotaUsedUp):
        world.place(world.order(fan, offer))
    with db.unit(world.sessions) as session:
        works.cancel(session, work=first.id, person=fan.id, at=world.now)
    assert world.place(world.order(fan, offer)).state == "queued"


def test_a_free_offer_needs_no_credit_and_moves_no_money(world: World) -> None:
    offer, fan = world.artist(price=type(PRICE)(0)), world.fan(credit="0.00")
    work = world.place(world.order(fan, offer))
    assert world.make_all() == ["done"]
    assert world.entry_kinds(work.id) == []


def test_a_mix_costs_the_sum_of_its_licenses(world: World) -> None:
    one, other = world.artist("Ada Marsh", seed=1), world.artist("Ivo Brandt", seed=2)
    work = world.place(world.order(world.fan(), one, other))
    assert work.price == 2 * PRICE.amount
    assert len(work.grants) == 2


def test_the_policy_of_the_order_stays_with_the_work(world: World) -> None:
    work = world.place(world.order(world.fan(), world.artist()))
    assert (work.platform_ppm, work.compute) == (POLICY.platform_ppm, POLICY.compute.amount)


def test_a_license_that_stands_lasts_when_its_offer_is_closed(world: World) -> None:
    offer, fan = world.artist(cap=2), world.fan()
    world.place(world.order(fan, offer))
    with db.unit(world.sessions) as session:
        style = world.style_of(offer)
        dearer = replace(offers.terms_of(offer), price=type(PRICE)(9_000_000))
        offers.publish(session, style=style.id, creator=style.creator, terms=dearer, at=world.now)
    assert world.place(world.order(fan, offer)).price == PRICE.amount
    with pytest.raises(QuotaUsedUp):
        world.place(world.order(fan, offer))


def test_an_offer_that_goes_beyond_a_narrower_consent_grants_nothing(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    with db.unit(world.sessions) as session:
        declare(session, world.style_of(offer), expires_on=dt.date(2027, 1, 1))
    with pytest.raises(BeyondConsent):
        world.place(world.order(fan, offer))
