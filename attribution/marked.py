"""Reading the mark in a file: first beside the works that its fingerprint names, which reads more, then blind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from attribution import confidence, indexes, pictured, registry
from attribution.evidence import Evidence
from attribution.features import agreement, points
from attribution.features.agreement import Alignment
from attribution.fingerprint import gray_of
from attribution.heard import Match as Heard
from attribution.judgment import Look
from attribution.looks import Candidate
from attribution.marks.secrets import BLIND, HINTED, Key
from attribution.models import RecordedClaim
from attribution.placement import Placement
from attribution.segments.models import StoredFeatures
from attribution.texture import SIDE
from attribution.tools import Tools
from core.media import Media, Picture, Sound

BESIDE = 2  # works that a mark is read beside
ALL = 400  # quarters: a work's own key is looked for among all that ever were


def look(
    session: Session, media: Media, candidates: Sequence[Candidate], *, tools: Tools, deep: bool = False
) -> Look | None:
    """What the mark in a picture or recording names; None where none is read. `deep`: seconds for what was distorted.

    Raises SecretUnusable.
    """
    beside = [one for one in candidates if one.subject.startswith("wrk_")][:BESIDE]
    for candidate in beside:
        found = _beside(session, media, candidate, tools, deep=deep)
        if found is not None:
            return found
    medium = "picture" if isinstance(media, Picture) else "sound"
    keys = tools.secrets.reading(medium, tools.chain.clock.now(), HINTED if deep else BLIND)
    number = _blind(media, keys, deep=deep) if keys else None
    claim = registry.marked(session, number=number) if number is not None else None
    return None if claim is None else _named(session, claim, "read without the original")


def _named(session: Session, claim: RecordedClaim, how: str) -> Look:
    live = session.scalar(select(func.count()).select_from(RecordedClaim).where(RecordedClaim.mark.is_not(None)))
    sure = confidence.of_mark(live or 0)
    rough = f"the number hidden in it is that of {claim.work}"  # how it was read would say how little is left of it
    said = Evidence("mark", sure, f"{rough}, {how}", rough, work=claim.work)
    return Look("mark", (claim.work,), claim.work, claim, sure, said)


def _blind(media: Media, keys: Sequence[Key], *, deep: bool) -> int | None:
    if isinstance(media, Picture):
        from attribution.marks import picture

        return picture.read(media, keys, deep=deep).number
    from attribution.marks import sound

    return sound.read(media, keys, deep=deep).number


def _beside(session: Session, media: Media, candidate: Candidate, tools: Tools, *, deep: bool) -> Look | None:
    """The mark read with the help of one work, which may name another; or that work's own number confirmed."""
    claim = session.get(RecordedClaim, candidate.subject)
    kept = registry.reference(session, work=candidate.subject)
    if claim is None or claim.mark is None or kept is None:
        return None
    medium = "picture" if isinstance(media, Picture) else "sound"
    now = tools.chain.clock.now()
    keys = [key for key in tools.secrets.reading(medium, now, ALL) if key.epoch == claim.mark_epoch]
    if not keys:
        return None
    if isinstance(media, Picture):
        number, sigmas = _picture(session, media, candidate, kept, keys, claim.mark, deep=deep)
    else:
        number, sigmas = _sound(media, candidate, kept, keys, claim.mark)
    if number is not None:
        named = claim if number == claim.mark else registry.marked(session, number=number)
        return None if named is None else _named(session, named, "read beside the original")
    return _named(session, claim, "found beside the original") if sigmas >= CONFIRMED else None


CONFIRMED = 6.0  # standard deviations that confirm a known number: by chance once in 10^8


def _picture(
    session: Session,
    picture: Picture,
    candidate: Candidate,
    kept: bytes,
    keys: Sequence[Key],
    number: int,
    *,
    deep: bool,
) -> tuple[int | None, float]:
    from attribution.marks import picture as mark

    original = mark.opened(kept)
    ways = _alignments(session, picture, candidate, original)
    reading, sigmas = mark.read_or_confirm(picture, original, ways, keys, number, deep=deep)
    return reading.number, sigmas


def _alignments(
    session: Session, picture: Picture, candidate: Candidate, original: NDArray[np.uint8]
) -> Iterator[NDArray[np.float64] | None]:
    """Where the work may lie in the picture, the cheapest first: as its fingerprint said it, or else by its points.

    A match of sheets says it for pictures without a frame.
    """
    match = candidate.match
    assert isinstance(match, pictured.Match)
    if match.alignment is None and match.placement is not None:
        yield _placed(match.placement, picture, original)
    alignment = match.alignment or _aligned(session, picture, candidate.subject)
    yield None if alignment is None else _in_pixels(alignment, picture, original)


def _sound(
    sound: Sound, candidate: Candidate, kept: bytes, keys: Sequence[Key], number: int
) -> tuple[int | None, float]:
    from attribution.marks import sound as mark
    from attribution.marks.sound_known import Alignment

    match = candidate.match
    assert isinstance(match, Heard)
    part = sound.part(match.here.begin, match.here.end - match.here.begin)
    at = Alignment(match.tempo, match.semitones, match.there.begin)
    reading = mark.read_informed(part, kept, at, keys)
    if reading.number is not None:
        return reading.number, 0.0
    return None, mark.confirm(part, kept, at, number, keys[0])


def _aligned(session: Session, picture: Picture, subject: str) -> Alignment | None:
    """Where a work that hashes found lies in the picture, by its points."""
    stored = select(StoredFeatures.data).where(StoredFeatures.subject == subject)
    data = session.scalar(stored.where(StoredFeatures.algorithm == indexes.PICTURES.algorithm))
    if data is None:
        return None
    return agreement.between(next(points.looks(gray_of(picture))), points.unpack(data))


def _in_pixels(alignment: Alignment, picture: Picture, original: NDArray[np.uint8]) -> NDArray[np.float64]:
    """From the picture's pixels to the original's."""
    asked, known = max(picture.width, picture.height), max(original.shape)
    return np.asarray(alignment.matrix * known * np.array([[1 / asked, 1 / asked, 1]]))


def _placed(placement: Placement, picture: Picture, original: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The same of a placement, which is between sheets without a frame: in parts of their long sides it holds as well
    for what has no frame."""
    asked, known = (SIDE / max(shape) for shape in ((picture.height, picture.width), original.shape))
    onto = np.vstack([placement.matrix, [0, 0, 1]])  # from the work's sheet to the asked one, from their corners
    back = np.diag([1 / known, 1 / known, 1]) @ np.linalg.inv(onto) @ np.diag([asked, asked, 1])
    if placement.mirrored:
        back = back @ np.array([[-1.0, 0, picture.width], [0, 1, 0], [0, 0, 1]])
    return np.asarray(back[:2])
