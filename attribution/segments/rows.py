"""The rows that the index is derived from, and what of them a transaction can be sure to have seen.

A row's place in the order is (its transaction's number, its sequence number). Every transaction below a snapshot's
`xmin` has ended: what it wrote is seen or was rolled back, so nothing appears below that horizon any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from attribution.segments.body import Body
from attribution.segments.models import LiveSegments, StoredFeatures
from attribution.segments.segment import Written
from core import db

Place: TypeAlias = tuple[int, int]
START: Place = (0, 0)
PIECE = 500  # rows that are read at once: some megabytes

_NOW = text("""
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
        coalesce(pg_current_xact_id_if_assigned()::text::bigint, 0) AS own
""")
_CLUSTER = text("SELECT system_identifier::text FROM pg_control_system()")


@dataclass(frozen=True)
class Moment:
    """Every transaction below `horizon` has ended; `own` is the asking one, 0 while it has written nothing."""

    horizon: int
    own: int
    cluster: str


@dataclass(frozen=True)
class Row:
    subject: str
    place: Place
    data: bytes


@dataclass(frozen=True)
class Removed:
    """A row whose data was taken out, by which transaction and when."""

    subject: str
    place: Place
    tx: int
    at: datetime


@dataclass(frozen=True)
class Entry:
    """A live segment: it holds the rows from `low` up to, without, `high` that were not removed before `built`."""

    name: str
    low: Place
    high: Place
    built: int
    works: int
    written: Written

    def document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "low": list(self.low),
            "high": list(self.high),
            "built": self.built,
            "works": self.works,
            "bytes": self.written.size,
            "sha256": self.written.sha256,
        }

    @classmethod
    def read(cls, said: dict[str, Any]) -> Entry:
        low, high = ((int(end[0]), int(end[1])) for end in (said["low"], said["high"]))
        return cls(said["name"], low, high, said["built"], said["works"], Written(said["bytes"], said["sha256"]))


@dataclass(frozen=True)
class Live:
    """The live set as it was read; version 0 is none yet, or one of another cluster, which says nothing here."""

    version: int
    entries: tuple[Entry, ...]

    @property
    def high(self) -> Place:
        return self.entries[-1].high if self.entries else START

    @property
    def built(self) -> int:
        """What was removed before is in no segment."""
        return min((entry.built for entry in self.entries), default=0)


NONE = Live(0, ())


def add(session: Session, body: Body, subject: str, data: bytes) -> None:
    """Write what a subject is found by; twice is once, and what was removed stays so."""
    row = {"subject": subject, "kind": body.kind, "algorithm": body.algorithm, "data": data}
    session.execute(insert(StoredFeatures).values(row).on_conflict_do_nothing())


def remove(session: Session, subjects: Collection[str], *, at: datetime) -> None:
    """Take out what these subjects are found by, in every kind: once this is committed no process answers with them."""
    now = text("(pg_current_xact_id()::text)::bigint")
    session.execute(
        update(StoredFeatures)
        .where(StoredFeatures.subject.in_(list(subjects)), StoredFeatures.data.is_not(None))
        .values(data=None, removed=now, removed_at=at)
        .execution_options(synchronize_session=False)
    )


def now(session: Session) -> Moment:
    row = session.execute(_NOW).one()
    kept = session.connection().info  # as long as this connection: the number is read from a file each time
    if "cluster" not in kept:
        kept["cluster"] = session.scalar(_CLUSTER)
    return Moment(row.horizon, row.own, kept["cluster"])


def live(session: Session, body: Body, *, cluster: str) -> Live:
    """The live set; an empty one where there is none of this cluster."""
    query = select(LiveSegments.version, LiveSegments.cluster, LiveSegments.segments)
    row = session.execute(query.where(LiveSegments.kind == body.kind, LiveSegments.algorithm == body.algorithm)).first()
    if row is None or row.cluster != cluster:
        return NONE
    return Live(row.version, tuple(Entry.read(said) for said in row.segments))


def publish(session: Session, body: Body, before: Live, entries: Collection[Entry], *, cluster: str) -> bool:
    """Put this set in the place of that one, all at once; False if another has come between."""
    said = [entry.document() for entry in entries]
    row = {"kind": body.kind, "algorithm": body.algorithm, "version": 1, "cluster": cluster, "segments": said}
    if before.version:
        done = session.execute(
            update(LiveSegments)
            .where(LiveSegments.kind == body.kind, LiveSegments.algorithm == body.algorithm)
            .where(LiveSegments.version == before.version, LiveSegments.cluster == cluster)
            .values(version=before.version + 1, segments=said)
            .returning(LiveSegments.version)
        )
    else:
        done = session.execute(
            insert(LiveSegments).values(row).on_conflict_do_nothing().returning(LiveSegments.version)
        )
    return done.scalar() is not None


def restored(session: Session, body: Body, *, cluster: str) -> bool:
    """Whether the database was restored into another cluster; then its rows get a place before all that are to come.

    Numbers of transactions begin anew in a cluster, so the old ones say nothing of what is seen there.
    """
    query = select(LiveSegments).where(LiveSegments.kind == body.kind, LiveSegments.algorithm == body.algorithm)
    row = session.scalar(query.with_for_update())
    if row is None or row.cluster == cluster:
        return False
    session.execute(update(StoredFeatures).where(*_these(body), StoredFeatures.tx > 0).values(tx=0))
    removed = update(StoredFeatures).where(*_these(body), StoredFeatures.removed > 0)
    session.execute(removed.values(removed=0))
    session.delete(row)
    return True


def waiting(session: Session, body: Body, low: Place, high: Place | None = None) -> int:
    """How many rows are from `low` on, up to `high`."""
    query = select(func.count()).where(*_between(body, low, high), StoredFeatures.data.is_not(None))
    return session.scalar(query) or 0


def read(sessions: db.Sessions, body: Body, low: Place, high: Place) -> Iterator[Row]:
    """The rows from `low` up to, without, `high`, in their order; no transaction is held in the meantime."""
    while True:
        query = select(StoredFeatures.subject, StoredFeatures.tx, StoredFeatures.seq, StoredFeatures.data)
        query = query.where(*_between(body, low, high), StoredFeatures.data.is_not(None))
        with sessions() as session:
            rows = session.execute(query.order_by(StoredFeatures.tx, StoredFeatures.seq).limit(PIECE)).all()
        for row in rows:
            yield Row(row.subject, (row.tx, row.seq), row.data or b"")
        if len(rows) < PIECE:
            return
        low = (rows[-1].tx, rows[-1].seq + 1)


def unknown(session: Session, body: Body, low: Place, *, known: Collection[int]) -> list[int]:
    """The sequence numbers of the rows from `low` on that are not among the known ones."""
    query = select(StoredFeatures.seq).where(*_between(body, low, None), StoredFeatures.data.is_not(None))
    return [seq for seq in session.scalars(query) if seq not in known]


def fetch(session: Session, body: Body, low: Place, seqs: Collection[int]) -> list[Row]:
    """The rows from `low` on with these sequence numbers, in their order."""
    if not seqs:
        return []
    query = select(StoredFeatures.subject, StoredFeatures.tx, StoredFeatures.seq, StoredFeatures.data)
    query = query.where(*_between(body, low, None), StoredFeatures.seq.in_(seqs), StoredFeatures.data.is_not(None))
    rows = session.execute(query.order_by(StoredFeatures.tx, StoredFeatures.seq))
    return [Row(row.subject, (row.tx, row.seq), row.data or b"") for row in rows]


def removed(session: Session, body: Body, *, since: int) -> list[Removed]:
    """What transactions from `since` on removed."""
    columns = StoredFeatures.subject, StoredFeatures.tx, StoredFeatures.seq, StoredFeatures.removed
    query = select(*columns, StoredFeatures.removed_at).where(*_these(body), StoredFeatures.removed >= since)
    return [Removed(row.subject, (row.tx, row.seq), row.removed or 0, row.removed_at) for row in session.execute(query)]


def _these(body: Body) -> tuple[Any, Any]:
    return StoredFeatures.kind == body.kind, StoredFeatures.algorithm == body.algorithm


def _between(body: Body, low: Place, high: Place | None) -> tuple[Any, ...]:
    place = tuple_(StoredFeatures.tx, StoredFeatures.seq)
    bounds = (place >= tuple_(*low),) if high is None else (place >= tuple_(*low), place < tuple_(*high))
    return (*_these(body), *bounds)
