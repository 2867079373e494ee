"""Searchers on other machines: one that is killed in mid-query costs a retry, not an answer."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from attribution.segments.body import Found
from attribution.segments.builder import Builder
from attribution.segments.searchers import Fleet
from attribution.segments.segment import SegmentUnusable
from attribution.segments.shelf import SearchUnfinished
from attribution.segments.storage import ObjectStore
from attribution.segments.store import Index
from core import db
from tests.attribution.segments.made import SLOW, Lingering, add, code, name

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def slow_fleet(bucket: str, ray: Any, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(SLOW, f"{bucket}/slow", tmp_path_factory.mktemp("actors"), address="local")


@pytest.fixture
def index(sessions: db.Sessions, tmp_path: Path, bucket: str, slow_fleet: Fleet) -> Index:
    """Of eight segments that two actors share, which have been asked before."""
    place = f"{bucket}/slow"
    built = ObjectStore(place, tmp_path / "built")
    index = Index(sessions, SLOW, built, shelf=slow_fleet, builder=Builder(sessions, SLOW, built, largest=2))
    add(sessions, *range(16))
    index.flush()
    with sessions() as session:
        assert index.stats(session).segments == 8
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "go").touch()
    ask_until_answered(index, sessions, Lingering(code(1), tmp_path / "before"))
    return index


def ask_until_answered(index: Index, sessions: db.Sessions, asked: Lingering) -> None:
    for _ in range(10):
        with sessions() as session, suppress(SearchUnfinished):
            index.search(session, asked)
            return
    raise AssertionError("no searcher has started")


def asking(index: Index, sessions: db.Sessions, asked: Lingering, answers: list[list[Found]]) -> threading.Thread:
    def ask() -> None:
        with sessions() as session:
            answers.append(index.search(session, asked, most=16))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def busy(folder: Path, *, number: int) -> list[int]:
    """The processes that are at a question, once there are so many."""
    until = time.monotonic() + 120
    while len(found := list(folder.glob("*.pid"))) < number:
        assert time.monotonic() < until
        time.sleep(0.05)
    return [int(path.stem) for path in found]


def test_a_searcher_killed_in_mid_query_costs_a_retry_and_not_an_answer(
    index: Index, sessions: db.Sessions, tmp_path: Path
) -> None:
    for attempt in range(3):
        folder = tmp_path / f"question-{attempt}"
        folder.mkdir()
        answers: list[list[Found]] = []
        thread = asking(index, sessions, Lingering(code(5, flipped=9), folder), answers)
        killed, *_ = busy(folder, number=2)
        os.kill(killed, signal.SIGKILL)
        busy(folder, number=3)  # whoever took its place is asked the same
        (folder / "go").touch()
        thread.join(timeout=120)
        assert [one.subject for one in answers[0][:1]] == [name(5)]
        assert sorted(one.subject for one in answers[0]) == [name(n) for n in range(16)]


def test_a_question_that_takes_too_long_is_told(index: Index, sessions: db.Sessions, tmp_path: Path) -> None:
    with sessions() as session, pytest.raises(SearchUnfinished):
        index.search(session, Lingering(code(1), tmp_path), budget=2)
    (tmp_path / "go").touch()


def test_a_segment_that_is_gone_is_told(index: Index, sessions: db.Sessions, tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    index.rebuild()  # so that no searcher has the files open yet
    index._builder._storage.sweep("code.", keep=(), older=-5)
    with sessions() as session, pytest.raises(SegmentUnusable):
        index.search(session, Lingering(code(1), tmp_path))
    assert index.rebuild() == 16
    with sessions() as session:
        assert index.search(session, Lingering(code(1), tmp_path))[0].subject == name(1)
