"""Jobs: deferred in the caller's transaction, so a job exists exactly when what it follows from does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from procrastinate import App
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from core import db, jobs
from core.jobs import Jobs


@pytest.fixture
def conninfo(database: str) -> str:
    return database.replace("postgresql+psycopg://", "postgresql://", 1)


@pytest.fixture
def queue(conninfo: str) -> Jobs:
    return Jobs(conninfo)


@pytest.fixture
def housed(database: str, queue: Jobs) -> Iterator[db.Sessions]:
    engine = db.connect(database)
    yield sessionmaker(engine, info={"jobs": queue})
    engine.dispose()


def waiting(housed: db.Sessions) -> list[tuple[str, str, dict[str, object]]]:
    with housed() as session:
        found = session.execute(text("SELECT task_name, queue_name, args FROM procrastinate_jobs ORDER BY id"))
        return [(name, queue, args) for name, queue, args in found]


def test_a_commit_leaves_the_job_with_its_arguments(housed: db.Sessions) -> None:
    with db.unit(housed) as session:
        jobs.defer(session, "payments:settle", work="wrk_1", attempt=2)
        assert waiting(housed) == []
    assert waiting(housed) == [("payments:settle", "payments", {"work": "wrk_1", "attempt": 2})]


def defer_and_break(housed: db.Sessions) -> None:
    with db.unit(housed) as session:
        session.execute(text("CREATE TABLE scratch (n int)"))
        jobs.defer(session, "payments:settle", work="wrk_1")
        raise ZeroDivisionError


def test_a_rollback_leaves_nothing(housed: db.Sessions) -> None:
    with pytest.raises(ZeroDivisionError):
        defer_and_break(housed)
    assert waiting(housed) == []
    with housed() as session:
        assert session.scalar(text("SELECT to_regclass('scratch')")) is None


def test_a_deferred_job_is_run_once(housed: db.Sessions, queue: Jobs) -> None:
    ran: list[str] = []
    app = queue.app

    @app.task(name="generation:shout", queue="generation")
    def shout(word: str) -> None:
        ran.append(word)

    with db.unit(housed) as session:
        jobs.defer(session, "generation:shout", word="hello")
    for _ in range(2):
        asyncio.run(work_off(app))
    assert ran == ["hello"]


async def work_off(app: App) -> None:
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False)


def test_a_session_without_a_house_defers_nothing(session: Session) -> None:
    with pytest.raises(RuntimeError, match="belongs to no house"):
        jobs.defer(session, "payments:settle")
