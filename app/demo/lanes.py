"""Pictures that explain a sound: its waveform, and below it whose recording gave each hundredth of a second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.demo.sheets import FAINT, GAP, MARGIN, Color, Entry, badge, fitted, font, legend_row
from core.media import Picture, Sound
from core.waveform import INK, PAPER, waveform

WIDTH = 1180  # of a waveform in a lane's picture
_WAVE, _LANE, _ROW, _COLUMN = 260, 54, 92, 372
_EDGE = 12  # pixels: a stretch of one recording that is shorter gets no number
_AIR: Color = (226, 222, 212)  # nobody's: silence


def provenance_lane(field: NDArray[np.int32], legend: Sequence[Entry], *, over: Sound) -> Picture:
    """The waveform and the lane in the colors of the recordings, with the legend below.

    `field`: [frames], for each hundredth of a second an index into the legend, -1 for none.
    """
    across = field[np.minimum(np.arange(WIDTH) * len(field) // WIDTH, len(field) - 1)]
    colors = np.array([*(entry.color for entry in legend), _AIR], np.uint8)
    shown = waveform(
        over, WIDTH, _WAVE, colors=np.where((across < 0)[:, None], np.array(FAINT), colors[across]).astype(np.uint8)
    )
    columns = max(1, WIDTH // (_COLUMN + GAP))
    rows = -(-len(legend) // columns)
    head = 78
    sheet = Image.new("RGB", (2 * MARGIN + WIDTH, 2 * MARGIN + head + _WAVE + 14 + _LANE + 44 + rows * _ROW), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN - 8), "Whose recordings shaped what", INK, font(30))
    told = "Each moment in the color of the licensed recording that gave most of it; silence is nobody's."
    draw.text((MARGIN, MARGIN + 32), fitted(draw, told, font(16), WIDTH), FAINT, font(16))
    top = MARGIN + head
    sheet.paste(Image.fromarray(shown.pixels), (MARGIN, top))
    top += _WAVE + 14
    sheet.paste(
        Image.fromarray(np.broadcast_to(colors[across][None], (_LANE, WIDTH, 3)).astype(np.uint8)), (MARGIN, top)
    )
    for number, (first, last) in _longest(across, len(legend)).items():
        badge(draw, (MARGIN + (first + last) / 2, top + _LANE / 2), number, legend[number].color)
    _ruler(draw, over.seconds, top + _LANE + 6)
    top += _LANE + 44
    for number, entry in enumerate(legend):
        row, column = divmod(number, columns)
        legend_row(sheet, draw, (MARGIN + column * (_COLUMN + GAP), top + row * _ROW), number, entry)
    return Picture(np.array(sheet))


def _longest(across: NDArray[np.int32], count: int) -> dict[int, tuple[int, int]]:
    """For each of the legend the longest stretch of columns that is its own."""
    edges = np.flatnonzero(np.diff(across)) + 1
    found: dict[int, tuple[int, int]] = {}
    for first, last in zip([0, *edges.tolist()], [*edges.tolist(), len(across)], strict=True):
        number = int(across[first])
        before = found.get(number, (0, _EDGE))
        if number >= 0 and number < count and last - first > before[1] - before[0]:
            found[number] = (first, last)
    return found


def _ruler(draw: ImageDraw.ImageDraw, seconds: float, top: int) -> None:
    """Times below the lane, so far apart that they can be read."""
    step = next(s for s in (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200) if seconds / s <= 14 or s == 1200)
    for number in range(int(seconds / step) + 1):
        at = number * step
        x = MARGIN + at / seconds * WIDTH
        draw.line((x, top, x, top + 6), FAINT)
        label = f"{int(at) // 60}:{int(at) % 60:02d}" if step >= 1 else f"{at:.1f} s"
        draw.text((x, top + 9), label, FAINT, font(13), anchor="ma")
