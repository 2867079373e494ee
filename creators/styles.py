"""Styles and the consent they rest on: registered, listed, and taken off the list, which raises the epoch.

A work remembers the epoch it was admitted under. Whatever takes a style off the list raises it in the same
transaction, so consent bites at the next comparison without anyone being told.

Locks: the style's row comes before every other row of this floor and of `licensing`. `confirm` holds it in share
until its transaction ends, and whatever changes a style holds it alone, so one of the two waits for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.orm import Session

from core import ids
from core.errors import Conflict, Forbidden, Invalid, NotFound
from creators import consent as rules
from creators.consent import Declaration
from creators.models import Asset, Consent, Creator, Style, VoiceProof
from creators.profiles import named


class StyleRevoked(Forbidden):
    """The consent that this use of a style needs does not stand."""


class NotPublishable(Conflict):
    """The style lacks something without which it cannot be listed."""


class NotADraft(Conflict):
    """The style has been public, and this may no longer change."""


class StyleHeld(Conflict):
    """The house holds this style until a question about it is decided."""


def register(session: Session, *, creator: str, name: str, medium: str, at: datetime) -> Style:
    """A draft of a style, not yet to be licensed. Raises NotFound, BadName, Invalid."""
    if session.get(Creator, ids.check(creator, "cre")) is None:
        raise NotFound(f"there is no creator {creator}", id=creator)
    if medium not in rules.MEDIA:
        raise Invalid(f"{medium[:40]!r} is no medium of a style; it is one of: {', '.join(rules.MEDIA)}")
    style = Style(
        id=ids.new("sty"),
        creator=creator,
        name=named(name),
        medium=medium,
        state="draft",
        state_at=at,
        epoch=0,
        version=0,
        created_at=at,
    )
    session.add(style)
    session.flush()
    return style


def declare_consent(session: Session, *, style: str, creator: str, declaration: Declaration, at: datetime) -> Consent:
    """Keep a creator's declaration; the style rests on it from now on. Raises ConsentIncomplete, NotFound."""
    row = own(session, style=style, creator=creator, lock=True)
    rules.check(declaration, at)
    if (declaration.creator, declaration.medium) != (row.creator, row.medium):
        raise rules.ConsentIncomplete(
            f"the declaration is not for style {style}; declare as its creator and for the medium {row.medium}"
        )
    consent = Consent(
        id=ids.new("con"),
        creator=creator,
        style=style,
        document=declaration.document(),
        hash=declaration.hash,
        declared_at=declaration.declared_at,
        expires_at=declaration.valid_until,
    )
    session.add(consent)
    session.flush()
    row.consent = consent.id
    session.flush()
    return consent


def publish(session: Session, *, style: str, creator: str, at: datetime) -> Style:
    """List the style, so that offers for it may be made; publishing twice is publishing once.

    Raises StyleHeld, or NotPublishable, which names everything that is missing at once.
    """
    row = own(session, style=style, creator=creator, lock=True)
    _refuse_held(row)
    if row.state == "listed":
        return row
    lacking = missing(session, row, at=at)
    if lacking:
        raise NotPublishable(f"style {style} cannot be listed yet: {'; '.join(lacking)}", missing=lacking)
    _move(row, "listed", reason=None, at=at)
    session.flush()
    return row


def missing(session: Session, row: Style, *, at: datetime) -> list[str]:
    """What the style lacks to be listed, in words that say what to do; empty when nothing."""
    counted = select(Asset.state, func.count()).where(Asset.style == row.id).group_by(Asset.state)
    states = dict(session.execute(counted).all())
    unheard = unproven(session, styles=[row.id]).get(row.id, 0)
    return lacking(consented=_consented(session, row, literal(at)), states=states, unproven=unheard)


