"""Live progress: told in a transaction, heard by whoever follows. One LISTEN connection serves many readers."""

from __future__ import annotations

import json
import queue
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy.orm import Session

from core import db

CHANNEL = "progress"


@dataclass(frozen=True)
class Event:
    """What a work says of itself: `step` of `of` in `stage`; `state` changes end the story."""

    work: str
    state: str
    stage: str
    step: int
    of: int


def tell(session: Session, event: Event) -> None:
    """Tell followers when this transaction commits."""
    db.notify(session, CHANNEL, json.dumps(vars(event)))


class Hub:
    """Hears notifications on a thread of its own and hands each to the readers that asked for its channel."""

    def __init__(self, conninfo: str, *, channels: tuple[str, ...] = (CHANNEL,)) -> None:
        self._conninfo = conninfo
        self._channels = channels
        self._readers: dict[str, set[queue.SimpleQueue[Any]]] = defaultdict(set)
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

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    for channel in self._channels:
                        connection.execute(f'LISTEN "{channel}"')
                    self.listening.set()
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
