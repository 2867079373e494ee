"""The worker as an operator runs it: it wakes up for orders, and gives its work back when it is told to stop."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.background import Background
from app.house import House
from app.worker import Worker, _wait
from core import db, jobs
from generation.models import Preparation
from tests.app.test_kills import kill_postgres, revive
from tests.app.worker_process import house_at
from tests.generation.world import World

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Place:
    """A running house and the world of people in it."""

    house: House
    world: World

    def until(self, work: str, *states: str) -> str:
        for _ in range(600):
            if (state := self.world.work(work).state) in states:
                return state
            time.sleep(0.05)
        raise AssertionError(f"work {work} never became {states}")

    def prepared(self) -> int:
        """How many styles are prepared, once there is one."""
        for _ in range(600):
            with self.house.sessions() as session:
                if count := session.scalar(select(func.count()).select_from(Preparation)):
                    return count
            time.sleep(0.05)
        return 0


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with house_at(tmp_path / "var") as house:
        yield Place(house, World(house.settings.var, house.sessions))


def test_a_worker_makes_what_is_ordered_and_stops_when_told(place: Place) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=Worker(place.house).run, args=(stop,))
    thread.start()
    try:
        work = place.world.place(place.world.order(place.world.fan(), place.world.artist()))
        assert place.until(work.id, "done") == "done"
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_worker_told_to_stop_hands_its_work_back(place: Place) -> None:
    params = {"steps": 3000, "step_seconds": 0.02}
    work = place.world.place(place.world.order(place.world.fan(), place.world.artist(), params=params))
    command = [sys.executable, "-m", "tests.app.worker_process", str(place.house.settings.var)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        place.until(work.id, "running")
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
    found = place.world.work(work.id)
    assert (found.state, found.losses) == ("queued", 0)
    place.world.assert_books_balance()


def test_what_was_told_during_a_work_is_one_reason_to_look_again() -> None:
    queued, revoked = queue.SimpleQueue[object](), queue.SimpleQueue[object]()
    for _ in range(3):
        queued.put("queued")
    _wait(queued, revoked, threading.Event())
    assert queued.empty()


def test_deferred_jobs_run_beside_the_worker(place: Place) -> None:
    offer = place.world.artist()
    with db.unit(place.house.sessions) as session:
        jobs.defer(session, "generation:prepare", style=offer.style, engine="toy")
    with Background(place.house):
        assert place.prepared() == 1


def test_a_long_job_keeps_no_short_one_waiting(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ends = threading.Event(), threading.Event()

    def run(*_: object, **__: object) -> None:
        begun.set()
        ends.wait(60)

    monkeypatch.setattr("licensing.tasks.batches.run", run)
    offer = place.world.artist()
    with db.unit(place.house.sessions) as session:
        jobs.defer(session, "licensing:answer", batch="bat_long")
    with Background(place.house):
        try:
            assert begun.wait(20)
            with db.unit(place.house.sessions) as session:
                jobs.defer(session, "generation:prepare", style=offer.style, engine="toy")
            assert place.prepared() == 1
        finally:
            ends.set()


def test_background_jobs_go_on_after_the_database_was_away(place: Place) -> None:
    offer = place.world.artist()
    with Background(place.house):
        time.sleep(1.0)
        kill_postgres(place.house.settings.var / "postgres" / "data")
        revive(place.house)
        with db.unit(place.house.sessions) as session:
            jobs.defer(session, "generation:prepare", style=offer.style, engine="toy")
        assert place.prepared() == 1
