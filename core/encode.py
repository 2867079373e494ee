"""From a Picture to files and to other sizes; the same picture gives the same bytes."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from core.media import Picture


def png(picture: Picture) -> bytes:
    """Lossless; no metadata at all."""
    return _encode(picture, "PNG", compress_level=6)


def jpeg(picture: Picture, *, quality: int = 92) -> bytes:
    return _encode(picture, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2)


def webp(picture: Picture, *, quality: int = 90) -> bytes:
    return _encode(picture, "WEBP", quality=quality)


def resize(picture: Picture, long_side: int) -> Picture:
    """The picture with this long side (Lanczos on 8-bit samples, which is fixed-point: the same bytes everywhere)."""
    scale = long_side / max(picture.width, picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    if size == (picture.width, picture.height):
        return picture
    return Picture(np.array(Image.fromarray(picture.pixels).resize(size, Image.Resampling.LANCZOS)))


def _encode(picture: Picture, form: str, **options: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture.pixels).save(out, form, **options)
    return out.getvalue()
