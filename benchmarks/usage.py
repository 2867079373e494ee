"""A usage report of a million lines about a thousand works, end to end, against reports that are filed one at a time.

`python -m benchmarks usage`; LINES=100000 sends fewer. The file comes in as a body does, is accepted, and taken by what
a worker runs; memory is that of the process, which holds the database's client and not its server.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app import migrations
from attribution.claim import Claim, Contribution, Licensed
from attribution.models import RecordedClaim
from core import db, ids
from core.jobs import Jobs
from core.money import Money
from core.postgres import EmbeddedPostgres
from core.shares import WHOLE
from core.spool import Spool, Spooled
from creators.models import Creator, Person, Style
from licensing.models import License, Offer
from licensing.terms import Terms
from payments import reports
from payments.usage import reporting
from payments.usage.models import UsageReport
from payments.usage.reporting import Sent

WORKS, LICENSORS = 1_000, 20
ALONE = 300  # reports that are filed one at a time
AT = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
USES = ("stream", "publish", "sell")
TERMS = Terms(
    medium="picture",
    starts_on=dt.date(2026, 1, 1),
    ends_on=dt.date(2029, 1, 1),
    price=Money.parse("5.00"),
    royalty_ppm=500_000,
    fan_ppm=400_000,
    max_copy_ppm=50_000,
    uses=frozenset({"stream", "publish"}),
)


def run() -> Iterator[str]:
    count = int(os.environ.get("LINES", "1000000"))
    with (
        tempfile.TemporaryDirectory(prefix="homage-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as postgres,
    ):
        postgres.ensure_database("bench")
        engine = db.connect(postgres.url("bench"))
        migrations.upgrade(engine)
        jobs = Jobs(postgres.url("bench").replace("postgresql+psycopg://", "postgresql://", 1))
        sessions = sessionmaker(engine, expire_on_commit=False, info={"jobs": jobs})
        with db.unit(sessions) as session:
            label, works = _people(session), _works(session)
        alone = _alone(sessions, label, works)
        before = _memory()
        spool = Spool(Path(folder) / "spool")
        begun, cpu, server = time.perf_counter(), time.process_time(), _server(sessions)
        file = asyncio.run(spool.receive(_body(works, count), name=ids.new("usg"), person=label, most_breaks=count + 1))
        came = time.perf_counter()
        row = _taken(sessions, spool, label, file)
        ended, cpu, server = time.perf_counter(), time.process_time() - cpu, _server(sessions) - server
        engine.dispose()
    assert (row.taken, row.held, row.faulty) == (count, 0, 0), vars(row)
    rate, seconds, peak = count / (ended - begun), ended - came, _memory() >> 20
    yield f"{count:,} lines, {file.bytes / 1e6:.0f} MB  {ended - begun:6.1f} s  {rate:8,.0f} lines a second"
    yield f"  made and spooled      {came - begun:6.1f} s"
    yield f"  taken                {seconds:7.1f} s {count / seconds:8,.0f} lines a second"
    yield f"  of processors         {cpu:6.1f} s in this process, {server:.1f} s in the database's"
    yield f"  peak memory           {peak:6d} MiB, {before >> 20} MiB before it"
    yield f"one report at a time    {1000 * alone:6.2f} ms {1 / alone:8,.0f} a second: 1/{rate * alone:.0f} of that"


def _taken(sessions: db.Sessions, spool: Spool, label: str, file: Spooled) -> UsageReport:
    sent = Sent(label, "bench", "csv", file, "rehearsal")
    row = reporting.accept(sessions, sent, id=file.path.name, at=AT)
    while row.state != "done":
        reporting.advance(sessions, spool, report=row.id, at=AT)
        with db.unit(sessions) as session:
            row = session.get_one(UsageReport, row.id)
    return row


def _alone(sessions: db.Sessions, label: str, works: list[str]) -> float:
    """Seconds for one report."""
    begun = time.perf_counter()
    for number in range(ALONE):
        with db.unit(sessions) as session:
            reports.file(
                session,
                reporter=label,
                key=str(number),
                reference=None,
                work=works[number % len(works)],
                amount=Money(1_250),
                processor="rehearsal",
                at=AT,
            )
    return (time.perf_counter() - begun) / ALONE


async def _body(works: list[str], count: int) -> AsyncIterator[bytes]:
    """The file as it comes, a thousand lines at a time."""
    dice = random.Random(1)
    yield b"id,work,use,territory,date,quantity,amount,asset\n"
    for start in range(0, count, 1_000):
        yield "".join(
            f"{number:x}-play,{dice.choice(works)},{dice.choice(USES)},{dice.choice(('DE', 'AT', 'US'))},"
            f"2026-05-{dice.randint(1, 31):02d},{dice.randint(1, 999)},{dice.randint(1, 99_999)},USD/6\n"
            for number in range(start, min(count, start + 1_000))
        ).encode()


def _people(session: Session) -> str:
    label = Person(id=ids.new("per"), name="Label", created_at=AT)
    session.add(label)
    return label.id


def _works(session: Session) -> list[str]:
    """Finished works, each made under licenses of two licensors."""
    fan = Person(id=ids.new("per"), name="Bob Reed", created_at=AT)
    session.add(fan)
    session.flush()
    granted = [_license(session, fan.id, number) for number in range(LICENSORS)]
    works = []
    for number in range(WORKS):
        two = (granted[number % LICENSORS], granted[(number + 1) % LICENSORS])
        share = 1 + number * (WHOLE - 2) // WORKS
        claim = Claim(
            work=ids.new("wrk"),
            medium="picture",
            licensee=fan.id,
            licensee_name="Bob Reed",
            licenses=two,
            contributions=tuple(
                Contribution(ids.new("ast"), "0" * 64, "A field", one.licensor, part)
                for one, part in zip(two, (share, WHOLE - share), strict=True)
            ),
            engine="none 0",
            learned_from="nothing",
            exact=True,
            method="made up",
        )
        named = {"licenses": sorted(x.license for x in two), "styles": sorted(x.style for x in two)}
        codes = {"file_sha256": f"{number:064x}", "iscc": "ISCC:EEA", "recorded_at": AT}
        session.add(RecordedClaim(work=claim.work, document=claim.document(), **named, **codes))
        works.append(claim.work)
    return works


def _license(session: Session, fan: str, number: int) -> Licensed:
    name = f"Artist {number}"
    person, creator = ids.new("per"), ids.new("cre")
    style, offer, license = ids.new("sty"), ids.new("off"), ids.new("lic")
    session.add(Person(id=person, name=name, created_at=AT))
    session.flush()
    session.add(Creator(id=creator, person=person, name=name, created_at=AT))
    session.flush()
    listed = {"medium": "picture", "state": "listed", "state_at": AT, "created_at": AT}
    session.add(Style(id=style, creator=creator, name="A hand", **listed))
    session.flush()
    said = {"terms": TERMS.document(), "terms_hash": TERMS.hash}
    session.add(Offer(id=offer, style=style, number=1, deed_hash="0" * 64, published_at=AT, **said))
    session.flush()
    granted = {"state": "active", "granted_at": AT, "expires_at": AT + dt.timedelta(days=365)}
    session.add(License(id=license, offer=offer, style=style, licensor=creator, licensee=fan, **said, **granted))
    session.flush()
    return Licensed(license, style, creator, name, TERMS.hash)


def _server(sessions: db.Sessions) -> float:
    """Seconds of processor that the database has spent on our connection: there is one, and it is kept."""
    with db.unit(sessions) as session:
        process = session.scalar(select(func.pg_backend_pid()))
    spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


def _memory() -> int:
    """The most bytes that this process has had at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
