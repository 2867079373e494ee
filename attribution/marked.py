"""Reading the mark in a file: first beside the works that its fingerprint names, which reads more, then blind.

In steps, since reading takes long: the blind reading is begun, what is known is gathered from the database, the mark is
read with no transaction open, and its number is looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution import confidence, indexes, pictured, registry
from attribution.bearing import stretched
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
LIVE = 1 << 40  # marks, more than any house has made: to count them would take longer, and say the same
ALL = 400  # quarters: a work's own key is looked for among all that ever were
CONFIRMED = 6.0  # standard deviations that confirm a known number: by chance once in 10^8


@dataclass(frozen=True, eq=False)
class Beside:
    """What a mark is read beside: a work that the fingerprint named, its own number, and where it lies there.

    `kept`: what is kept of it for that. `points`: its stored ones, where nothing else says where a picture lies.
    """

    number: int
    keys: Sequence[Key]
    kept: bytes
    match: pictured.Match | Heard
    points: bytes | None


@dataclass(frozen=True)
class Read:
    """The number that was read in media, and how."""

    number: int
    how: str


def beside(session: Session, candidates: Sequence[Candidate], *, tools: Tools) -> list[Beside]:
    """What the mark is read beside: all of it that is in the database, so that none is open while it is read.

    Raises SecretUnusable.
    """
    works = [one for one in candidates if one.subject.startswith("wrk_")][:BESIDE]
    found = (_beside(session, candidate, tools) for candidate in works)
    return [one for one in found if one is not None]


def begun(media: Media, *, tools: Tools, deep: bool = False) -> Callable[[], int | None]:
    """Begin to read the mark without an original; what is returned waits for the number, None where none is read.

    A picture's is read in a thread, since most pictures are nobody's: while its fingerprint is looked up, of which the
    greater part runs outside Python as well. `deep`, and a recording's, only once it is asked for: they take longer,
    and are in vain where the mark is read beside the original. Raises SecretUnusable; what the reading raises comes
    from what is returned.
    """
    medium = "picture" if isinstance(media, Picture) else "sound"
    keys = tools.secrets.reading(medium, tools.chain.clock.now(), HINTED if deep else BLIND)
    if not keys or deep or not isinstance(media, Picture):
        return lambda: _blind(media, keys, deep=deep) if keys else None
    import attribution.marks.picture

    assert attribution.marks.picture  # loaded here: two threads must not load OpenCV at once
    pool = ThreadPoolExecutor(1, thread_name_prefix="mark")
    reading = pool.submit(_blind, media, keys, deep=False)
    pool.shutdown(wait=False)  # its one task goes on, and the thread ends with it
    return reading.result


def read(media: Media, known: Sequence[Beside], blind: Callable[[], int | None], *, deep: bool = False) -> Read | None:
    """The mark in a picture or recording, in seconds and with no database; None where none is read.

    Beside each known work first, then what `blind` says. `deep`: longer, for what was distorted.
    """
    for one in known:
        number, sigmas = _picture(media, one, deep=deep) if isinstance(media, Picture) else _sound(media, one)
        if number is not None:
            return Read(number, "read beside the original")
        if sigmas >= CONFIRMED:
            return Read(one.number, "found beside the original")
    number = blind()
    return Read(number, "read without the original") if number is not None else None


def look(session: Session, found: Read) -> Look | None:
    """What the mark names; None where its number is nobody's."""
    claim = registry.marked(session, number=found.number)
    if claim is None:
        return None
    sure = confidence.of_mark(LIVE)
    rough = f"the number hidden in it is that of {claim.work}"  # how it was read would say how little is left of it
    said = Evidence("mark", sure, f"{rough}, {found.how}", rough, work=claim.work)
    return Look("mark", (claim.work,), claim.work, claim, sure, said)


def _blind(media: Media, keys: Sequence[Key], *, deep: bool) -> int | None:
    if isinstance(media, Picture):
        from attribution.marks import picture

        return picture.read(media, keys, deep=deep).number
    from attribution.marks import sound

    return sound.read(media, keys, deep=deep).number


