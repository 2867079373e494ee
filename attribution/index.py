"""Looking a picture up among everything registered: hashes propose, texture decides.

The keys of the registered views are found through an index, so a look-up reads the few rows that share one and never
the whole table. Of these the nearest by hash are laid over the asked picture, the likeliest first. What was much cut,
turned or framed is proposed by landmarks instead (`parts`), and decided by texture all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ARRAY, Integer, bindparam, select, text
from sqlalchemy.orm import Session

from attribution import confidence, fingerprint, landmarks
from attribution.landmarks import Landmarks
from attribution.models import StoredFingerprint, StoredLandmarks
from attribution.placement import Asked, Placement, Sheet, laid, refined, roughly
from attribution.texture import Agreement, agreement

FARTHEST = 16  # of 64 bits; unrelated views differ in about 32
WITHIN = 8  # bits beyond the nearest, down to which others are candidates
NARROWEST = 8  # pixels of a sheet's short side; below that there is no texture to compare
MOST = 24  # candidates that are laid over the asked picture
LEAST_LIKENESS = 0.3  # of a first look
LEAST_FIT = 0.6  # of compositions, once placed: a common canvas or paper alone is not a copy
MOST_OF_IT = 0.75  # of an area, in words
SHARED = 2  # words of landmarks; copies of half a picture share 2 to 100 of 400, strangers none or one
CLOSE = 0.12  # likeness below the best match's, down to which others are still compared


@dataclass(frozen=True, eq=False)
class Match:
    """A registered picture that shares its texture with the asked one; `confidence` 0 to 1 that it is the same."""

    subject: str
    owner: str
    claim: str | None
    placement: Placement
    agreement: Agreement
    confidence: float

    @property
    def detail(self) -> str:
        """What was found, in a few words."""
        area = f"{100 * min(1.0, self.placement.overlap):.0f} % of its area"
        turned = ", mirrored" if self.placement.mirrored else ""
        return f"texture agrees to {self.agreement.score:.2f} over {area}{turned}"

    @property
    def rough(self) -> str:
        """The same without a number that somebody could climb on by trying."""
        area = "most" if self.placement.overlap > MOST_OF_IT else "part"
        return f"its texture agrees over {area} of its area{', mirrored' if self.placement.mirrored else ''}"


@dataclass(frozen=True, eq=False)
class Question:
    """A picture that is looked up, by its gray sheet and, for its parts, by its landmarks."""

    sheet: Sheet
    marks: Landmarks | None = None

    @cached_property
    def views(self) -> tuple[int, ...]:
        """Hashes of the asked views, as they are and mirrored."""
        return tuple(
            view
            for mirrored in (False, True)
            for view in fingerprint.hashes(self.sheet, fingerprint.ASKED, mirrored=mirrored)
        )

    @cached_property
    def asked(self) -> Asked:
        return Asked(self.sheet)


def search(session: Session, question: Question) -> list[Match]:
    """Registered pictures that the asked one is a copy of, the surest first; none for what is too narrow to compare."""
    if min(question.sheet.shape) < NARROWEST:
        return []
    rough = [(roughly(question.asked, work), row, work) for row, work in _candidates(session, question)]
    rough.sort(key=lambda item: -item[0].likeness)
    found: list[Match] = []
    least = LEAST_LIKENESS
    for start, row, work in rough:
        if start.likeness < least:
            break
        match = _compare(question, row, work, start, compared=len(rough))
        if match is not None:
            found.append(match)
            least = max(least, start.likeness - CLOSE)
    return sorted(found, key=lambda match: -match.agreement.score)


def parts(session: Session, question: Question) -> list[Match]:
    """Registered pictures of which the asked one shows a part, or which it shows turned or framed; the surest first."""
    if question.marks is None or min(question.sheet.shape) < NARROWEST:
        return []
    mirrored = landmarks.of(question.asked.turned(True))
    found: dict[str, Match] = {}
    for marks, flipped in ((question.marks, False), (mirrored, True)):
        near = _sharing(session, marks)
        rows = {row.subject: row for row in _rows(session, near)}
        for subject, row in rows.items():
            work = _sheet(row)
            sizes = max(question.sheet.shape), max(work.shape)
            start = landmarks.placed(marks, near[subject], sizes=sizes, mirrored=flipped)
            match = _compare(question, row, work, start, compared=len(rows), close=True) if start else None
            if match is not None:
                found[subject] = match
    return sorted(found.values(), key=lambda match: -match.agreement.score)


def _sharing(session: Session, marks: Landmarks) -> dict[str, Landmarks]:
    """The registered landmarks that share most words with these."""
    shared = text("words && ARRAY(SELECT unnest(:probes))").bindparams(bindparam("probes", type_=ARRAY(Integer)))
    asked = set(marks.words)
    near = session.execute(
        select(StoredLandmarks.subject, StoredLandmarks.words).where(shared), {"probes": sorted(asked)}
    )
    counted = sorted((-len(asked.intersection(words)), subject) for subject, words in near)
    kept = [subject for count, subject in counted if -count >= SHARED][:MOST]
    rows = session.scalars(select(StoredLandmarks).where(StoredLandmarks.subject.in_(kept)))
    return {row.subject: landmarks.unpack(row.landmarks) for row in rows}


def _compare(
    question: Question,
    row: StoredFingerprint,
    work: Sheet,
    start: Placement,
    *,
    compared: int,
    close: bool = False,
) -> Match | None:
    """The match with one registered picture, or None where texture does not bear it out."""
    placement = refined(question.asked, work, start, close=close)
    if placement is None or placement.likeness < LEAST_FIT:
        return None
    content = fingerprint.unpack(row.content) if row.content is not None else None
    over, covered = laid(question.asked, placement, work.shape)
    agreed = agreement(over, covered, work, content)
    sure = confidence.of(agreed, tail=_tail(row), compared=compared)
    if sure is None:
        return None
    return Match(row.subject, row.owner, row.claim, placement, agreed, sure)


def _tail(row: StoredFingerprint) -> confidence.Tail:
    """What strangers to it score."""
    if row.forgotten:
        return confidence.FORGOTTEN
    return confidence.EXPLAINED if row.content is not None else confidence.PLAIN


def _candidates(session: Session, question: Question) -> list[tuple[StoredFingerprint, Sheet]]:
    # A subquery, because the planner would weigh every element of a literal array against the statistics: seconds.
    shared = text("keys && ARRAY(SELECT unnest(:probes))").bindparams(bindparam("probes", type_=ARRAY(Integer)))
    near = session.execute(
        select(StoredFingerprint.subject, StoredFingerprint.views).where(shared),
        {"probes": fingerprint.probes(question.views)},
    )
    found = near.all()
    if not found:
        return []
    distances = fingerprint.distances(question.views, [views or b"" for _, views in found])
    least = min(FARTHEST, int(distances.min()) + WITHIN)
    ranked = sorted((int(d), subject) for d, (subject, _) in zip(distances, found, strict=True) if d <= least)
    rows = _rows(session, [subject for _, subject in ranked[:MOST]])
    sheets = [(row, _sheet(row)) for row in rows]
    return [(row, sheet) for row, sheet in sheets if min(sheet.shape) >= NARROWEST]


def _sheet(row: StoredFingerprint) -> Sheet:
    assert row.sheet is not None  # only pictures have keys and landmarks
    return fingerprint.unpack(row.sheet)


def _rows(session: Session, subjects: Iterable[str]) -> list[StoredFingerprint]:
    return list(session.scalars(select(StoredFingerprint).where(StoredFingerprint.subject.in_(list(subjects)))))
