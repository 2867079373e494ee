"""Webhooks of a person: where they are told, and what; the secret by which they know that it was us."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.identity.models import Account
from app.webhooks import signing
from app.webhooks.models import Delivery, Webhook
from core import ids
from core.errors import Conflict, Invalid, NotFound
from core.events import KINDS
from core.keys import Keystore
from core.networks import AddressRefused, Network
from creators.profiles import named

MOST = 10
RESOLVED_SECONDS = 5.0
BOTH_SIGN = timedelta(hours=24)  # after a rotation
log = structlog.get_logger()


class TooManyWebhooks(Conflict):
    """There are as many webhooks as one person may have."""


class UnknownKind(Invalid):
    """A webhook cannot be told this kind of event."""


class WebhookDisabled(Conflict):
    """Nothing is sent to a webhook that is disabled."""


def check(network: Network, url: str) -> None:
    """Look whether a webhook may be at this address; not within a transaction, since its name is resolved.

    Raises AddressRefused, NotReached, TookTooLong.
    """
    target = network.find(url, seconds=RESOLVED_SECONDS)
    if target.scheme != "https" and not network.is_private(target):
        raise AddressRefused("what happens is told over https only; name an https:// address", url=url)


def make(
    session: Session, keys: Keystore, *, person: str, name: str, url: str, kinds: Collection[str], at: datetime
) -> tuple[str, Webhook]:
    """A webhook at an address that was checked; its secret, given out this once, and its row.

    Raises TooManyWebhooks, UnknownKind, BadName, NotFound.
    """
    if session.get(Account, person, with_for_update=True) is None:  # held, so that two at once are not one too many
        raise NotFound("there is no account to make a webhook for")
    if (session.scalar(select(func.count()).where(Webhook.person == person)) or 0) >= MOST:
        raise TooManyWebhooks(f"you have {MOST} webhooks already; remove one that is no longer used")
    secret = signing.fresh()
    row = Webhook(
        id=ids.new("whk"),
        person=person,
        name=named(name),
        url=url,
        kinds=_known(kinds),
        secret=keys.seal(person, secret.encode()),
        created_at=at,
    )
    session.add(row)
    session.flush()
    log.info("webhook made", person=person, webhook=row.id, kinds=row.kinds)
    return secret, row


def listed(session: Session, *, person: str) -> Sequence[Webhook]:
    """A person's webhooks, the newest first."""
    return session.scalars(select(Webhook).where(Webhook.person == person).order_by(Webhook.id.desc())).all()


def get(session: Session, *, webhook: str, person: str, held: bool = False) -> Webhook:
    """A webhook of one's own; `held` for a change, until the transaction ends. Raises NotFound."""
    query = select(Webhook).where(Webhook.id == ids.check(webhook, "whk"), Webhook.person == person)
    if held:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"there is no webhook {webhook} of yours", id=webhook)
    return row


def change(  # noqa: PLR0913  # each part that may change is said by name
    session: Session,
    *,
    webhook: str,
    person: str,
    name: str | None = None,
    url: str | None = None,
    kinds: Collection[str] | None = None,
    enabled: bool | None = None,
    at: datetime,
) -> Webhook:
    """Change what is given, an address after it was checked. One that is enabled again begins as if it were new.

    Raises NotFound, UnknownKind, BadName.
    """
    row = get(session, webhook=webhook, person=person, held=True)
    row.name = row.name if name is None else named(name)
    row.url = row.url if url is None else url
    row.kinds = row.kinds if kinds is None else _known(kinds)
    if enabled is False and row.disabled_at is None:
        disable(session, row, because="owner", at=at)
    if url is not None or enabled:
        row.rest_until = None
    if enabled:
        row.failures, row.failing_since, row.disabled_at, row.disabled_because = 0, None, None, None
    session.flush()
    return row


def rotate(session: Session, keys: Keystore, *, webhook: str, person: str, at: datetime) -> tuple[str, Webhook]:
    """Another secret, given out this once; for 24 hours both sign. Raises NotFound."""
    row = get(session, webhook=webhook, person=person, held=True)
    secret = signing.fresh()
    row.old_secret, row.old_until = row.secret, at + BOTH_SIGN
    row.secret = keys.seal(person, secret.encode())
    session.flush()
    log.info("webhook's secret rotated", person=person, webhook=row.id)
    return secret, row


def remove(session: Session, *, webhook: str, person: str) -> None:
    """Remove it, with its deliveries. Raises NotFound."""
    session.delete(get(session, webhook=webhook, person=person))
    log.info("webhook removed", person=person, webhook=webhook)


def disable(session: Session, row: Webhook, *, because: str, at: datetime) -> None:
    """Send nothing more to a webhook that the caller holds; what waits for it has failed, and can be replayed."""
    row.disabled_at, row.disabled_because = at, because
    waiting = update(Delivery).where(Delivery.webhook == row.id, Delivery.state == "waiting")
    session.execute(waiting.values(state="failed", settled_at=at))
    log.info("webhook disabled", person=row.person, webhook=row.id, because=because)


def demand_enabled(row: Webhook) -> None:
    """Go on only if something is sent to it. Raises WebhookDisabled."""
    if row.disabled_at is not None:
        raise WebhookDisabled(
            f"webhook {row.id} is disabled ({row.disabled_because}); enable it first", because=row.disabled_because
        )


def sealed_secrets(row: Webhook, *, at: datetime) -> tuple[bytes, ...]:
    """What signs now, sealed for its person, the newest first."""
    old = row.old_secret if row.old_until is not None and row.old_until > at else None
    return (row.secret,) if old is None else (row.secret, old)


def _known(kinds: Collection[str]) -> list[str]:
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown or not kinds:
        what = f"{unknown[0][:40]!r} is no kind of event" if unknown else "no kind of event is named"
        raise UnknownKind(f"{what}; choose of: {', '.join(KINDS)}")
    return [kind for kind in KINDS if kind in kinds]
