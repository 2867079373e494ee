"""Whether two pictures share their very texture, once what a third one explains is taken out of both.

A stylized work keeps its photograph's composition, so composition proves nothing. Here both pictures, one laid over the
other, are split into bands of fine detail, and in every small block whatever the photograph can explain (its own
detail, its slopes, its edges, its light) is removed from both by least squares. What is left of the two either agrees,
because one was copied from the other, or it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from attribution.placement import Covered, Plane, Sheet, resized, slopes

SIDE = 256  # long side of a sheet: half of the smallest work's, so that half-size copies still fill it
BLOCK, FINE = 32, 16  # pixels
SIGMAS = (0.7, 1.4, 2.8, 5.6)  # pixels; each pair of neighbors bounds a band
LEAST_DETAIL = 2.0  # variance (gray levels squared) of what remains in a block that is more than a codec's noise
LEAST_BLOCKS = 6
HINT, SURE = 0.25, 0.9  # agreement from which on, and below which, fine blocks are asked too
TEXTURED = 0.5  # of all fine blocks, those with detail that is more than one straight edge
STRAIGHT = 0.8  # coherence of slopes from which on it is no more: any two flat drawings agree in that
FLAT = 16  # gray levels between the extremes of a line of a frame, a codec's ringing included

Values = NDArray[np.float32]  # [blocks, pixels, bands or terms]


@dataclass(frozen=True)
class Agreement:
    """How far two pictures' unexplained texture agrees: `score` -1 to 1, over `blocks` blocks with detail in them."""

    score: float
    blocks: int


NOTHING = Agreement(0.0, 0)


def sheet_of(pixels: NDArray[np.uint8], side: int = SIDE) -> Sheet:
    """A gray sheet with at most this long side, without a frame of one color."""
    return unframed(np.asarray(Image.fromarray(pixels).convert("L"), np.uint8), side)[0]


def unframed(gray: Sheet, side: int = SIDE) -> tuple[Sheet, Sheet]:
    """The sheet of a gray picture, and the picture itself, both without a frame of one color."""
    sheet = np.asarray(resized(Image.fromarray(gray), side / max(gray.shape)), np.uint8)
    top, bottom = _framed(np.ptp(sheet, axis=1))
    left, right = _framed(np.ptp(sheet, axis=0))
    down, along = gray.shape[0] / sheet.shape[0], gray.shape[1] / sheet.shape[1]
    inside = gray[round(top * down) : round(bottom * down), round(left * along) : round(right * along)]
    return np.ascontiguousarray(sheet[top:bottom, left:right]), np.ascontiguousarray(inside)


def _framed(ranges: NDArray[np.uint8]) -> tuple[int, int]:
    """From where to where lines are not flat; everything, if that is less than half."""
    lively = np.flatnonzero(ranges > FLAT)
    if lively.size == 0 or lively[-1] - lively[0] < ranges.size // 2:
        return 0, ranges.size
    return int(lively[0]), int(lively[-1]) + 1


def agreement(asked: Plane, covered: Covered, work: Sheet, content: Sheet | None) -> Agreement:
    """The agreement of two pictures in one frame, beyond what `content` (in the same frame) explains.

    Lettering and lines spoil whole blocks, and a small part has few: where the work is full of texture, finer ones
    are asked.
    """
    known = [np.ones(work.shape, np.float32)]
    if content is not None:
        known += _explanations(content.astype(np.float32))
    bands = _bands(asked), _bands(work.astype(np.float32))
    found, _ = _agreed(covered, known, *bands, BLOCK)
    if found.blocks and not HINT <= found.score < SURE:
        return found
    rough = _coherence(work.astype(np.float32), FINE) < STRAIGHT
    fine, part = _agreed(covered, known, *bands, FINE, rough)
    return fine if part >= TEXTURED and fine.score > found.score else found


