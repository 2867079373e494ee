"""Background tasks of the house itself: mail, the last part of an erasure, tidying. Each is safe to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import mail
from app.identity import accounts, attempts, sessions
from app.identity.erasure import Remains, destroy
from app.webhooks import deliveries
from core import db

if TYPE_CHECKING:
    from procrastinate import App, JobContext

    from app.mail import Postbox
    from core.clock import Clock

TRIES, WAIT = 8, 3  # seconds, to the power of the try: about an hour in all


def register(app: App) -> None:
    """Give the queue these tasks, by the names that are deferred."""
    from procrastinate import RetryStrategy

    again = RetryStrategy(max_attempts=TRIES, exponential_wait=WAIT)
    app.task(name="app:mail", queue="app", pass_context=True, retry=again)(send)
    app.task(name="app:erase", queue="app", pass_context=True, retry=RetryStrategy(linear_wait=60))(erase)
    tidying = app.task(name="app:tidy", queue="app", queueing_lock="app:tidy", pass_context=True)(tidy)
    app.periodic(cron="17 * * * *")(tidying)


def send(context: JobContext, *, message: str) -> None:
    """Send one mail, unless it was sent or its account was erased."""
    post: Postbox = context.additional_context["post"]
    if post.smtp is not None:
        house_sessions, clock = _database(context)
        mail.deliver(house_sessions, post.smtp, message=message, clock=clock)


def erase(context: JobContext, *, owners: list[str], blobs: list[str]) -> None:
    """Destroy what an erasure left to destroy, again where the server that erased could not."""
    remains = Remains(tuple(owners), tuple(blobs))
    destroy(remains, keys=context.additional_context["keys"], blobs=context.additional_context["blobs"])


def tidy(context: JobContext, timestamp: int = 0) -> None:
    """Forget links, sessions, attempts, mails and deliveries that have ended; `timestamp` is the minute it was due."""
    house_sessions, clock = _database(context)
    with db.unit(house_sessions) as session:
        for room in (accounts, sessions, attempts, mail, deliveries):
            room.tidy(session, at=clock.now())


def _database(context: JobContext) -> tuple[db.Sessions, Clock]:
    return context.additional_context["sessions"], context.additional_context["clock"]
