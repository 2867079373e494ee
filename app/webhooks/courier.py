"""The courier: takes up due deliveries beside a worker, and sends each on a thread that may wait for a slow server.

It looks once a second. Kill it at any moment: what it was sending is sent again after its lease.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog

from app.house import House
from app.webhooks import dispatch, schedule, signing
from app.webhooks.dispatch import Outcome, Parcel
from core import db
from core.errors import HomageError

AT_ONCE = 16
POLL_SECONDS, PAUSE_SECONDS, END_SECONDS = 1.0, 5.0, 10.0
SHOWN_BYTES = 500  # of an answer
log = structlog.get_logger()


class Courier:
    """Sends while the context is open. Several may, here and elsewhere: each delivery is taken up by one."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._free = AT_ONCE
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def __enter__(self) -> Courier:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        """Take up nothing more; what is on its way has ten seconds, and else is sent again after its lease."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._free == AT_ONCE, timeout=END_SECONDS)
        self._thread.join(timeout=END_SECONDS)

    def _run(self) -> None:
        while not self._stopping:
            pause = POLL_SECONDS
            try:
                taken = turn(self._house, free=self._free, doing=self._begin)
                pause = 0.0 if taken and self._free else POLL_SECONDS
            except Exception as error:
                log.warning("webhooks pause", reason=f"{type(error).__name__}: {error}".splitlines()[0])
                pause = PAUSE_SECONDS
            with self._changed:
                if not self._stopping:
                    self._changed.wait(pause)

    def _begin(self, parcel: Parcel) -> None:
        with self._changed:
            self._free -= 1
        threading.Thread(target=self._deliver, args=(parcel,), name="delivery", daemon=True).start()

    def _deliver(self, parcel: Parcel) -> None:
        try:
            deliver(self._house, parcel)
        except Exception as error:
            log.exception("a delivery was not settled; it is made again", delivery=parcel.delivery, reason=str(error))
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()


def turn(house: House, *, free: int = AT_ONCE, doing: Callable[[Parcel], None] | None = None) -> int:
    """Spread what is new and take up what is due, to be delivered by `doing`; how many events and deliveries."""
    at = house.clock.now()
    with db.unit(house.sessions) as session:
        spread = dispatch.spread(session, at=at)
    with db.unit(house.sessions) as session:
        parcels = dispatch.take(session, free=free, at=at) if free else []
    for parcel in parcels:
        doing(parcel) if doing else deliver(house, parcel)
    return spread + len(parcels)


def deliver(house: House, parcel: Parcel) -> None:
    """Make one attempt and write down what came of it."""
    outcome = send(house, parcel)
    db.settled(house.sessions, partial(dispatch.settle, parcel=parcel, outcome=outcome, post=house.post))
    log.info("webhook told", webhook=parcel.webhook, id=parcel.event, status=outcome.status, reason=outcome.failure)


def send(house: House, parcel: Parcel) -> Outcome:
    """One request, signed by what signs now; never follows a redirect. Whatever goes wrong is an outcome."""
    from core import fetching  # loads the HTTP library

    at, begun = house.clock.now(), time.monotonic()
    try:
        secrets = [house.keys.open(parcel.person, sealed).decode() for sealed in parcel.secrets]
        signed = signing.headers(parcel.event, parcel.body, secrets, at=at)
        headers = {"content-type": "application/json", **signed}
        network = house.network
        got = fetching.post(
            parcel.url, parcel.body, headers, seconds=schedule.SECONDS, first=SHOWN_BYTES, network=network
        )
    except HomageError as error:
        return Outcome(at, _since(begun), failure=error.message)
    words = "it redirects; name the last address" if 300 <= got.status < 400 else None
    shown = got.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return Outcome(at, _since(begun), got.status, words, shown, schedule.asked(got.headers))


def _since(begun: float) -> int:
    return int(1_000 * (time.monotonic() - begun))
