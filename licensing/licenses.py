"""Licenses: granted from an open offer, used up to their cap, asked about, and revoked with everything made under them.

A person has one license per offer. Whoever's license was revoked may take up only an offer published after that.

Locks: the licensee, the style's row, then license rows by id, then claims. `confirm` holds style and license in share
until its transaction ends; a revocation holds them alone. So of a finishing work and a revocation one waits for the
other, and the second sees what the first did: never a fresh work under a revoked license, never a claim that escaped
withdrawal.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from sqlalchemy import Select, SQLColumnExpression, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from attribution import registry
from core import db, ids
from core.errors import Forbidden, NotFound
from creators import profiles, styles
from creators.models import Style
from licensing import announcements, offers, policy
from licensing.models import License, Offer
from licensing.offers import OfferClosed
from licensing.policy import Decision
from licensing.terms import Terms, read
from licensing.territories import WORLD

CHANNEL = "revoked"


class NotPermitted(Forbidden):
    """The license does not allow this."""


class Revoked(NotPermitted):
    """The license has been revoked."""


class Expired(NotPermitted):
    """The license's term is over."""


class QuotaUsedUp(NotPermitted):
    """All works that the license allows have been made."""


@dataclass(frozen=True)
class Revocation:
    """What ended in one stroke: licenses newly revoked, works newly withdrawn."""

    licenses: tuple[str, ...]
    works: tuple[str, ...]


def grant(session: Session, *, offer: str, licensee: str, at: datetime) -> License:
    """The person's license from this offer, made at the first call; one that stands lasts when the offer is closed.

    Raises NotFound, OfferClosed, StyleRevoked, Revoked, BeyondConsent (the consent was narrowed since), NotPermitted
    (outside the terms' window).
    """
    row, terms = _admissible(session, offer=offer, licensee=licensee, at=at)
    known = _of(session, offer=offer, licensee=licensee)
    if known is not None:
        return known
    _refuse_closed(session, row)
    fresh = {
        "id": ids.new("lic"),
        "offer": offer,
        "style": row.style,
        "licensor": styles.get(session, style=row.style).creator,
        "licensee": licensee,
        "terms": row.terms,
        "terms_hash": row.terms_hash,
        "epoch": 0,
        "state": "active",
        "granted_at": at,
        "expires_at": datetime.combine(terms.ends_on, time(), UTC),
        "used": 0,
    }
    session.execute(insert(License).values(fresh).on_conflict_do_nothing(index_elements=["offer", "licensee"]))
    granted = _of(session, offer=offer, licensee=licensee)
    assert granted is not None
    return granted


def try_out(session: Session, *, offer: str, licensee: str, at: datetime) -> Offer:
    """The offer, if the person might have a preview of what it allows: nothing is granted or used up.

    Raises as `grant` does.
    """
    row, _ = _admissible(session, offer=offer, licensee=licensee, at=at)
    if _of(session, offer=offer, licensee=licensee) is None:
        _refuse_closed(session, row)
    return row


def held(session: Session, *, offer: str, licensee: str) -> bool:
    """Whether the person has a license from this offer that was not revoked."""
    found = _of(session, offer=offer, licensee=licensee)
    return found is not None and found.state == "active"


def confirm_trial(session: Session, *, offer: str, licensee: str) -> None:
    """The person's licenses for the offer's style, held in share until the transaction ends, if none forbids a preview.

    The caller holds the style. Raises Revoked.
    """
    row = offers.get(session, offer=offer)
    own = select(License.id).where(License.style == row.style, License.licensee == licensee).order_by(License.id)
    session.execute(own.with_for_update(read=True))
    _refuse_revoked(session, row, licensee)


def trial_ended(session: Session, *, offer: str, licensee: str) -> Revoked | None:
    """Why the person may no longer have a preview, as committed now and without any lock; None while they may."""
    row = offers.get(session, offer=offer)
    revoked = session.scalar(revocations(style=row.style, licensee=licensee, since=row.published_at))
    if revoked is None:
        return None
    return Revoked(
        f"license {revoked} to this style was revoked by its creator; wait for an offer after that", license=revoked
    )


def revocations(
    *,
    style: str | SQLColumnExpression[str],
    licensee: str | SQLColumnExpression[str],
    since: datetime | SQLColumnExpression[datetime],
) -> Select[str]:
    """The licenses by whose revocation a person lost the style, but for what was offered later; also inside a query."""
    lost = aliased(License)
    return select(lost.id).where(lost.style == style, lost.licensee == licensee, lost.revoked_at >= since)


