"""Parts of a picture, drawn in black and white: where to paint, or where a style may be used. White is inside."""

from __future__ import annotations

import hashlib
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import Invalid
from core.media import Picture

WHITE = 128  # of 255: from this luma on a sample is inside
Mask = NDArray[np.bool_]  # [height, width]


class NothingToPaint(Invalid):
    """No part of the mask is white."""


def of(picture: Picture) -> Mask:
    """The white part of a picture. Raises NothingToPaint."""
    mask = np.asarray(Image.fromarray(picture.pixels).convert("L")) >= WHITE
    if not mask.any():
        raise NothingToPaint("the mask is black all over; paint white what is meant, and send it again")
    return mask


def sha256(mask: Mask) -> str:
    """Hash of the mask, whatever file it came in: SHA-256 over `height width` in ASCII and the bits, row by row."""
    height, width = mask.shape
    return hashlib.sha256(f"{height} {width}\n".encode() + np.packbits(mask).tobytes()).hexdigest()


def png(mask: Mask) -> bytes:
    """As a PNG of one bit a pixel."""
    out = io.BytesIO()
    Image.fromarray(mask).save(out, "PNG")
    return out.getvalue()


def read(data: bytes) -> Mask:
    """What `png` wrote; so it needs no child process to be decoded in."""
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return np.array(image.convert("1"), bool)


def stretched(mask: Mask, *, height: int, width: int) -> Mask:
    """The mask at this size: each pixel as the nearest one of it. Raises NothingToPaint when no white is left."""
    rows = (2 * np.arange(height) + 1) * mask.shape[0] // (2 * height)
    columns = (2 * np.arange(width) + 1) * mask.shape[1] // (2 * width)
    found: Mask = mask[rows][:, columns]
    if not found.any():
        raise NothingToPaint(
            f"nothing white is left of the mask at the picture's size, {width} × {height} pixels; paint a larger part"
        )
    return found