def _beside(session: Session, candidate: Candidate, tools: Tools) -> Beside | None:
    """None for what has no mark, or nothing that it is read beside."""
    claim = session.get(RecordedClaim, candidate.subject)
    kept = registry.reference(session, work=candidate.subject)
    if claim is None or claim.mark is None or kept is None:
        return None
    match, where = candidate.match, None
    medium = "picture" if isinstance(match, pictured.Match) else "sound"
    now = tools.chain.clock.now()
    keys = [key for key in tools.secrets.reading(medium, now, ALL) if key.epoch == claim.mark_epoch]
    if not keys:
        return None
    if isinstance(match, pictured.Match) and match.alignment is None:
        stored = select(StoredFeatures.data).where(StoredFeatures.subject == candidate.subject)
        where = session.scalar(stored.where(StoredFeatures.algorithm == indexes.PICTURES.algorithm))
    return Beside(claim.mark, keys, kept, match, where)


def _picture(picture: Picture, known: Beside, *, deep: bool) -> tuple[int | None, float]:
    """The number read with the help of one work, which may be another's; or how surely it is that work's own."""
    from attribution.marks import picture as mark

    original = mark.opened(known.kept)
    ways = _alignments(picture, known, original)
    reading, sigmas = mark.read_or_confirm(picture, original, ways, known.keys, known.number, deep=deep)
    return reading.number, sigmas


def _alignments(picture: Picture, known: Beside, original: NDArray[np.uint8]) -> Iterator[NDArray[np.float64] | None]:
    """Where the work may lie in the picture, the cheapest first: as its fingerprint said it, or else by its points.

    A match of sheets says it for pictures without a frame.
    """
    match = known.match
    assert isinstance(match, pictured.Match)
    if match.alignment is None and match.placement is not None:
        yield _placed(match.placement, picture, original)
    alignment = match.alignment
    if alignment is None and known.points is not None:
        alignment = agreement.between(next(points.looks(gray_of(picture))), points.unpack(known.points))
    yield None if alignment is None else in_pixels(alignment, picture, original)


def _sound(sound: Sound, known: Beside) -> tuple[int | None, float]:
    """As `_picture`, of a recording."""
    from attribution.marks import sound as mark
    from attribution.marks.sound_known import Alignment

    match = known.match
    assert isinstance(match, Heard)
    part = sound.part(match.here.begin, match.here.end - match.here.begin)
    at = Alignment(match.tempo, match.semitones, match.there.begin)
    reading = mark.read_informed(part, known.kept, at, known.keys)
    if reading.number is not None:
        return reading.number, 0.0
    return None, mark.confirm(part, known.kept, at, known.number, known.keys[0])


def in_pixels(alignment: Alignment, picture: Picture, original: NDArray[np.uint8]) -> NDArray[np.float64]:
    """From the picture's pixels to the original's."""
    asked, known = max(picture.width, picture.height), max(original.shape)
    onto = np.linalg.inv(np.vstack([stretched(alignment), [0, 0, 1]]))[:2]  # in parts of either's long side
    return np.asarray(onto * known * np.array([[1 / asked, 1 / asked, 1]]))


def _placed(placement: Placement, picture: Picture, original: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The same of a placement, which is between sheets without a frame: in parts of their long sides it holds as well
    for what has no frame."""
    asked, known = (SIDE / max(shape) for shape in ((picture.height, picture.width), original.shape))
    onto = np.vstack([placement.matrix, [0, 0, 1]])  # from the work's sheet to the asked one, from their corners
    back = np.diag([1 / known, 1 / known, 1]) @ np.linalg.inv(onto) @ np.diag([asked, asked, 1])
    if placement.mirrored:
        back = back @ np.array([[-1.0, 0, picture.width], [0, 1, 0], [0, 0, 1]])
    return np.asarray(back[:2])