def use_up(session: Session, *, license: str) -> License:
    """Count one more work under the license, whose row is held alone from here. Raises QuotaUsedUp, Revoked."""
    row = _locked(session, license)
    if row.state != "active":
        raise _revoked(row)
    cap = terms_of(row).cap
    if cap is not None and row.used >= cap:
        raise QuotaUsedUp(_quota_text(row.used), license=license, cap=cap)
    row.used += 1
    session.flush()
    return row


def give_back(session: Session, *, license: str) -> License:
    """A work under the license came to nothing; it may be made again."""
    row = _locked(session, license)
    row.used = max(row.used - 1, 0)
    session.flush()
    return row


def permit(
    session: Session,
    *,
    license: str,
    licensee: str,
    medium: str,
    at: datetime,
    use: str | None = None,
    territory: str = WORLD,
) -> Decision:
    """May the licensee do this, on the day (UTC) of `at`? `use` None asks to make one more work.

    Raises NotFound for a license of someone else, BadQuestion.
    """
    row = get(session, license=license)
    if row.licensee != licensee:
        raise NotFound(f"there is no license {license} of yours", id=license)
    asked = policy.evaluate(terms_of(row), use=use, medium=medium, territory=territory, date=_day(at), license=license)
    against = [standing(session, license=row)]
    cap = terms_of(row).cap
    if use is None and cap is not None and row.used >= cap:
        against.append(policy.deny("quota", "cap", _quota_text(row.used), license=license))
    return policy.least([asked, *against])


def standing(session: Session, *, license: License) -> Decision:
    """Whether the license itself stands, whatever is asked: not revoked, its style neither suspended nor held."""
    return policy.standing(license.id, state=license.state, style=styles.get(session, style=license.style).state)


def demand(decision: Decision) -> None:
    """Go on only if the decision allows it. Raises Revoked, QuotaUsedUp or NotPermitted with all reasons."""
    if decision.permission != "deny":
        return
    kinds = {"revoked": Revoked, "withdrawn": Revoked, "quota": QuotaUsedUp}
    codes = [reason.code for reason in decision.reasons]
    kind = next((kinds[code] for code in codes if code in kinds), NotPermitted)
    raise kind(f"this is not licensed: {'; '.join(reason.text for reason in decision.reasons)}", reasons=codes)


def confirm(session: Session, *, license: str, epoch: int, style_epoch: int) -> License:
    """The license, held in share with its style until the transaction ends, if both stand as at these epochs.

    Time is the database's. Raises Revoked, Expired, StyleRevoked.
    """
    styles.confirm(session, style=get(session, license=license).style, epoch=style_epoch)
    row = get(session, license=license, lock="share")
    if row.epoch != epoch:
        raise _revoked(row)
    if session.scalar(select(literal(row.expires_at) <= func.now())):
        raise _expired(row.id)
    return row


def ended(session: Session, *, license: str, epoch: int, style_epoch: int) -> NotPermitted | None:
    """Why nothing more may be made under the license, as committed now and without any lock; None while it stands."""
    query = select(License.epoch, Style.epoch, License.expires_at <= func.now())
    found = session.execute(
        query.join(Style, Style.id == License.style).where(License.id == ids.check(license, "lic"))
    ).one()
    if (found[0], found[1]) != (epoch, style_epoch):
        return Revoked(f"license {license} was revoked by its creator", license=license)
    return _expired(license) if found[2] else None


def epochs(session: Session, *, license: str) -> tuple[int, int]:
    """(license's epoch, its style's epoch) as committed now, without any lock. Raises NotFound."""
    query = select(License.epoch, Style.epoch).join(Style, Style.id == License.style)
    found = session.execute(query.where(License.id == ids.check(license, "lic"))).one_or_none()
    if found is None:
        raise NotFound(f"there is no license {license}", id=license)
    return found[0], found[1]


def revoke(session: Session, *, license: str, by: str, reason: str, at: datetime) -> Revocation:
    """The licensor ends a license; every work made under it is withdrawn in the same transaction. Twice is once."""
    if get(session, license=license).licensor != by:
        raise NotFound(f"there is no license {license} of yours to revoke", id=license)
    row = _locked(session, license)
    if row.state != "active":
        return Revocation((), ())
    _end(row, reason=reason, at=at)
    session.flush()
    works = registry.withdraw(session, licenses=[license], reason=reason, at=at)
    announcements.revoked(session, licenses=[row], works=works, reason=reason, at=at)
    _announce(session, license=license, epoch=row.epoch)
    return Revocation((license,), works)


