"""Guesses and mails are counted, in the database that all servers share, and refused when there are too many.

An attempt is written down before its outcome is known, one at a time for each address: who sends a thousand guesses at
once has no more of them than who sends one after the other. Addresses are kept as hashes, for a day.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.identity.models import Attempt
from core.errors import TooMany

GUESSES = timedelta(minutes=15)
GUESSES_OF_ACCOUNT, GUESSES_OF_CLIENT = 10, 50
MAILS = timedelta(hours=1)
MAILS_TO_ADDRESS, MAILS_OF_CLIENT = 5, 30
KEPT = timedelta(days=1)


class TooManyAttempts(TooMany):
    """There were too many attempts from here, or at this account."""


@dataclass(frozen=True)
class Limit:
    """At most `most` attempts within `window` by, or at, whoever `who` stands for."""

    who: str
    most: int
    window: timedelta


def guess(
    session: Session,
    *,
    email: str,
    client: str,
    at: datetime,
    instead: str = "reset your password, which works at once",
) -> Sequence[int]:
    """Write down a guess at an account's password; the rows to take back if it was right.

    Raises TooManyAttempts, which advises to wait or do something `instead`.
    """
    return _take(session, guesses(email, client), at, f"wait, or {instead}")


def right(session: Session, *, email: str, rows: Sequence[int]) -> None:
    """The guess was right: it is taken back, and the account's failures with it."""
    session.execute(delete(Attempt).where(Attempt.id.in_(rows)))
    forgive(session, email=email)


def forgive(session: Session, *, email: str) -> None:
    session.execute(delete(Attempt).where(Attempt.who == _who("guess-at", email)))


def mail(session: Session, *, email: str, client: str, at: datetime) -> bool:
    """Write down a mail that was asked for. False: the address has had enough. Raises TooManyAttempts."""
    _take(session, [Limit(_who("mail-by", client), MAILS_OF_CLIENT, MAILS)], at, "wait")
    to = Limit(_who("mail-to", email), MAILS_TO_ADDRESS, MAILS)
    if _wait(session, to, at) is not None:
        return False
    session.add(Attempt(who=to.who, at=at))
    return True


def forget_all(session: Session, *, email: str) -> None:
    """Nothing that was counted for this address is kept."""
    session.execute(delete(Attempt).where(Attempt.who.in_([_who("guess-at", email), _who("mail-to", email)])))


def tidy(session: Session, *, at: datetime) -> None:
    session.execute(delete(Attempt).where(Attempt.at < at - KEPT))


def guesses(email: str, client: str) -> list[Limit]:
    return [
        Limit(_who("guess-at", email), GUESSES_OF_ACCOUNT, GUESSES),
        Limit(_who("guess-by", client), GUESSES_OF_CLIENT, GUESSES),
    ]


def _take(session: Session, limits: Sequence[Limit], at: datetime, advice: str) -> list[int]:
    waits = [wait for limit in limits if (wait := _wait(session, limit, at)) is not None]
    if waits:
        seconds = max(waits)
        raise TooManyAttempts(
            f"too many attempts; {advice}. Trying again is possible in {math.ceil(seconds / 60)} min",
            retry_after=seconds,
        )
    rows = [Attempt(who=limit.who, at=at) for limit in limits]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _wait(session: Session, limit: Limit, at: datetime) -> int | None:
    """Seconds until one more is allowed, None if it is now; others that ask the same wait for this transaction."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(limit.who, 0))))
    times = session.scalars(
        select(Attempt.at)
        .where(Attempt.who == limit.who, Attempt.at > at - limit.window)
        .order_by(Attempt.at.desc())
        .limit(limit.most)
    ).all()
    if len(times) < limit.most:
        return None
    return max(1, math.ceil((times[-1] + limit.window - at).total_seconds()))


def _who(what: str, name: str) -> str:
    return f"{what}:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"
