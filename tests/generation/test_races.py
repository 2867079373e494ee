"""Races over one work, by threads with sessions of their own: one result, one claim, one fee, whoever wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core import db
from core.errors import HomageError
from generation import works
from generation.works import Claimed
from generation.workshop import Workshop
from payments.ledger import NotEnoughCredit
from tests.generation.world import PRICE, World

THREADS = 8


@dataclass(frozen=True)
class Keeping(Workshop):
    """Keeps what a worker would finish with, so that many may try."""

    kept: list[tuple[Any, ...]] = field(default_factory=list)

    def _finish(self, held: Claimed, *rest: Any) -> None:
        self.kept.append((held, *rest))


def at_once(doing: Callable[[], str]) -> list[str]:
    """Run it in eight threads that start together; what each returned, or the name of the error it met."""
    barrier = threading.Barrier(THREADS)

    def run() -> str:
        barrier.wait()
        try:
            return doing()
        except HomageError as error:
            return type(error).__name__

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(THREADS)]]


def test_eight_threads_finish_one_work_once(world: World) -> None:
    work = world.place(world.order(world.fan(), world.artist()))
    keeping = Keeping(**vars(world.workshop))
    keeping.make(world.claim()[0])
    held, sealed, made = keeping.kept[0]

    def finish() -> str:
        with db.unit(world.sessions) as session:
            works.finish(session, held=held, sealed=sealed, made=made, at=world.now)
        return "finished"

    assert at_once(finish) == ["finished"] * THREADS
    assert world.entry_kinds(work.id) == ["hold", "fee"]
    world.assert_books_balance()


def test_eight_threads_with_one_key_order_one_work(world: World) -> None:
    order = world.order(world.fan(), world.artist())
    placed = at_once(lambda: world.place(order).id)
    assert len(set(placed)) == 1
    assert world.balance(f"hold:{placed[0]}") == PRICE.amount


def test_eight_orders_never_spend_more_than_there_is(world: World) -> None:
    offer, fan = world.artist(), world.fan(credit="17.00")
    placed = at_once(lambda: world.place(world.order(fan, offer)).id)
    assert placed.count(NotEnoughCredit.__name__) == THREADS - 3
    assert world.balance(f"credit:{fan.id}") == 2_000_000


def test_eight_workers_claim_each_work_once(world: World) -> None:
    offer, fan = world.artist(), world.fan(credit="100.00")
    ordered = {world.place(world.order(fan, offer)).id for _ in range(5)}
    claimed = [one for one in at_once(lambda: ",".join(held.work for held in world.claim())) if one]
    assert len(claimed) == len(set(claimed)) > 0
    assert set(claimed) <= ordered


def test_cancel_and_finish_end_a_work_once(world: World) -> None:
    fan = world.fan(credit="100.00")
    offer = world.artist()
    for _ in range(5):
        work = world.place(world.order(fan, offer))
        held = world.claim()[0]

        def cancel(id: str = work.id) -> None:
            with db.unit(world.sessions) as session:
                works.cancel(session, work=id, person=fan.id, at=world.now)

        stopper = threading.Thread(target=lambda: _swallow(cancel))
        maker = threading.Thread(target=lambda one=held: world.workshop.make(one))  # type: ignore[misc]
        maker.start()
        stopper.start()
        maker.join()
        stopper.join()
        assert world.entry_kinds(work.id) in (["hold", "fee"], ["hold", "release"])
    world.assert_books_balance()


def test_many_works_end_side_by_side_without_deadlock(world: World) -> None:
    """Ends and orders of one fan and one license take their locks in one order."""
    offer, fan = world.artist(), world.fan(credit="400.00")

    def busy() -> str:
        for _ in range(4):
            work = world.place(world.order(fan, offer))
            with db.unit(world.sessions) as session:
                works.cancel(session, work=work.id, person=fan.id, at=world.now)
        return "through"

    assert at_once(busy) == ["through"] * THREADS
    assert world.balance(f"credit:{fan.id}") == 400_000_000


def test_mixes_ordered_either_way_round_never_wait_for_each_other(world: World) -> None:
    one, other = world.artist("Ada Marsh", seed=1), world.artist("Ivo Brandt", seed=2)
    fan = world.fan(credit="2000.00")
    turns = iter(range(100))

    def busy() -> str:
        for _ in range(4):
            pair = (one, other) if next(turns) % 2 else (other, one)
            work = world.place(world.order(fan, *pair))
            if next(turns) % 2:
                with db.unit(world.sessions) as session:
                    works.cancel(session, work=work.id, person=fan.id, at=world.now)
            else:
                world.make_all()
        return "through"

    assert at_once(busy) == ["through"] * THREADS
    world.make_all()
    world.assert_books_balance()


def _swallow(doing: Callable[[], None]) -> None:
    with suppress(works.AlreadyEnded):
        doing()
