"""The mark on a preview: the word, slanted and repeated over the whole picture, readable on light and on dark.

On a recording it is a soft chime of two tones, every few seconds, which no silence between them is long enough to use.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.encode_sound import rounded
from core.media import Picture, Sound

WORD = "PREVIEW"
SLANT = 30  # degrees
LIGHT, DARK = (255, 255, 255, 150), (0, 0, 0, 110)


def mark(picture: Picture) -> Picture:
    """The picture with the mark over all of it: light letters in dark outlines, between which it can be seen."""
    letter = max(9, min(picture.width, picture.height) // 9)
    layer = _pattern(picture.width, picture.height, letter)
    marked = Image.alpha_composite(Image.fromarray(picture.pixels).convert("RGBA"), layer)
    return Picture(np.array(marked.convert("RGB")))


CHIME_EVERY, CHIME_SECONDS = 4.0, 0.5
_TONES = ((1318.5, 0.0), (1760.0, 0.12))  # Hz, and when it is struck, in seconds
_CHIME, _QUIETEST = 0.5, 0.02  # of the recording's own level (RMS); the least amplitude


def chimed(sound: Sound) -> Sound:
    """The recording with the chime over it, at its own level."""
    out = np.array(sound.samples, np.float64)
    level = max(_QUIETEST, _CHIME * float(np.sqrt(np.mean(out**2))))
    bell = _bell(sound.rate) * level
    for first in range(0, sound.frames, int(CHIME_EVERY * sound.rate)):
        part = out[first : first + len(bell)]
        part += bell[: len(part), None]
    return Sound(rounded(out.clip(-1, 1)), sound.rate)


def _bell(rate: int) -> NDArray[np.float64]:
    """[frames], largest amplitude about 1."""
    time = np.arange(int(CHIME_SECONDS * rate)) / rate
    out = np.zeros(len(time))
    for pitch, begin in _TONES:
        since = np.maximum(time - begin, 0.0)
        out += 0.6 * np.sin(2 * np.pi * pitch * since) * np.exp(-since / 0.09) * (time >= begin)
    return np.asarray(out * np.minimum(1.0, (time[-1] - time) / 0.02))


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
