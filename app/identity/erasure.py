"""The end of an account: what can be forgotten is forgotten, and what others rest on stays without the name.

Rows go in one transaction; afterwards the person's keys are destroyed, which makes everything that was sealed with
them unreadable, in backups too. What is refused is said at once, so that nobody loses money by leaving.
`docs/decisions/0007-erasure.md` says what stays and why.

Locks: the account and the person, so that what begins in their name waits, and finds no account and no credit; then
works and styles, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.identity import attempts
from app.identity.models import Account, Message, SignUp
from attribution import registry
from core import jobs
from core.blobs import BlobStore
from core.errors import Conflict, NotFound
from core.keys import Keystore
from core.uploads import Uploads
from creators import erasing as creators
from creators import profiles
from creators.models import Person
from generation import erasing as works
from licensing import batches, lines
from payments import erasing as payments
from payments.usage import reporting as usage

log = structlog.get_logger()


class CannotErase(Conflict):
    """Something is still open that would be lost with the account."""


@dataclass(frozen=True)
class Remains:
    """What is left to destroy once the rows are gone: owners whose keys go, files that no row names any more."""

    owners: tuple[str, ...]
    blobs: tuple[str, ...]


def erase(session: Session, *, person: str, uploads: Uploads, at: datetime) -> Remains:
    """Forget a person. Raises CannotErase, which names all that is still open, or NotFound."""
    account = session.get(Account, person, with_for_update=True)
    row = session.get(Person, person, with_for_update=True, populate_existing=True)
    if account is None or row is None:
        raise NotFound("there is no account to erase")
    mine = [creator.id for creator in profiles.of_person(session, person=person)]
    _refuse_open(session, person, mine)
    own = registry.owned(session, owners=mine)
    theirs = [*works.of(session, person=person), *own]
    registry.forget_contents(session, works=theirs)
    registry.forget_manifests(session, works=theirs, styles=creators.styles_of(session, owners=mine))
    blobs = [*works.forget(session, person=person), *creators.forget(session, person=person, at=at)]
    uploads.forget(session, person=person)
    batches.forget(session, asker=person)
    lines.forget_asker(session, asker=person)
    usage.forget(session, person=person)
    attempts.forget_all(session, email=account.email)
    session.execute(delete(Message).where(Message.to == account.email))
    session.execute(delete(SignUp).where(SignUp.email == account.email))
    session.delete(account)  # sessions, API keys and resets go with it
    session.flush()
    owners = (person, *mine)
    jobs.defer(session, "app:erase", owners=list(owners), blobs=blobs)
    log.warning("account erased", person=person)
    return Remains(owners, tuple(blobs))


def destroy(remains: Remains, *, keys: Keystore, blobs: BlobStore) -> None:
    """Destroy the keys, then the files. Safe to repeat. Raises KeyUnusable, OSError."""
    for owner in remains.owners:
        keys.destroy(owner)
    for address in remains.blobs:
        blobs.delete(address)


def _refuse_open(session: Session, person: str, mine: Sequence[str]) -> None:
    sent = usage.unfinished(session, person=person)
    reasons = [
        *works.open_ones(session, person=person),
        *payments.open_ones(session, person=person, creators=mine),
        *creators.open_ones(session, person=person),
        *([f"{sent} usage reports are still being taken, wait for them"] if sent else []),
    ]
    if reasons:
        raise CannotErase(f"the account cannot be erased yet: {'; '.join(reasons)}", reasons=reasons)
