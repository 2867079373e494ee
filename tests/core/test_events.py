"""Events are written down whole, spelled one way, and small enough to be told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from core import events
from core.events import Event

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_an_event_is_kept_as_it_is_told(session: Session) -> None:
    id = events.tell(session, "report.accepted", data={"b": 1, "a": "ü"}, people=("per_1",), at=AT)
    row = session.get_one(Event, id)
    assert (row.kind, row.people, row.everyone, row.spread_at) == ("report.accepted", ["per_1"], False, None)
    assert events.payload(row.kind, row.data, row.at).decode() == (
        '{"data":{"a":"ü","b":1},"timestamp":"2026-05-01T12:00:00.000000Z","type":"report.accepted"}'
    )


def test_what_cannot_be_told_is_the_callers_mistake(session: Session) -> None:
    with pytest.raises(ValueError, match="no kind"):
        events.tell(session, "license.sold", data={}, at=AT)
    with pytest.raises(ValueError, match="too large"):
        events.tell(session, "work.withdrawn", data={"reason": "x" * events.MOST_BYTES}, at=AT)
