"""Who searches the live segments; here: this process, in files that it maps."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol

from attribution.segments.body import Body, Found, merge
from attribution.segments.rows import Entry
from attribution.segments.segment import Segment
from attribution.segments.storage import Storage
from core.errors import Unavailable


class SearchUnfinished(Unavailable):
    """The time for a search ended before all of the index was searched; nothing is known of the rest."""


class Shelf(Protocol):
    """Holds the live segments, and searches them."""

    def search(self, entries: Sequence[Entry], asked: Any, *, most: int, until: float) -> list[Found]:
        """The best in all of these segments. Raises SegmentUnusable, and SearchUnfinished at `until` (monotonic s)."""
        ...

    def sweep(self, entries: Sequence[Entry]) -> None:
        """Let go what was made for other segments than these live ones."""
        ...


class Maps:
    """Segments as files that are mapped once and kept until they are live no more."""

    def __init__(self, body: Body, storage: Storage) -> None:
        self._body = body
        self._storage = storage
        self._open: dict[str, Segment] = {}
        self._lock = threading.Lock()

    def search(self, entries: Sequence[Entry], asked: Any, *, most: int, until: float) -> list[Found]:
        found = []
        for segment in self._opened(entries):
            if time.monotonic() > until:
                raise SearchUnfinished("the search was not finished in its time; ask again with more of it")
            found.append(segment.search(asked, most=most))
        return merge(found, most=most)

    def sweep(self, entries: Sequence[Entry]) -> None:
        """Nothing is made for them but maps, which the next search lets go."""

    def _opened(self, entries: Sequence[Entry]) -> list[Segment]:
        with self._lock:
            self._open = {entry.name: self._open.get(entry.name) or self._opening(entry) for entry in entries}
            return list(self._open.values())

    def _opening(self, entry: Entry) -> Segment:
        return Segment(self._storage.fetch(entry.name), body=self._body, expected=entry.written)
