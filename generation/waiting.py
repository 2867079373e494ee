"""The queue: whose turn it is, how many are before a work, and when it will be done.

Within its kind the older goes first. While orders and previews of one engine both wait, they take turns: after an order
has begun comes a preview, and the other way round. So a preview waits for one order at most per worker, however many
are queued, and an order is never held up by more than one preview, which is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import ScalarSelect, func, or_, select, text
from sqlalchemy.orm import Session

from generation.models import Work

KINDS = ("work", "preview")
RECENT = 20  # finished works that an estimate is taken from
AWAKE = text("interval '5 minutes'")  # a worker that began something so lately is there, even if it holds nothing


@dataclass(frozen=True)
class Place:
    """Where a work stands. `ahead`: works that begin before it, None once it runs. Seconds are None when unknown.

    `usual`: how long works of its engine and kind take once they run.
    """

    ahead: int | None
    seconds: float | None
    usual: float | None


NOWHERE = Place(None, None, None)


def turn(session: Session, *, engine: str) -> str:
    """The kind that goes first now, where both wait."""

    def begun(kind: str) -> ScalarSelect[datetime | None]:
        return select(func.max(Work.started_at)).where(Work.engine == engine, Work.kind == kind).scalar_subquery()

    work, preview = session.execute(select(begun("work"), begun("preview"))).one()
    return "work" if preview is not None and (work is None or preview > work) else "preview"


def places(session: Session, works: Sequence[Work]) -> dict[str, Place]:
    """The place of each work that has not ended; a few queries for each engine, however many works.

    An estimate is the median time of the last finished works of its engine and kind, less the time it has run already.
    While it waits, there is added what those ahead of it and those that run now still need, divided by the workers that
    hold a lease or began something lately. There is none where nothing of the kind was made before.
    """
    found: dict[str, Place] = {}
    for engine in sorted({work.engine for work in works if work.state in ("queued", "running")}):
        queue, own = _Queue(session, engine), [work for work in works if work.engine == engine]
        ahead = queue.ahead([work.id for work in own if work.state == "queued"])
        found |= {work.id: queue.place(work, ahead.get(work.id)) for work in own if work.state in ("queued", "running")}
    return found


def left(usual: float | None, ran: float) -> float | None:
    """Seconds that a work needs which has run for `ran`, where such works usually take `usual`."""
    return None if usual is None else max(0.0, usual - ran)


class _Queue:
    """What waits for an engine and what it works at, each asked for once and only when needed."""

    def __init__(self, session: Session, engine: str) -> None:
        self._session = session
        self._engine = engine
        self._usual: dict[str, float | None] = {}

    def ahead(self, works: Sequence[str]) -> dict[str, tuple[int, int]]:
        """How many of its own and of the other kind begin before each of these, where it is still queued."""
        if not works:
            return {}
        queued = (Work.engine == self._engine, Work.state == "queued")
        place = func.row_number().over(partition_by=Work.kind, order_by=(Work.priority, Work.id)) - 1
        line = select(Work.id, Work.kind, place.label("place")).where(*queued).subquery()
        rows = self._session.execute(select(line).where(line.c.id.in_(works))).all()
        waits = dict(self._session.execute(select(Work.kind, func.count()).where(*queued).group_by(Work.kind)).all())
        both = len(waits) == len(KINDS)  # else nobody takes turns
        first = turn(self._session, engine=self._engine) if both else None
        return {
            row.id: (row.place, min(waits.get(_other(row.kind), 0), row.place + (row.kind != first))) for row in rows
        }

    def place(self, work: Work, ahead: tuple[int, int] | None) -> Place:
        own = self.usual(work.kind)
        if work.state == "running":
            ran = self._session.scalar(select(func.extract("epoch", func.clock_timestamp() - work.started_at)))
            return Place(None, left(own, float(ran or 0)), own)
        if ahead is None:  # begun meanwhile
            return Place(0, own, own)
        same, other = ahead
        if own is None:
            return Place(same + other, None, None)
        need, workers = self._busy
        others = (self.usual(_other(work.kind)) if other else None) or own
        return Place(same + other, (same * own + other * others + need) / workers + own, own)

    def usual(self, kind: str) -> float | None:
        """The median seconds of the last works of this kind that were finished."""
        if kind not in self._usual:
            self._usual[kind] = _median(self._session, self._engine, kind)
        return self._usual[kind]

    @cached_property
    def _busy(self) -> tuple[float, int]:
        """Seconds that what runs now still needs, taken together, and how many workers there are, at least one."""
        now, here = func.clock_timestamp(), Work.engine == self._engine
        runs = (Work.state == "running") & (Work.lease_until > now)
        ran = func.extract("epoch", now - Work.started_at)
        rows = self._session.execute(select(Work.kind, ran).where(here, runs)).all()
        need = sum(left(self.usual(kind), float(seconds or 0)) or 0.0 for kind, seconds in rows)
        awake = or_(runs, Work.started_at > now - AWAKE)
        workers = self._session.scalar(select(func.count(Work.worker.distinct())).where(here, awake))
        return need, max(1, workers or 0)


def _median(session: Session, engine: str, kind: str) -> float | None:
    last = (
        select(Work.took_ms)
        .where(Work.engine == engine, Work.kind == kind, Work.state == "done", Work.took_ms.is_not(None))
        .order_by(Work.started_at.desc())
        .limit(RECENT)
        .subquery()
    )
    median = session.scalar(select(func.percentile_cont(0.5).within_group(last.c.took_ms)))
    return None if median is None else float(median) / 1000


def _other(kind: str) -> str:
    return KINDS[kind == KINDS[0]]
