"""The index of one kind of features: what is registered is found in it from the commit on, by every process.

Postgres holds the truth, segments what is settled, each process the newest rows. Any number of processes use it at
once; each looks before every search what has changed since its last one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from attribution.segments import rows, tail
from attribution.segments.body import Body, Found, merge
from attribution.segments.builder import Builder
from attribution.segments.rows import Moment, Row
from attribution.segments.segment import SegmentUnusable
from attribution.segments.shelf import Maps, SearchUnfinished, Shelf
from attribution.segments.storage import Storage
from attribution.segments.tail import Part, View
from core import db

TAIL = 5_000  # rows outside the segments; a process that meets more flushes before it searches
BUDGET = 20.0  # seconds of a search: its session's transaction is ended by the server after 30
FLUSH = 1_000  # rows outside the segments that are worth a segment


@dataclass(frozen=True)
class Stats:
    """The index in numbers: works in `segments` files of so many bytes, and works outside of them."""

    segments: int
    works: int
    bytes: int
    waiting: int


class Index:
    """See above. Its methods may be called from any thread."""

    def __init__(
        self,
        sessions: db.Sessions,
        body: Body,
        storage: Storage,
        *,
        shelf: Shelf | None = None,
        builder: Builder | None = None,
    ) -> None:
        self.body = body
        self._sessions = sessions
        self._builder = builder or Builder(sessions, body, storage)
        self._shelf = shelf or Maps(body, storage)
        self._view = View("", rows.NONE)
        self._lock = threading.Lock()

    def add(self, session: Session, subject: str, data: bytes) -> None:
        """Register what a subject is found by, in the caller's transaction; twice is once."""
        rows.add(session, self.body, subject, data)

    def remove(self, session: Session, subjects: Collection[str], *, at: datetime) -> None:
        """Take subjects out of the index, for good and in every kind, with the caller's transaction.

        For what is erased. A withdrawn work stays: it is found, and its claim says that it is withdrawn.
        """
        rows.remove(session, subjects, at=at)

    def search(self, session: Session, asked: Any, *, most: int = 30, budget: float = BUDGET) -> list[Found]:
        """The registered subjects most like `asked`, the best first: all that was committed, and the session's own.

        `budget`: seconds. Raises SearchUnfinished where they did not suffice, SegmentUnusable where a file is damaged.
        """
        until = time.monotonic() + budget
        view, own, gone = self._look(session)
        try:
            return self._search(view, own, gone, asked, most=most, until=until)
        except SegmentUnusable:  # it may have been replaced, and its file deleted, since the live set was read
            again, own, gone = self._look(session)
            if again.live == view.live:
                raise
            return self._search(again, own, gone, asked, most=most, until=until)

    def flush(self) -> int:
        """Put the newest rows into a segment; how many there were. Zero also while another process is at it."""
        return self._builder.flush()

    def rebuild(self) -> int:
        """Build all segments anew from the rows; how many works they hold. Searches go on in the old ones meanwhile."""
        return self._builder.rebuild()

    def maintain(self, *, at: datetime, least: int = FLUSH) -> int:
        """To be done every minute or so by one process: flush where it is worth it, erase, delete stray files."""
        done = self._builder.flush(least=least)
        self._builder.compact(at=at)
        self._builder.sweep()
        with self._sessions() as session:
            self._shelf.sweep(rows.live(session, self.body, cluster=rows.now(session).cluster).entries)
        return done

    def stats(self, session: Session) -> Stats:
        live = rows.live(session, self.body, cluster=rows.now(session).cluster)
        works, size = sum(x.works for x in live.entries), sum(x.written.size for x in live.entries)
        return Stats(len(live.entries), works, size, rows.waiting(session, self.body, live.high))

    def _search(
        self, view: View, own: Part | None, gone: Collection[str], asked: Any, *, most: int, until: float
    ) -> list[Found]:
        def best(most: int) -> list[Found]:
            found = [self._shelf.search(view.live.entries, asked, most=most, until=until)]
            for part in (*view.parts, *([own] if own else [])):
                if time.monotonic() > until:
                    raise SearchUnfinished("the search was not finished in its time; ask again with more of it")
                found.append(part.search(self.body, asked, most=most))
            return merge(found, most=most)

        return _without(best, gone, most=most)

    def _look(self, session: Session) -> tuple[View, Part | None, Collection[str]]:
        """What is to be searched: what is known by now, what only this session sees, and what is not to be told."""
        with self._lock:
            fresh, moment = self._fresh(session)
            own = [row for row in fresh if row.place[0] == moment.own]
            since = self._view.horizon or self._view.live.built
            removed = rows.removed(session, self.body, since=since)
            settled = frozenset(one.subject for one in removed if one.tx != moment.own)
            view = self._view.grown(self.body, [row for row in fresh if row.place[0] != moment.own])
            horizon = max(view.horizon, moment.horizon)
            self._view = replace(view, horizon=horizon, removed=view.removed | settled)
            gone = self._view.removed.union(one.subject for one in removed)
            return self._view, tail.part(self.body, own) if own else None, gone

    def _fresh(self, session: Session) -> tuple[list[Row], Moment]:
        """Read the live set, and the rows above it that are not known; too many are put into a segment first."""
        moment = self._begin(session)
        unknown = rows.unknown(session, self.body, self._view.low, known=self._view.known)
        if len(unknown) > TAIL and self._builder.flush():
            moment = self._begin(session)
            unknown = rows.unknown(session, self.body, self._view.low, known=self._view.known)
        return rows.fetch(session, self.body, self._view.low, unknown), moment

    def _begin(self, session: Session) -> Moment:
        moment = rows.now(session)
        if self._view.cluster != moment.cluster:
            self._view = View(moment.cluster, rows.NONE)
        live = rows.live(session, self.body, cluster=moment.cluster)
        if live.version > self._view.live.version:  # an older snapshot than another thread's tells nothing new
            self._view = replace(self._view, live=live)
        return moment


def _without(best: Callable[[int], list[Found]], gone: Collection[str], *, most: int) -> list[Found]:
    """The best that are not to be left out; more are asked for where those took the places of others."""
    wanted = most
    while True:
        found = best(wanted)
        kept = [one for one in found if one.subject not in gone]
        if len(kept) >= most or len(found) < wanted:
            return kept[:most]
        wanted *= 2