def _agreed(
    covered: Covered,
    known: list[Plane],
    asked: list[Plane],
    work: list[Plane],
    side: int,
    rough: NDArray[np.bool_] | None = None,
) -> tuple[Agreement, float]:
    """In blocks of this side, only `rough` ones if it is known which are; and which part of all has such detail."""
    least = LEAST_BLOCKS * (BLOCK // side) ** 2
    whole = _blocks(covered.astype(np.float32), side).min(axis=1) > 0
    if whole.sum() < least:
        return NOTHING, 0.0
    basis = _cut(known, whole, side)
    theirs, ours = (_unexplained(_cut(bands, whole, side), basis) for bands in (asked, work))
    detailed = (ours**2).mean(axis=1).sum(axis=1) > LEAST_DETAIL
    if rough is not None:
        detailed &= rough[whole]
    if detailed.sum() < least:
        return NOTHING, 0.0
    theirs, ours = theirs[detailed], ours[detailed]
    power = (theirs**2).sum(axis=1) * (ours**2).sum(axis=1)
    alike = (theirs * ours).sum(axis=1) / (np.sqrt(power) + 1e-3)
    return Agreement(float(np.median(alike, axis=0).mean()), int(detailed.sum())), float(detailed.mean())


def _coherence(work: Plane, side: int) -> NDArray[np.float32]:
    """Of each block, 0 to 1: how far its slopes all lie one way (Bigün and Granlund's structure tensor, 1987)."""
    dy, dx = slopes(_blur(work, SIGMAS[0]))
    across, along, both = (_blocks(plane, side).mean(axis=1) for plane in (dx * dx, dy * dy, dx * dy))
    return np.asarray(np.hypot(across - along, 2 * both) / (across + along + 1e-3), np.float32)


def _unexplained(values: Values, basis: Values) -> Values:
    """What least squares on `basis` leaves, block by block; a small ridge keeps flat blocks solvable."""
    turned = basis.transpose(0, 2, 1)
    gram = turned @ basis
    ridge = 1e-4 * np.trace(gram, axis1=1, axis2=2) / gram.shape[1]
    gram += ridge[:, None, None] * np.eye(gram.shape[1], dtype=np.float32)
    return values - basis @ np.linalg.solve(gram, turned @ values)


def _bands(image: Plane) -> list[Plane]:
    levels = [_blur(image, sigma) for sigma in SIGMAS]
    return [a - b for a, b in pairwise(levels)]


def _explanations(content: Plane) -> list[Plane]:
    """What a painter follows: detail, light, slopes (which also stand for a shift by part of a pixel), edges."""
    smooth = [_blur(content, sigma) for sigma in SIGMAS]
    out = [a - b for a, b in pairwise(smooth)] + [smooth[-1]]
    for level in smooth[1:]:
        dy, dx = slopes(level)
        out += [dy, dx, np.hypot(dx, dy)]
    return out


def _blur(image: Plane, sigma: float) -> Plane:
    radius = round(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(radius + 1) / sigma) ** 2)
    kernel /= kernel[0] + 2 * kernel[1:].sum()
    for _ in range(2):  # down the columns, then, turned over, along the rows
        padded = np.pad(image, ((radius, radius), (0, 0)), mode="symmetric")
        rows = image.shape[0]
        image = np.float32(kernel[0]) * image
        for i in range(1, radius + 1):
            image += np.float32(kernel[i]) * (padded[radius - i : radius - i + rows] + padded[radius + i :][:rows])
        image = np.ascontiguousarray(image.T)
    return image


def _cut(planes: list[Plane], whole: Covered, side: int) -> Values:
    return np.stack([_blocks(plane, side)[whole] for plane in planes], axis=-1)


def _blocks(plane: Plane, side: int) -> Plane:
    """[blocks, pixels]; what is left over at the right and the bottom is left out."""
    rows, columns = plane.shape[0] // side, plane.shape[1] // side
    cut = plane[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return cut.transpose(0, 2, 1, 3).reshape(rows * columns, side * side)
