"""Pure: what can be said of pictures before anything is learned from them, and what to do about it.

Of one picture: how large works it is good for, whether it is sharp, whether there is anything in it, its frame, its
lettering. Of a set: copies, works unlike the others, how many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from attribution.bearing import borne_out
from attribution.confidence import PLAIN as STRANGERS
from attribution.features import agreement, points
from attribution.fingerprint import Fingerprint
from core.errors import Invalid
from core.media import Picture
from creators import lettering, look, margins
from creators.areas import Area
from creators.look import Look

Plane = NDArray[np.float32]

SMALL, SMALLEST = 512, 256  # pixels of the long side
SHRINKS = (2**0.5, 2.0, 2 * 2**0.5, 4.0)
LOST = 0.1  # of the fine contrast in busy places: what may go when a picture is made smaller and large again
SOFT = 2.0  # the shrink that a soft picture bears
BUSY, BLOCK = 0.7, 16  # quantile of the blocks by contrast; their side in pixels
DETAIL, SOMEWHERE = 6.0, 0.999  # of 255: contrast that a picture has at least at its liveliest thousandth
PLAIN_SIDE, NEARBY = 256, 4.0  # the size at which that is measured; pixels within which contrast is
MIDDLE = 1024  # pixels a side
NOISE = 0.3  # correlation of neighbors, below which each pixel is drawn by lot
REFUSED = ("plain", "noise")  # findings for which a picture is not taken in
ODD, ODD_SET = 1.45, 4  # distances from the others in their median; works from which on that is said
MIXED = 0.7  # median distance of a set's works from each other, above which it is no one hand
FEW = 3


class NothingInIt(Invalid):
    """There is nothing to learn from: a picture of one color, a ramp or noise, a recording of silence."""


@dataclass(frozen=True)
class Finding:
    """Something that was noticed. `say`: what, in words; `do`: what to do. `area`: where, if somewhere.

    `sure`: an area that is left out unless the creator takes it back. `works`: which of a set, by their places in it.
    `span`: from when to when in a recording, in seconds, if it is about a part of one.
    """

    code: str
    say: str
    do: str
    area: Area | None = None
    sure: bool = False
    works: tuple[int, ...] = ()
    span: tuple[float, float] | None = None

    def document(self) -> dict[str, Any]:
        """As it is stored and printed."""
        return {
            **asdict(self),
            "area": list(self.area) if self.area else None,
            "works": list(self.works),
            "span": list(self.span) if self.span else None,
        }


def of(picture: Picture) -> tuple[Finding, ...]:
    """What is noticed of one picture; some 0.5 s for a large one."""
    empty = nothing_in_it(picture)
    if empty is not None:
        return (empty,)
    return (*_resolution(picture), *_frame(picture), *_lettering(picture))


def read(document: Mapping[str, Any]) -> Finding:
    """A finding as it was stored."""
    top, left, bottom, right = document["area"] or (0, 0, 0, 0)
    area = (top, left, bottom, right) if document["area"] else None
    begin, end = document.get("span") or (0.0, 0.0)
    span = (begin, end) if document.get("span") else None
    return Finding(**{**document, "area": area, "works": tuple(document["works"]), "span": span})


def left_out(findings: Iterable[Finding]) -> tuple[Area, ...]:
    """The areas that are left out unless the creator takes them back."""
    return tuple(sorted({finding.area for finding in findings if finding.area is not None and finding.sure}))


def check(picture: Picture) -> None:
    """Raises NothingInIt."""
    empty = nothing_in_it(picture)
    if empty is not None:
        raise NothingInIt(f"{empty.say}; {empty.do}", reason=empty.code)


def nothing_in_it(picture: Picture) -> Finding | None:
    """Why there is nothing to learn from this picture, or None where there is something."""
    image = Image.fromarray(picture.pixels)
    image.thumbnail((PLAIN_SIDE, PLAIN_SIDE), Image.Resampling.LANCZOS)
    small = np.asarray(image, np.float32)
    contrast = np.abs(small - ndimage.gaussian_filter(small, (NEARBY, NEARBY, 0)))
    if float(np.quantile(contrast, SOMEWHERE)) < DETAIL:
        return Finding(
            "plain",
            "there is nothing in this picture to learn from: it is one color, or passes from one into another",
            "send a work with brushwork or lines in it",
        )
    if _alike(_middle(picture)) < NOISE:
        return Finding("noise", "this picture is noise: each pixel is unlike its neighbors", "send a work of yours")
    return None


def sharpness(picture: Picture) -> float:
    """By how much the picture can be made smaller and lose hardly anything: 1 (sharp) to 4.

    What an enlarged or blurred picture lacks is the contrast that goes when it is made smaller and large again.
    """
    gray = _middle(picture)
    if min(gray.shape) < 2 * BLOCK:
        return 1.0
    contrast = _blocks(gray - ndimage.gaussian_filter(gray, 8))
    busy = contrast >= np.quantile(contrast, BUSY)
    least = 1.0
    for shrink in SHRINKS:
        lost = _blocks(_through(gray, shrink) - gray)[busy]
        if float(np.median(lost)) > LOST * float(np.median(contrast[busy])):
            break
        least = shrink
    return least


def of_set(looks: Sequence[Look]) -> tuple[Finding, ...]:
    """What is noticed of a style's works together, of which none is a copy of another."""
    return (*_together(looks), *_number(len(looks)))


