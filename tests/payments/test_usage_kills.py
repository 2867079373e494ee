"""kill -9 while a usage report is taken, and many that are taken at once: each line counts once, to the last unit."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from core import db, ids
from core.money import Money
from core.spool import Spool, Spooled
from payments import audit, reports
from payments.usage import audit as usage
from payments.usage import reporting
from payments.usage.models import UsageLine, UsageReport
from payments.usage.reporting import Sent
from tests.payments import made
from tests.payments.books import AT
from tests.payments.usage_process import PIECE_LINES, Nobody

ROOT = Path(__file__).resolve().parent.parent.parent
HEAD = "id,work,use,date,quantity,amount,asset\n"


@pytest.fixture
def jobless(sessions: db.Sessions, database: str) -> db.Sessions:
    return sessionmaker(sessions.kw["bind"], expire_on_commit=False, info={"jobs": Nobody(database)})


def finished(session: object, count: int) -> list[str]:
    """Works that rest on the licenses of two creators each."""
    fan = made.person(session)  # type: ignore[arg-type]
    given = [made.license(session, fan=fan, licensor=made.creator(session)) for _ in range(3)]  # type: ignore[arg-type]
    pairs = [(given[n % 3], given[(n + 1) % 3]) for n in range(count)]
    return [made.work(session, fan=fan, parts=[(a, 300_000), (b, 700_000)]) for a, b in pairs]  # type: ignore[arg-type]


def accepted(sessions: db.Sessions, folder: Path, reporter: str, works: list[str], count: int) -> UsageReport:
    """A report of lines about all works in turn, of which the n-th earned n units."""
    id = ids.new("usg")
    text = HEAD + "".join(f"l{n},{works[n % len(works)]},publish,2026-02-01,1,{n},USD/6\n" for n in range(count))
    folder.mkdir(exist_ok=True)
    (folder / id).write_text(text)
    file = Spooled(folder / id, len(text), count + 1, hashlib.sha256(text.encode()).hexdigest())
    return reporting.accept(sessions, Sent(reporter, id, "csv", file, "rehearsal"), id=id, at=AT)


def assert_whole(sessions: db.Sessions, report: str, count: int) -> None:
    with db.unit(sessions) as session:
        row = session.get_one(UsageReport, report)
        assert (row.state, row.lines, row.taken, row.earned) == ("done", count, count, count * (count - 1) // 2)
        assert usage.findings(session) == []
        assert audit.walk(session, report=lambda step, of, stage: None).findings == []


def killed(sessions: db.Sessions, database: str, folder: Path, *, deaths: list[int], count: int) -> None:
    """One process after another dies after so many statements; the last one lives to the end."""
    with db.unit(sessions) as session:
        label, works = made.person(session, "Label"), finished(session, 7)
    report = accepted(sessions, folder, label, works, count)
    command = [sys.executable, "-m", "tests.payments.usage_process", database, str(folder), report.id]
    codes, places = [], []
    for statement in (*deaths, 0):
        codes.append(subprocess.run([*command, str(statement)], cwd=ROOT, timeout=200).returncode)
        with db.unit(sessions) as session:
            places.append(session.get_one(UsageReport, report.id).number - 1)
    assert codes == [-signal.SIGKILL] * len(deaths) + [0]
    assert places == sorted(places)
    assert 0 < places[0] < places[-1] == count, "not all of it in the request that brought it"
    assert_whole(sessions, report.id, count)
    assert list(folder.iterdir()) == []


@pytest.mark.kills
def test_a_report_is_taken_once_through_a_kill(jobless: db.Sessions, database: str, tmp_path: Path) -> None:
    killed(jobless, database, tmp_path / "spool", deaths=[100], count=30 * PIECE_LINES)


@pytest.mark.kills
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_report_is_taken_once_through_sixty_kills(jobless: db.Sessions, database: str, tmp_path: Path) -> None:
    dice = random.Random(1)
    deaths = [100, *(dice.randint(1, 200) for _ in range(59))]
    killed(jobless, database, tmp_path / "spool", deaths=deaths, count=800 * PIECE_LINES)


def race(sessions: db.Sessions, folder: Path, *, count: int, rounds: int) -> None:
    """Three reports, one of them taken by two at once, and single reports, all about the same works."""
    with db.unit(sessions) as session:
        people, works = [made.person(session, f"Label {n}") for n in range(3)], finished(session, 6)
    taken = [accepted(sessions, folder, person, works, count) for person in people]
    start = Barrier(5)

    def advance(report: UsageReport) -> None:
        start.wait()
        for _ in range(1_000):
            reporting.advance(sessions, Spool(folder), report=report.id, at=AT)
            with db.unit(sessions) as session:
                if session.get_one(UsageReport, report.id).state == "done":
                    return

    def alone() -> None:
        start.wait()
        for n in range(rounds):
            said = {"reporter": people[0], "key": f"k{n}", "reference": None, "processor": "rehearsal", "at": AT}
            work = works[n % len(works)]
            db.settled(
                sessions,
                lambda session, said=said, work=work: reports.file(session, work=work, amount=Money(7), **said),
            )

    with ThreadPoolExecutor(5) as pool:
        doing = [*(pool.submit(advance, report) for report in (*taken, taken[0])), pool.submit(alone)]
        for one in doing:
            one.result(timeout=200)
    for report in taken:
        assert_whole(sessions, report.id, count)


def test_reports_about_the_same_works_at_once_never_cross(
    jobless: db.Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "AT_ONCE", 10)
    monkeypatch.setattr(reporting, "PIECE_LINES", 30)
    race(jobless, tmp_path / "spool", count=150, rounds=12)
    with db.unit(jobless) as session:
        assert session.scalar(select(func.count()).select_from(UsageLine)) == 450


@pytest.mark.slow
def test_many_reports_about_the_same_works_at_once_never_cross(
    jobless: db.Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "PIECE_LINES", 100)
    race(jobless, tmp_path / "spool", count=20_000, rounds=1_000)