def unproven(session: Session, *, styles: Sequence[str]) -> dict[str, int]:
    """How many live recordings of a voice each of these styles has that no proof was compared with that passed."""
    query = select(Asset.style, func.count()).where(Asset.style.in_(styles), Asset.state == "live", ~proven())
    return dict(session.execute(query.group_by(Asset.style)).all())


def proven() -> ColumnElement[bool]:
    """Of an asset: that it is no recording of a voice, or that a proof which passed was compared with it."""
    passed = (VoiceProof.ruling == "passed") | (VoiceProof.ruling.is_(None) & (VoiceProof.decision == "not-a-stranger"))
    compared = exists().where(VoiceProof.style == Asset.style, passed, VoiceProof.assets.has_key(Asset.id))
    return Asset.voice.is_not(True) | compared


def lacking(*, consented: bool, states: Mapping[str, int], unproven: int = 0) -> list[str]:
    """The rule behind `missing`; `states` counts the style's assets by their state, `unproven` its unproven voices."""
    words = []
    if not consented:
        words.append("declare your consent, it is missing or has ended")
    if not states.get("live"):
        words.append("add a work of yours that is registered nowhere else")
    if unproven:
        words.append(
            f"speak the phrase, so that {unproven} of its recordings can be said to be of your voice; nobody hears"
            " them and nothing is made from them before"
        )
    if states.get("held"):
        words.append(
            f"{states['held']} of its assets may be somebody else's work, registered before: retire what is not yours,"
            " and ask the house to compare the originals of what is"
        )
    return words


def hold(session: Session, *, style: str, reason: str, at: datetime) -> Style:
    """The house's own act: nothing is made in the style until a question about it is decided."""
    row = get(session, style=style, lock="update")
    if row.state != "held":
        _take_off(session, row, "held", reason=reason, at=at)
    return row


def release(session: Session, *, style: str, at: datetime) -> Style:
    """The house ends a hold; its creator may publish the style again."""
    row = get(session, style=style, lock="update")
    if row.state == "held":
        _move(row, "suspended", reason="released; publish it again", at=at)
        session.flush()
    return row


def retire(session: Session, *, style: str, creator: str, at: datetime) -> Style:
    """Take the style off the list; nothing new is made in it, while what was made keeps its license."""
    row = own(session, style=style, creator=creator, lock=True)
    _refuse_held(row)
    if row.state != "retired":
        _take_off(session, row, "retired", reason=None, at=at)
    return row


def suspend(session: Session, *, style: str, creator: str, reason: str, at: datetime) -> Style:
    """Take consent back for now: the epoch rises, so works on their way stop. Twice is once; a held style stays held.

    Licenses and claims are `licensing.licenses.revoke_style`'s, which calls this first.
    """
    row = own(session, style=style, creator=creator, lock=True)
    if row.state not in ("suspended", "held"):
        _take_off(session, row, "suspended", reason=reason, at=at)
    return row


def withdraw_consent(session: Session, *, consent: str, creator: str, reason: str, at: datetime) -> Style:
    """End a declaration for good and suspend its style. Twice is once.

    Licenses and claims are `licensing.licenses.revoke_consent`'s, which calls this first.
    """
    known = session.get(Consent, ids.check(consent, "con"))
    if known is None or known.creator != creator:
        raise NotFound(f"there is no consent {consent} of yours", id=consent)
    row = own(session, style=known.style, creator=creator, lock=True)
    session.refresh(known)
    if known.withdrawn_at is None:
        known.withdrawn_at, known.reason = at, reason
        if row.state not in ("suspended", "held"):
            _take_off(session, row, "suspended", reason=reason, at=at)
        session.flush()
    return row


def confirm(session: Session, *, style: str, epoch: int) -> Style:
    """The style, held in share until the transaction ends, if consent still stands as it did at `epoch`.

    Time is the database's, as everywhere where works are fenced. Raises StyleRevoked.
    """
    row = _standing(session, style, func.now())
    if row.epoch != epoch:
        raise StyleRevoked(
            f"consent to style {style} was taken back meanwhile; nothing can be made under it", style=style
        )
    return row


