"""The ledger: a fee split among ten payees per transaction, against the disk's own limit, one fsync a commit."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from app import migrations
from benchmarks.timing import best
from core import db, ids
from core.money import Money
from core.postgres import EmbeddedPostgres
from core.shares import quantize
from payments import entries, ledger

SALES = 200
PRICE = Money(5_000_000)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def run() -> Iterator[str]:
    with (
        tempfile.TemporaryDirectory(prefix="homage-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
    ):
        postgres.ensure_database("bench")
        engine = db.connect(postgres.url("bench"))
        migrations.upgrade(engine)
        sessions = db.sessions(engine)
        with db.unit(sessions) as session:
            session.execute(text("CREATE TABLE bare (n bigint)"))
        bare = best(lambda: _bare(sessions)).wall / SALES
        sale = best(lambda: _sales(sessions)).wall / SALES
        engine.dispose()
    yield f"one row and a commit       {1000 * bare:6.2f} ms  {1 / bare:7.0f} a second"
    yield f"hold and fee, ten payees   {1000 * sale:6.2f} ms  {1 / sale:7.0f} a second  {sale / bare:5.1f} bare rows"


def _bare(sessions: db.Sessions) -> None:
    for n in range(SALES):
        with db.unit(sessions) as session:
            session.execute(text("INSERT INTO bare VALUES (:n)"), {"n": n})


def _sales(sessions: db.Sessions) -> None:
    person = ids.new("per")
    licensors = [(f"creator:cre_{n}", share) for n, share in quantize(dict.fromkeys(range(10), 1)).items()]
    program = entries.fee_program(compute=20_000, platform_ppm=150_000, licensors=licensors)
    with db.unit(sessions) as session:
        total = Money(PRICE.amount * SALES)
        ledger.post(
            session, entries.topup(charge=ids.new("chg"), person=person, amount=total, processor="bench"), at=AT
        )
    for _ in range(SALES):
        work = ids.new("wrk")
        with db.unit(sessions) as session:
            ledger.post(session, entries.hold(work=work, person=person, amount=PRICE), at=AT)
        with db.unit(sessions) as session:
            ledger.collect(
                session,
                kind="fee",
                program=program,
                work=work,
                amount=PRICE,
                source=f"hold:{work}",
                reference=f"work:{work}:fee",
                at=AT,
            )
