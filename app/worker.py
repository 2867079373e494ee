"""The worker: pulls queued works, makes them one by one, sweeps what others lost. Kill it at any moment."""

from __future__ import annotations

import os
import queue
import socket
import threading
from datetime import timedelta

import structlog

from app.house import House
from core import db
from core.progress import Hub
from generation import works
from generation.tasks import sweep_all
from generation.works import Claimed

POLL_SECONDS = 1.0
PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.2, 5.0  # while the database is away
log = structlog.get_logger()


class Worker:
    """One worker of a house. Several may run, here and elsewhere; each work is made by one at a time."""

    def __init__(self, house: House, *, engines: tuple[str, ...] | None = None) -> None:
        self.house = house
        self.engines = engines or house.catalog.allowed
        self._pause = PAUSE_SECONDS
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop, then give the present work back; a lost database is waited for, never fatal."""
        hub = Hub(self.house.conninfo, channels=(works.QUEUE, "revoked")).start()
        log.info("worker ready", name=self.name, engines=list(self.engines))
        try:
            with hub.reader(works.QUEUE) as queued, hub.reader("revoked") as revoked:
                while not stop.is_set():
                    if not self._turn(stop):
                        _wait(queued, revoked, stop)
        finally:
            hub.stop()

    def once(self, stop: threading.Event | None = None) -> int:
        """Sweep, then make what is queued now; how many works were taken up. `stop` gives the present one back."""
        stop = stop or threading.Event()
        self.sweep()
        made = 0
        while not stop.is_set() and (claimed := self.claim()):
            for held in claimed:
                self.house.workshop.make(held, stopping=stop.is_set)
                made += 1
        return made

    def claim(self) -> list[Claimed]:
        for engine in self.engines:
            with db.unit(self.house.sessions) as session:
                held = works.claim(session, engine=engine, worker=self.name, lease=self.house.lease, limit=1)
            if held:
                return held
        return []

    def sweep(self) -> int:
        """Requeue what others lost and end what lost its consent; how many."""
        return sweep_all(self.house.sessions, at=self.house.clock.now())

    def _turn(self, stop: threading.Event) -> bool:
        """One look at the queue; True when something was done. Whatever goes wrong is told and waited out."""
        try:
            made = self.once(stop) > 0
            self._pause = PAUSE_SECONDS
            return made
        except Exception as error:
            if db.lost(error):
                log.warning("database lost, waiting", error=str(error.__cause__ or error).splitlines()[0])
                stop.wait(self._pause)
                self._pause = min(2 * self._pause, MOST_PAUSE_SECONDS)
                self._revive(stop)
                return True
            log.exception("this turn failed; its work is left to its lease")
            stop.wait(POLL_SECONDS)
            return True

    def _revive(self, stop: threading.Event) -> None:
        try:
            self.house.revive()
        except Exception as error:
            log.warning("database not back yet", error=str(error))
            stop.wait(1.0)


def _wait(queued: queue.SimpleQueue[object], revoked: queue.SimpleQueue[object], stop: threading.Event) -> None:
    """Until something is queued or revoked, or the poll is due (a lost lease makes no noise)."""
    until = timedelta(seconds=POLL_SECONDS).total_seconds()
    while until > 0 and not stop.is_set():
        try:
            queued.get(timeout=0.1)
            while not queued.empty():  # one look at the queue is enough for all that was told during the last work
                queued.get()
            return
        except queue.Empty:
            until -= 0.1
        if not revoked.empty():
            while not revoked.empty():
                revoked.get()
            return
