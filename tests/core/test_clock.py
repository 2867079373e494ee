"""The clock: UTC, and still when told so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core import clock


def test_time_is_utc_and_goes_on() -> None:
    before = clock.SYSTEM.now()
    assert before.utcoffset() == timedelta(0)
    assert clock.SYSTEM.now() >= before
    assert abs(datetime.now(UTC) - before) < timedelta(minutes=1)


def test_a_frozen_clock_moves_only_when_told() -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    still = clock.FrozenClock(at)
    assert still.now() == still.now() == at
    still.advance(timedelta(days=1, seconds=2))
    assert still.now() == datetime(2030, 1, 2, 0, 0, 2, tzinfo=UTC)