def copied(first: int, second: int) -> Finding:
    """What to say of a pair that `copies` found."""
    say = "one is a copy of the other, or a part of it"
    return Finding("copy", say, "keep the better of the two; a copy adds nothing", works=(first, second))


def copies(prints: Sequence[Fingerprint]) -> list[tuple[int, int]]:
    """Pairs of pictures that show the same: saved anew, toned, mirrored, turned, cut or framed."""
    looks = [next(points.looks(one.gray)) for one in prints]
    return [
        (i, j)
        for i, j in combinations(range(len(prints)), 2)
        if prints[i].sha256 == prints[j].sha256 or _same(prints[i], looks[j], prints[j])
    ]


def _same(known: Fingerprint, look: points.Asked, asked: Fingerprint) -> bool:
    """`look`: at the asked picture."""
    found = agreement.between(look, known.points)
    return found is not None and borne_out(asked.gray, known.sheet, None, found)[1].score >= STRANGERS.least


def _resolution(picture: Picture) -> list[Finding]:
    side, shrink = max(picture.width, picture.height), sharpness(picture)
    holds = round(side / shrink)
    size = f"{picture.width} × {picture.height} pixels"
    if shrink >= SOFT:
        return [
            Finding(
                "soft",
                f"it has {size}, but no more detail than a picture of {holds}: it is blurred, or was enlarged",
                "send a sharper file, such as the first scan or photograph, if you have it",
            )
        ]
    if side < SMALLEST:
        say = f"with {size} it shows hardly any brushwork"
        return [Finding("tiny", say, f"send one of at least {SMALL} pixels on the long side")]
    if side < SMALL:
        say = f"it has {size}: its strokes will look coarse and soft in works larger than {side} pixels"
        return [Finding("small", say, f"send it with at least {SMALL} pixels on the long side if you have it")]
    return []


def _frame(picture: Picture) -> list[Finding]:
    margin = margins.of(picture)
    if margin is None:
        return []
    say = "it has a frame, a passe-partout or an edge around it" if margin.sure else "this may be a frame or an edge"
    return [Finding("frame", say, _what_now(margin.sure), area, margin.sure) for area in margin.areas]


def _lettering(picture: Picture) -> list[Finding]:
    return [
        Finding(
            "lettering",
            "there is a signature or a seal here" if one.sure else "this may be a signature or a seal",
            _what_now(one.sure),
            one.area,
            one.sure,
        )
        for one in lettering.of(picture)
    ]


def _what_now(sure: bool) -> str:
    if sure:
        return "nothing is taken from there; take it back if it belongs to the picture"
    return "leave it out if it does not belong to the picture"


def _together(looks: Sequence[Look]) -> list[Finding]:
    if len(looks) < ODD_SET:
        return []
    known = np.stack(looks)
    apart = np.array([look.distance(known[i], np.delete(known, i, axis=0)) for i in range(len(known))])
    usual = float(np.median(apart))
    if usual > MIXED:
        say = "these works have little in common in colors and brushwork"
        return [Finding("mixed", say, "make a style of each kind of them: works made in it then look like one hand")]
    odd = [int(i) for i in np.flatnonzero(apart > ODD * usual)]
    say = "this one is unlike the others in colors and brushwork"
    do = "remove it, or make another style of it, unless it is meant to be mixed in"
    return [Finding("odd", say, do, works=(i,)) for i in odd]


def _number(count: int) -> list[Finding]:
    if not 0 < count < FEW:
        return []
    say = "there is one work" if count == 1 else f"there are {count} works"
    do = f"it can be used as it is; with {FEW} or more the works that are made repeat themselves less"
    return [Finding("few", say, do)]


def _middle(picture: Picture) -> Plane:
    """The middle of the picture, gray: enough to tell its grain by, however large it is."""
    top, left = max(0, (picture.height - MIDDLE) // 2), max(0, (picture.width - MIDDLE) // 2)
    pixels = picture.pixels[top : top + MIDDLE, left : left + MIDDLE]
    return np.asarray(Image.fromarray(pixels).convert("L"), np.float32)


def _alike(gray: Plane) -> float:
    """-1 to 1: how far each pixel is like its neighbor to the left."""
    if gray.shape[1] < 2:
        return 1.0
    apart = gray - gray.mean()
    return float((apart[:, 1:] * apart[:, :-1]).mean()) / max(float((apart**2).mean()), 1e-6)


def _through(gray: Plane, shrink: float) -> Plane:
    """Made smaller and large again."""
    image = Image.fromarray(gray)
    size = max(8, round(image.width / shrink)), max(8, round(image.height / shrink))
    small = image.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(small.resize(image.size, Image.Resampling.BICUBIC), np.float32)


def _blocks(plane: Plane) -> Plane:
    """The root mean square of each block."""
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // BLOCK
    cut = plane[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return np.asarray(np.sqrt((cut**2).mean(axis=(1, 3))), np.float32)
