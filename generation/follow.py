"""A work followed as server-sent events: how it stands now, then at each change, until it has ended.

An event's id is the work's beat, so who comes back with the last one gets what is newer, and nothing twice. Events
carry all they say; the row is read when someone comes, while a work waits (its place changes without an event of its
own), and when events may have been lost. No stream holds a connection or a transaction meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

from fastapi.concurrency import run_in_threadpool
from fastapi.sse import format_sse_event

from core import db
from core.errors import NotFound, TooMany
from core.progress import Follower, Hub
from generation import shown, works
from generation.schemas import Standing

HEARTBEAT = 15.0  # seconds; proxies close what is silent for longer
LOOK_AGAIN = 3.0  # while it waits
SLICE = 1.0  # within which a server that stops is noticed
MOST_STREAMS = 8  # of one person, in this process
COMMENT = b": still here\n\n"
HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
ENDED = ("done", "failed", "cancelled")


class TooManyStreams(TooMany):
    """Nobody follows more works than this at once."""


class Stream:
    """One person following one work of theirs, until the server stops. `heartbeat`, `look_again`: seconds."""

    def __init__(
        self,
        hub: Hub,
        sessions: db.Sessions,
        *,
        stopping: threading.Event,
        work: str,
        person: str,
        heartbeat: float = HEARTBEAT,
        look_again: float = LOOK_AGAIN,
    ) -> None:
        self._hub = hub
        self._sessions = sessions
        self._stopping = stopping
        self._work = work
        self._person = person
        self._heartbeat, self._look_again = heartbeat, look_again
        self._usual: float | None = None

    def begin(self) -> Standing:
        """How the work stands. Raises NotFound when it is not this person's, TooManyStreams."""
        now = self._look()
        if self._hub.followed_by(self._person) >= MOST_STREAMS:
            raise TooManyStreams(
                f"you follow {MOST_STREAMS} works already, as many as one may; close another page first",
                retry_after=int(self._heartbeat),
            )
        return now

    async def events(self, *, after: str | None) -> AsyncIterator[bytes]:
        """The stream's bytes. `after`: the id of the last event that the reader has."""
        loop = asyncio.get_running_loop()
        with self._hub.following(self._work, loop, by=self._person) as follower:
            if self._hub.followed_by(self._person) > MOST_STREAMS:  # opened at once, each was let in as the last one
                return
            said = await run_in_threadpool(self._look)
            if str(said.beat) != after:
                yield _event(said)
            spoke = loop.time()
            while said.state not in ENDED:
                fresh = await self._next(follower, said)
                if fresh is None:
                    return
                if fresh.beat > said.beat or (fresh.beat == said.beat and fresh.ahead != said.ahead):
                    said, spoke = fresh, loop.time()
                    yield _event(said)
                elif loop.time() >= spoke + self._heartbeat:
                    spoke = loop.time()
                    yield COMMENT

    async def _next(self, follower: Follower, said: Standing) -> Standing | None:
        """How it stands after an event, or after a while; None when there will be no more."""
        wait = self._look_again if said.state == "queued" else self._heartbeat
        until = asyncio.get_running_loop().time() + wait
        while not self._stopping.is_set():
            try:
                heard = await follower.next(min(SLICE, wait))
            except TimeoutError:
                if asyncio.get_running_loop().time() < until:
                    continue
                heard = None
            if heard is None or heard.state == "queued":
                return await run_in_threadpool(self._look_again_at, said)
            return Standing.heard(heard, usual=self._usual)
        return None

    def _look(self) -> Standing:
        with db.unit(self._sessions) as session:
            row = works.get(session, work=self._work, person=self._person)
            seen = shown.of(session, [row], person=self._person)[0]
        self._usual = seen.place.usual
        return Standing.at(seen)

    def _look_again_at(self, said: Standing) -> Standing | None:
        """The row as it is now; what was said before while the database is away; None when the row is gone."""
        try:
            return self._look()
        except NotFound:
            return None
        except Exception as error:
            if db.lost(error) or db.busy(error):
                return said
            raise


def _event(standing: Standing) -> bytes:
    return format_sse_event(event="work", id=str(standing.beat), data_str=standing.model_dump_json())