def standing(session: Session, *, style: str, at: datetime) -> Style:
    """The style, held in share until the transaction ends, if it is listed and consent stands at `at`.

    Raises NotFound, StyleRevoked.
    """
    return _standing(session, style, literal(at))


def of_person(session: Session, *, style: str, person: str) -> Style:
    """A style of one of this person's profiles, else NotFound."""
    mine = select(Style).join(Creator, Creator.id == Style.creator).where(Creator.person == person)
    row = session.scalar(mine.where(Style.id == ids.check(style, "sty")))
    if row is None:
        raise NotFound(f"there is no style {style} of yours", id=style)
    return row


def visible(session: Session, *, style: str, person: str | None) -> Style:
    """A listed style, or one of this person's own, else NotFound."""
    query = select(Style).join(Creator, Creator.id == Style.creator).where(Style.id == ids.check(style, "sty"))
    row = session.scalar(query.where((Style.state == "listed") | (Creator.person == (person or ""))))
    if row is None:
        raise NotFound(f"there is no style {style}", id=style)
    return row


def consent_of_person(session: Session, *, consent: str, person: str) -> Consent:
    """A declaration made for one of this person's profiles, else NotFound."""
    mine = select(Consent).join(Creator, Creator.id == Consent.creator).where(Creator.person == person)
    row = session.scalar(mine.where(Consent.id == ids.check(consent, "con")))
    if row is None:
        raise NotFound(f"there is no consent {consent} of yours", id=consent)
    return row


def rename(session: Session, *, style: str, creator: str, name: str) -> Style:
    """Another name for a draft. Raises NotFound, BadName, NotADraft."""
    row = own(session, style=style, creator=creator, lock=True)
    if row.state != "draft":
        raise NotADraft(f"style {style} is {row.state}; a name that others have seen stays", style=style)
    row.name = named(name)
    session.flush()
    return row


def own(session: Session, *, style: str, creator: str, lock: bool = False) -> Style:
    """A style of one's own, else NotFound. `lock` holds its row alone until the transaction ends."""
    row = get(session, style=style, lock="update" if lock else None)
    if row.creator != creator:
        raise NotFound(f"there is no style {style}", id=style)
    return row


def get(session: Session, *, style: str, lock: Literal["share", "update"] | None = None) -> Style:
    """A style as the database has it now, whoever's it is. Raises NotFound."""
    query = select(Style).where(Style.id == ids.check(style, "sty"))
    if lock is not None:
        query = query.with_for_update(read=lock == "share")
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound(f"there is no style {style}", id=style)
    return row


def _standing(session: Session, style: str, instant: ColumnElement[datetime]) -> Style:
    row = get(session, style=style, lock="share")
    if row.state != "listed":
        raise StyleRevoked(f"style {style} is {row.state}; nothing can be made in it now", style=style, state=row.state)
    if not _consented(session, row, instant):
        raise StyleRevoked(f"the consent that style {style} rests on has ended; its creator must renew it", style=style)
    return row


def _consented(session: Session, row: Style, instant: ColumnElement[datetime]) -> bool:
    stands = select(Consent.id).where(
        Consent.id == row.consent, Consent.withdrawn_at.is_(None), Consent.expires_at > instant
    )
    return session.scalar(stands) is not None


def _refuse_held(row: Style) -> None:
    if row.state == "held":
        raise StyleHeld(f"style {row.id} is held until a question about it is decided: {row.reason}", style=row.id)


def _take_off(session: Session, row: Style, state: str, *, reason: str | None, at: datetime) -> None:
    row.epoch += 1
    _move(row, state, reason=reason, at=at)
    session.flush()


def _move(row: Style, state: str, *, reason: str | None, at: datetime) -> None:
    row.state, row.reason, row.state_at = state, reason, at
