"""A work followed over HTTP, on a real server: every change once, resumed where it broke off, whatever goes away."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from httpx_sse import EventSource, ServerSentEvent

from core import db
from creators.models import Person
from generation import follow, works
from generation.follow import Stream
from generation.works import Claimed
from licensing.models import Offer
from tests.doors import WHO, Doors
from tests.generation.test_previews import place
from tests.generation.test_routes import order, wish

LEASE = timedelta(seconds=30)


@dataclass
class Live:
    """A house whose API answers on a port."""

    doors: Doors
    url: str
    server: uvicorn.Server

    def work(self, fan: Person, offer: Offer | None = None, **params: object) -> str:
        answer = order(self.doors, fan, wish(offer or self.doors.world.artist(), params=params))
        return str(answer.json()["id"])

    @contextmanager
    def following(self, fan: Person, work: str, *, last: str | None = None) -> Iterator[Iterator[ServerSentEvent]]:
        headers = {WHO: self.doors.client(fan).headers[WHO]} | ({"Last-Event-ID": last} if last else {})
        with (
            httpx.Client(base_url=self.url, timeout=20, headers=headers) as client,
            client.stream("GET", f"/v1/works/{work}/events") as answer,
        ):
            yield EventSource(answer).iter_sse()

    def beat(self, held: Claimed, step: int, of: int = 9) -> None:
        with db.unit(self.doors.house.sessions) as session:
            works.beat(session, held=held, lease=LEASE, stage="toying", step=step, of=of)


@pytest.fixture
def live(doors: Doors) -> Iterator[Live]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(doors.app, log_level="error", ws="none", timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Live(doors, f"http://127.0.0.1:{listener.getsockname()[1]}", server)
    doors.app.state.stopping.set()
    server.should_exit = True
    thread.join(20)
    listener.close()
    assert not thread.is_alive()


def said(event: ServerSentEvent) -> dict[str, Any]:
    assert event.event == "work"
    data: dict[str, Any] = json.loads(event.data)
    assert str(data["beat"]) == event.id
    return data


def test_a_work_is_followed_from_the_queue_to_its_end(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    with live.following(fan, work) as events:
        first = said(next(events))
        assert (first["id"], first["state"], first["ahead"], first["beat"]) == (work, "queued", 0, 1)
        (held,) = live.doors.world.claim()
        assert [said(next(events))[key] for key in ("state",)] == ["running"]
        for step in range(1, 4):
            live.beat(held, step)
            assert (said(next(events))["step"], step) == (step, step)
        assert live.doors.world.workshop.make(held) == "done"
        rest = [said(event) for event in events]  # ends by itself
        assert (rest[-1]["state"], rest[-1]["stage"]) == ("done", "done")
        beats = [event["beat"] for event in rest]
        assert beats == sorted(set(beats))


def test_who_comes_back_gets_what_is_newer_and_nothing_twice(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    (held,) = live.doors.world.claim()
    live.beat(held, 1)
    with live.following(fan, work) as events:
        last = next(events)
    with live.following(fan, work, last=last.id) as events:
        live.beat(held, 2)
        assert said(next(events))["step"] == 2
    live.beat(held, 3)
    live.beat(held, 4)
    with live.following(fan, work, last=last.id) as events:
        assert said(next(events))["step"] == 4


def test_an_end_is_told_to_who_missed_it_and_never_again(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    live.doors.world.make_all()
    with live.following(fan, work, last="1") as events:
        told = list(events)
    assert [said(event)["state"] for event in told] == ["done"]
    headers = {WHO: live.doors.client(fan).headers[WHO], "Last-Event-ID": told[0].id}
    answer = httpx.get(f"{live.url}/v1/works/{work}/events", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_stream_is_not_buffered_and_only_ones_own(live: Live) -> None:
    fan, other = live.doors.world.fan(), live.doors.world.fan("Eve")
    work = live.work(fan)
    live.doors.world.make_all()
    asked = {name: live.doors.client(who).headers[WHO] for name, who in (("fan", fan), ("other", other))}
    answer = httpx.get(f"{live.url}/v1/works/{work}/events", headers={WHO: asked["fan"]})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "no-cache" in answer.headers["cache-control"]
    assert "no-transform" in answer.headers["cache-control"]
    assert answer.headers["x-accel-buffering"] == "no"
    assert httpx.get(f"{live.url}/v1/works/{work}/events", headers={WHO: asked["other"]}).status_code == 404
    assert httpx.get(f"{live.url}/v1/works/{work}/events").status_code == 401


def test_a_failure_says_why(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan, breaks=True)
    with live.following(fan, work) as events:
        next(events)
        live.doors.world.make_all()
        last = [said(event) for event in events][-1]
    assert last["state"] == "failed"
    assert last["reason"] == "the engine failed (RuntimeError); the price is back"


def test_the_place_in_the_queue_is_told_as_it_changes(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow.Stream.__init__, "__kwdefaults__", {"heartbeat": 15.0, "look_again": 0.05})
    world = live.doors.world
    offer = world.artist()
    works_of = [place(world, world.fan(name), offer) for name in ("One", "Two", "Three")]
    last = works_of[-1]
    with live.following(last.person, last.id) as events:
        heard = [said(next(events))]
        for _ in range(2):
            world.claim()
            heard.append(said(next(events)))
        world.claim()
        heard.append(said(next(events)))
    assert [(event["ahead"], event["state"]) for event in heard] == [
        (2, "queued"),
        (1, "queued"),
        (0, "queued"),
        (None, "running"),
    ]
    assert len({event["beat"] for event in heard[:3]}) == 1


def test_silence_is_filled_with_comments(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow.Stream.__init__, "__kwdefaults__", {"heartbeat": 0.1, "look_again": 0.1})
    fan = live.doors.world.fan()
    work = live.work(fan)
    live.doors.world.claim()
    headers = {WHO: live.doors.client(fan).headers[WHO]}
    with (
        httpx.Client(base_url=live.url, headers=headers) as client,
        client.stream("GET", f"/v1/works/{work}/events") as r,
    ):
        lines = r.iter_lines()
        assert next(line for line in lines if line.startswith(":")) == ": still here"
        assert next(line for line in lines if line.startswith(":")) == ": still here"


def test_what_was_told_while_the_database_was_cut_off_is_read_from_the_row(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    (held,) = live.doors.world.claim()
    hub = live.doors.house.hub
    with live.following(fan, work) as events:
        next(events)
        hub.listening.clear()
        with psycopg.connect(live.doors.house.conninfo, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        live.beat(held, 5)  # nobody listens now
        assert said(next(events))["step"] == 5
        assert hub.listening.wait(10)
        live.beat(held, 6)
        assert said(next(events))["step"] == 6


def test_nobody_follows_more_than_eight_works(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    live.doors.world.claim()
    headers = {WHO: live.doors.client(fan).headers[WHO]}
    address = f"{live.url}/v1/works/{work}/events"
    with httpx.Client(headers=headers, limits=httpx.Limits(max_connections=20)) as client:
        streams = [client.send(client.build_request("GET", address), stream=True) for _ in range(8)]
        lines = [stream.iter_lines() for stream in streams]  # kept: a forgotten one closes its stream
        assert [next(read) for read in lines] == ["event: work"] * 8
        refused = client.get(address)
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-streams")
        streams[0].close()
        until = time.monotonic() + 5
        while live.doors.house.hub.followed_by(fan.id) == 8 and time.monotonic() < until:
            time.sleep(0.02)
        with client.stream("GET", address) as again:
            assert again.status_code == 200
        for stream in streams:
            stream.close()


def test_those_that_come_at_once_are_counted_one_by_one(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    monkeypatch.setattr(Stream, "begin", Stream._look)  # all were let in before the first was counted
    with ExitStack() as stack:
        streams = [stack.enter_context(live.following(fan, work)) for _ in range(follow.MOST_STREAMS)]
        assert all(next(stream).event == "work" for stream in streams)
        with live.following(fan, work) as one_more:
            assert list(one_more) == []


def test_a_server_that_stops_ends_its_streams(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    live.doors.world.claim()
    with live.following(fan, work) as events:
        next(events)
        began = time.monotonic()
        live.doors.app.state.stopping.set()
        assert list(events) == []
    assert time.monotonic() - began < 3


def test_no_stream_holds_a_connection(live: Live) -> None:
    fan = live.doors.world.fan()
    work = live.work(fan)
    live.doors.world.claim()
    with live.following(fan, work) as one, live.following(fan, work) as other:
        next(one)
        next(other)
        assert live.doors.house.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_an_event_reaches_twelve_readers_in_no_time(live: Live) -> None:
    """The bound is wide, so that a busy machine breaks nothing; the benchmarks measure it."""
    fans = [live.doors.world.fan(f"Fan {n}") for n in range(2)]
    offer = live.doors.world.artist()
    works_of = [live.work(fan, offer) for fan in fans]
    held = [live.doors.world.claim()[0] for _ in fans]
    steps, sent, took = range(1, 11), {}, []
    ready = threading.Barrier(13)

    def read(fan: Person, work: str) -> None:
        with live.following(fan, work) as events:
            next(events)
            ready.wait(30)
            for event in events:
                took.append(time.monotonic() - sent[work, said(event)["step"]])
                if said(event)["step"] == steps[-1]:
                    return

    threads = [threading.Thread(target=read, args=pair) for pair in [*zip(fans, works_of, strict=True)] * 6]
    for thread in threads:
        thread.start()
    ready.wait(30)
    for step in steps:
        for one in held:
            sent[one.work, step] = time.monotonic()
            live.beat(one, step)
        time.sleep(0.03)
    for thread in threads:
        thread.join(20)
    assert len(took) >= 12
    assert sorted(took)[int(0.95 * len(took))] < 0.5
