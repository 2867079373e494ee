"""The doors, on a real server and a Postgres that writes through to the disk: orders, questions, lists, live progress.

The server runs twice, with uvloop and httptools and without, each in a process of its own; measurements alternate
between them, and the round with the lowest median counts. Clients keep their connection, as a browser does.
"""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from app.crew import listen
from app.house import House
from app.identity import accounts, keys
from app.settings import Limits, Settings
from benchmarks.doors_server import WAITED
from core import db, encode
from core.media import Picture
from core.money import Money
from creators import assets, profiles, styles
from creators.consent import Declaration
from generation import orders, works
from generation.models import Work
from licensing import offers
from licensing.terms import Terms
from payments import checkout

STYLES, SHOWN = 200, 24
ORDERS, QUESTIONS = 120, 240  # requests of one measurement
ROUNDS = 3
READERS, EVENTS = 12, 25  # events for each reader
BUYERS = 8
READERS_EACH = 6  # one person follows up to eight works
LOOPS = ("fast", "plain")
Request = tuple[str, str, bytes, dict[str, str]]
FORM = "multipart/form-data; boundary=edge"


def run() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="homage-bench-") as folder,
        furnished(Path(folder)) as stock,
        ExitStack() as up,
    ):
        servers = {loop: up.enter_context(serving(Path(folder), loop)) for loop in LOOPS}
        first = _measured(servers["plain"], [stock.order() for _ in range(BUYERS)], 1)
        yield f"load of this machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        yield f"a person's first order from a starter, which is kept for them: p50 {1000 * first.median:.0f} ms"
        asked: dict[str, Callable[[], Request]] = {
            "order, to its 202": stock.order,
            "verify by hash": stock.question,
            f"{SHOWN} of {STYLES} styles": stock.listing,
        }
        for name, ask in asked.items():
            for clients in (1, 8):
                yield from _compared(servers, name, ask, clients)
        for loop, port in servers.items():
            late = sorted(min((_followed(stock, port) for _ in range(ROUNDS)), key=statistics.median))
            yield (
                f"progress to {READERS} readers, {loop:5}  p50 {_ms(late, 0.5)}  p95 {_ms(late, 0.95)}"
                "  (from before the commit to the bytes)"
            )
        yield f"load of this machine after: {os.getloadavg()[0]:.1f}"


@dataclass(frozen=True)
class Measured:
    """One measurement: each request's seconds, all of it, and what of that was waiting for the database."""

    latencies: list[float]
    wall: float
    database: float
    trips: float
    cpu: float  # the server's own, which other load spoils least

    @cached_property
    def median(self) -> float:
        return statistics.median(self.latencies)

    def line(self, clients: int) -> str:
        late, count = sorted(self.latencies), len(self.latencies)
        return (
            f"p50 {_ms(late, 0.5)}  p95 {_ms(late, 0.95)}  {count / self.wall:6.0f} a second"
            f"  database {self.database / sum(late):4.0%} of the time, {self.trips / count:.0f} trips"
            f"  {1000 * self.cpu / count:4.1f} ms of a processor"
        )


def _compared(servers: dict[str, int], name: str, ask: Callable[[], Request], clients: int) -> Iterator[str]:
    found: dict[str, Measured] = {}
    count = ORDERS if name.startswith("order") else QUESTIONS
    for _ in range(ROUNDS):
        for loop, port in servers.items():
            one = _measured(port, [ask() for _ in range(count)], clients)
            if loop not in found or one.median < found[loop].median:
                found[loop] = one
    for loop, best in found.items():
        yield f"{name}, {clients} at once, {loop:5}  {best.line(clients)}"
    yield f"  processor time, plain / fast: {found['plain'].cpu / found['fast'].cpu:.2f}"


