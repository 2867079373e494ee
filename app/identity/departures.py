"""Leaving: the password once more, the rows in one transaction, then the keys; a job repeats what a crash cut off."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import structlog

from app.identity import accounts, erasure
from app.identity.accounts import Asker
from core import db

if TYPE_CHECKING:
    from app.house import House

log = structlog.get_logger()


def leave(house: House, *, person: str, password: str, asker: Asker) -> None:
    """Erase a person's account. Raises WrongPassword, TooManyAttempts, CannotErase."""
    accounts.prove(house, person=person, password=password, asker=asker)
    doing = partial(erasure.erase, person=person, uploads=house.uploads, at=house.clock.now())
    remains = db.settled(house.sessions, doing)
    try:
        erasure.destroy(remains, keys=house.keys, blobs=house.blobs)
    except Exception as error:
        log.exception("keys are not destroyed yet, the job app:erase goes on", person=person, reason=str(error))
