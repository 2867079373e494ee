"""Whose pixels lie where, as a picture: a palette PNG whose index is the number of the contribution that gave most.

Of a recording it is one row, a column for each hundredth of a second, or for more where it is long.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from attribution.claim import Contribution
from generation.engine import Engine

Color = tuple[int, int, int]
NONE = 255  # the index of pixels from no contribution, or from one beyond the 255th: transparent
WIDEST = 8192  # columns that a browser surely draws
# Far apart for every kind of color vision, the first few most: each pair differs by 31 or more in CIELAB, and by 18
# as seen without one kind of cones.
COLORS: tuple[Color, ...] = (
    (0, 119, 187),
    (255, 204, 51),
    (170, 0, 51),
    (102, 238, 187),
    (255, 187, 255),
    (85, 153, 0),
    (119, 51, 102),
    (102, 119, 255),
    (204, 136, 102),
    (204, 221, 119),
    (238, 85, 153),
    (221, 136, 255),
)


def ranked(contributions: Sequence[Contribution]) -> list[Contribution]:
    """The contributions in the order of their numbers: the largest share first, equal ones as the claim has them."""
    return sorted(contributions, key=lambda x: -x.share)


def color(number: int) -> Color:
    """The color of a contribution; beyond the twelfth grays that the eye cannot tell apart, but a program can."""
    if number < len(COLORS):
        return COLORS[number]
    rest = number - len(COLORS)
    return (128 + rest % 16, 128 + rest // 16, 136)


def png(map: bytes, contributions: Sequence[Contribution], *, engine: Engine) -> bytes:
    """The overlay of a work with this map. Raises BadRequest for a map that the engine cannot read."""
    order = ranked(contributions)[:NONE]
    field = engine.field(map, [x.asset for x in order])
    field = field[:, :: -(-field.shape[1] // WIDEST)]
    image = Image.fromarray(np.where(field < 0, NONE, field).astype(np.uint8), mode="P")
    palette = [color(number) for number in range(NONE)] + [(0, 0, 0)]
    image.putpalette([part for one in palette for part in one])
    out = io.BytesIO()
    image.save(out, "PNG", transparency=NONE, optimize=False, compress_level=9)
    return out.getvalue()
