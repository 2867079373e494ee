"""Background tasks of this floor. A task is safe to repeat, and to run in several processes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import Clock

if TYPE_CHECKING:
    from procrastinate import App, JobContext

    from attribution.indexes import Indexes


def register(app: App) -> None:
    """Give the queue this floor's tasks."""
    name = "attribution:maintain"
    maintaining = app.task(name=name, queue="attribution", queueing_lock=name, pass_context=True)(maintain)
    app.periodic(cron="* * * * *")(maintaining)


def maintain(context: JobContext, timestamp: int = 0) -> None:
    """Put new works into the index's files, take erased ones out, delete stray files; `timestamp`: when it was due."""
    indexes: Indexes = context.additional_context["indexes"]
    clock: Clock = context.additional_context["clock"]
    for index in (indexes.pictures, indexes.sounds):
        index.maintain(at=clock.now())
