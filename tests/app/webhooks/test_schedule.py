"""The specification's schedule, with jitter; servers that fail are left in peace for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.webhooks import schedule


def test_ten_tries_over_three_days() -> None:
    waits = [schedule.wait(tries, jitter=0) for tries in range(1, 11)]
    assert waits[:2] == [timedelta(seconds=5), timedelta(minutes=5)]
    assert waits[-1] is None
    assert sum(filter(None, waits), timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert schedule.wait(2, jitter=1) == timedelta(minutes=6)


def test_rests_double_up_to_ten_minutes() -> None:
    assert [schedule.rest(failures).total_seconds() for failures in (1, 2, 3, 7, 8, 900)] == [5, 10, 20, 320, 600, 600]


@pytest.mark.parametrize(("status", "taken"), [(200, True), (204, True), (299, True), (302, False), (None, False)])
def test_only_2xx_is_taken(status: int | None, taken: bool) -> None:
    assert schedule.arrived(status) is taken


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), (" 7 ", 7), ("9" * 40, 86_400), ("soon", 0), ("-5", 0), ("", 0), ("²", 0)]
)
def test_what_a_server_asks_for_is_given_up_to_a_day(said: str, seconds: int) -> None:
    assert schedule.asked({"retry-after": said}).total_seconds() == seconds
