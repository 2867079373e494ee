"""What takes a usage report as a process of its own: `python -m tests.payments.usage_process URL FOLDER REPORT`.

It says a word before each turn, of a few small pieces each.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from core import db
from core.jobs import Jobs
from core.spool import Spool
from payments.usage import reporting
from payments.usage.models import UsageReport
from tests.payments.books import AT

PIECE_LINES = 40


class Nobody(Jobs):
    """Takes jobs, and does none."""

    def defer(self, session: Session, task: str, **arguments: object) -> None:
        pass


if __name__ == "__main__":
    url, folder, report = sys.argv[1:]
    reporting.PIECE_LINES, reporting.TURN_SECONDS = PIECE_LINES, 0.05
    sessions = sessionmaker(db.connect(url), expire_on_commit=False, info={"jobs": Nobody(url)})
    state = "taking"
    while state != "done":
        sys.stdout.write(f"{state}\n")
        sys.stdout.flush()
        reporting.advance(sessions, Spool(Path(folder)), report=report, at=AT)
        with db.unit(sessions) as session:
            state = session.get_one(UsageReport, report).state
