"""`homage report`: a file of lines from the command line, and the faulty ones back to be mended."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from core import db
from tests.app.commands import homage
from tests.payments import made

HEAD = "id,work,use,date,quantity,amount,asset\n"


@pytest.fixture
def who(sessions: db.Sessions) -> tuple[str, str]:
    """Someone who reports, and a finished work."""
    with db.unit(sessions) as session:
        fan = made.person(session)
        given = made.license(session, fan=fan, licensor=made.creator(session))
        return made.person(session, "Label"), made.work(session, fan=fan, parts=[(given, 1_000_000)])


def test_a_file_is_reported_once_and_faulty_lines_come_back(
    who: tuple[str, str], database: str, tmp_path: Path
) -> None:
    label, work = who

    def report(file: Path, *more: str | Path) -> CompletedProcess[str]:
        house = {"HOMAGE_VAR": str(tmp_path / "var"), "HOMAGE_DATABASE__URL": database}
        return homage("report", file, "--by", label, "--json", *more, **house)

    file, faults = tmp_path / "may.csv", tmp_path / "faults.csv"
    lines = [f"l{n},{work},publish,2026-01-05,1,0.{n:04d},USD\n" for n in range(1, 1_200)]
    file.write_text(HEAD + "".join(lines) + f"bad,{work},publish,2026-01-99,1,1,USD\n")
    done = report(file, "--faults", faults)
    said = json.loads(done.stdout)
    assert (done.returncode, said["state"], said["taken"], said["faulty"]) == (1, "done", 1_199, 1), done.stderr
    assert said["sums"][0]["earned"] == sum(n * 100 for n in range(1, 1_200))
    assert json.loads(report(file).stdout) == said
    faults.write_text(faults.read_text().replace("2026-01-99", "2026-01-09"))
    mended = report(faults)
    assert (mended.returncode, json.loads(mended.stdout)["taken"]) == (0, 1)
    for wrong, words in ((tmp_path / "may.txt", "ends in none of"), (tmp_path / "none.csv", "cannot use")):
        refused = report(wrong)
        assert (refused.returncode, words in refused.stderr) == (1, True), refused.stderr
    nobody = homage("report", file, "--by", "eve@example.org", HOMAGE_VAR=str(tmp_path), HOMAGE_DATABASE__URL=database)
    assert (nobody.returncode, "nobody is known" in nobody.stderr) == (1, True)
