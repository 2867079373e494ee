"""How fast platforms are answered: by hash with a hundred requests in flight, in batches, and where the time goes.

Works are a real one, recorded many times under numbers, hashes, codes and marks of their own, on hundreds of licenses.
Each rate is told at two sizes of the register: what it costs must hardly grow.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.doors import Stock, _waited, furnished, serving
from core import db, ids
from core.clock import SYSTEM
from core.limits import Buckets, Meter, Quota
from licensing import grounds, licenses, lines, verdicts
from licensing.batch_routes import NDJSON, told

SIZES = (1_000, 100_000)
IN_FLIGHT = 100
REQUESTS = 4_000
LINES = 1_000  # of a batch that is answered at once
USE = {"use": "publish", "medium": "picture", "territory": "DE"}


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="homage-bench-") as folder, furnished(Path(folder)) as stock:
        register = Register(stock)
        for size in SIZES:
            register.fill(size)
            yield f"{size:,} works registered"
            with serving(Path(folder), "fast") as port:
                yield from _single(register, port)
                yield from _batches(register, port)
        yield from _parts(register)
        yield from _memory(register)


@dataclass
class Register:
    """Works that were never made, recorded like the one that was."""

    stock: Stock
    count: int = 0

    def __post_init__(self) -> None:
        house = self.stock.house
        granted = []
        for offer in self.stock.open:
            for person, _ in self.stock.people:
                with db.unit(house.sessions) as session:
                    row = licenses.grant(session, offer=offer, licensee=person, at=house.clock.now())
                    granted.append((row.id, row.style, row.licensor, row.terms_hash, row.licensee))
        self.granted = granted

    def fill(self, size: int) -> None:
        """Record works until there are so many."""
        house, rng = self.stock.house, random.Random(self.count)
        with house.engine.connect() as connection:
            cursor = connection.connection.cursor()
            columns = "work, document, licenses, styles, file_sha256, iscc, mark, mark_epoch, recorded_at"
            with cursor.copy(f"COPY claims ({columns}) FROM STDIN") as copy:
                for number in range(self.count, size):
                    copy.write_row(self._row(number, rng))
            connection.connection.commit()
        with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE claims")
        self.count = size

    def _row(self, number: int, rng: random.Random) -> tuple[Any, ...]:
        work = ids.new("wrk")
        used = rng.sample(self.granted, 2)
        share = 600_000
        document = {
            "work": work,
            "medium": "picture",
            "licensee": used[0][4],
            "licensee_name": "Somebody",
            "licenses": [
                {"license": id, "style": style, "licensor": licensor, "licensor_name": "An artist", "terms": terms}
                for id, style, licensor, terms, _ in used
            ],
            "contributions": [
                {"asset": ids.new("ast"), "sha256": "0" * 64, "title": "A work", "licensor": x[2], "share": part}
                for x, part in zip(used, (share, 1_000_000 - share), strict=True)
            ],
            "engine": "patchwork 1",
            "learned_from": "nothing",
            "exact": True,
            "method": "measured",
        }
        code = f"ISCC:EEA{_base32(number)}"
        at = SYSTEM.now()
        found = sorted({x[0] for x in used}), sorted({x[1] for x in used})
        return work, json.dumps(document), *found, sealed(number), code, number + 1, "2026Q4", at

    def question(self, number: int) -> dict[str, str]:
        return {"sha256": sealed(number), **USE}


def sealed(number: int) -> str:
    """The hash of the file of the work with this number."""
    return hashlib.sha256(b"work %d" % number).hexdigest()


def _base32(number: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "".join(letters[number >> shift & 31] for shift in range(60, -1, -5))


def _single(register: Register, port: int) -> Iterator[str]:
    """By hash: as many as can be asked at a hundred in flight, and one after the other."""
    asked = [json.dumps(register.question(n)).encode() for n in _some(register, REQUESTS)]
    bodies = [_request(body) for body in asked]
    for flight in (1, IN_FLIGHT):
        some = bodies if flight > 1 else bodies[:500]
        before = _waited(port)
        begun = time.perf_counter()
        seconds = sorted(asyncio.run(_ask_all(port, some, flight)))
        wall = time.perf_counter() - begun
        waited, _, cpu = (now - then for now, then in zip(_waited(port), before, strict=True))
        half, most = (1000 * seconds[int(part * len(seconds))] for part in (0.5, 0.95))
        yield (
            f"by hash, {flight:3} in flight: {len(some) / wall:6.0f}/s, p50 {half:6.1f} ms, p95 {most:6.1f} ms;"
            f" each {1e6 * cpu / len(some):5.0f} us of processor, {1e6 * waited / len(some):5.0f} us at the database"
        )


def _batches(register: Register, port: int) -> Iterator[str]:
    """Batches that are answered at once, one after the other."""
    key = register.stock.people[0][1]
    rates = []
    for number in range(6):
        chosen = _some(register, LINES)
        body = b"".join(
            json.dumps({"id": f"{register.count}-{number}-{i}", **register.question(n)}).encode() + b"\n"
            for i, n in enumerate(chosen)
        )
        begun = time.perf_counter()
        answers = asyncio.run(_ask_all(port, [_request(body, kind=NDJSON, path="/v1/verifications/batch", key=key)], 1))
        del answers
        rates.append(LINES / (time.perf_counter() - begun))
    yield f"in batches of {LINES:,}, signed: {statistics.median(rates):6.0f} answers/s (best {max(rates):.0f})"


def _parts(register: Register) -> Iterator[str]:
    """Where the time of an answer in a batch goes: the same steps, one by one, in this process."""
    house = register.stock.house
    desk = house.desk(Meter(Buckets(), "bench", Quota("bench", 0)), all_of_it=False)
    asked = [next(lines.read(_file(register.question(n), n))).asked for n in _some(register, lines.TOGETHER)]
    from attribution import named
    from licensing import signed

    known = [x for x in asked if x is not None]
    spent: dict[str, float] = {}

    def timed(name: str, doing: Any) -> Any:
        begun = time.perf_counter()
        found = doing()
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - begun
        return found

    rounds = 20
    for _ in range(rounds):
        with db.unit(house.sessions) as session:
            findings = timed("looking up", lambda s=session: named.found(s, [x.name for x in known if x.name]))
            facts = timed("licenses and names", lambda s=session, f=findings: grounds.of(s, f))
        at = SYSTEM.now()
        composed = timed(
            "composing",
            lambda f=findings, g=facts, t=at: [
                verdicts.compose(x, g, **y.about, at=t) for x, y in zip(f, known, strict=True)
            ],
        )
        said = timed(
            "writing",
            lambda c=composed, t=at: [signed.payload(x, subject={}, issuer="https://house.example", at=t) for x in c],
        )
        timed("signing", lambda s=said, t=at: [desk.signer.sign(x, at=t) for x in s])
    total = sum(spent.values())
    each = {name: 1e6 * seconds / rounds / len(known) for name, seconds in spent.items()}
    yield "an answer in a batch: " + ", ".join(
        f"{name} {us:.0f} us ({100 * spent[name] / total:.0f} %)" for name, us in each.items()
    )


def _memory(register: Register) -> Iterator[str]:
    """How far a process grows by a batch that is ten times as long."""
    for count in (5_000, 50_000):
        code = f"from benchmarks.platforms import grown; grown({str(register.stock.house.settings.var)!r}, {count})"
        out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        yield out.stdout.strip()


def grown(var: str, count: int) -> None:
    """Answer a batch of so many lines from file to file, and say how fast, and how large this process became."""
    from app.house import House
    from app.settings import Settings
    from core.spool import Spooled

    with House(Settings(var=Path(var))) as house, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines"
        with path.open("wb") as out:
            for number in range(count):
                out.write(json.dumps({"id": f"m{count}-{number}", "sha256": sealed(number), **USE}).encode() + b"\n")
        desk = house.desk(Meter(Buckets(), "bench", Quota("bench", 0)), all_of_it=False)
        begun, size = time.perf_counter(), 0
        for data in told(desk, Spooled(path, 0, count, ""), house.about, asker="bench", uploads=house.uploads):
            size += len(data)
        wall = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(
            f"a batch of {count:6,} lines: {count / wall:6.0f} answers/s, {size / count:.0f} bytes each,"
            f" the process at most {peak:.0f} MiB\n"
        )


def _file(said: dict[str, str], number: int) -> Any:
    import io

    return io.BytesIO(json.dumps({"id": f"p{number}", **said}).encode() + b"\n")


def _some(register: Register, count: int) -> list[int]:
    return random.Random(count).choices(range(register.count), k=count)


def _request(body: bytes, *, path: str = "/v1/verifications", kind: str = "application/json", key: str = "") -> bytes:
    who = f"Authorization: Bearer {key}\r\n" if key else ""
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\n{who}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _ask_all(port: int, requests: list[bytes], flight: int) -> list[float]:
    """Seconds of each, `flight` at a time, each on a connection that stays."""
    coming, seconds = iter(requests), list[float]()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        for request in coming:
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await _body(reader, head)
            seconds.append(time.perf_counter() - begun)
        writer.close()

    await asyncio.gather(*(one() for _ in range(flight)))
    return seconds


async def _body(reader: asyncio.StreamReader, head: bytes) -> None:
    lowered = head.lower()
    if b"content-length: " in lowered:
        await reader.readexactly(int(lowered.partition(b"content-length: ")[2].partition(b"\r")[0]))
        return
    while size := int((await reader.readline()).strip(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()
