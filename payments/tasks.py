"""Background tasks of this floor. A task takes ids, checks the state, and is safe to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payments import checkout

if TYPE_CHECKING:
    from procrastinate import App, JobContext

    from core import db
    from core.clock import Clock
    from payments.processor import Processor


def register(app: App) -> None:
    """Give the queue this floor's tasks, by the names that nouns defer."""
    resuming = app.task(name="payments:resume", queue="payments", pass_context=True)(resume)
    app.periodic(cron="* * * * *")(resuming)


def resume(context: JobContext, timestamp: int = 0) -> None:
    """Go on with charges that a crash left undecided; `timestamp` is the minute it was due."""
    sessions: db.Sessions = context.additional_context["sessions"]
    processor: Processor = context.additional_context["processor"]
    clock: Clock = context.additional_context["clock"]
    checkout.resume(sessions, processor, clock=clock)
