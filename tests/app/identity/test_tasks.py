"""Tidying forgets what has ended, and nothing else; twice is once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from app.identity import tasks
from app.identity.models import Attempt, Message, Reset, SignedIn, SignUp
from core.clock import FrozenClock
from tests.app.identity.people import EMAIL, sign_in, sign_up
from tests.doors import Doors

TABLES = (SignUp, Reset, SignedIn, Attempt, Message)


class Context:
    """What a task is given by the queue."""

    def __init__(self, doors: Doors) -> None:
        self.additional_context = {"sessions": doors.house.sessions, "clock": doors.house.clock}


def counts(doors: Doors) -> list[int]:
    with doors.house.sessions() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def test_what_has_ended_is_forgotten(doors: Doors) -> None:
    clock = FrozenClock(datetime(2026, 5, 1, 12, tzinfo=UTC))
    doors.house.clock = clock
    doors.account()
    sign_up(doors.client(), "eve@example.org")
    doors.client().post("/v1/password-resets", json={"email": EMAIL})
    sign_in(doors.client(), password="not my password")
    before = counts(doors)
    assert min(before) > 0
    clock.advance(timedelta(minutes=59))
    tasks.tidy(Context(doors))  # type: ignore[arg-type]
    assert counts(doors) == before
    for after, left in (
        (timedelta(hours=1), [1, 0, 1, before[3], before[4]]),
        (timedelta(hours=25), [0, 0, 1, 0, before[4]]),
        (timedelta(days=91), [0, 0, 0, 0, 0]),
    ):
        clock.advance(after)
        for _ in range(2):
            tasks.tidy(Context(doors))  # type: ignore[arg-type]
        assert counts(doors) == left
