"""What takes a usage report as a process of its own: `python -m tests.payments.usage_process URL FOLDER REPORT N`.

In turns of small pieces each. It ends by SIGKILL after the n-th statement that it sends to the database; never at 0.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event
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
    url, folder, report, last = sys.argv[1:]
    reporting.PIECE_LINES, reporting.TURN_SECONDS = PIECE_LINES, 0.05
    engine, statements = db.connect(url), itertools.count(1)

    @event.listens_for(engine, "after_cursor_execute")
    def die(*_: object) -> None:
        if next(statements) == int(last):
            os.kill(os.getpid(), signal.SIGKILL)

    sessions = sessionmaker(engine, expire_on_commit=False, info={"jobs": Nobody(url)})
    state = "taking"
    while state != "done":
        reporting.advance(sessions, Spool(Path(folder)), report=report, at=AT)
        with db.unit(sessions) as session:
            state = session.get_one(UsageReport, report).state