def revoke_style(session: Session, *, style: str, creator: str, reason: str, at: datetime) -> Revocation:
    """The creator takes a style back: suspended, its licenses revoked, its works withdrawn. Twice is once."""
    row = styles.suspend(session, style=style, creator=creator, reason=reason, at=at)
    return _revoke_all(session, row, reason=reason, at=at)


def revoke_consent(session: Session, *, consent: str, creator: str, reason: str, at: datetime) -> Revocation:
    """The creator withdraws a declaration, and with it the style as `revoke_style` does. Twice is once."""
    row = styles.withdraw_consent(session, consent=consent, creator=creator, reason=reason, at=at)
    return _revoke_all(session, row, reason=reason, at=at)


def get(session: Session, *, license: str, lock: Literal["share", "update"] | None = None) -> License:
    """A license as the database has it now, whoever's it is. Raises NotFound."""
    query = select(License).where(License.id == ids.check(license, "lic"))
    if lock is not None:
        query = query.with_for_update(read=lock == "share")
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"there is no license {license}", id=license)
    return row


def terms_of(license: License) -> Terms:
    """The terms the license was granted under."""
    return read(license.terms)


def _admissible(session: Session, *, offer: str, licensee: str, at: datetime) -> tuple[Offer, Terms]:
    """The offer and its terms, if a license from it stands or could be granted, but for newer versions of it.

    The person and the style are held in share until the transaction ends. Raises as `grant` does.
    """
    profiles.stay(session, person=licensee)
    style = styles.standing(session, style=offers.get(session, offer=offer).style, at=at)
    row = offers.get(session, offer=offer)  # again, now that the style's row is held
    _refuse_revoked(session, row, licensee)
    terms = offers.terms_of(row)
    offers.within_consent(session, terms, style=style)
    demand(policy.evaluate(terms, use=None, medium=terms.medium, territory=WORLD, date=_day(at)))
    return row, terms


def _revoke_all(session: Session, style: Style, *, reason: str, at: datetime) -> Revocation:
    rows = _active(session, style.id)
    for row in rows:
        _end(row, reason=reason, at=at)
    session.flush()
    withdrawn = registry.withdraw(session, styles=[style.id], reason=reason, at=at)
    announcements.revoked(session, licenses=rows, works=withdrawn, reason=reason, at=at)
    if rows or withdrawn:
        _announce(session, style=style.id, epoch=style.epoch)
    return Revocation(tuple(row.id for row in rows), withdrawn)


def _active(session: Session, style: str) -> Sequence[License]:
    return session.scalars(
        select(License)
        .where(License.style == style, License.state == "active")
        .order_by(License.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _end(row: License, *, reason: str, at: datetime) -> None:
    row.epoch += 1
    row.state, row.revoked_at, row.reason = "revoked", at, reason


def _refuse_revoked(session: Session, offer: Offer, licensee: str) -> None:
    refused = trial_ended(session, offer=offer.id, licensee=licensee)
    if refused is not None:
        raise refused


def _refuse_closed(session: Session, offer: Offer) -> None:
    if offer.closed_at is not None:
        now = offers.current(session, style=offer.style).id
        raise OfferClosed(
            f"offer {offer.id} has been replaced by {now}; read its terms and accept that one", current=now
        )


def _locked(session: Session, license: str) -> License:
    return get(session, license=license, lock="update")


def _revoked(row: License) -> Revoked:
    return Revoked(f"license {row.id} has been revoked; nothing more can be made under it", license=row.id)


def _expired(license: str) -> Expired:
    return Expired(f"the term of license {license} is over; take up an offer that is open now", license=license)


def _of(session: Session, *, offer: str, licensee: str) -> License | None:
    return session.scalar(
        select(License)
        .where(License.offer == offer, License.licensee == licensee)
        .execution_options(populate_existing=True)
    )


def _quota_text(used: int) -> str:
    return f"all {used} works that the license allows have been made; wait for a new offer"


def _announce(session: Session, **facts: str | int) -> None:
    db.notify(session, CHANNEL, json.dumps(facts))


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
