"""From an untrusted file to a Picture: limits are checked before decoding, decoding happens in a child process.

What comes out has samples and nothing else: upright, sRGB, without alpha, EXIF, GPS or any other private part.
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core import jail
from core.errors import Invalid
from core.media import Picture

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "HEIF")
READABLE = "PNG, JPEG, WebP, TIFF, BMP, GIF or HEIC"


class Undecodable(Invalid):
    """The file is no usable picture."""


class TooLarge(Undecodable):
    """The file is larger than allowed."""


@dataclass(frozen=True)
class Limits:
    """What a picture may be at most."""

    bytes: int = 64 << 20
    pixels: int = 64_000_000
    side: int = 30_000
    seconds: float = 10.0


DEFAULT = Limits()


class Decoding:
    """A picture that is being decoded in a child process; `result()` waits for it."""

    def __init__(self, path: Path, limits: Limits = DEFAULT) -> None:
        self._path = path
        check_size(path, limits)
        self._child = jail.start("core.decode:raw", path, box=jail.Box(seconds=limits.seconds))

    def result(self) -> Picture:
        """Raises Undecodable."""
        try:
            data = self._child.result()
        except (jail.Refused, jail.Crashed) as error:
            kind = TooLarge if "limit is" in error.message else Undecodable
            raise kind(f"{self._path.name}: {error.message}") from error
        height, width = struct.unpack("<II", data[:8])
        return Picture(np.frombuffer(data, np.uint8, offset=8).reshape(height, width, 3).copy())


def picture(path: Path, *, limits: Limits = DEFAULT) -> Picture:
    """Decode a file. Raises Undecodable or TooLarge, each with one line that says what to do."""
    return Decoding(path, limits).result()


def picture_of(data: bytes, *, limits: Limits = DEFAULT) -> Picture:
    """Decode bytes, in the same way."""
    with tempfile.NamedTemporaryFile(prefix="homage-") as file:
        file.write(data)
        file.flush()
        return picture(Path(file.name), limits=limits)


def check_size(path: Path, limits: Limits = DEFAULT) -> None:
    """Refuse what need not be opened: no file, an empty one, one that is too long."""
    try:
        found = path.stat()
        readable = os.access(path, os.R_OK)
    except OSError as error:
        raise Undecodable(f"cannot read {path}: {error.strerror}; check the name") from error
    if not path.is_file():
        raise Undecodable(f"{path} is not a file; name a picture ({READABLE})")
    if not readable:
        raise Undecodable(f"cannot read {path}: permission denied; check the file's permissions")
    if found.st_size == 0:
        raise Undecodable(f"{path.name} is empty; send the picture again")
    if found.st_size > limits.bytes:
        raise TooLarge(
            f"{path.name} has {found.st_size / 2**20:.0f} MiB, the limit is {limits.bytes >> 20} MiB; save it smaller",
            bytes=found.st_size,
        )


def raw(path: Path) -> bytes:
    """In the child: height and width as little-endian uint32, then RGB bytes."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked on the header, with our own words
    if _looks_like_heif(path):
        import pi_heif

        pi_heif.register_heif_opener()
    try:
        with Image.open(path, formats=FORMATS) as image:
            _check_header(image)
            image.load()
            upright = ImageOps.exif_transpose(image)
            pixels = np.asarray(_to_srgb(upright, image.info.get("icc_profile")), np.uint8)
    except UnidentifiedImageError as error:
        raise jail.Refused(f"this is no picture we can read, whatever its name says; send {READABLE}") from error
    except jail.Refused:
        raise
    except MemoryError as error:
        raise jail.Refused("decoding it needs more memory than allowed; save it smaller") from error
    except Exception as error:  # a decoder's own words are for its authors
        raise jail.Refused("it is damaged or cut off; export it again from where it was made") from error
    return struct.pack("<II", *pixels.shape[:2]) + pixels.tobytes()


def _check_header(image: Image.Image) -> None:
    width, height = image.size
    if width * height > DEFAULT.pixels or max(width, height) > DEFAULT.side:
        raise jail.Refused(
            f"it would decode to {width} × {height} pixels, the limit is {DEFAULT.pixels // 1_000_000} megapixels and"
            f" {DEFAULT.side} a side; save it smaller"
        )
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "HEIF":  # a HEIF's further images are thumbnails and bursts
        raise jail.Refused(f"it is animated or has {frames} pages; send one of them as a picture of its own")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Eight bits, sRGB, alpha laid on white."""
    from PIL import Image, ImageCms

    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        samples = np.asarray(image, np.float64)
        top = 65535.0 if image.mode.startswith("I") else max(float(samples.max()), 1.0)
        image = Image.fromarray((samples.clip(0, top) / top * 255 + 0.5).astype(np.uint8))
    if image.mode in ("P", "PA", "LA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        flat = image.convert("RGB") if alpha is not None else image
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(flat, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            image = converted or image
            if alpha is not None:
                image.putalpha(alpha)
        except ImageCms.PyCMSError:
            pass  # a profile that cannot be used is ignored, as viewers do
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _looks_like_heif(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] == b"ftyp"
