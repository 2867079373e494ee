"""Pictures that explain a work: whose strokes lie where, and what it was made from.

A color is never the only sign: each asset also has a number, on the map and in the legend.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps
from scipy import ndimage
from sqlalchemy.orm import Session

from core import encode
from core.blobs import BlobStore
from core.keys import Keystore
from core.media import Media, Picture, Sound
from core.shares import WHOLE
from core.waveform import INK, PAPER, waveform
from creators import assets
from creators.models import Asset, Creator
from generation.models import Work

Color = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Told apart by people with every kind of color vision: Okabe and Ito, "Color Universal Design", 2008.
COLORS: tuple[Color, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    (204, 121, 167),
    (0, 114, 178),
    (213, 94, 0),
    (240, 228, 66),
)
FAINT: Color = (112, 110, 112)
MARGIN, GAP = 44, 32
_SIDE = 768  # a work is shown at least this long
_COLUMN = 372  # the legend's width
_ROW, _THUMB = 92, 72
_SEAM = 8  # between thumbnails
_SPECK = 300  # areas of fewer pixels get no outline


@dataclass(frozen=True)
class Entry:
    """One licensed work's part in another: its share in millionths, the color that stands for it, its picture."""

    id: str
    title: str
    creator: str
    share: int
    color: Color
    thumbnail: Picture


def legend(session: Session, *, work: Work, blobs: BlobStore, keys: Keystore) -> tuple[Entry, ...]:
    """Whose works the finished work is made of, the largest share first. Assets retired since are shown in gray."""
    shares = {asset: share for asset, share in work.facts["shares"].items() if share > 0}
    styles = dict.fromkeys(grant.style for grant in work.grants)
    originals = {
        asset.id: assets.original(asset, blobs=blobs, keys=keys)
        for style in styles
        for asset in assets.live(session, style=style)
        if asset.id in shares
    }
    entries = []
    for number, (asset, share) in enumerate(sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))):
        row = session.get_one(Asset, asset)
        creator = session.get_one(Creator, row.creator).name
        thumbnail = small(originals.get(asset, _gone()))
        entries.append(Entry(asset, row.title, creator, share, color_of(number), thumbnail))
    return tuple(entries)


def small(media: Media) -> Picture:
    """A picture as a legend shows it, a recording as its waveform."""
    if isinstance(media, Sound):
        return waveform(media, 96, 72)
    return encode.resize(media, min(480, max(media.width, media.height)))


def color_of(number: int) -> Color:
    """The color of the legend's entry with this number from 0; from the eighth on they repeat darker, then lighter."""
    base, turn = COLORS[number % len(COLORS)], number // len(COLORS)
    towards, part = (0, 0.4) if turn % 2 else (255, 0.45)
    mixed = [round(v + (towards - v) * part) if turn else v for v in base]
    return (mixed[0], mixed[1], mixed[2])


def provenance_map(field: NDArray[np.int32], legend: Sequence[Entry], *, over: Picture) -> Picture:
    """The work, each place tinted in the color of the asset that gave most of it, with the legend beside it.

    `field`: for each pixel of `over` an index into the legend, -1 for none.
    """
    tinted = _shown(Image.fromarray(_tinted(field, legend, over)))
    scale = tinted.width / over.width
    head, rows = 78, len(legend) * _ROW
    height = MARGIN + head + max(tinted.height, rows) + MARGIN
    sheet = Image.new("RGB", (MARGIN + tinted.width + GAP + _COLUMN + MARGIN, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN - 8), "Whose strokes lie where", INK, font(30))
    told = "Each place in the color of the licensed work that gave most of it; shares are counted pixel by pixel."
    draw.text((MARGIN, MARGIN + 32), fitted(draw, told, font(16), sheet.width - 2 * MARGIN), FAINT, font(16))
    top = MARGIN + head
    sheet.paste(tinted, (MARGIN, top))
    for number in range(len(legend)):
        spot = _middle(field == number)
        if spot is not None:
            badge(draw, (MARGIN + scale * spot[0], top + scale * spot[1]), number, legend[number].color)
    for number, entry in enumerate(legend):
        legend_row(sheet, draw, (MARGIN + tinted.width + GAP, top + number * _ROW), number, entry)
    return Picture(np.array(sheet))


