"""kill -9 while works are registered and indexed: nothing acknowledged is lost, nothing half-indexed answers."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from attribution.segments import rows
from attribution.segments.models import StoredFeatures
from attribution.segments.segment import Segment
from core import db
from tests.attribution.segments.made import BODY, code, index, name

ROOT = Path(__file__).resolve().parents[3]
REOPEN_SECONDS = 5.0


class Busy:
    """A process of `busy`; it begins when told, and its acknowledgements are read once it is dead."""

    def __init__(self, url: str, folder: Path, role: str, seed: int) -> None:
        command = [sys.executable, "-m", "tests.attribution.segments.busy", url, str(folder), role, str(seed)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("begin\n")
        self._process.stdin.flush()

    def first(self) -> str:
        """What it acknowledges first: from then on it is at work."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def kill(self) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        said = self._process.stdout.read().split("\n")[:-1]  # a line that was cut off was not acknowledged
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
        return said


def play(url: str, sessions: db.Sessions, folder: Path, rounds: int) -> None:
    dice = random.Random(rounds)
    acknowledged: set[int] = set()
    built = 0
    crew = [Busy(url, folder, role, 1) for role in ("add", "build")]
    for number in range(2, rounds + 2):
        for one in crew:
            one.begin()
        said = [one.first() for one in crew]
        following = [Busy(url, folder, role, number) for role in ("add", "build")]
        time.sleep(dice.uniform(0.05, 0.6))
        for one in dice.sample(crew, 2):
            said += one.kill()
        crew = following
        built += sum(line.strip() == "built" for line in said)
        acknowledged |= {int(word) for line in said if line.strip() != "built" for word in line.split()}
        check(sessions, folder, acknowledged, dice)
    for one in crew:
        one.kill()
    sys.stderr.write(f"\nkills: {2 * rounds}; works acknowledged: {len(acknowledged)}; builds: {built}\n")
    assert built >= rounds


def check(sessions: db.Sessions, folder: Path, acknowledged: set[int], dice: random.Random) -> None:
    """As a process that starts after the kill sees it."""
    start = time.monotonic()
    opened = index(sessions, folder, largest=200)
    with sessions() as session:
        opened.search(session, code(0))
    assert time.monotonic() - start < REOPEN_SECONDS
    with sessions() as session:
        there = set(session.scalars(select(StoredFeatures.subject)))
        live = rows.live(session, BODY, cluster=rows.now(session).cluster)
    assert {name(number) for number in acknowledged} <= there
    held = [subject for entry in live.entries for subject in verified(folder, entry)]
    assert len(held) == len(set(held))
    assert set(held) <= there
    with sessions() as session:
        everything = opened.search(session, code(0), most=10 * len(there))
        assert sorted(one.subject for one in everything) == sorted(there)  # each work once, and no other
        for number in dice.sample(sorted(acknowledged), 5):
            best = opened.search(session, code(number, flipped=30), most=1)[0]
            assert (best.subject, best.score) == (name(number), 226)


def verified(folder: Path, entry: rows.Entry) -> Sequence[str]:
    segment = Segment(folder / entry.name, body=BODY, expected=entry.written)
    segment.verify()
    assert len(np.unique(segment.arrays["owners"])) == entry.works
    return segment.subjects


@pytest.mark.kills
def test_nothing_is_lost_or_half_indexed_through_a_few_kills(
    database: str, sessions: db.Sessions, tmp_path: Path
) -> None:
    play(database, sessions, tmp_path / "segments", 3)


@pytest.mark.kills
@pytest.mark.slow
def test_nothing_is_lost_or_half_indexed_through_many_kills(
    database: str, sessions: db.Sessions, tmp_path: Path
) -> None:
    play(database, sessions, tmp_path / "segments", 20)
