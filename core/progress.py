"""Live progress: told in a transaction, heard by whoever follows. One LISTEN connection serves many readers.

An event says how its work stands, not what changed: the newest one is enough, and a row read again replaces any lost.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from core import db

CHANNEL = "progress"
MOST_LETTERS = 500  # of a reason: a notification holds less than 8,000 bytes


@dataclass(frozen=True)
class Event:
    """How a work stands: `step` of `of` in `stage`. `beat` counts its events; `running`: seconds since it was begun."""

    work: str
    state: str
    stage: str
    step: int
    of: int
    beat: int = 0
    reason: str | None = None
    running: float | None = None


def tell(session: Session, event: Event) -> None:
    """Tell followers when this transaction commits."""
    reason = event.reason[:MOST_LETTERS] if event.reason else event.reason
    db.notify(session, CHANNEL, json.dumps({**vars(event), "reason": reason}))


class Follower:
    """Follows one work from an event loop; used by one task at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._woken = asyncio.Event()
        self._newest: Event | None = None
        self._missed = False

    async def next(self, timeout: float) -> Event | None:
        """The newest event that was not taken yet; None when some may be lost, so the row is to be read again.

        Raises TimeoutError after `timeout` seconds.
        """
        await asyncio.wait_for(self._woken.wait(), timeout)
        self._woken.clear()
        event, self._newest = self._newest, None
        missed, self._missed = self._missed, False
        return None if missed else event

    def hear(self, event: Event | None) -> None:
        """From any thread: an event, or None when some may have been lost."""
        with suppress(RuntimeError):  # the loop has ended, and with it whoever followed
            self._loop.call_soon_threadsafe(self._heard, event)

    def _heard(self, event: Event | None) -> None:
        self._newest, self._missed = event, self._missed or event is None
        self._woken.set()


class Hub:
    """Hears notifications on a thread of its own and hands them on: to readers of a channel, to followers of a work.

    After the server was away, followers are told that events may be lost; readers are not.
    """

    def __init__(self, conninfo: str, *, channels: tuple[str, ...] = (CHANNEL,)) -> None:
        self._conninfo = conninfo
        self._channels = channels
        self._readers: dict[str, set[queue.SimpleQueue[Any]]] = defaultdict(set)
        self._followers: dict[str, set[Follower]] = {}
        self._following: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="hub", daemon=True)

    def start(self, *, wait: float = 5.0) -> Hub:
        """Begin to listen; what is told after this returns is heard, unless the server is away for `wait` seconds."""
        self._thread.start()
        self.listening.wait(wait)
        return self

    def stop(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @contextmanager
    def reader(self, channel: str) -> Iterator[queue.SimpleQueue[Any]]:
        """A queue that receives every payload of `channel` (JSON-decoded) while the context is open."""
        mine: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with self._lock:
            self._readers[channel].add(mine)
        try:
            yield mine
        finally:
            with self._lock:
                self._readers[channel].discard(mine)

    @contextmanager
    def following(self, work: str, loop: asyncio.AbstractEventLoop, *, by: str = "") -> Iterator[Follower]:
        """A follower of this work's events while the context is open; entered and left on the loop's own thread."""
        mine = Follower(loop)
        with self._lock:
            self._followers.setdefault(work, set()).add(mine)
            self._following[by] += 1
        try:
            yield mine
        finally:
            with self._lock:
                self._following[by] -= 1
                if not self._following[by]:
                    del self._following[by]
                self._followers[work].discard(mine)
                if not self._followers[work]:
                    del self._followers[work]

    def followed_by(self, by: str) -> int:
        """How many works they follow now."""
        return self._following[by]

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    for channel in self._channels:
                        connection.execute(f'LISTEN "{channel}"')
                    self.listening.set()
                    self._say_lost()
                    self._pass_on(connection)
            except psycopg.OperationalError:
                self.listening.clear()
                self._stop.wait(0.5)  # the server is away: the rows hold the last state, so nothing is lost

    def _pass_on(self, connection: psycopg.Connection[Any]) -> None:
        while not self._stop.is_set():
            for note in connection.notifies(timeout=0.1):
                with suppress(ValueError):  # anyone with the database can notify; what is no JSON is not ours
                    payload = json.loads(note.payload)
                    with self._lock:
                        for reader in self._readers[note.channel]:
                            reader.put(payload)
                        if note.channel == CHANNEL:
                            self._hand_on(payload)

    def _hand_on(self, payload: Any) -> None:
        with suppress(TypeError, AttributeError):  # it is JSON, but no event of ours
            for follower in self._followers.get(payload.get("work"), ()):
                follower.hear(Event(**payload))

    def _say_lost(self) -> None:
        with self._lock:
            for followers in self._followers.values():
                for follower in followers:
                    follower.hear(None)
