"""Looking a recording up among everything registered: by its triples, then by a second look at where they put it.

A conversion keeps its singer's melody and timing: the same tune in another voice is at most a derivation. Only where
the recording itself is heard again, at one speed and one pitch all along, is it a copy.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution import confidence, indexes
from attribution.evidence import DERIVED, Span
from attribution.features import heard as hearing
from attribution.features import runs, sounds
from attribution.fingerprint import Recorded
from attribution.models import StoredFingerprint
from attribution.segments.models import StoredFeatures
from core.media import Sound

BEYOND = 0.6  # correlation with the work, without what its source explains, from which on it is no other conversion of
# that: on twelve works copies in MP3 or cut had 0.65 or more, the same take in other voices 0.54 or less
LEAST = 0.5  # confidence below which nothing is told
SHORT, SAME_RECORDING = 2, 0.6  # pieces that show no tempo; correlation from which on they are the recording itself


@dataclass(frozen=True)
class Match:
    """A registered recording that is heard in the asked one.

    `here`, `there`: when in either. `tempo`: how much faster it runs here, as a ratio; `semitones`: how much higher.
    `copy`: it is that very recording, or else only the same piece. `own`: what agrees is not only its source's.
    """

    subject: str
    owner: str
    claim: str | None
    confidence: float
    here: Span
    there: Span
    tempo: float
    semitones: float
    copy: bool
    own: bool = True

    @property
    def score(self) -> float:
        """Comparable between matches in one place."""
        return self.confidence

    @property
    def detail(self) -> str:
        """What was found, in a few words."""
        seconds = self.here.end - self.here.begin
        return f"{seconds:.0f} s of it from {_clock(self.there.begin)} on are heard here{self._changed}"

    @property
    def rough(self) -> str:
        """The same without a number that somebody could climb on by trying."""
        return f"a part of it is heard here{self._changed}"

    @property
    def _changed(self) -> str:
        said = []
        if abs(self.tempo - 1) > 0.005:
            said.append("faster" if self.tempo > 1 else "slower")
        if abs(self.semitones) > 0.2:
            said.append("higher" if self.semitones > 0 else "lower")
        played = "" if self.copy else ", but played or sung by another"
        return (f", {' and '.join(said)}" if said else "") + played


def search(session: Session, sound: Sound) -> list[Match]:
    """Registered recordings that are heard in this one, the surest first; none in what is too short or too quiet."""
    return _found(session, sounds.asked(sound))


def screening(session: Session, recorded: Recorded) -> list[Match]:
    """What something that is about to be registered is a copy of."""
    return [match for match in _found(session, recorded.asked) if match.copy]


def _found(session: Session, asked: sounds.Asked) -> list[Match]:
    found = indexes.of(session).sounds.search(session, asked)
    wanted = [x.subject for x in found]
    rows = session.scalars(select(StoredFingerprint).where(StoredFingerprint.subject.in_(wanted))).all()
    known = {row.subject: row for row in rows}
    works = indexes.size(indexes.of(session).sounds, session) if found else 0
    matches = [
        _match(session, known[x.subject], hit, asked, works) for x in found if x.subject in known for hit in x.hits
    ]
    return sorted((x for x in matches if x is not None), key=lambda x: (not x.copy, -x.confidence))


def _match(
    session: Session, row: StoredFingerprint, found: sounds.Found, asked: sounds.Asked, works: int
) -> Match | None:
    """What the index found among so many works, if it is sure enough to be told.

    None for what was sung or played anew in the work: it is nobody's but its owner's.
    """
    sure = confidence.of_sound(found.score, works)
    if sure < LEAST:
        return None
    if row.content is not None and sounds.correlation(asked, found, hearing.unpack(row.content)) > found.r:
        return None
    copy = runs.same_recording(found) or (found.pieces <= SHORT and found.r >= SAME_RECORDING)
    own = _own(session, row, found, asked)
    copy = copy and own
    return Match(
        subject=row.subject,
        owner=row.owner,
        claim=row.claim,
        confidence=sure if copy else min(DERIVED, sure),
        here=Span(found.start_s, found.start_s + found.length_s),
        there=Span(found.work_start_s, found.work_start_s + found.length_s * found.tempo),
        tempo=found.tempo,
        semitones=found.semitones,
        copy=copy,
        own=own,
    )


def _own(session: Session, row: StoredFingerprint, found: sounds.Found, asked: sounds.Asked) -> bool:
    """Whether what agrees is the work's own. All conversions of one take have its timing, so that never suffices.

    Where the take was erased nobody can tell any more.
    """
    if row.content is None:
        return not row.forgotten
    stored = select(StoredFeatures.data).where(StoredFeatures.subject == row.subject)
    data = session.scalar(stored.where(StoredFeatures.algorithm == indexes.SOUNDS.algorithm))
    if data is None:
        return False
    return sounds.beyond(asked, found, hearing.unpack(data), hearing.unpack(row.content)) >= BEYOND


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
