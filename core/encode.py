"""From a Picture to files and to other sizes; the same picture gives the same bytes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.media import Picture


def png(picture: Picture, *, xmp: bytes | None = None) -> bytes:
    """Lossless. `xmp`: a packet of metadata (ISO 16684-1); without one there is none at all, in any format."""
    more = PngInfo()
    if xmp is not None:
        more.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return _encode(picture, "PNG", compress_level=6, pnginfo=more)


def jpeg(picture: Picture, *, quality: int = 92, xmp: bytes | None = None) -> bytes:
    return _encode(picture, "JPEG", quality=quality, subsampling=0 if quality >= 90 else 2, xmp=xmp)


def webp(picture: Picture, *, quality: int = 90, xmp: bytes | None = None) -> bytes:
    return _encode(picture, "WEBP", quality=quality, xmp=xmp)


def resize(picture: Picture, long_side: int) -> Picture:
    """The picture with this long side (Lanczos on 8-bit samples, which is fixed-point: the same bytes everywhere)."""
    scale = long_side / max(picture.width, picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    if size == (picture.width, picture.height):
        return picture
    return Picture(np.array(Image.fromarray(picture.pixels).resize(size, Image.Resampling.LANCZOS)))


def _encode(picture: Picture, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    given = {name: value for name, value in options.items() if value is not None}
    Image.fromarray(picture.pixels).save(out, form, **given)
    return out.getvalue()
