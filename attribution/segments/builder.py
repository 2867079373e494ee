"""Builds segments from the rows, one process at a time: what is ready replaces what was live in one row's change."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from attribution.segments import rows, segment
from attribution.segments.body import Body
from attribution.segments.rows import Entry, Live, Moment, Place, Removed, Row
from attribution.segments.storage import Storage
from attribution.segments.tiers import swallowed
from core import db

LARGEST = 250_000  # works of one segment; building one holds all of its features in memory
STRAY_SECONDS = 3600  # until a file that nothing names is deleted: longer than from its writing to its naming
ERASED_WITHIN = timedelta(days=7)  # until what was removed is in no live file either
SPARSE = 0.02  # of a segment's works, removed: then it is built again without waiting


class Builder:
    """Makes the segments of one kind. Any process may try at any time; while one builds, the others do nothing."""

    def __init__(self, sessions: db.Sessions, body: Body, storage: Storage, *, largest: int = LARGEST) -> None:
        self._sessions = sessions
        self._body = body
        self._storage = storage
        self._largest = largest
        self._prefix = f"{body.kind}.{body.algorithm}."

    def flush(self, *, least: int = 1) -> int:
        """Put what is in no segment yet into one, together with small segments before; how many rows were added.

        Nothing is done for fewer than `least` rows. Rows of transactions that go on, and of later ones, stay outside.
        """
        with self._alone() as alone:
            if not alone:
                return 0
            moment, live = self._state()
            high = (moment.horizon, 0)
            with self._sessions() as session:
                fresh = rows.waiting(session, self._body, live.high, high)
            if fresh < max(1, least):
                return 0
            kept = len(live.entries) - swallowed([x.works for x in live.entries], fresh, largest=self._largest)
            low = live.entries[kept].low if kept < len(live.entries) else live.high
            built = self._built(low, high, moment)
            return fresh if self._publish(live, (*live.entries[:kept], *built), moment) else 0

    def rebuild(self) -> int:
        """Build every segment anew from the rows; how many works they hold, 0 if another process was building."""
        with self._alone() as alone:
            if not alone:
                return 0
            moment, live = self._state()
            built = self._built(rows.START, (moment.horizon, 0), moment)
            return sum(entry.works for entry in built) if self._publish(live, built, moment) else 0

    def compact(self, *, at: datetime) -> int:
        """Build those segments anew that hold much of what was removed, or anything removed long ago; how many."""
        with self._alone() as alone:
            if not alone:
                return 0
            moment, live = self._state()
            with self._sessions() as session:
                removed = rows.removed(session, self._body, since=live.built)
            stale = {entry.name for entry in live.entries if _stale(entry, removed, at)}
            if not stale:
                return 0
            entries = [
                new
                for entry in live.entries
                for new in (self._built(entry.low, entry.high, moment) if entry.name in stale else [entry])
            ]
            return len(stale) if self._publish(live, entries, moment) else 0

    def sweep(self, *, older: float = STRAY_SECONDS) -> None:
        """Delete files that are live no more, or never were because their builder was killed."""
        with self._alone() as alone:
            if alone:
                _, live = self._state()
                self._storage.sweep(self._prefix, keep={entry.name for entry in live.entries}, older=older)

    def _state(self) -> tuple[Moment, Live]:
        with db.unit(self._sessions) as session:
            moment = rows.now(session)
            if rows.restored(session, self._body, cluster=moment.cluster):
                return rows.now(session), rows.NONE
            return moment, rows.live(session, self._body, cluster=moment.cluster)

    def _built(self, low: Place, high: Place, moment: Moment) -> list[Entry]:
        """Segments of the rows from `low` up to `high`, written and fetchable, not live yet."""
        entries = []
        source = rows.read(self._sessions, self._body, low, high)
        while piece := list(islice(source, self._largest)):
            end = (piece[-1].place[0], piece[-1].place[1] + 1) if len(piece) == self._largest else high
            entries.append(self._write(piece, low, end, moment))
            low = end
        return entries

    def _write(self, piece: Sequence[Row], low: Place, high: Place, moment: Moment) -> Entry:
        name = f"{self._prefix}{uuid.uuid4().hex}.segment"
        arrays = self._body.build([self._body.unpack(row.data) for row in piece])
        subjects = [row.subject for row in piece]
        written = segment.write(self._storage.folder / name, arrays, subjects=subjects, body=self._body)
        self._storage.publish(name)
        return Entry(name, low, high, moment.horizon, len(piece), written)

    def _publish(self, before: Live, entries: Sequence[Entry], moment: Moment) -> bool:
        with db.unit(self._sessions) as session:
            return rows.publish(session, self._body, before, entries, cluster=moment.cluster)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process builds. The lock only spares work: `publish` sees whether somebody came between."""
        key = func.hashtextextended(f"attribution.segments:{self._prefix}", 0)
        engine = self._sessions.kw["bind"]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            alone = bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
            try:
                yield alone
            finally:
                with suppress(DBAPIError):  # the connection is gone, and the lock with it
                    if alone:
                        connection.execute(select(func.pg_advisory_unlock(key)))


def _stale(entry: Entry, removed: Sequence[Removed], at: datetime) -> bool:
    inside = [one for one in removed if one.tx >= entry.built and entry.low <= one.place < entry.high]
    return len(inside) > SPARSE * entry.works or any(one.at < at - ERASED_WITHIN for one in inside)
