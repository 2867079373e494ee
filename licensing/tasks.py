"""Background tasks of this floor. A task takes ids, checks the state, and is safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from core import db
from core.jobs import LONG
from core.limits import Buckets, Meter, Quota
from core.spool import Spool, Spooled
from licensing import batches, lines
from licensing.batch_routes import told
from licensing.desk import Desk
from licensing.verification_schemas import HouseOut

if TYPE_CHECKING:
    from procrastinate import App, JobContext

    from core.clock import Clock
    from core.uploads import Uploads
    from licensing.snapshots.shelf import Shelf


def register(app: App) -> None:
    """Give the queue this floor's tasks, by the names that nouns defer."""
    app.task(name="licensing:answer", queue=LONG, pass_context=True)(answer)
    tending = app.task(name="licensing:tend", queue="licensing", queueing_lock="licensing:tend", pass_context=True)(
        tend
    )
    app.periodic(cron="* * * * *")(tending)
    writing = app.task(
        name="licensing:snapshot", queue="licensing", queueing_lock="licensing:snapshot", pass_context=True
    )(snapshot)
    app.periodic(cron="11 * * * *")(writing)


def answer(context: JobContext, batch: str) -> None:
    """Answer a batch. What it costs was taken when it came."""
    sessions: db.Sessions = context.additional_context["sessions"]
    spool: Spool = context.additional_context["batches"]
    desk: Callable[..., Desk] = context.additional_context["desk"]
    uploads: Uploads = context.additional_context["uploads"]
    house: HouseOut = context.additional_context["about"]
    clock: Clock = context.additional_context["clock"]
    free = Meter(Buckets(), batch, Quota("batch", 0))

    def tell(body: Spooled, asker: str) -> Iterator[bytes]:
        return told(desk(free, all_of_it=False), body, house, asker=asker, uploads=uploads)

    batches.run(sessions, batch=batch, spool=spool, clock=clock, tell=tell)


def tend(context: JobContext, timestamp: int = 0) -> None:
    """Begin batches anew that were left alone, forget old ones and old ids; `timestamp` is the minute it was due."""
    sessions: db.Sessions = context.additional_context["sessions"]
    spool: Spool = context.additional_context["batches"]
    clock: Clock = context.additional_context["clock"]
    at = clock.now()
    with db.unit(sessions) as session:
        batches.tend(session, spool=spool, at=at)
        lines.forget(session, before=at - lines.REMEMBERED)
        kept = batches.names(session)
    spool.sweep(keep=kept, at=at)


def snapshot(context: JobContext, timestamp: int = 0) -> None:
    """Write today's snapshot unless it is written; `timestamp` is the hour that it was due in."""
    sessions: db.Sessions = context.additional_context["sessions"]
    shelf: Shelf = context.additional_context["snapshots"]
    clock: Clock = context.additional_context["clock"]
    shelf.add(partial(db.unit, sessions), at=clock.now())
