"""The mark on a preview: the word, slanted and repeated over the whole picture, readable on light and on dark."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.media import Picture

WORD = "PREVIEW"
SLANT = 30  # degrees
LIGHT, DARK = (255, 255, 255, 150), (0, 0, 0, 110)


def mark(picture: Picture) -> Picture:
    """The picture with the mark over all of it: light letters in dark outlines, between which it can be seen."""
    letter = max(9, min(picture.width, picture.height) // 9)
    layer = _pattern(picture.width, picture.height, letter)
    marked = Image.alpha_composite(Image.fromarray(picture.pixels).convert("RGBA"), layer)
    return Picture(np.array(marked.convert("RGB")))


def _pattern(width: int, height: int, letter: int) -> Image.Image:
    """Rows of the word, each shifted by half a word, on a transparent layer of this size."""
    side = int(1.5 * max(width, height)) + 4 * letter  # enough for any turn
    layer = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    font = ImageFont.load_default(letter)
    step, line = int(draw.textlength(WORD, font)) + 2 * letter, int(2.4 * letter)
    outline = max(1, letter // 14)
    for row, y in enumerate(range(0, side, line)):
        for x in range(-(step // 2) * (row % 2), side, step):
            draw.text((x, y), WORD, LIGHT, font, stroke_width=outline, stroke_fill=DARK)
    turned = layer.rotate(SLANT, Image.Resampling.BICUBIC)
    left, top = (side - width) // 2, (side - height) // 2
    return turned.crop((left, top, left + width, top + height))
