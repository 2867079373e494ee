"""Background tasks of this floor. A task takes ids, checks the state, and is safe to repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from attribution import registry
from core import db
from core.blobs import BlobStore
from core.errors import HomageError
from core.keys import Keystore
from creators import assets
from creators.models import Asset

if TYPE_CHECKING:
    from procrastinate import App, JobContext

MOST_AT_ONCE = 100
log = structlog.get_logger()


@dataclass
class Walk:
    """How far this process has come through registered pictures; it begins anew when it starts."""

    reached: str = ""


def register(app: App) -> None:
    """Give the queue this floor's tasks, by the names that nouns defer."""
    walk = Walk()

    def look(context: JobContext, timestamp: int = 0) -> None:
        looks(context, walk)

    looking = app.task(name="creators:looks", queue="creators", queueing_lock="creators:looks", pass_context=True)(look)
    app.periodic(cron="*/5 * * * *")(looking)


def looks(context: JobContext, walk: Walk) -> None:
    """Make what works of older houses lack: thumbnails, looks, findings, points."""
    sessions: db.Sessions = context.additional_context["sessions"]
    blobs: BlobStore = context.additional_context["blobs"]
    keys: Keystore = context.additional_context["keys"]
    look_at_all(sessions, blobs=blobs, keys=keys)
    mark_all(sessions, walk)


def look_at_all(sessions: db.Sessions, *, blobs: BlobStore, keys: Keystore) -> int:
    """Up to a hundred works that lack them; how many were seen to. One that cannot be opened keeps no other waiting."""
    done, after = 0, ""
    while done < MOST_AT_ONCE:
        with db.unit(sessions) as session:
            row = assets.unseen(session, after=after)
        if row is None:
            break
        after = row.id
        done += _look_at(sessions, row, blobs=blobs, keys=keys)
    return done


def mark_all(sessions: db.Sessions, walk: Walk) -> int:
    """Points for up to a hundred pictures that lack them; how many got some."""
    with db.unit(sessions) as session:
        done, reached = registry.mark_older(session, after=walk.reached, most=MOST_AT_ONCE)
    walk.reached = reached  # only once they are kept
    return done


def _look_at(sessions: db.Sessions, row: Asset, *, blobs: BlobStore, keys: Keystore) -> bool:
    try:
        seen = assets.seen(assets.original(row, blobs=blobs, keys=keys), blobs=blobs)
    except HomageError as error:
        log.warning("cannot look at an asset", asset=row.id, reason=error.message)
        return False
    with db.unit(sessions) as session:
        assets.see(session, asset=row.id, seen=seen)
    return True
