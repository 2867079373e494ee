"""Progress: a commit tells every follower, a rollback tells nobody, and the hub outlives its server."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from core import db, progress
from core.postgres import EmbeddedPostgres
from core.progress import CHANNEL, Event, Hub
from tests.core.servers import CARELESS

STEP = Event("wrk_1", "running", "searching", 3, 9)


@pytest.fixture
def conninfo(database: str) -> str:
    return database.replace("postgresql+psycopg://", "postgresql://", 1)


@pytest.fixture
def hub(conninfo: str) -> Iterator[Hub]:
    hub = Hub(conninfo, channels=(CHANNEL, "other")).start()
    yield hub
    hub.stop()


def tell(sessions: db.Sessions, event: Event) -> None:
    with db.unit(sessions) as session:
        progress.tell(session, event)


def tell_and_break(sessions: db.Sessions) -> None:
    with db.unit(sessions) as session:
        progress.tell(session, STEP)
        raise ZeroDivisionError


def test_a_commit_tells_every_reader_once(hub: Hub, sessions: db.Sessions) -> None:
    with hub.reader(CHANNEL) as one, hub.reader(CHANNEL) as other, hub.reader("other") as elsewhere:
        tell(sessions, STEP)
        for reader in (one, other):
            assert Event(**reader.get(timeout=5)) == STEP
        with db.unit(sessions) as session:
            db.notify(session, "other", '"ping"')
        assert elsewhere.get(timeout=5) == "ping"
        assert one.empty()
        assert other.empty()


def test_a_rollback_tells_nobody(hub: Hub, sessions: db.Sessions) -> None:
    with hub.reader(CHANNEL) as reader:
        with pytest.raises(ZeroDivisionError):
            tell_and_break(sessions)
        last = Event("wrk_1", "done", "sealed", 9, 9)
        tell(sessions, last)
        assert Event(**reader.get(timeout=5)) == last  # the first to arrive, so nothing came before it


def test_events_arrive_in_the_order_of_their_commits(hub: Hub, sessions: db.Sessions) -> None:
    with hub.reader(CHANNEL) as reader:
        for step in range(30):
            tell(sessions, Event("wrk_1", "running", "searching", step, 30))
        assert [reader.get(timeout=5)["step"] for _ in range(30)] == list(range(30))


def test_a_closed_reader_hears_nothing_more(hub: Hub, sessions: db.Sessions) -> None:
    with hub.reader(CHANNEL) as gone:
        pass
    with hub.reader(CHANNEL) as reader:
        tell(sessions, STEP)
        reader.get(timeout=5)
    assert gone.empty()


def test_noise_on_the_channel_is_passed_over(hub: Hub, sessions: db.Sessions, conninfo: str) -> None:
    with hub.reader(CHANNEL) as reader:
        with psycopg.connect(conninfo, autocommit=True) as stranger:
            for noise in ("", "{", "not json"):
                stranger.execute("SELECT pg_notify(%s, %s)", (CHANNEL, noise))
        tell(sessions, STEP)
        assert Event(**reader.get(timeout=5)) == STEP


def test_a_cut_connection_is_made_again(hub: Hub, sessions: db.Sessions, conninfo: str) -> None:
    with hub.reader(CHANNEL) as reader:
        hub.listening.clear()
        with psycopg.connect(conninfo, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        assert hub.listening.wait(10)
        tell(sessions, STEP)
        assert Event(**reader.get(timeout=5)) == STEP


def test_the_hub_survives_a_restart_of_the_server(folder: Path) -> None:
    with EmbeddedPostgres(folder, options=CARELESS) as postgres:
        hub = Hub(postgres.conninfo("postgres")).start()
        with hub.reader(CHANNEL) as reader:
            postgres.stop(force=True)
            with pytest.raises(queue.Empty):
                reader.get(timeout=0.2)
            postgres.start()
            assert hub.listening.wait(10)
            engine = db.connect(postgres.url("postgres"))
            tell(db.sessions(engine), STEP)
            assert Event(**reader.get(timeout=5)) == STEP
            engine.dispose()
        hub.stop()


def followed(hub: Hub, doing: Callable[[], None], *, work: str = "wrk_1", timeout: float = 5) -> Event | None:
    """What a follower of this work hears next after that was done."""

    async def follow() -> Event | None:
        with hub.following(work, asyncio.get_running_loop(), by="per_1") as follower:
            assert hub.followed_by("per_1") == 1
            await asyncio.to_thread(doing)
            return await follower.next(timeout)

    heard = asyncio.run(follow())
    assert hub.followed_by("per_1") == 0
    return heard


def test_a_follower_hears_of_its_work_alone(hub: Hub, sessions: db.Sessions) -> None:
    assert followed(hub, lambda: tell(sessions, STEP)) == STEP
    with pytest.raises(TimeoutError):
        followed(hub, lambda: tell(sessions, STEP), work="wrk_2", timeout=0.2)


def test_a_follower_that_is_behind_gets_the_newest(hub: Hub, sessions: db.Sessions) -> None:
    def three() -> None:
        with hub.reader(CHANNEL) as reader:
            for step in range(3):
                tell(sessions, Event("wrk_1", "running", "searching", step, 9, beat=step))
            for _ in range(3):
                reader.get(timeout=5)

    heard = followed(hub, three)
    assert heard is not None
    assert heard.step == 2


def test_followers_are_told_that_events_may_be_lost(hub: Hub, conninfo: str) -> None:
    def cut() -> None:
        with psycopg.connect(conninfo, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")

    assert followed(hub, cut, timeout=10) is None


def test_noise_reaches_no_follower(hub: Hub, sessions: db.Sessions, conninfo: str) -> None:
    def noise() -> None:
        with psycopg.connect(conninfo, autocommit=True) as stranger:
            for words in ("3", "[]", '{"work": []}', '{"work": "wrk_1", "wings": 2}', '{"work": "wrk_1"}'):
                stranger.execute("SELECT pg_notify(%s, %s)", (CHANNEL, words))
        tell(sessions, STEP)

    assert followed(hub, noise) == STEP


def test_a_long_reason_is_cut_to_what_a_notification_holds(hub: Hub, sessions: db.Sessions) -> None:
    heard = followed(hub, lambda: tell(sessions, Event("wrk_1", "failed", "failed", 0, 0, reason="𝄞" * 5000)))
    assert heard is not None
    assert heard.reason == "𝄞" * 500


def test_a_hub_without_a_server_starts_and_stops(tmp_path: Path) -> None:
    hub = Hub(f"host={tmp_path} dbname=nothing user=nobody").start(wait=0.1)
    assert not hub.listening.is_set()
    hub.stop()
    Hub(f"host={tmp_path}").stop()
