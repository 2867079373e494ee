"""Whole-work codes in LanceDB: one of its tables for each live segment, with its own index over them.

The live set, the newest rows and what is removed are as everywhere; a table is copied from its segment when it is first
asked about, and is derived as that is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from attribution.segments import codes
from attribution.segments.body import Body, Found, merge, named
from attribution.segments.codes import Codes, Near
from attribution.segments.rows import Entry
from attribution.segments.segment import Segment
from attribution.segments.shelf import SearchUnfinished
from attribution.segments.storage import Storage, StorageUnusable

INDEXED = 50_000  # codes from which on looking at all of them takes longer than an index
PROBES = 100  # of its cells, which are as many as the square root of the codes
BATCH = 100_000


class Vectors:
    """A shelf (see `shelf.Shelf`) of bodies that `codes.body` made, whose codes are searched by LanceDB."""

    def __init__(self, body: Body, storage: Storage, place: str | Path) -> None:
        """`place`: a folder, or an address like s3://bucket/prefix. Raises StorageUnusable without LanceDB."""
        try:
            import lancedb
        except ImportError as error:
            raise StorageUnusable(
                "codes in LanceDB need its library; install homage[vectors], or look at every code"
            ) from error
        self._database: Any = lancedb.connect(str(place))
        self._body = body
        self._storage = storage
        self._lock = threading.Lock()
        self._tables: dict[str, tuple[Any, list[str]]] = {}

    def search(self, entries: Sequence[Entry], asked: Codes, *, most: int, until: float) -> list[Found]:
        """See `shelf.Shelf`."""
        with self._lock:
            self._tables = {x.name: self._tables.get(x.name) or self._opened(x) for x in entries}
            tables = list(self._tables.values())
        found = []
        for table, subjects in tables:
            if time.monotonic() > until:
                raise SearchUnfinished("the search was not finished in its time; ask again with more of it")
            found.append(named(_nearest(table, asked, most), subjects.__getitem__))
        return merge(found, most=most)

    def sweep(self, entries: Sequence[Entry]) -> None:
        """Drop the tables of segments that are live no more."""
        keep = {entry.name for entry in entries}
        prefix = f"{self._body.kind}.{self._body.algorithm}."
        for name in self._names():
            if name.startswith(prefix) and name not in keep:
                self._database.drop_table(name)

    def _opened(self, entry: Entry) -> tuple[Any, list[str]]:
        segment = Segment(self._storage.fetch(entry.name), body=self._body, expected=entry.written)
        if entry.name in self._names():
            return self._database.open_table(entry.name), segment.subjects
        return self._copied(entry.name, segment), segment.subjects

    def _names(self) -> list[str]:
        page = self._database.list_tables()
        names = list(page.tables)
        while page.page_token:
            page = self._database.list_tables(page_token=page.page_token)
            names += page.tables
        return names

    def _copied(self, name: str, segment: Segment) -> Any:
        import pyarrow
        from lancedb.index import IvfFlat

        held, owners = segment.arrays["codes"], segment.arrays["owners"]
        code = pyarrow.list_(pyarrow.uint8(), codes.BITS // 8)
        schema = pyarrow.schema([("code", code), ("owner", pyarrow.uint32())])

        def batches() -> Iterable[Any]:
            for start in range(0, len(owners), BATCH):
                flat = np.ascontiguousarray(held[:, start : start + BATCH].T, "<u8").view(np.uint8).reshape(-1)
                columns = [pyarrow.FixedSizeListArray.from_arrays(flat, type=code), owners[start : start + BATCH]]
                yield pyarrow.record_batch([columns[0], pyarrow.array(columns[1])], schema=schema)

        reader = pyarrow.RecordBatchReader.from_batches(schema, batches())
        table = self._database.create_table(name, data=reader, mode="create", exist_ok=True)
        if len(owners) >= INDEXED:
            cells = round(len(owners) ** 0.5)
            table.create_index("code", config=IvfFlat(distance_type="hamming", num_partitions=cells))
        return table


def _nearest(table: Any, asked: Codes, most: int) -> list[Near]:
    """The nearest works in a table by any of the asked codes; more codes are looked at where works have several."""
    best: dict[int, int] = {}
    for one in asked:
        wanted, seen = most, -1
        while True:
            query = table.search(np.ascontiguousarray(one, "<u8").view(np.uint8), vector_column_name="code")
            found = query.distance_type("hamming").nprobes(PROBES).limit(wanted).to_arrow()
            owners, apart = found["owner"].to_pylist(), found["_distance"].to_pylist()
            if len(set(owners)) >= most or len(owners) < wanted or len(owners) == seen:
                break
            wanted, seen = 2 * wanted, len(owners)
        for owner, distance in zip(owners, apart, strict=True):
            best[owner] = min(best.get(owner, codes.BITS), int(distance))
    ordered = sorted(best.items(), key=lambda item: (item[1], item[0]))[:most]
    return [Near(owner, distance) for owner, distance in ordered]
