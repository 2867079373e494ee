"""Pure: frames, passe-partouts, bars and unpainted edges around a picture.

Where a frame ends, the color steps along a straight line at the same depth on several sides, and everywhere in the same
direction; in the picture itself such lines are rare, and rarer still at one depth on three sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.media import Picture
from creators.areas import WHOLE, Area

Lines = NDArray[np.float32]

SIDE = 768  # pixels of the long side; it is looked for at this size
DEEPEST = 0.25  # of the side
CORNER = 0.06  # of a line's ends, which frames of the other sides cover
STEP = 3  # pixels before and after a line
LEAST_STEP = 8.0  # of 255: how much the color changes there, on the mean
STRAIGHT, BENT = 0.5, 0.4  # of 1: how much of the change is one step along all of the line; on a frame's worst side
CLEAR = 0.9
PLAIN = 10.0  # of 255: deviation of a bar's color
TOGETHER = 1.5  # depths of one frame's sides differ by at most this factor
TOP, RIGHT, BOTTOM, LEFT = range(4)


@dataclass(frozen=True)
class Margin:
    """What surrounds a picture: an area for each side that has it. `sure`: it is hardly part of the picture."""

    areas: tuple[Area, ...]
    sure: bool


def of(picture: Picture) -> Margin | None:
    """The frame or edge of a picture, if it has one; some 40 ms."""
    pixels = _sized(picture)
    turned = [np.rot90(pixels, side) for side in range(4)]
    scores = [_scores(side) for side in turned]
    depths, sure = _framed(scores)
    if sure:
        return Margin(_areas(depths, pixels.shape), True)
    for pair in ((TOP, BOTTOM), (LEFT, RIGHT)):
        bars = [_bar(turned[side], scores[side]) if side in pair else 0 for side in range(4)]
        if all(bars[side] for side in pair):
            return Margin(_areas(bars, pixels.shape), True)
    bars = [_bar(side, score) for side, score in zip(turned, scores, strict=True)]
    depths = depths or bars
    return Margin(_areas(depths, pixels.shape), False) if any(depths) else None


def _sized(picture: Picture) -> Lines:
    image = Image.fromarray(picture.pixels)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32)


def _scores(rows: Lines) -> Lines:
    """For each depth from the top: 0 to 1, how straight and clear a step in color runs along all of the line."""
    height, width = rows.shape[:2]
    cut = round(CORNER * width)
    inner = rows[:, cut : width - cut]
    out = np.zeros(max(1, round(DEEPEST * height)), np.float32)
    for depth in range(2, min(len(out), height - STEP)):
        steps = inner[depth : depth + STEP].mean(axis=0) - inner[max(0, depth - STEP) : depth].mean(axis=0)
        mean = steps.mean(axis=0)
        size = float(np.linalg.norm(mean))
        if size >= LEAST_STEP:
            along = steps @ (mean / size)
            coherent = size / max(float(np.linalg.norm(steps, axis=1).mean()), 1e-6)
            out[depth] = coherent * float((along > size / 4).mean())
    return out


def _framed(scores: list[Lines]) -> tuple[list[int], bool]:
    """The depth at each side, where three have a straight line at nearly the same depth; whether the fourth has, too.

    No depths where there is no such line.
    """
    most = max(len(score) for score in scores)
    best: tuple[float, list[int], bool] = 0.0, [], False
    for depth in range(2, most):
        low, high = int(depth / TOGETHER) - 1, int(depth * TOGETHER) + 2
        found = [_best(score, max(2, low), high) for score in scores]
        straight = [(score, at) for score, at in found if score >= STRAIGHT]
        total = sum(score for score, _ in straight)
        if len(straight) >= 3 and total >= best[0]:
            usual = int(np.median([at for _, at in straight]))
            depths = [at if score >= STRAIGHT else usual for score, at in found]
            best = total, depths, min(score for score, _ in found) >= BENT
    return best[1], best[2]


def _best(score: Lines, low: int, high: int) -> tuple[float, int]:
    """The straightest line between two depths; of equals the deepest."""
    part = score[low:high]
    if part.size == 0:
        return 0.0, 0
    at = len(part) - 1 - int(part[::-1].argmax())
    return float(part[at]), low + at


def _bar(rows: Lines, score: Lines) -> int:
    """The depth of a bar of one color that ends in a clear straight line; 0 where there is none."""
    for depth in np.flatnonzero(score >= CLEAR)[::-1]:
        bar = rows[: max(1, depth - 1)]
        if bar.reshape(-1, 3).std(axis=0).max() < PLAIN:
            return int(depth)
    return 0


def _areas(depths: list[int], shape: tuple[int, ...]) -> tuple[Area, ...]:
    """The sides' strips, a pixel wider, because what lies on the line is mixed of both."""
    height, width = shape[:2]
    parts = [
        min(WHOLE, (depth + 2) * WHOLE // (height if side in (TOP, BOTTOM) else width)) if depth else 0
        for side, depth in enumerate(depths)
    ]
    strips = (
        (0, 0, parts[TOP], WHOLE),
        (0, WHOLE - parts[RIGHT], WHOLE, WHOLE),
        (WHOLE - parts[BOTTOM], 0, WHOLE, WHOLE),
        (0, 0, WHOLE, parts[LEFT]),
    )
    return tuple(strip for side, strip in enumerate(strips) if parts[side])
