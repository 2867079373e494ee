"""API keys: how a person's programs and platforms act for them. Shown once, kept as a hash, good for their scopes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.identity import tokens
from app.identity.models import Account, ApiKey
from core import ids
from core.errors import Conflict, Invalid, NotFound
from core.web import SCOPES, Principal, Sandbox
from creators.models import Person
from creators.profiles import named

PREFIX, SANDBOX_PREFIX = "hmg_", "hmg_test_"
MOST = 20
SHOWN_LETTERS = 8  # after the prefix
USED_EVERY = timedelta(minutes=1)
log = structlog.get_logger()


class TooManyKeys(Conflict):
    """There are as many keys as one person may have."""


class NoSandboxKey(Conflict):
    """Only in the sandbox can the time be set."""


class BadScopes(Invalid):
    """An API key cannot have these scopes."""


def make(
    session: Session, *, person: str, name: str, scopes: Collection[str], sandbox: bool = False, at: datetime
) -> tuple[str, ApiKey]:
    """A new key, which is given out this once, and its row. Raises TooManyKeys, BadScopes, BadName, NotFound."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        what = f"{unknown[0][:40]!r} is no scope" if unknown else "no scope is named"
        raise BadScopes(f"{what}; choose of: {', '.join(SCOPES)}")
    if session.get(Account, person, with_for_update=True) is None:  # held, so that two at once are not one too many
        raise NotFound("there is no account to make a key for")
    if (session.scalar(select(func.count()).where(ApiKey.person == person)) or 0) >= MOST:
        raise TooManyKeys(f"you have {MOST} keys already; revoke one that is no longer used")
    prefix = SANDBOX_PREFIX if sandbox else PREFIX
    key, key_hash = tokens.fresh(prefix)
    row = ApiKey(
        id=ids.new("key"),
        person=person,
        name=named(name),
        prefix=key[: len(prefix) + SHOWN_LETTERS],
        key_hash=key_hash,
        scopes=[scope for scope in SCOPES if scope in scopes],
        sandbox=sandbox,
        created_at=at,
    )
    session.add(row)
    session.flush()
    log.info("API key made", person=person, key=row.id, scopes=row.scopes)
    return key, row


def find(session: Session, *, key: str, at: datetime) -> Principal | None:
    """Whose key this is, if it stands."""
    found = session.execute(
        select(ApiKey.id, ApiKey.person, ApiKey.scopes, ApiKey.used_at, ApiKey.sandbox, ApiKey.sandbox_at, Person.name)
        .join(Person, Person.id == ApiKey.person)
        .where(ApiKey.key_hash == tokens.hash_of(key))
    ).one_or_none()
    if found is None:
        return None
    if found.used_at is None:
        log.info("API key used for the first time", person=found.person, key=found.id)
    if found.used_at is None or at - found.used_at >= USED_EVERY:
        session.execute(update(ApiKey).where(ApiKey.id == found.id).values(used_at=at))
    sandbox = Sandbox(found.id, found.sandbox_at) if found.sandbox else None
    return Principal(person=found.person, name=found.name, scopes=frozenset(found.scopes), sandbox=sandbox)


def listed(session: Session, *, person: str) -> Sequence[ApiKey]:
    """A person's keys, the newest first."""
    return session.scalars(select(ApiKey).where(ApiKey.person == person).order_by(ApiKey.id.desc())).all()


def set_clock(session: Session, *, who: Principal, at: datetime | None) -> None:
    """The time that a sandbox key's questions are answered at from now on; None: now. Raises NoSandboxKey."""
    if who.sandbox is None:
        raise NoSandboxKey("only the sandbox has a clock that can be set; ask with a sandbox key (hmg_test_…)")
    session.execute(update(ApiKey).where(ApiKey.id == who.sandbox.key).values(sandbox_at=at))


def revoke(session: Session, *, id: str, person: str) -> None:
    """End a key of one's own, at once. Raises NotFound."""
    row = session.get(ApiKey, ids.check(id, "key"))
    if row is None or row.person != person:
        raise NotFound(f"there is no API key {id} of yours", id=id)
    session.delete(row)
    log.info("API key revoked", person=person, key=id)
