"""A snapshot of a hundred thousand works and its delta: how large, how long to write, to open, and to ask.

`python -m benchmarks snapshots`; WORKS=1000000 makes more. Works rest on one license or two of a fifth as many
licenses, from a thousand creators, under a hundred different terms. Asked are hashes only: nothing is decoded.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy import text

from app import migrations
from attribution.claim import Claim, Contribution, Licensed
from benchmarks.usage import AT, TERMS
from core import db, ids
from core.postgres import EmbeddedPostgres
from core.shares import WHOLE
from core.signatures import SNAPSHOT, Signer
from licensing.snapshots import answers, writing
from licensing.snapshots.file import Opened
from licensing.snapshots.kit import Kit
from licensing.terms import USES, Terms

CREATORS, KINDS = 1_000, 100
ASKED = 2_000


def run() -> Iterator[str]:
    count = int(os.environ.get("WORKS", "100000"))
    with (
        tempfile.TemporaryDirectory(prefix="homage-bench-") as name,
        EmbeddedPostgres(Path(name) / "postgres") as postgres,
    ):
        folder = Path(name)
        postgres.ensure_database("bench")
        engine = db.connect(postgres.url("bench"))
        migrations.upgrade(engine)
        filling = multiprocessing.get_context("spawn").Process(target=_fill, args=(postgres.url("bench"), count))
        filling.start()  # apart, so that its memory is not counted
        filling.join()
        assert filling.exitcode == 0
        yield f"{count:,} works, {count // 5:,} licenses"
        signer = Signer(folder / "keys", typ=SNAPSHOT)
        write = partial(
            writing.write, units=partial(db.unit, db.sessions(engine)), signer=signer, house="bench", trust="{}", at=AT
        )
        took: list[str] = []
        memory = _grown(lambda: took.append(_timed(lambda: write(folder / "whole"))))
        yield f"write   {took[0]}, {_size(folder / 'whole')}; {memory} MiB of memory"
        with db.unit(db.sessions(engine)) as session:
            gone = text("UPDATE claims SET withdrawn_at = now(), withdrawn_reason = 'x' WHERE file_sha256 < '028'")
            session.execute(gone)
        keys = signer.jwks()
        since = Kit.open([folder / "whole"], keys)
        again = _timed(lambda: write(folder / "delta", since=since))
        yield f"delta   {again}, {_size(folder / 'delta')}, of 1 % withdrawn"
        engine.dispose()
        yield f"check   {_timed(lambda: Opened(folder / 'whole', keys).check())}"
        yield f"open    {1000 * min(_seconds(lambda: Opened(folder / 'whole', keys)) for _ in range(9)):.1f} ms"
        yield from _asked([folder / "whole"], keys, count)
        yield from _asked([folder / "whole", folder / "delta"], keys, count)


def _asked(files: list[Path], keys: object, count: int) -> Iterator[str]:
    """Each by its file or its samples, with a use: processor time, at first and as it goes on."""
    kit, dice, times = Kit.open(files, keys), random.Random(1), list[float]()
    for number in range(ASKED):
        sha256 = _hash(("file", "samples")[number % 2], dice.randrange(count))
        begun = time.process_time()
        _ask(kit, sha256)
        times.append(time.process_time() - begun)
    known = sorted(times[ASKED // 2 :])
    yield (
        f"ask     {len(files)} file(s): first {1000 * times[0]:.2f} ms, median {1000 * known[len(known) // 2]:.2f} ms,"
        f" p99 {1000 * known[len(known) * 99 // 100]:.2f} ms"
    )


def _ask(kit: Kit, sha256: str) -> None:
    finding = answers.by_hash(kit, sha256=sha256, at=AT)
    verdict = answers.answer(kit, finding, use="publish", territory="DE", at=AT)
    assert verdict.work is not None


def _fill(url: str, count: int) -> None:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        _make(connection, count)


def _make(connection: psycopg.Connection, count: int) -> None:
    connection.execute("SET session_replication_role = replica")  # made up, so no rows that they would point to
    dice = random.Random(1)
    creators = [ids.new("cre") for _ in range(CREATORS)]
    said = [_terms(number) for number in range(KINDS)]
    documents = {terms.hash: json.dumps(terms.document()) for terms in said}
    licensed = [
        Licensed(ids.new("lic"), ids.new("sty"), dice.choice(creators), "Artist", dice.choice(said).hash)
        for _ in range(count // 5)
    ]
    styles = "COPY styles (id, creator, name, medium, state, state_at, created_at, epoch, version) FROM STDIN"
    _copy(connection, styles, ((x.style, x.licensor, "A hand", "picture", "listed", AT, AT, 0, 1) for x in licensed))
    columns = "id, offer, style, licensor, licensee, terms, terms_hash, epoch, state, granted_at, expires_at, used"
    rows = (
        (x.license, ids.new("off"), x.style, x.licensor, "per", documents[x.terms], x.terms, 0, "active", AT, AT, 0)
        for x in licensed
    )
    _copy(connection, f"COPY licenses ({columns}) FROM STDIN", rows)
    works: list[str] = []
    columns = "work, document, licenses, styles, file_sha256, iscc, recorded_at"
    _copy(connection, f"COPY claims ({columns}) FROM STDIN", _claims(licensed, works, count))
    columns = "subject, claim, owner, samples_sha256, forgotten"
    prints = ((work, work, "per", _hash("samples", number), False) for number, work in enumerate(works))
    _copy(connection, f"COPY fingerprints ({columns}) FROM STDIN", prints)
    connection.execute("ANALYZE")


def _claims(licensed: list[Licensed], works: list[str], count: int) -> Iterator[tuple[object, ...]]:
    """Their rows, one at a time; the numbers of the works are remembered."""
    dice = random.Random(2)
    for number in range(count):
        claim = _claim(dice.sample(licensed, 1 + (number % 5 == 0)))
        works.append(claim.work)
        yield claim.work, json.dumps(claim.document()), *_repeated(claim), _hash("file", number), "ISCC:EEA", AT


def _copy(connection: psycopg.Connection, query: str, rows: Iterator[tuple[object, ...]]) -> None:
    with connection.cursor().copy(query) as copy:
        for row in rows:
            copy.write_row(row)


def _claim(on: list[Licensed]) -> Claim:
    shares = (WHOLE,) if len(on) == 1 else (400_000, 600_000)
    parts = (Contribution(ids.new("ast"), "", "A field", x.licensor, n) for x, n in zip(on, shares, strict=True))
    return Claim(ids.new("wrk"), "picture", "per", "Bob", tuple(on), tuple(parts), "none 0", "nothing", True, "made up")


def _repeated(claim: Claim) -> tuple[list[str], list[str]]:
    return sorted({x.license for x in claim.licenses}), sorted({x.style for x in claim.licenses})


def _terms(number: int) -> Terms:
    return replace(TERMS, uses=frozenset(USES[: 1 + number % 6]), attribution=f"number {number}")


def _hash(kind: str, number: int) -> str:
    return hashlib.sha256(f"{kind} {number}".encode()).hexdigest()


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _timed(call: Callable[[], object]) -> str:
    cpu = time.process_time()
    wall = _seconds(call)
    return f"{wall:.1f} s, {time.process_time() - cpu:.1f} of them here"


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


def _status(name: str) -> int:
    """A figure of this process in MiB, as Linux tells it."""
    return int(Path("/proc/self/status").read_text().partition(f"{name}:")[2].split()[0]) >> 10


def _grown(call: Callable[[], object]) -> int:
    """How much more memory than before the call this process had at once, in MiB."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted anew
    before = _status("VmRSS")
    call()
    return _status("VmHWM") - before
