"""Background jobs, deferred in the caller's transaction: the job exists exactly when what it follows from does.

Procrastinate runs them from the same Postgres. Rendering is not one of them: the `works` table is its own queue.
A noun names a task as `floor:task` and never imports it; `tests/house` checks that every deferred name exists.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from procrastinate import App


LONG = "long"  # the queue of what may take minutes: it has a worker of its own, so that nothing else waits for it
LASTING = {"licensing:answer", "payments:take-usage", "payments:release-usage"}


def queue_of(task: str) -> str:
    """Where a task waits: its floor's queue, or that of what takes long."""
    return LONG if task in LASTING else task.partition(":")[0]


class Jobs:
    """The job queue of one house. The library is loaded when the first job is deferred or run, not before."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo

    @cached_property
    def app(self) -> App:
        """The queue itself, for the worker that runs it."""
        from procrastinate import App, PsycopgConnector

        return App(connector=PsycopgConnector(conninfo=self.conninfo, min_size=1, max_size=4))

    def defer(self, session: Session, task: str, **arguments: Any) -> None:
        connection = session.connection().connection.driver_connection
        self.app.configure_task(task, connection=connection, queue=queue_of(task)).defer(**arguments)


def defer(session: Session, task: str, **arguments: Any) -> None:
    """Ask for `task` (like "generation:prepare") once this transaction commits."""
    jobs = session.info.get("jobs")
    if not isinstance(jobs, Jobs):
        raise RuntimeError("this session belongs to no house: build it with sessionmaker(info={'jobs': ...})")
    jobs.defer(session, task, **arguments)
