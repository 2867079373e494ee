"""Where an asset holds small busy things in a quiet place: lettering, seals, windows, masts, figures.

Copied whole into a calm sky they would be read for what they are, so the search makes them dear there.
"""

from __future__ import annotations

import torch
from torch import Tensor

from generation.engines.patchwork.images import (
    blur,
    enlarge,
    halve,
    largest_around,
    luma,
    resize,
    slopes,
    step_smoothly,
)

_LONG_SIDE, _CELL = 512, 4  # looked for at this size, kept in cells of 4 x 4 pixels
_LARGEST = 8  # cells: what is wider than twice this is no mark but the picture's own texture
_SEEN, _SURE, _QUIET, _BUSY = 0.025, 0.05, 0.008, 0.02  # luma steps a pixel


def marks_of(picture: Tensor) -> Tensor:
    """[1, 3, h, w] -> [1, 1, h, w] in 0..1.

    Lettering runs in many directions at once: there the smaller eigenvalue of the structure tensor is large, while
    on a plain edge it is near zero. An opening keeps what is large, so the rest is what stands alone.
    """
    height, width = picture.shape[-2:]
    scale = min(1.0, _LONG_SIDE / max(height, width))
    small = resize(picture, max(1, round(height * scale)), max(1, round(width * scale)))
    x, y = slopes(blur(luma(small), 0.7))
    xx, yy, xy = blur(torch.cat([x * x, y * y, x * y], 1), 3.0).chunk(3, 1)
    lesser = (xx + yy - ((xx - yy).square() + 4 * xy * xy).sqrt()) / 2
    busy = halve(lesser.clamp_min(0).sqrt(), _CELL)
    around = largest_around(-largest_around(-busy, _LARGEST), _LARGEST)
    alone = step_smoothly(busy - around, _SEEN, _SURE) * (1 - step_smoothly(blur(around, 4.0), _QUIET, _BUSY))
    return enlarge(largest_around(alone, 1), height, width)
