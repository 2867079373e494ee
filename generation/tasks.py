"""Background tasks of this floor. A task takes ids, checks the state, and is safe to repeat."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from core import db
from generation import previews, sources, works
from generation.engine import silent
from generation.preparations import Store
from generation.workshop import Workshop

if TYPE_CHECKING:
    from procrastinate import App, JobContext

log = structlog.get_logger()


def register(app: App) -> None:
    """Give the queue this floor's tasks, by the names that nouns defer."""
    app.task(name="generation:prepare", queue="generation", pass_context=True)(prepare)
    sweeping = app.task(name="generation:sweep", queue="generation", pass_context=True)(sweep)
    app.periodic(cron="* * * * *")(sweeping)


def prepare(context: JobContext, *, style: str, engine: str) -> None:
    """Learn a style before the first fan asks for it."""
    shop: Workshop = context.additional_context["workshop"]
    store = Store(shop.sessions, shop.blobs, shop.keys)
    store.prepared(style=style, engine=shop.catalog.get(engine), at=shop.clock.now(), report=silent)


def sweep(context: JobContext, timestamp: int = 0) -> None:
    """End works whose consent is gone, requeue lost ones, forget old previews and sources; `timestamp`: when due."""
    shop: Workshop = context.additional_context["workshop"]
    sweep_all(shop.sessions, at=shop.clock.now())
    previews.sweep(shop.sessions, blobs=shop.blobs, at=shop.clock.now())
    sources.sweep(shop.sessions, blobs=shop.blobs, at=shop.clock.now())


def sweep_all(sessions: db.Sessions, *, at: datetime) -> int:
    """Every work that is due, one transaction each; how many. One that cannot be swept keeps no other waiting."""
    with db.unit(sessions) as session:
        due = works.due(session)
    swept = 0
    for work in due:
        try:
            swept += db.settled(sessions, partial(works.sweep, work=work, at=at))
        except Exception as error:
            if db.lost(error):
                raise
            log.exception("cannot sweep", work=work)
    return swept