def before_after(content: Picture, picture: Picture, *, credit: str, style: Sequence[Picture]) -> Picture:
    """The photograph and the style's works at the left, the work made from them at the right, the credit below."""
    result = _shown(Image.fromarray(picture.pixels))
    wide = round(result.width * 0.46) if result.width >= result.height else round(result.width * 0.6)
    photo = Image.fromarray(content.pixels)
    photo = ImageOps.contain(photo, (wide, round(result.height * 0.5)), Image.Resampling.LANCZOS)
    column, caption = photo.width, 30
    sheet_height = MARGIN + result.height + caption + MARGIN + 8
    sheet = Image.new("RGB", (MARGIN + column + GAP + result.width + MARGIN, sheet_height), PAPER)
    draw = ImageDraw.Draw(sheet)
    sheet.paste(photo, (MARGIN, MARGIN))
    draw.text((MARGIN, MARGIN + photo.height + 8), "The photograph", INK, font(17))
    top = MARGIN + photo.height + caption + 16
    wide, high, cols = _grid(len(style), column, MARGIN + result.height - top)
    for number, work in enumerate(style):
        at = (MARGIN + number % cols * (wide + _SEAM), top + number // cols * (high + _SEAM))
        sheet.paste(ImageOps.fit(Image.fromarray(work.pixels), (wide, high), Image.Resampling.LANCZOS), at)
    under = MARGIN + result.height + 8
    draw.text((MARGIN, under), "The style: licensed works", INK, font(17))
    left = MARGIN + column + GAP
    sheet.paste(result, (left, MARGIN))
    draw.text((left, under), "The work made of their strokes", INK, font(17))
    told = f"Photograph: {credit}"
    draw.text((MARGIN, under + 30), fitted(draw, told, font(14), sheet.width - 2 * MARGIN), FAINT, font(14))
    return Picture(np.array(sheet))


def _tinted(field: NDArray[np.int32], legend: Sequence[Entry], over: Picture) -> NDArray[np.uint8]:
    luma = over.pixels @ np.array([0.299, 0.587, 0.114]) / 255
    gray = (0.3 + 0.6 * luma)[..., None] * np.ones(3)
    colors = np.array([*(entry.color for entry in legend), (255, 255, 255)], float)[field] / 255
    light = (0.62 + 0.46 * luma)[..., None]
    out = np.where((field >= 0)[..., None], 0.78 * colors * light + 0.22 * gray, gray)
    edge = _outlines(field, len(legend))
    out[edge] = 0.2 * out[edge] + 0.8 * np.array(PAPER) / 255
    return np.asarray(np.clip(out, 0, 1) * 255 + 0.5, np.uint8)


def _outlines(field: NDArray[np.int32], count: int) -> NDArray[np.bool_]:
    """The borders between areas that are more than specks."""
    area = np.zeros(field.shape, np.int32)
    for number in range(-1, count):
        named, found = ndimage.label(field == number)
        large = np.bincount(named.ravel(), minlength=found + 1) >= _SPECK
        large[0] = False
        area = np.where(large[named], number + 2, area)  # 0: a speck
    edge = np.zeros(field.shape, bool)
    for here, there, at in ((area[:, 1:], area[:, :-1], edge[:, 1:]), (area[1:], area[:-1], edge[1:])):
        at |= (here != there) & (here > 0) & (there > 0)
    return edge


def _middle(mask: NDArray[np.bool_]) -> tuple[int, int] | None:
    """The place (x, y) inside the mask that is farthest from its outline."""
    if not mask.any():
        return None
    far = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    y, x = np.unravel_index(int(far.argmax()), far.shape)
    return int(x), int(y)


def legend_row(sheet: Image.Image, draw: ImageDraw.ImageDraw, at: tuple[int, int], number: int, entry: Entry) -> None:
    x, y = at
    draw.rectangle((x, y, x + 8, y + _THUMB - 1), entry.color)
    thumb = ImageOps.fit(Image.fromarray(entry.thumbnail.pixels), (_THUMB, _THUMB), Image.Resampling.LANCZOS)
    sheet.paste(thumb, (x + 16, y))
    badge(draw, (x + 16 + _THUMB, y + _THUMB - 4), number, entry.color)
    left = x + 16 + _THUMB + 26
    percent = f"{100 * entry.share / WHOLE:.1f} %"
    right = x + _COLUMN
    draw.text((left, y + 3), fitted(draw, entry.title, font(18), right - left), INK, font(18))
    draw.text((right, y + 29), percent, INK, font(18), anchor="ra")
    room = right - left - draw.textlength(percent, font(18)) - 12
    draw.text((left, y + 31), fitted(draw, entry.creator, font(15), room), FAINT, font(15))
    bar = (right - left) * entry.share / WHOLE
    draw.rectangle((left, y + 60, right, y + 66), (232, 228, 219))
    draw.rectangle((left, y + 60, left + bar, y + 66), entry.color)


def badge(draw: ImageDraw.ImageDraw, at: tuple[float, float], number: int, color: Color) -> None:
    x, y = at
    draw.ellipse((x - 13, y - 13, x + 13, y + 13), INK, PAPER, 2)
    draw.text((x, y), str(number + 1), PAPER, font(15), anchor="mm")


def _shown(image: Image.Image) -> Image.Image:
    """At its own size, or larger if that is too small to look at."""
    scale = _SIDE / max(image.size)
    if scale <= 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def _grid(count: int, width: int, height: int) -> tuple[int, int, int]:
    """Width and height of `count` cells and how many stand in a row: near to squares, few places empty."""

    def cells(cols: int) -> tuple[int, int]:
        rows = max(1, -(-count // cols))
        return max(1, (width - (cols - 1) * _SEAM) // cols), max(1, (height - (rows - 1) * _SEAM) // rows)

    def fault(cols: int) -> float:
        wide, high = cells(cols)
        return abs(math.log(wide / high)) + 0.5 * (-count % cols)

    cols = min(range(1, max(count, 1) + 1), key=fault)
    return *cells(cols), cols


def fitted(draw: ImageDraw.ImageDraw, text: str, font: Font, room: float) -> str:
    """The text, cut with an ellipsis where it would run out of its room."""
    if draw.textlength(text, font) <= room:
        return text
    while text and draw.textlength(text + "…", font) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def font(size: int) -> Font:
    return ImageFont.load_default(size)


def _gone() -> Picture:
    return Picture(np.full((240, 240, 3), 200, np.uint8))
