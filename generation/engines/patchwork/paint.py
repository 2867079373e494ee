"""Mixing a style's paint: its strokes in the content's colors, or all leaning to one that the fan wishes.

A mixture is whole numbers and part of the map, so a replay makes the same tiles again, and every sample still has one
licensed owner.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.engines.patchwork.tiles import PAINT_ONE, Paint

Floats = NDArray[np.float64]

# rows: luma, blue difference, red difference (ITU-R BT.601)
_YCC = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
_SIDE = 96  # colors are counted at this size
_COLORS = 5  # that a content is reduced to: each is a version of every tile, which costs time and memory
_STEPS = 12
_OWN_LEFT = 0.4  # of a stroke's own changes of color, when it is painted in another
_WISHED, _WISHED_LEFT = 0.6, 0.6


def mixtures(
    assets: Sequence[NDArray[np.uint8]], content: NDArray[np.uint8] | None, own: float, wished: str
) -> tuple[Paint, ...]:
    """The paints that a style's assets, uint8 [h, w, 3], are mixed in; none leaves them as they are.

    `own`: 0 keeps the style's colors, 1 mixes a paint for each of the content's main colors; light and dark stay the
    style's own. `wished`: #rrggbb that all lean to, or empty for none.
    """
    turns: list[tuple[Floats, Floats]] = [(np.eye(3), np.zeros(3))]
    if own and content is not None:
        mean = _colors(assets)[:, 1:].mean(0)
        kept = 1 - own * (1 - _OWN_LEFT)
        turns = [_toward(mean, mean + own * (color - mean), kept) for color in _main_colors(_colors([content])[:, 1:])]
    if wished:
        color = _YCC[1:] @ (np.array([int(wished[at : at + 2], 16) for at in (1, 3, 5)]) / 255)
        lean, shift = _toward(np.zeros(2), _WISHED * color, _WISHED_LEFT)
        turns = [(lean @ turn, lean @ offset + shift) for turn, offset in turns]
    elif len(turns) == 1:
        return ()
    return tuple(dict.fromkeys(_whole(*turn) for turn in turns))  # a gray content has one color, not five


def _toward(mean: Floats, wished: Floats, kept: float) -> tuple[Floats, Floats]:
    """Factors [3, 3] and offset [3] in luma and chroma that move a mean chroma and keep part of the rest."""
    return np.diag([1.0, kept, kept]), np.concatenate([[0.0], wished - kept * mean])


def _whole(turn: Floats, shift: Floats) -> Paint:
    back = np.linalg.inv(_YCC)
    factors = np.rint(back @ turn @ _YCC * PAINT_ONE)
    offsets = np.rint(back @ shift * 255 * PAINT_ONE)
    return tuple(int(part) for part in np.concatenate([factors, offsets[:, None]], 1).reshape(-1))


def _colors(pictures: Sequence[NDArray[np.uint8]]) -> Floats:
    """Luma and chroma of some of their pixels, [n, 3]; each picture counts alike."""
    small = [np.asarray(Image.fromarray(p).resize((_SIDE, _SIDE), Image.Resampling.BOX)) for p in pictures]
    return np.asarray(np.concatenate([s.reshape(-1, 3) for s in small]) / 255 @ _YCC.T)


def _main_colors(chroma: Floats) -> Floats:
    """Up to five chromas that stand for all [n, 2]: the farthest from each other first, then k-means."""
    centers = [chroma[np.argmax((chroma**2).sum(1))]]
    while len(centers) < _COLORS:
        centers.append(chroma[_apart(chroma, np.array(centers)).min(1).argmax()])
    found = np.array(centers)
    for _ in range(_STEPS):
        label = _apart(chroma, found).argmin(1)
        found = np.array([chroma[label == k].mean(0) if (label == k).any() else found[k] for k in range(len(found))])
    return found


def _apart(points: Floats, centers: Floats) -> Floats:
    return np.asarray(((points[:, None] - centers[None]) ** 2).sum(-1))
