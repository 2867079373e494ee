"""The demo orders as a fan does, lets a worker make it, and follows as a page would."""

from __future__ import annotations

import queue
import threading
from typing import Any

from app.commands import show
from app.house import House
from app.worker import Worker
from core import db, progress
from core.errors import HomageError
from core.money import Money
from generation import orders, quotes, works
from generation.models import Work
from generation.orders import Order
from payments import ledger


class DemoFailed(HomageError):
    """The main job did not end as it must."""


def made(house: House, order: Order) -> Work:
    """The finished work. Raises DemoFailed."""
    hub = progress.Hub(house.conninfo).start()
    stop = threading.Event()
    crew = threading.Thread(target=Worker(house).run, args=(stop,), name="worker")
    try:
        with hub.reader(progress.CHANNEL) as events, show.progress("rendering") as bar:
            with db.unit(house.sessions) as session:
                work = orders.place(
                    session, order=order, catalog=house.catalog, policy=house.policy, at=house.clock.now()
                )
            crew.start()
            ended = _follow(house, work.id, order.person, events, bar)
    finally:
        stop.set()
        crew.join()
        hub.stop()
    if ended.state != "done" or ended.result_blob is None:
        raise DemoFailed(f"the demo's work ended as {ended.state}: {ended.reason}")
    return ended


def fee(house: House, work: Work) -> list[tuple[str, int]]:
    """Who got what of the price. Raises DemoFailed where that is not all of it."""
    with db.unit(house.sessions) as session:
        split = ledger.split_of(session, work=work.id, kind="fee")
    if sum(amount for _, amount in split) != work.price:
        raise DemoFailed("the receipt's lines do not sum to the price; run homage audit")
    return split


def tell_fee(house: House, work: Work) -> None:
    """The same for people."""
    for to, amount in fee(house, work):
        show.out(f"  {Money(amount, work.asset)!s:>14}  {quotes.role_of(to):<10} {to}")
    show.out(f"  {Money(work.price, work.asset)!s:>14}  price")


def _follow(house: House, work: str, person: str, events: Any, bar: show.Bar) -> Work:
    """Wait for the end; the row holds the last state, so a missed event costs a second, not the answer."""
    while True:
        try:
            event = events.get(timeout=1.0)
            if event["work"] == work:
                bar(event["step"], event["of"], event["stage"])
        except queue.Empty:
            pass
        with db.unit(house.sessions) as session:
            row = works.get(session, work=work, person=person)
        if row.state in ("done", "failed", "cancelled"):
            return row
