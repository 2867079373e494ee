"""Proofs of a voice: a phrase is asked for, its take compared with the recordings, staff decide what is unclear.

A style of a voice is not listed without one that passed and that was compared with every recording it has. The take is
kept, encrypted for its creator, as evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import numpy as np
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from core import ids
from core.errors import Conflict, NotFound, TooMany
from core.media import Sound
from creators import assets, styles
from creators.models import Asset, Creator, Style, VoiceProof
from creators.phrases import EXPIRES, Phrase, phrase

if TYPE_CHECKING:
    from attribution.marks.secrets import Key
    from creators.voiceproof import Verdict

State = Literal["open", "expired", "passed", "unclear", "refused"]

MOST_A_DAY = 6
DAY = timedelta(days=1)
LONGEST_TAKE = 60.0  # seconds
COMPARED, LEAST_EACH = 120.0, 6.0  # seconds of all recordings, and of each; more say no more of a voice
_PLACES = 3  # of a longer recording, from which those seconds are taken


class NoVoice(Conflict):
    """The style has no recording of a voice yet, with which a take could be compared."""


class ProofOver(Conflict):
    """The phrase was spoken already, or too late."""


class TooManyProofs(TooMany):
    """Nobody is asked for more phrases than this in a day."""


@dataclass(frozen=True)
class Compared:
    """A style's recordings of a voice, as a take is compared with them. `sounds`: read once, one after the other."""

    assets: tuple[str, ...]
    sounds: Iterable[Sound]


def ask(session: Session, *, style: str, creator: str, at: datetime) -> VoiceProof:
    """A fresh phrase, to be spoken within minutes. Raises NotFound, NoVoice, TooManyProofs."""
    row = styles.own(session, style=style, creator=creator, lock=True)
    if not voices(session, style=row.id):
        raise NoVoice(f"style {style} has no recording of a voice yet; add one, then speak the phrase", style=style)
    asked = select(func.count(), func.min(VoiceProof.asked_at))
    count, first = session.execute(asked.where(VoiceProof.style == row.id, VoiceProof.asked_at > at - DAY)).one()
    if count >= MOST_A_DAY:
        wait = max(1, int((first + DAY - at).total_seconds()))
        raise TooManyProofs(f"{count} phrases were asked for within a day; wait {wait} s", retry_after=wait)
    wanted = phrase()
    proof = VoiceProof(
        id=ids.new("vpf"),
        style=row.id,
        creator=creator,
        phrase=wanted.text,
        syllables=wanted.syllables,
        asked_at=at,
        expires_at=at + EXPIRES,
        assets=[],
        reasons=[],
    )
    session.add(proof)
    session.flush()
    return proof


def voices(session: Session, *, style: str) -> Sequence[Asset]:
    """A style's live recordings of a voice, oldest first."""
    return [row for row in assets.live(session, style=style) if row.voice]


def judged(proof: VoiceProof, take: Sound, compared: Compared, marks: Sequence[Key] = ()) -> Verdict:
    """What a take shows; slow, so call it outside any transaction.

    `marks`: keys of recordings' marks. A take that carries one was made here, so nobody spoke it a moment ago.
    """
    from attribution.marks import sound
    from core.hearing.features import analyze  # a second to load, with what judges
    from creators import voiceproof

    if sound.carries_mark(take.part(0.0, LONGEST_TAKE), marks):
        return voiceproof.Verdict("refused", 0.0, None, ("made-here",))

    each = max(LEAST_EACH, COMPARED / max(1, len(compared.assets)))
    known = [analyze(_some(sound, each)) for sound in compared.sounds]
    return voiceproof.judged(take.part(0.0, LONGEST_TAKE), Phrase(proof.phrase, proof.syllables), known)


def _some(sound: Sound, seconds: float) -> Sound:
    """So many seconds from all over a recording."""
    if sound.seconds <= seconds:
        return sound
    step = sound.seconds / _PLACES
    parts = [sound.part(i * step + (step - seconds / _PLACES) / 2, seconds / _PLACES).samples for i in range(_PLACES)]
    return Sound(np.concatenate(parts), sound.rate)


def check_open(proof: VoiceProof, at: datetime) -> None:
    """Raises ProofOver for a phrase that was spoken already, or is older than it may be."""
    if proof.decision is not None:
        raise ProofOver(f"the phrase of {proof.id} was spoken already; ask for another one", id=proof.id)
    if at > proof.expires_at:
        raise ProofOver(f"the phrase of {proof.id} was to be spoken within minutes; ask for another one", id=proof.id)