def _measured(port: int, requests: list[Request], clients: int) -> Measured:
    before = _waited(port)
    latencies: list[float] = []
    threads = [threading.Thread(target=_ask, args=(port, requests[n::clients], latencies)) for n in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - begun
    assert len(latencies) == len(requests), "a client failed"
    after = _waited(port)
    return Measured(latencies, wall, *(now - then for now, then in zip(after, before, strict=True)))


def _ask(port: int, requests: list[Request], latencies: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/v1/house")
    connection.getresponse().read()
    for method, path, body, headers in requests:
        begun = time.perf_counter()
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        latencies.append(time.perf_counter() - begun)
        assert answer.status in (200, 202), data
    connection.close()


def _waited(port: int) -> tuple[float, float, float]:
    """Seconds that requests have waited for the database so far, how often, and the server's processor time."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", WAITED)
    seconds, trips, cpu = json.loads(connection.getresponse().read())
    connection.close()
    return seconds, trips, cpu


def _followed(stock: Stock, port: int) -> list[float]:
    """Seconds from before an event's commit until its bytes are with the reader, for each event of each reader."""
    told: dict[tuple[str, int], float] = {}
    heard: dict[tuple[str, int], float] = {}
    claimed = stock.claimed()
    readers = [threading.Thread(target=_read, args=(port, key, held.work, heard)) for key, held in claimed]
    for reader in readers:
        reader.start()
    _until(lambda: len({work for work, _ in heard}) == READERS)
    for step in range(EVENTS):
        for _, held in claimed:
            time.sleep(0.01)  # unloaded: one after the other
            with db.unit(stock.house.sessions) as session:
                works.beat(session, held=held, lease=timedelta(hours=1), stage="drawing", step=step, of=EVENTS)
                number = session.get_one(Work, held.work, populate_existing=True).beat
                told[held.work, number] = time.perf_counter()
    _until(lambda: told.keys() <= heard.keys())
    with db.unit(stock.house.sessions) as session:
        for _, held in claimed:
            works.release(session, held=held, state="failed", reason="measured", at=stock.house.clock.now())
    for reader in readers:
        reader.join()
    return [heard[event] - moment for event, moment in told.items()]


def _read(port: int, key: str, work: str, heard: dict[tuple[str, int], float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/v1/works/{work}/events", headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    while line := answer.readline():
        if line.startswith(b"id: "):
            heard[work, int(line[4:])] = time.perf_counter()
    connection.close()


def _until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < end, "events were lost"
        time.sleep(0.005)


def _ms(ordered: list[float], part: float) -> str:
    return f"{1000 * ordered[min(int(part * len(ordered)), len(ordered) - 1)]:6.1f} ms"


@dataclass(frozen=True)
class Stock:
    """A house with many styles, a sealed work, and people with credit and a key each."""

    house: House
    open: list[str]  # offers
    people: list[tuple[str, str]]  # each with a key
    sealed: str  # the hash of a sealed work's file

    @cached_property
    def turns(self) -> Iterator[tuple[str, str]]:
        """Those who order, one after the other: of one person alone, licenses would be waited for."""
        return itertools.cycle(self.people[:BUYERS])

    def order(self) -> Request:
        body = {
            "offers": [{"offer": self.open[0], "weight": 1}],
            "engine": "patchwork",
            "source": "starter:china",
            "seed": 1,
        }
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"}
        key = {"Authorization": f"Bearer {next(self.turns)[1]}"}
        return "POST", "/v1/works", json.dumps(body).encode(), headers | key

    def question(self) -> Request:
        body = f'--edge\r\nContent-Disposition: form-data; name="sha256"\r\n\r\n{self.sealed}\r\n--edge--\r\n'
        return "POST", "/v1/verifications", body.encode(), {"Content-Type": FORM}

    def listing(self) -> Request:
        return "GET", f"/v1/styles?limit={SHOWN}", b"", {}

    def claimed(self) -> list[tuple[str, works.Claimed]]:
        """A running work for each reader, and the key of whose it is. Nobody draws them."""
        found = []
        for number in range(READERS):
            person, key = self.people[BUYERS + number // READERS_EACH]
            with db.unit(self.house.sessions) as session:
                order = _order(person, self.open[0])
                at = self.house.clock.now()
                work = orders.place(session, order=order, catalog=self.house.catalog, policy=self.house.policy, at=at)
                work.state, work.attempt, work.started_at = "running", 1, at
            found.append((key, works.Claimed(work.id, 1)))
        return found


@contextmanager
def furnished(folder: Path) -> Iterator[Stock]:
    none = Limits(per_minute=0, anonymous_per_minute=0)
    with House(Settings(var=folder, limits=none)) as house:
        opened = [_offer(house, number) for number in range(STYLES)]
        people = [_person(house, number) for number in range(BUYERS + READERS // READERS_EACH)]
        yield Stock(house, opened, people, _sealed(house, people[0][0], opened[0]))


def _offer(house: House, number: int) -> str:
    """A listed style with one work in it, and its offer."""
    at, today = house.clock.now(), house.clock.now().date()
    with db.unit(house.sessions) as session:
        owner = profiles.open_person(session, name=f"Artist {number}", at=at)
        creator = profiles.open_profile(session, person=owner.id, name=f"Artist {number}", at=at).id
        style = styles.register(session, creator=creator, name=f"Style {number}", medium="picture", at=at).id
        said = Declaration(
            creator=creator,
            legal_name=f"Artist {number}",
            is_author=True,
            holds_rights=True,
            adult=True,
            medium="picture",
            uses="Pictures that fans make from their own photographs.",
            expires_on=today + timedelta(days=1000),
            declared_at=at,
        )
        styles.declare_consent(session, style=style, creator=creator, declaration=said, at=at)
        upload = assets.store(_picture(number), creator=creator, blobs=house.blobs, keys=house.keys)
        assets.take(session, style=style, upload=upload, title="A work", at=at)
        styles.publish(session, style=style, creator=creator, at=at)
        terms = Terms(
            medium="picture",
            starts_on=today,
            ends_on=today + timedelta(days=365),
            price=Money(1_000_000 + 10_000 * number),
            royalty_ppm=500_000,
            fan_ppm=300_000,
            max_copy_ppm=1_000_000,
        )
        return offers.publish(session, style=style, creator=creator, terms=terms, at=at).id


def _picture(seed: int) -> Picture:
    """Noise at several scales, different for each seed."""
    rng = np.random.default_rng(seed)
    layers = [np.kron(rng.random((2**n, 2**n, 3)), np.ones((256 >> n, 256 >> n, 1))) / 2**n for n in range(2, 6)]
    mixed = np.sum(layers, axis=0)
    return Picture((255 * mixed / mixed.max()).astype(np.uint8))


def _person(house: House, number: int) -> tuple[str, str]:
    """Somebody with an account, a key and credit."""
    with db.unit(house.sessions) as session:
        email, at = f"person{number}@example.org", house.clock.now()
        account = accounts.make_staff(session, email=email, name=f"Person {number}", password_hash="-", at=at)  # noqa: S106
        key, _ = keys.make(session, person=account.person, name="Bench", scopes=["works", "verify"], at=at)
    for _ in range(2):
        amount, once = Money.parse("500"), str(uuid.uuid4())
        checkout.rehearse_top_up(
            house.sessions, house.processor, person=account.person, amount=amount, key=once, clock=house.clock
        )
    return account.person, key


def _order(person: str, offer: str, **more: Any) -> orders.Order:
    return orders.Order(
        person=person,
        offers=((offer, 1),),
        engine="patchwork",
        params=more.get("params", {}),
        seed=1,
        source_blob=more.get("blob", "0" * 64),
        source_sha256=more.get("sha256", "0" * 64),
        idempotency_key=str(uuid.uuid4()),
    )


def _sealed(house: House, person: str, offer: str) -> str:
    """Make one small work for real; the hash of its sealed file."""
    content = _picture(STYLES)
    blob = house.blobs.put(house.keys.seal(person, encode.png(content)))
    order = _order(person, offer, blob=blob, sha256=content.sha256)
    with db.unit(house.sessions) as session:
        at = house.clock.now()
        work = orders.place(session, order=order, catalog=house.catalog, policy=house.policy, at=at)
    with db.unit(house.sessions) as session:
        held = works.claim(session, engine="patchwork", worker="bench", lease=timedelta(hours=1), limit=1)
    assert house.workshop.make(held[0]) == "done"
    with db.unit(house.sessions) as session:
        made = works.get(session, work=work.id, person=person)
        return hashlib.sha256(house.blobs.get(str(made.result_blob))).hexdigest()


@contextmanager
def serving(folder: Path, loop: str) -> Iterator[int]:
    """A server process on a port of its own, until the context ends."""
    none = {"HOMAGE_LIMITS__PER_MINUTE": "0", "HOMAGE_LIMITS__ANONYMOUS_PER_MINUTE": "0"}
    environment = {**os.environ, **none, "HOMAGE_VAR": str(folder)}
    with listen("127.0.0.1", 0) as listener:
        handle, port = listener.fileno(), int(listener.getsockname()[1])
        command = [sys.executable, "-m", "benchmarks.doors_server", str(os.getpid()), str(handle), loop]
        process = subprocess.Popen(command, env=environment, pass_fds=(handle,), stderr=subprocess.DEVNULL)
        try:
            _waited(port)  # connections wait until it answers
            yield port
        finally:
            process.terminate()
            process.wait(30)
