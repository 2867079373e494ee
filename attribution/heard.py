"""Looking a recording up among everything registered: by its triples, then by a second look at where they put it.

A conversion keeps its singer's melody and timing, so it is found by what it was made from, and by every other
conversion of that. The same tune in another voice is at most a derivation. What a copy is shows beside the work's kept
source; where none is kept, only what agrees better than conversions did is said to be one. docs/verification.md has
the figures.
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

LEAST = 0.5  # confidence below which nothing is told
SHORT, LIKELY = 2, 0.6  # pieces that show no tempo; correlation from which on they are likely the recording itself
CLEAN, FAINT = 0.88, 0.4  # correlations: above any conversion's with its like; and under which nothing can be told
COPIED, OWN, OTHER = 0.78, 0.6, 0.5  # shares: of a copy, though voices be alike; of what is the work's; of another's
NEAR = 0.93  # correlation with the source that is too near


@dataclass(frozen=True)
class Match:
    """A registered recording that is heard in the asked one.

    `here`, `there`: when in either. `tempo`: how much faster it runs here, as a ratio; `semitones`: how much higher.
    `copy`: it is that very recording, or else only the same piece. `likely`: it may well be, so a person should look.
    `own`: what agrees is the work's own, and not all its source's too.
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
    likely: bool
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
        if abs(self.tempo - 1) > 0.01:
            said.append("faster" if self.tempo > 1 else "slower")
        if abs(self.semitones) > 0.2:
            said.append("higher" if self.semitones > 0 else "lower")
        played = "" if self.copy else ", but played or sung by another"
        return (f", {' and '.join(said)}" if said else "") + played


def search(session: Session, sound: Sound) -> list[Match]:
    """Registered recordings that are heard in this one, the surest first; none in what is too short or too quiet."""
    return _found(session, sounds.asked(sound))


def screening(session: Session, recorded: Recorded) -> list[Match]:
    """What something that is about to be registered is likely a copy of."""
    return [match for match in _found(session, recorded.asked) if match.likely]


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
    runs_like_it = max(1, round(len(asked.pieces) / found.pieces))  # as many chances for a stranger to be as high
    sure = confidence.of_sound(found.best, works * runs_like_it)  # by one piece, as strangers were measured
    if sure < LEAST:
        return None
    origin = _origin(session, row, found, asked)
    if origin is not None and origin.share < OTHER:
        return None
    likely = runs.same_recording(found) or (found.pieces <= SHORT and found.r >= LIKELY)
    copy = found.r >= CLEAN if origin is None else _own(found, origin)
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
        likely=copy or likely,
        own=copy or (not row.forgotten if origin is None else origin.share >= OWN),
    )


def _own(found: sounds.Found, origin: sounds.Origin) -> bool:
    """Whether it is the work and not another conversion of the same source, or another take.

    Where work and source are nearly one, as when a voice is turned into one like it, noise hides the difference.
    """
    if found.r < FAINT or (found.pieces > SHORT and not runs.same_recording(found)):
        return False
    return origin.share >= COPIED and (origin.between <= NEAR or found.r >= CLEAN)


def _origin(session: Session, row: StoredFingerprint, found: sounds.Found, asked: sounds.Asked) -> sounds.Origin | None:
    """What was found beside the work's source; None where that is not kept."""
    if row.content is None:
        return None
    key = (row.subject, indexes.SOUNDS.kind, indexes.SOUNDS.algorithm)
    stored = session.get(StoredFeatures, key)
    if stored is None or stored.data is None:
        return None
    return sounds.origin(asked, found, hearing.unpack(stored.data), hearing.unpack(row.content))


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