def decide(
    session: Session, *, proof: str, take: str, compared: Sequence[str], verdict: Verdict, sent_at: datetime
) -> VoiceProof:
    """Keep what a take showed, once. `take`: where it is kept; `sent_at`: when it came. Raises NotFound, ProofOver."""
    row = get(session, proof=proof, lock=True)
    check_open(row, sent_at)
    row.take, row.taken_at, row.assets = take, sent_at, list(compared)
    row.decision, row.likeness, row.natural = verdict.decision, verdict.likeness, verdict.natural
    row.reasons = list(verdict.reasons)
    session.flush()
    return row


def rule(session: Session, *, proof: str, passed: bool, by: str, because: str, at: datetime) -> VoiceProof:
    """What the house's staff decide of a take they heard; the last word, also on what was decided by itself.

    Raises NotFound, ProofOver for a phrase that nobody spoke.
    """
    row = get(session, proof=proof, lock=True)
    if row.decision is None:
        raise ProofOver(f"nobody has spoken the phrase of {row.id}; there is nothing to decide", id=row.id)
    row.ruling, row.ruled_by, row.ruled_at, row.ruled_because = ("passed" if passed else "refused"), by, at, because
    session.flush()
    return row


def vouch(session: Session, *, style: str, by: str, because: str, at: datetime) -> None:
    """The house's own act: it knows where these recordings come from. `by` and `because` are kept."""
    row = styles.get(session, style=style, lock="update")
    compared = [asset.id for asset in voices(session, style=row.id)]
    proof = VoiceProof(
        id=ids.new("vpf"),
        style=row.id,
        creator=row.creator,
        phrase="",
        syllables=0,
        asked_at=at,
        expires_at=at,
        taken_at=at,
        assets=compared,
        decision="unclear",
        reasons=["vouched"],
        ruling="passed",
        ruled_by=by,
        ruled_at=at,
        ruled_because=because,
    )
    session.add(proof)
    session.flush()


def state_of(proof: VoiceProof, at: datetime) -> State:
    """Where a proof stands; a ruling has the last word."""
    if proof.ruling is not None:
        return "passed" if proof.ruling == "passed" else "refused"
    if proof.decision is None:
        return "open" if at <= proof.expires_at else "expired"
    return "passed" if proof.decision == "not-a-stranger" else "unclear" if proof.decision == "unclear" else "refused"


def get(session: Session, *, proof: str, lock: bool = False) -> VoiceProof:
    """Raises NotFound."""
    row = session.get(VoiceProof, ids.check(proof, "vpf"), with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(f"there is no voice proof {proof}", id=proof)
    return row


def take_of(proof: VoiceProof) -> str:
    """Where its take is kept. Raises NotFound."""
    if proof.take is None:
        raise NotFound(f"voice proof {proof.id} has no take", id=proof.id)
    return proof.take


def of_person(session: Session, *, proof: str, person: str) -> VoiceProof:
    """A proof of one of this person's styles, else NotFound."""
    mine = select(VoiceProof).join(Creator, Creator.id == VoiceProof.creator).where(Creator.person == person)
    row = session.scalar(mine.where(VoiceProof.id == ids.check(proof, "vpf")))
    if row is None:
        raise NotFound(f"there is no voice proof {proof} of yours", id=proof)
    return row


def of_style(session: Session, *, style: str) -> Sequence[VoiceProof]:
    """A style's proofs, the newest first."""
    return session.scalars(
        select(VoiceProof).where(VoiceProof.style == style).order_by(VoiceProof.asked_at.desc(), VoiceProof.id.desc())
    ).all()


def waiting(session: Session, *, limit: int, after: tuple[datetime, str] | None) -> Sequence[VoiceProof]:
    """What staff have to hear, the oldest first; nothing of a retired style, whose takes may not open any more."""
    query = select(VoiceProof).where(VoiceProof.decision == "unclear", VoiceProof.ruling.is_(None))
    query = query.join(Style, Style.id == VoiceProof.style).where(Style.state != "retired")
    if after is not None:
        query = query.where(tuple_(VoiceProof.taken_at, VoiceProof.id) > tuple_(*after))
    return session.scalars(query.order_by(VoiceProof.taken_at, VoiceProof.id).limit(limit)).all()
