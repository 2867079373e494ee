"""Looking a picture up among everything registered: hashes and points propose, texture decides.

The perceptual hash is the fast screen: the keys of the registered views are found through an index of the database, and
the nearest are laid over the asked picture. What was much cut, turned, framed or put among other pictures is proposed
by its points instead, which say where it lies. Either way texture decides whether it is a copy: composition alone is at
most a derivation, for the photograph that a work was made from has it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ARRAY, Integer, bindparam, select, text
from sqlalchemy.orm import Session

from attribution import confidence, fingerprint, indexes
from attribution.bearing import LEAST_FIT, NARROWEST, borne_out
from attribution.evidence import DERIVED, EVERYWHERE, Region
from attribution.features import points
from attribution.features.agreement import Alignment
from attribution.models import StoredFingerprint
from attribution.placement import Asked, Covered, Placement, Sheet, laid, refined, roughly
from attribution.segments.body import Found
from attribution.texture import Agreement, agreement, sheet_of

FARTHEST = 16  # of 64 bits; unrelated views differ in about 32
WITHIN = 8  # bits beyond the nearest, down to which others are candidates
MOST = 24  # candidates that are laid over the asked picture
LEAST_LIKENESS = 0.3  # of a first look
MOST_OF_IT = 0.75  # of an area, in words
CLOSE = 0.12  # likeness below the best match's, down to which others are still compared
MOST_MORE = 4  # works that are looked for beside those found at first
NOTHING_THERE = 128  # gray that is laid over what was found
COMPARED = 8  # works that points propose and texture is asked about
LEAST_OWN = 8.0  # the same of points that the work's photograph lacks: its other styles scored 0, copies from 12.9 on
LEAST_SCORE = 6.0  # of points: one in a million such agreements is by chance
HINT = 2.0  # the same of a first look, from which on a closer one is worth its time

Gray = NDArray[np.uint8]  # [height, width]


@dataclass(frozen=True, eq=False)
class Match:
    """A registered picture that the asked one is a copy of or, unless `copy`, is composed like.

    `own`: whether what agrees is the work's own, and not all its photograph's too; of a work that was made from none,
    or registered without it, nothing but texture is known to be its own.
    `confidence` 0 to 1 that it is the same. `alignment` by points, where they found it; `placement` by texture.
    """

    subject: str
    owner: str
    claim: str | None
    placement: Placement | None
    agreement: Agreement
    confidence: float
    alignment: Alignment | None = None
    here: Region = EVERYWHERE
    there: Region = EVERYWHERE
    copy: bool = True
    own: bool = True

    @property
    def score(self) -> float:
        """Of the texture, -1 to 1."""
        return self.agreement.score

    @property
    def detail(self) -> str:
        """What was found, in a few words."""
        turned = ", mirrored" if self.mirrored else ""
        if not self.copy and self.alignment is not None:
            agree = f"{self.alignment.agreeing} of {self.alignment.matches} points lie alike"
            return f"composed alike ({agree}{turned}), but the texture is not this work's"
        area = f"{100 * min(1.0, self.there.area):.0f} % of its area"
        return f"texture agrees to {self.agreement.score:.2f} over {area}{turned}"

    @property
    def rough(self) -> str:
        """The same without a number that somebody could climb on by trying."""
        turned = ", mirrored" if self.mirrored else ""
        if not self.copy:
            return f"composed alike{turned}, but the texture is not this work's"
        area = "most" if self.there.area > MOST_OF_IT else "part"
        return f"its texture agrees over {area} of its area{turned}"

    @property
    def mirrored(self) -> bool:
        return (
            self.placement.mirrored if self.placement is not None else bool(self.alignment and self.alignment.mirrored)
        )


@dataclass(frozen=True, eq=False)
class Question:
    """A picture that is looked up: its gray pixels, and what is made of them once it is needed."""

    gray: Gray

    @cached_property
    def sheet(self) -> Sheet:
        """Small, and without a frame of one color."""
        return sheet_of(self.gray)

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


def search(session: Session, question: Question, *, closer: bool = True) -> list[Match]:
    """Registered pictures that the asked one is a copy of, or composed like, or shows beside others; the surest first.

    None for what is too narrow to compare. `closer`: look closer even where a first look shows nothing.
    """
    if min(question.sheet.shape) < NARROWEST:
        return []
    found = screened(session, question)
    if found and found[0].here.area > MOST_OF_IT:
        return found
    known = {match.subject for match in found}
    return sorted(
        (*found, *(match for match in placed(session, question, closer=closer) if match.subject not in known)),
        key=lambda match: (not match.copy, -match.agreement.score, -match.confidence),
    )


def screening(session: Session, asked: fingerprint.Fingerprint) -> list[Match]:
    """What something that is about to be registered is a copy of."""
    return [match for match in search(session, Question(asked.gray), closer=True) if match.copy]


def screened(session: Session, question: Question) -> list[Match]:
    """The fast screen by perceptual hashes: whole copies, toned, resized, mirrored or a little cut."""
    return among(question, _candidates(session, question))


def among(question: Question, candidates: Sequence[tuple[StoredFingerprint, Sheet]]) -> list[Match]:
    """Those of the candidates whose texture bears out that the asked picture is a copy of them, the best first."""
    rough = [(roughly(question.asked, work), row, work) for row, work in candidates]
    rough.sort(key=lambda item: -item[0].likeness)
    found: list[Match] = []
    least = LEAST_LIKENESS
    for start, row, work in rough:
        if start.likeness < least:
            break
        match = _compared(question, row, work, start, compared=len(rough))
        if match is not None:
            found.append(match)
            least = max(least, start.likeness - CLOSE)
    return sorted(found, key=lambda match: -match.agreement.score)


def placed(session: Session, question: Question, *, closer: bool = True) -> list[Match]:
    """By points: parts, turned, framed and distorted copies, works among others. Looks closer until a copy is found, as
    long as something hints at one."""
    best: dict[str, Match] = {}
    for look in points.looks(question.gray):
        found = indexes.of(session).pictures.search(session, look)
        for match in _likely(session, question.gray, found):
            known = best.get(match.subject)
            if known is None or (match.copy, match.confidence) > (known.copy, known.confidence):
                best[match.subject] = match
        hinted = closer or any(x.score >= HINT for x in found)
        if not hinted or any(match.copy for match in best.values()):
            break
    return [*best.values(), *_elsewhere(session, question.gray, [match for match in best.values() if match.copy])]


def _elsewhere(session: Session, gray: Gray, copies: list[Match]) -> list[Match]:
    """Further copies in what those leave of the picture: one that is full of points leaves few to another beside it."""
    rest, new, more = gray.copy(), copies, list[Match]()
    while new and len(more) < MOST_MORE and sum(match.here.area for match in (*copies, *more)) < MOST_OF_IT:
        for match in new:
            rest[match.here.within(rest.shape)] = NOTHING_THERE
        known = {match.subject for match in (*copies, *more)}
        found = indexes.of(session).pictures.search(session, next(iter(points.looks(rest))))
        seen = _likely(session, rest, found)
        new = [match for match in seen if match.copy and match.subject not in known]
        more += new
    return more


def _likely(session: Session, gray: Gray, found: Sequence[Found]) -> Iterator[Match]:
    """What texture says of those that points found."""
    found = [x for x in found if x.score >= LEAST_SCORE][:COMPARED]
    rows = {row.subject: row for row in _rows(session, [x.subject for x in found])}
    works = indexes.size(indexes.of(session).pictures, session) if found else 0
    for one in found:
        row = rows.get(one.subject)
        if row is not None and row.sheet is not None:
            match = _textured(gray, row, one.hits[0].alignment, compared=len(found), works=works)
            if match is not None:
                yield match


def _textured(gray: Gray, row: StoredFingerprint, alignment: Alignment, *, compared: int, works: int) -> Match | None:
    """Whether the texture bears out what the points say; else it is no more than composed alike.

    None for the very photograph that the work was made from: it is nobody's but its owner's.
    """
    work = _sheet(row)
    here, there = (Region(*box) for box in alignment.boxes(gray.shape, work.shape))
    content = fingerprint.unpack(row.content) if row.content is not None else None
    placement, agreed = borne_out(gray, work, content, alignment)
    sure = confidence.of(agreed, tail=_tail(row), compared=compared)
    if sure is None and content is not None and _is_photograph(gray, content, alignment):
        return None
    return Match(
        subject=row.subject,
        owner=row.owner,
        claim=row.claim,
        placement=placement,
        agreement=agreed,
        confidence=sure if sure is not None else min(DERIVED, confidence.of_points(alignment.score, works)),
        alignment=alignment,
        here=here,
        there=there,
        copy=sure is not None,
        own=sure is not None or (row.made_from_one and alignment.own_score >= LEAST_OWN),
    )


def _is_photograph(gray: Gray, content: Sheet, alignment: Alignment) -> bool:
    return borne_out(gray, content, None, alignment)[1].score >= confidence.PLAIN.least


def _compared(
    question: Question, row: StoredFingerprint, work: Sheet, start: Placement, *, compared: int
) -> Match | None:
    """The match with one registered picture that a hash proposed, or None where texture does not bear it out."""
    placement = refined(question.asked, work, start)
    if placement is None or placement.likeness < LEAST_FIT:
        return None
    content = fingerprint.unpack(row.content) if row.content is not None else None
    over, covered = laid(question.asked, placement, work.shape)
    agreed = agreement(over, covered, work, content)
    sure = confidence.of(agreed, tail=_tail(row), compared=compared)
    if sure is None:
        return None
    here, there = _covered(placement, question.sheet, covered)
    return Match(row.subject, row.owner, row.claim, placement, agreed, sure, here=here, there=there)


def _covered(placement: Placement, sheet: Sheet, covered: Covered) -> tuple[Region, Region]:
    """Which part of the asked sheet, and of the work, the two have in common."""
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    if not len(rows) or not len(columns):
        return EVERYWHERE, EVERYWHERE
    box = np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], np.float64)
    corners = np.array([[x, y, 1] for x in box[:, 0] for y in box[:, 1]]) @ placement.matrix.T
    size = np.array(sheet.shape[::-1], np.float64)
    low, high = corners.min(axis=0).clip(0, size) / size, corners.max(axis=0).clip(0, size) / size
    if placement.mirrored:
        low[0], high[0] = 1 - high[0], 1 - low[0]
    there = (box / np.array(covered.shape[::-1])).ravel()
    return Region(*(float(x) for x in (*low, *high))), Region(*(float(x) for x in there))


def _tail(row: StoredFingerprint) -> confidence.Tail:
    """What strangers to it score."""
    if row.forgotten:
        return confidence.FORGOTTEN
    return confidence.EXPLAINED if row.content is not None else confidence.PLAIN


def nearest(question: Question, hashed: Sequence[tuple[str, bytes]]) -> list[str]:
    """The subjects whose views' hashes, packed, are as near as a copy's: the nearest first, 24 at most."""
    if not hashed:
        return []
    distances = fingerprint.distances(question.views, [views for _, views in hashed])
    least = min(FARTHEST, int(distances.min()) + WITHIN)
    ranked = sorted((int(d), subject) for d, (subject, _) in zip(distances, hashed, strict=True) if d <= least)
    return [subject for _, subject in ranked[:MOST]]


def _candidates(session: Session, question: Question) -> list[tuple[StoredFingerprint, Sheet]]:
    # A subquery, because the planner would weigh every element of a literal array against the statistics: seconds.
    shared = text("keys && ARRAY(SELECT unnest(:probes))").bindparams(bindparam("probes", type_=ARRAY(Integer)))
    near = session.execute(
        select(StoredFingerprint.subject, StoredFingerprint.views).where(shared),
        {"probes": fingerprint.probes(question.views)},
    )
    rows = _rows(session, nearest(question, [(subject, views or b"") for subject, views in near]))
    sheets = [(row, _sheet(row)) for row in rows]
    return [(row, sheet) for row, sheet in sheets if min(sheet.shape) >= NARROWEST]


def _sheet(row: StoredFingerprint) -> Sheet:
    assert row.sheet is not None  # only pictures have keys and landmarks
    return fingerprint.unpack(row.sheet)


def _rows(session: Session, subjects: Iterable[str]) -> list[StoredFingerprint]:
    return list(session.scalars(select(StoredFingerprint).where(StoredFingerprint.subject.in_(list(subjects)))))
