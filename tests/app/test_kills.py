"""kill -9 at any point of a generation: every work ends exactly once, and no unit of money is lost or made."""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.auditing import audit_all
from app.house import House
from core import db
from generation.models import Work
from licensing.models import Offer
from tests.app.worker_process import house_at
from tests.generation.world import World

ROOT = Path(__file__).resolve().parent.parent.parent
PHASES = ("claimed", "rendering", "sealing", "finishing", "commit")

# Makes the last transaction linger inside COMMIT, where a kill of Postgres is hardest to get right.
SLOW_COMMIT = """
CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON entries DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'fee') EXECUTE FUNCTION linger();
"""
COMMITTING = "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"


class Crew:
    """A worker process, which waits until it may begin, and the phases it tells of."""

    def __init__(self, var: Path) -> None:
        self.phases: queue.SimpleQueue[str] = queue.SimpleQueue()
        command = [sys.executable, "-m", "tests.app.worker_process", str(var)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("begin\n")
        self.process.stdin.close()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with suppress(ValueError):
                said = json.loads(line)
                if said.get("event") == "phase":
                    self.phases.put(said["phase"])

    def until(self, phase: str) -> None:
        """Wait until the worker enters this phase of whatever work it makes."""
        while self.phases.get(timeout=60) != phase:
            pass

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stderr):
            assert pipe is not None
            pipe.close()


@dataclass
class Theater:
    """A house whose database and worker are killed again and again; the next worker is loaded while one works."""

    house: House
    world: World
    offer: Offer
    crew: Crew
    next: Crew
    hits: Counter[str]

    def __post_init__(self) -> None:
        self.crew.begin()

    def order(self, dice: random.Random) -> None:
        params = {"steps": dice.randint(1, 6), "step_seconds": 0.02}
        self.world.place(self.world.order(self.world.fan(), self.offer, params=params))

    def kill(self, phase: str, dice: random.Random) -> None:
        if phase == "commit":
            self._until_committing()
            kill_postgres(self.house.settings.var / "postgres" / "data")
            self.hits[phase] += 1
            revive(self.house)
            return
        self.crew.until(phase)
        time.sleep(dice.uniform(0, 0.06))
        self.crew.kill()
        self.hits[phase] += 1
        self.crew, self.next = self.next, Crew(self.house.settings.var)
        self.crew.begin()

    def _until_committing(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with self.world.sessions() as session:
                if session.scalar(text(COMMITTING)):
                    return
            time.sleep(0.01)
        raise AssertionError("no transaction was seen inside COMMIT")

    def wait_for_ends(self) -> list[Work]:
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with self.world.sessions() as session:
                found = list(session.scalars(select(Work)))
            if all(work.state in ("done", "failed", "cancelled") for work in found):
                return found
            time.sleep(0.2)
        raise AssertionError(f"works are still on their way: {Counter(work.state for work in found)}")


def kill_postgres(data: Path) -> None:
    """SIGKILL to the postmaster and every process of the cluster, as a power cut would."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == data:
                os.kill(int(entry.name), signal.SIGKILL)


def revive(house: House) -> None:
    house.revive()
    house.engine.dispose()


@pytest.fixture
def theater(tmp_path: Path) -> Iterator[Theater]:
    with house_at(tmp_path / "a var") as house:
        world = World(house.settings.var, house.sessions)
        with db.unit(house.sessions) as session:
            session.execute(text(SLOW_COMMIT))
        var = house.settings.var
        stage = Theater(house, world, world.artist(), Crew(var), Crew(var), Counter())
        yield stage
        for crew in (stage.crew, stage.next):
            crew.kill()


def play(theater: Theater, rounds: int, seed: int) -> None:
    dice = random.Random(seed)
    phases = [PHASES[number % len(PHASES)] for number in range(rounds)]
    dice.shuffle(phases)
    for phase in phases:
        theater.order(dice)
        theater.kill(phase, dice)
    ended = theater.wait_for_ends()
    sys.stderr.write(f"\nkills: {dict(theater.hits)}; works: {dict(Counter(work.state for work in ended))}\n")
    assert len(ended) == rounds
    assert min(theater.hits[phase] for phase in PHASES) >= 2
    for work in ended:
        kinds = theater.world.entry_kinds(work.id)
        assert kinds == (["hold", "fee"] if work.state == "done" else ["hold", "release"]), work.reason
    assert claimed(theater) == {work.id for work in ended if work.state == "done"}
    theater.world.assert_books_balance()
    assert audit_all(theater.house).findings == ()


def claimed(theater: Theater) -> set[str]:
    with theater.world.sessions() as session:
        works = list(session.scalars(text("SELECT work FROM claims")))
    assert len(works) == len(set(works))
    return set(works)


@pytest.mark.kills
@pytest.mark.timeout(280)
def test_every_work_ends_exactly_once_through_twenty_kills(theater: Theater) -> None:
    play(theater, 20, seed=1)


@pytest.mark.kills
@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_every_work_ends_exactly_once_through_two_hundred_kills(theater: Theater) -> None:
    play(theater, 200, seed=2)
