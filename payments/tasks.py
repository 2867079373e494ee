"""Background tasks of this floor. A task takes ids, checks the state, and is safe to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.jobs import LONG
from payments import checkout
from payments.usage import matches, reporting

if TYPE_CHECKING:
    from procrastinate import App, JobContext

    from core import db
    from core.clock import Clock
    from core.spool import Spool
    from payments.processor import Processor


def register(app: App) -> None:
    """Give the queue this floor's tasks, by the names that nouns defer."""
    from procrastinate import RetryStrategy

    resuming = app.task(name="payments:resume", queue="payments", pass_context=True)(resume)
    app.periodic(cron="* * * * *")(resuming)
    app.task(name="payments:take-usage", queue=LONG, pass_context=True)(take_usage)
    app.task(name="payments:release-usage", queue=LONG, pass_context=True)(release_usage)
    again = RetryStrategy(linear_wait=60)
    app.task(name="payments:forget-usage", queue="payments", pass_context=True, retry=again)(forget_usage)
    resuming_usage = app.task(name="payments:resume-usage", queue="payments", pass_context=True)(resume_usage)
    app.periodic(cron="* * * * *")(resuming_usage)


def resume(context: JobContext, timestamp: int = 0) -> None:
    """Go on with charges that a crash left undecided; `timestamp` is the minute it was due."""
    sessions: db.Sessions = context.additional_context["sessions"]
    processor: Processor = context.additional_context["processor"]
    clock: Clock = context.additional_context["clock"]
    checkout.resume(sessions, processor, clock=clock)


def take_usage(context: JobContext, report: str) -> None:
    """Take what has not been taken of a usage report's file."""
    spool: Spool = context.additional_context["spool"]
    at = context.additional_context["clock"].now()
    reporting.advance(context.additional_context["sessions"], spool, report=report, at=at)


def release_usage(context: JobContext, match: str, report: str = "", number: int = 0) -> None:
    """Take what is held under a confirmed match's reference, after that line of that report."""
    at = context.additional_context["clock"].now()
    matches.release(context.additional_context["sessions"], match=match, after=(report, number), at=at)


def forget_usage(context: JobContext, person: str) -> None:
    """Forget what a person who was erased called their lines."""
    reporting.forget_names(context.additional_context["sessions"], person=person)


def resume_usage(context: JobContext, timestamp: int = 0) -> None:
    """Go on with usage reports and matches that a crash left behind; `timestamp` is the minute it was due."""
    sessions: db.Sessions = context.additional_context["sessions"]
    at = context.additional_context["clock"].now()
    reporting.resume(sessions, context.additional_context["spool"], at=at)
    matches.resume(sessions, at=at)
