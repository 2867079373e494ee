"""What has happened here that others want to be told: written down in the transaction in which it happens.

A floor tells; whom it reaches, and how, is the house's (`app.webhooks`), which takes up what has not been spread yet.
An event never changes. It is kept for as long as its deliveries are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Index, Text, insert, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import canonical, ids
from core.db import Base

MOST_BYTES = 20_000  # of a payload, as the Standard Webhooks specification advises
MOST_WORKS = 100  # in one event; what concerns more is several events
KINDS = {
    "license.revoked": "a license of yours, or one that you granted, was revoked",
    "work.withdrawn": "works were withdrawn, whoever's they are",
    "report.accepted": "a report of yours was divided",
    "usage.taken": "a file of usage that you sent was taken to its end",
    "usage.failed": "a file of usage that you sent was lost before its end",
    "work.first_sale": "a work that you made, or that your style is in, earned for the first time",
    "batch.finished": "a batch that you sent is answered",
}
PING = "ping"


class Event(Base):
    """Something that happened. Its `people` are told, or everyone who wants to be; `spread_at`: when they were."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_unspread", "id", postgresql_where=text("spread_at IS NULL")),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    people: Mapped[list[str]] = mapped_column(ARRAY(Text))
    everyone: Mapped[bool]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    spread_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class News:
    """One thing to tell: its kind, what is said of it (JSON without floats), and whom it concerns."""

    kind: str
    data: Mapping[str, Any]
    people: tuple[str, ...] = ()
    everyone: bool = False


def tell(
    session: Session,
    kind: str,
    *,
    data: Mapping[str, Any],
    people: tuple[str, ...] = (),
    everyone: bool = False,
    at: datetime,
) -> str:
    """Tell people, or everyone who wants to be told, once this transaction commits; the event's id.

    Raises ValueError for a kind that there is not and for more than 20,000 bytes: both are the caller's mistakes.
    """
    return tell_all(session, [News(kind, data, people, everyone)], at=at)[0]


def tell_all(session: Session, news: Iterable[News], *, at: datetime) -> tuple[str, ...]:
    """Tell several things at once, as `tell` does."""
    rows = [_row(one, at) for one in news]
    if rows:
        session.execute(insert(Event), rows)
    return tuple(row["id"] for row in rows)


def payload(kind: str, data: Mapping[str, Any], at: datetime) -> bytes:
    """An event as it is sent: the same bytes each time."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return canonical.dumps({"type": kind, "timestamp": moment, "data": dict(data)})


def _row(news: News, at: datetime) -> dict[str, Any]:
    if news.kind not in KINDS and news.kind != PING:
        raise ValueError(f"{news.kind!r} is no kind of event")
    size = len(payload(news.kind, news.data, at))
    if size > MOST_BYTES:
        raise ValueError(f"an event of {size} bytes is too large to be told; divide it")
    return {
        "id": ids.new("evt"),
        "kind": news.kind,
        "data": dict(news.data),
        "people": list(news.people),
        "everyone": news.everyone,
        "at": at,
    }
