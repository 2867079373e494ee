"""What a work is found by: of a picture hashes, a small gray sheet and points; of a recording its triples.

A hash of 64 bits (DCT, by imagehash) changes little when a picture is re-saved, resized or made brighter, but falls
apart when its edges are cut off. So a picture is registered as several views: whole, and without parts of its edges;
and it is asked for whole and slightly cut, as it is and mirrored. Two pictures are compared when any view of one has
nearly the same 16 bits, in the same place of the hash, as a view of the other. The sheet is what decides. Points find
what was cut further, turned, framed or put among others (`attribution.features`).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from attribution.features import heard, points, sounds
from attribution.features.heard import Heard
from attribution.features.points import Points
from attribution.placement import Asked, Sheet, everywhere, laid, refined, roughly
from attribution.texture import sheet_of, unframed
from core.media import Picture, Sound

LEAST_LIKENESS = 0.3  # of compositions, below which a source is taken to lie over all of the work
BITS, BANDS = 64, 4
WIDTH = BITS // BANDS
Box = tuple[float, float, float, float]  # parts cut off at the left, top, right and bottom


def _grid(part: float, places: int) -> tuple[Box, ...]:
    """Views without `part` of width and height, taken from everywhere in the picture."""
    offsets = [part * i / (places - 1) for i in range(places)]
    return tuple((x, y, part - x, part - y) for y in offsets for x in offsets)


WHOLE: Box = (0, 0, 0, 0)
REGISTERED = (WHOLE, *_grid(0.1, 3), *_grid(0.2, 3))
ASKED = (WHOLE, (0.03, 0.03, 0.03, 0.03), *_grid(0.03, 2))
_FLIPS = np.array([0] + [1 << i for i in range(WIDTH)])


@dataclass(frozen=True, eq=False)
class Samples:
    """What is known of any work: the `sha256` of its samples."""

    sha256: str


@dataclass(frozen=True, eq=False)
class Fingerprint(Samples):
    """Of a picture besides the `views`' hashes (signed 64-bit), the gray `sheet`, and its `points`.

    `content`: the small gray sheet of what it was made from, laid over it. `gray`: the picture without colors and
    frame, which others are searched for by; it is not stored.
    """

    views: tuple[int, ...]
    sheet: Sheet
    points: Points
    content: Sheet | None
    gray: Sheet


@dataclass(frozen=True, eq=False)
class Recorded(Samples):
    """Of a recording besides what it is `heard` by; None where it is too short or too quiet for that.

    `content`: the same of what it was made from. `asked`: what others are searched for by; it is not stored.
    """

    heard: Heard | None
    content: Heard | None
    sound: Sound

    @cached_property
    def asked(self) -> sounds.Asked:
        return sounds.asked(self.sound)


def of(picture: Picture, source: Picture | None = None) -> Fingerprint:
    """The fingerprint of a picture; slow (some hundred milliseconds), so outside any transaction.

    `source`: what it was made from, whose texture and composition must never name it.
    """
    sheet, inside = unframed(gray_of(picture))
    views = hashes(sheet, REGISTERED)
    if source is None:
        return Fingerprint(picture.sha256, views, sheet, points.of(inside), None, inside)
    small, large = _content(sheet, gray_of(source), inside.shape)
    return Fingerprint(picture.sha256, views, sheet, points.of(inside, large), small, inside)


def _content(work: Sheet, source: Sheet, shape: tuple[int, ...]) -> tuple[Sheet, Sheet]:
    """The source in the frame of the work's sheet, and of the work itself, which has this shape.

    Engines keep the frame, so it is spread over all of it unless it fits elsewhere. Where strokes hide the composition,
    no other place can be trusted.
    """
    asked = Asked(sheet_of(source))
    spread = _resized(asked.sheet, work.shape)
    found = [refined(asked, work, start) for start in (everywhere(asked, work), roughly(asked, work))]
    placement = max((x for x in found if x is not None), key=lambda x: x.likeness, default=None)
    if placement is None or placement.likeness < LEAST_LIKENESS:
        return spread, _resized(source, shape)
    over, covered = laid(asked, placement, work.shape)
    small = np.where(covered, over.clip(0, 255).astype(np.uint8), spread)
    return small, _resized(source if placement is found[0] else small, shape)


def _resized(gray: Sheet, shape: tuple[int, ...]) -> Sheet:
    image = Image.fromarray(gray).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(image, np.uint8)


def of_sound(sound: Sound, source: Sound | None = None) -> Recorded:
    """The fingerprint of a recording; slow too. `source`: what was sung or played anew in it, which is not the work."""
    return Recorded(sound.sha256, heard.of(sound), heard.of(source) if source is not None else None, sound)


def gray_of(picture: Picture) -> NDArray[np.uint8]:
    """The picture without its colors: uint8 [height, width]."""
    return np.asarray(Image.fromarray(picture.pixels).convert("L"), np.uint8)


def hashes(sheet: Sheet, boxes: Iterable[Box], *, mirrored: bool = False) -> tuple[int, ...]:
    """The hash of each view, as signed 64-bit integers."""
    import imagehash

    whole = Image.fromarray(sheet[:, ::-1] if mirrored else sheet)
    width, height = whole.size
    out = []
    for left, top, right, bottom in boxes:
        view = whole.crop(
            (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
        )
        bits = imagehash.phash(view, hash_size=8).hash
        out.append(int.from_bytes(np.packbits(bits).tobytes(), signed=True))
    return tuple(out)


def keys(views: Iterable[int]) -> list[int]:
    """What a registered picture is found by: each view's bits in four parts, marked with their place."""
    return sorted({int(key) for key in _parts(views).ravel()})


def probes(views: Iterable[int]) -> list[int]:
    """What is looked up: the keys of the asked views and all that differ from one in a single bit."""
    near = _parts(views)[..., None] ^ _FLIPS
    return sorted({int(key) for key in near.ravel()})


def distances(asked: Iterable[int], stored: Sequence[bytes]) -> NDArray[np.uint8]:
    """For each of the packed registered views: the least number of bits in which any two views differ."""
    registered = np.frombuffer(b"".join(stored), ">i8").astype(np.int64).reshape(len(stored), -1)
    least = np.full(registered.shape, BITS, np.uint8)
    for view in asked:
        np.minimum(least, np.bitwise_count((registered ^ view).view(np.uint64)), out=least)
    return np.asarray(least.min(axis=1), np.uint8)


def pack_views(views: Iterable[int]) -> bytes:
    """Hashes as they are stored."""
    return np.array(list(views), ">i8").tobytes()


def pack(sheet: Sheet) -> bytes:
    """A sheet as it is stored: about 15 kB."""
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "JPEG", quality=90)
    return out.getvalue()


def unpack(data: bytes) -> Sheet:
    """A stored sheet. It was written by us, so it needs no child process to be decoded in."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        return np.asarray(image, np.uint8)


def _parts(views: Iterable[int]) -> NDArray[np.int64]:
    """[views, 4]: the part's place in the upper bits, its 16 bits in the lower."""
    values = np.array(list(views), np.int64)[:, None]
    places = np.arange(BANDS)
    return (values >> (places * WIDTH)) & ((1 << WIDTH) - 1) | (places << WIDTH)
