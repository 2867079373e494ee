"""Whether the texture of two pictures bears out what their points say: that one is a copy of the other, and where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image

from attribution.features import points
from attribution.features.agreement import Alignment, tell_stretch
from attribution.placement import Asked, Covered, Matrix, Placement, Sheet, everywhere, laid, refined, resized
from attribution.texture import NOTHING, Agreement, agreement

NARROWEST = 8  # pixels of a sheet's short side; below that there is no texture to compare
LEAST_STRETCH, MOST_STRETCH = 0.03, 0.35  # with less, a similarity is truer: it has fewer numbers to be wrong in
LEAST_FIT = 0.6  # of compositions, once placed: a common canvas or paper alone is not a copy
CLEAR = 0.95  # agreement from which on a blur hides nothing


def borne_out(
    gray: Sheet, work: Sheet, content: Sheet | None, alignment: Alignment
) -> tuple[Placement | None, Agreement]:
    """The agreement of texture where the points put the work, placed anew to a part of a pixel.

    `gray`: the asked picture at any size; `work` and `content`: sheets in one frame. No placement where they overlap
    too little, and no agreement where they are composed differently.
    """
    placement, agreed = _laid_over(gray, work, content, alignment)
    if placement is None or not 0 < agreed.score < CLEAR or (sharp := points.sharp(gray)) is None:
        return placement, agreed
    again = _laid_over(sharp, work, content, alignment)
    return again if again[1].score > agreed.score else (placement, agreed)


def _laid_over(
    gray: Sheet, work: Sheet, content: Sheet | None, alignment: Alignment
) -> tuple[Placement | None, Agreement]:
    sheet, covered = _brought(gray, work, alignment)
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    if min(len(rows), len(columns)) < NARROWEST:
        return None, NOTHING
    cut = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    asked, ours, seen = Asked(np.ascontiguousarray(sheet[cut])), np.ascontiguousarray(work[cut]), covered[cut]
    placement = refined(asked, ours, everywhere(asked, ours), close=True)
    if placement is None:
        return None, NOTHING
    if placement.likeness < LEAST_FIT:
        return placement, NOTHING
    over, inside = laid(asked, placement, ours.shape)
    seen = inside & (laid(Asked(seen.astype(np.uint8) * 255), placement, ours.shape)[0] > 254)
    behind = content[cut] if content is not None else None
    whole = replace(placement, mirrored=alignment.mirrored, overlap=float(covered.mean()))
    return whole, agreement(over, seen, ours, behind)


def _brought(gray: Sheet, work: Sheet, alignment: Alignment) -> tuple[Sheet, Covered]:
    """The asked picture in the frame of the work's sheet, where the points put it, and where it covers that."""
    side, long = max(gray.shape), max(work.shape)
    scale = np.array([[1 / long, 1 / long, 1]]) * side
    matrix = stretched(alignment) * scale  # a pixel of the sheet to one of the file
    zoom = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    small = np.asarray(resized(Image.fromarray(gray), 1 / zoom), np.uint8) if zoom > 1 else gray
    ratio = max(small.shape) / side
    over, covered = laid(Asked(small), Placement(matrix * ratio, False, 0.0, 0.0), work.shape)
    over = 255 - over if alignment.negative else over
    filled = np.where(covered, over, over[covered].mean() if covered.any() else 0)
    return filled.clip(0, 255).astype(np.uint8), covered


def stretched(alignment: Alignment) -> Matrix:
    """From a place in the work to one in the asked picture: stretched, too, where enough points that are spread say so.

    A file may be wider than the work was; points agree on turn and size only roughly, so that they still find it.
    """
    work, asked = alignment.work_places.astype(np.float64), alignment.asked_places.astype(np.float64)
    if not tell_stretch(work):
        return alignment.inverse
    terms = np.column_stack([work, np.ones(len(work))])
    fitted = np.linalg.lstsq(terms, asked, rcond=None)[0].T
    turn = np.linalg.inv(alignment.inverse[:, :2]) @ fitted[:, :2]
    stretch = float(np.linalg.norm(turn - np.eye(2)))
    return np.asarray(fitted) if LEAST_STRETCH < stretch < MOST_STRETCH else alignment.inverse
