"""The queue: orders and previews take turns, a place is what is before one, an estimate is what it took before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from core import db
from creators.models import Person
from generation import waiting
from generation.models import Work
from licensing.models import Offer
from tests.generation.test_previews import place
from tests.generation.world import World


@pytest.fixture
def offer(world: World) -> Offer:
    return world.artist()


def fans(world: World, number: int) -> list[Person]:
    return [world.fan(f"Fan {n}") for n in range(number)]


def places(world: World, *works: Work) -> list[waiting.Place]:
    with world.sessions() as session:
        rows = [session.get_one(Work, work.id) for work in works]
        found = waiting.places(session, rows)
        return [found.get(row.id, waiting.NOWHERE) for row in rows]


def took(world: World, work: Work, seconds: float) -> None:
    """Say that a finished work took so long."""
    with db.unit(world.sessions) as session:
        session.execute(update(Work).where(Work.id == work.id).values(took_ms=int(1000 * seconds)))


def test_orders_and_previews_take_turns_and_places_say_so(world: World, offer: Offer) -> None:
    people = fans(world, 4)
    orders = [world.place(world.order(fan, offer)) for fan in people]
    tried = [place(world, fan, offer) for fan in people[:3]]
    expected = [tried[0], orders[0], tried[1], orders[1], tried[2], orders[2], orders[3]]
    assert [found.ahead for found in places(world, *expected)] == list(range(7))
    claimed = []
    for remaining in range(7, 0, -1):
        waiting_now = expected[len(claimed) :]
        assert [found.ahead for found in places(world, *waiting_now)] == list(range(remaining))
        claimed.append(world.claim()[0].work)
    assert claimed == [work.id for work in expected]


def test_a_flood_of_previews_holds_up_an_order_by_one(world: World, offer: Offer) -> None:
    for fan in fans(world, 6):
        place(world, fan, offer)
    order = world.place(world.order(world.fan(), offer))
    assert order.id in [world.claim()[0].work for _ in range(2)]


def test_nothing_is_estimated_before_anything_was_made(world: World, offer: Offer) -> None:
    one, other = (world.place(world.order(fan, offer)) for fan in fans(world, 2))
    assert [found.seconds for found in places(world, one, other)] == [None, None]


def test_an_estimate_is_the_median_and_what_is_before_it(world: World, offer: Offer) -> None:
    for seconds, fan in zip((10, 20, 90), fans(world, 3), strict=True):
        work = world.place(world.order(fan, offer))
        world.make_all()
        took(world, work, seconds)
    one, other = (world.place(world.order(fan, offer)) for fan in fans(world, 2))
    assert [(found.ahead, found.seconds) for found in places(world, one, other)] == [(0, 20.0), (1, 40.0)]
    world.claim(lease=timedelta(minutes=1))
    running, next_one = places(world, one, other)
    assert (running.ahead, next_one.ahead) == (None, 0)
    assert running.seconds == pytest.approx(20.0, abs=1)
    assert next_one.seconds == pytest.approx(40.0, abs=1)  # the running one's rest, then its own
    assert places(world, work) == [waiting.NOWHERE]


def test_two_workers_halve_the_wait(world: World, offer: Offer) -> None:
    done = world.place(world.order(world.fan(), offer))
    world.make_all()
    took(world, done, 30)
    with db.unit(world.sessions) as session:
        elsewhere = {"worker": "another", "idempotency_key": "another", "id": f"{done.id}x"}
        copy = {c.name: getattr(session.get_one(Work, done.id), c.name) for c in Work.__table__.columns}
        session.add(Work(**{**copy, **elsewhere}))
    waiting_ones = [world.place(world.order(fan, offer)) for fan in fans(world, 3)]
    assert [found.seconds for found in places(world, *waiting_ones)] == [30.0, 45.0, 60.0]


def test_a_work_that_takes_longer_than_usual_is_due_any_moment(world: World, offer: Offer) -> None:
    done = world.place(world.order(world.fan(), offer))
    world.make_all()
    took(world, done, 0.001)
    work = world.place(world.order(world.fan("Eve"), offer))
    world.claim()
    assert places(world, work)[0].seconds == 0.0
