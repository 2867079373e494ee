"""Pure: signatures, seals and other lettering near the corners of a picture.

Lettering is ink on a quiet ground: several small strokes of one color, darker or lighter than what is around them, that
run in many directions and stand alone. A picture's own texture has neighbors of its kind all around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from core.media import Picture
from creators.areas import WHOLE, Area

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIDE = 768  # pixels of the long side; it is looked for at this size
STROKE = 0.012  # of the long side: strokes are narrower
APART = 0.008  # of the long side: letters are nearer to each other than twice this
CONTRASTS = (60, 100)  # of 255: ink against ground
TALLEST, WIDEST, LARGEST = 0.32, 0.36, 0.03  # of height, width and area
SHORTEST = 0.03  # of the long side
NEAR = (0.12, 0.16)  # of height and width: so far from a corner's edges at most
LETTERS, MANY, LETTER = 5, 9, 6  # strokes, as many as only lettering has, pixels of one
DENSE = (0.09, 0.45)  # part of the lettering's ground that is ink
ONE_WAY = 0.35  # of 1: strokes that run in one direction
DISTINCT, SURELY_DISTINCT = 2.0, 2.8  # difference of ink and ground in their own deviations
ALONE, SURELY_ALONE = 0.35, 0.2  # density of ink around it, in parts of its own


@dataclass(frozen=True)
class Lettering:
    """Where lettering stands. `sure`: hardly anything else looks like this."""

    area: Area
    sure: bool


@dataclass(frozen=True)
class _Group:
    """Strokes that stand together: `box` in pixels, `ink` and the `ground` between them within it."""

    box: tuple[slice, slice]
    ink: Mask
    ground: Mask


def of(picture: Picture) -> tuple[Lettering, ...]:
    """The lettering near a picture's corners, none overlapping; some 150 ms."""
    image = Image.fromarray(picture.pixels)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    pixels, gray = np.asarray(image, np.float32), np.asarray(image.convert("L"), np.float32)
    found: list[Lettering] = []
    for ink in _inks(gray):
        for group in _groups(ink):
            sure = _lettering(pixels, gray, ink, group)
            if sure is not None:
                found.append(Lettering(_area(group.box, gray.shape), sure))
    return _joined(found)


def _inks(gray: Plane) -> Iterator[Mask]:
    """Narrow strokes, dark and light, at each contrast: a morphological hat (Serra, 1982)."""
    width = max(5, int(STROKE * max(gray.shape)) | 1)
    dark = ndimage.grey_closing(gray, size=(width, width)) - gray
    light = gray - ndimage.grey_opening(gray, size=(width, width))
    for contrast in CONTRASTS:
        yield dark > contrast
        yield light > contrast


def _groups(ink: Mask) -> Iterator[_Group]:
    long = max(ink.shape)
    labels, _ = ndimage.label(ndimage.binary_dilation(ink, iterations=max(2, int(APART * long))))
    for index, box in enumerate(ndimage.find_objects(labels), start=1):
        if _fits(box, ink.shape):
            near = labels[box] == index
            inside = near & ink[box]
            yield _Group(box, inside, near & ~ndimage.binary_dilation(inside))


def _fits(box: tuple[slice, slice], shape: tuple[int, ...]) -> bool:
    """Whether lettering may have this size and stand here."""
    (rows, columns), (height, width) = box, shape
    tall, wide = rows.stop - rows.start, columns.stop - columns.start
    small = tall < TALLEST * height and wide < WIDEST * width and tall * wide < LARGEST * height * width
    from_edge = min(rows.start, height - rows.stop) / height, min(columns.start, width - columns.stop) / width
    near = from_edge[0] < NEAR[0] and from_edge[1] < NEAR[1]
    return bool(small and near and max(tall, wide) > SHORTEST * max(shape))


def _lettering(pixels: Plane, gray: Plane, ink: Mask, group: _Group) -> bool | None:
    """Whether these strokes are surely lettering; None where they are none."""
    inked, empty = int(group.ink.sum()), int(group.ground.sum())
    if empty < 20 or not DENSE[0] < inked / (inked + empty) < DENSE[1]:
        return None
    letters = _letters(group.ink)
    if letters < LETTERS or _one_way(gray[group.box]) > ONE_WAY:
        return None
    distinct, around = _distinct(pixels[group.box], group), _around(ink, group)
    if distinct < DISTINCT or around > ALONE:
        return None
    return bool(distinct > SURELY_DISTINCT and (around < SURELY_ALONE or letters >= MANY))


def _letters(ink: Mask) -> int:
    labels, _ = ndimage.label(ink, np.ones((3, 3)))
    return int((np.bincount(labels.ravel())[1:] >= LETTER).sum())


def _distinct(pixels: Plane, group: _Group) -> float:
    strokes, ground = pixels[group.ink], pixels[group.ground]
    apart = np.linalg.norm(strokes.mean(axis=0) - ground.mean(axis=0))
    return float(apart / (strokes.std(axis=0).mean() + ground.std(axis=0).mean() + 1))


def _one_way(gray: Plane) -> float:
    """0 to 1: how far the slopes run in one direction (coherence of the structure tensor)."""
    down, right = np.gradient(ndimage.gaussian_filter(gray, 0.7))
    xx, yy, xy = (float((a * b).sum()) for a, b in ((right, right), (down, down), (right, down)))
    return float(np.hypot(xx - yy, 2 * xy) / max(xx + yy, 1e-6))


def _around(ink: Mask, group: _Group) -> float:
    """The density of ink around the lettering, in parts of its own."""
    reach = max(8, min(group.ink.shape))
    wider = tuple(slice(max(0, side.start - reach), side.stop + reach) for side in group.box)
    own = group.ink.sum() / group.ink.size
    outside = max(1, ink[wider].size - group.ink.size)
    return float((ink[wider].sum() - ink[group.box].sum()) / outside / own)


def _area(box: tuple[slice, slice], shape: tuple[int, ...]) -> Area:
    (rows, columns), (height, width) = box, shape
    return (
        rows.start * WHOLE // height,
        columns.start * WHOLE // width,
        min(WHOLE, -(-rows.stop * WHOLE // height)),
        min(WHOLE, -(-columns.stop * WHOLE // width)),
    )


def _joined(found: Sequence[Lettering]) -> tuple[Lettering, ...]:
    """Areas that overlap are one."""
    out: list[Lettering] = []
    for one in found:
        for other in [x for x in out if _overlap(x.area, one.area)]:
            out.remove(other)
            (a, b), sure = (one.area, other.area), one.sure or other.sure
            one = Lettering((min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])), sure)
        out.append(one)
    return tuple(sorted(out, key=lambda x: x.area))


def _overlap(a: Area, b: Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
