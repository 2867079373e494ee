"""Faces of a picture, and where a work must stay close to them.

The detector is dlib's frontal one (histograms of oriented gradients and a linear classifier: Dalal and Triggs 2005,
King 2015), which ships compiled into the package `dlib-bin`. Where that is missing no faces are looked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from generation.engines.patchwork.images import step_smoothly

Box = tuple[int, int, int, int]  # top, left, bottom, right, in pixels; the last two lie just outside

LONG_SIDE = 800  # looked for at this size: the detector's window is 80 pixels wide
_SURE = 0.25  # the classifier's margin; cloth and foliage seldom come above it
_UP, _TALL, _WIDE = 0.10, 0.85, 0.72  # a box spans brow to chin: the ellipse around the head, in the box's height
_INNER = 0.7  # part of the ellipse's radius within which the focus is full


def can_look() -> bool:
    """Whether the detector is installed."""
    return _detector() is not None


def faces_of(pixels: NDArray[np.uint8], long_side: int = LONG_SIDE) -> list[Box]:
    """Upright faces seen from the front, tilted by up to about 30 degrees, from about a tenth of the long side on.

    uint8 [h, w, 3] -> boxes from brow to chin, the surest first. Always the same for the same samples; none where the
    detector is not installed. `long_side`: the size they are looked for at; a larger one finds smaller faces.
    """
    detector = _detector()
    if detector is None:
        return []
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = np.ascontiguousarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR))
    found, margins, _ = detector.run(image, 0, _SURE)
    order = sorted(range(len(margins)), key=lambda i: -margins[i])
    boxes = [(found[i].top(), found[i].left(), found[i].bottom() + 1, found[i].right() + 1) for i in order]
    return [_inside(tuple(round(side / scale) for side in box), height, width) for box in boxes]


def focus_of(boxes: Sequence[Box], height: int, width: int) -> Tensor:
    """[1, 1, h, w] in 0..1: 1 on each face, falling smoothly to 0 around the head; all 0 without faces."""
    focus = torch.zeros(1, 1, height, width)
    y, x = torch.arange(height)[:, None] + 0.5, torch.arange(width)[None] + 0.5
    for top, left, bottom, right in boxes:
        side = max(bottom - top, right - left)
        down = (y - ((top + bottom) / 2 - _UP * side)) / (_TALL * side)
        across = (x - (left + right) / 2) / (_WIDE * side)
        radius = (down.square() + across.square()).sqrt()
        focus = torch.maximum(focus, (1 - step_smoothly(radius, _INNER, 1.0 + (1 - _INNER)))[None, None])
    return focus


def scaled(boxes: Sequence[Box], by: float) -> list[Box]:
    """The same boxes in a picture `by` times as large."""
    return [
        (math.floor(top * by), math.floor(left * by), math.ceil(bottom * by), math.ceil(right * by))
        for top, left, bottom, right in boxes
    ]


def _inside(box: tuple[int, ...], height: int, width: int) -> Box:
    top, left, bottom, right = box
    return max(0, top), max(0, left), min(height, bottom), min(width, right)


@lru_cache(maxsize=1)
def _detector() -> Any:
    try:
        import dlib
    except ImportError:
        return None
    return dlib.get_frontal_face_detector()
