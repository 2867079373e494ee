"""From an untrusted file to a Picture: limits are checked before decoding, decoding happens in a child process.

What comes out has samples and nothing else: upright, sRGB, without alpha, EXIF, GPS or any other private part.
NumPy is loaded where it is needed: most children decode without it, and start in half the time.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import jail
from core.errors import Invalid

if TYPE_CHECKING:
    from PIL import Image

    from core.media import Picture

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
SEVERAL = ("HEIF", "MPO")  # further images in them are previews, depths and bursts; the first is the picture
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF's orientations as Pillow's transpositions
_SIZE = struct.Struct("<II")  # height and width, before the samples
_MOST_WEBP = 40_000_000  # pixels: its decoder takes 16 bytes for each
_BAND = 2_000_000  # pixels that are converted at once
READABLE = "PNG, JPEG, WebP, TIFF, BMP, GIF or HEIC"


class Undecodable(Invalid):
    """The file is no usable picture or sound."""


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
    """A picture that is being decoded in a child process; `result()` waits for it.

    `instead`: what else could have been sent, for who sent neither.
    """

    def __init__(self, path: Path, limits: Limits = DEFAULT, *, name: str | None = None, instead: str = "") -> None:
        self._name, self._instead = printable(name or path.name), instead
        check_size(path, limits.bytes, name=name)
        box = jail.Box(seconds=limits.seconds, answer=3 * limits.pixels + 1024)
        self._child = jail.start("core.decode:raw", path, str(limits.pixels), str(limits.side), box=box)

    def result(self) -> Picture:
        """Raises Undecodable, TooLarge."""
        try:
            data = self._child.result()
        except (jail.Refused, jail.Crashed) as error:
            kind = TooLarge if error.facts.get("too_large") else Undecodable
            said = error.message
            if self._instead and error.facts.get("unknown"):
                said = f"this is nothing we can read, whatever its name says; send {READABLE}, or {self._instead}"
            raise kind(f"{self._name}: {said}") from error
        import numpy as np

        from core.media import Picture

        height, width = _SIZE.unpack_from(data)
        return Picture(np.frombuffer(data, np.uint8, offset=_SIZE.size).reshape(height, width, 3))


def picture(path: Path, *, limits: Limits = DEFAULT) -> Picture:
    """Decode a file. Raises Undecodable or TooLarge, each with one line that says what to do."""
    return Decoding(path, limits).result()


def picture_of(data: bytes, *, limits: Limits = DEFAULT) -> Picture:
    """Decode bytes, in the same way."""
    with tempfile.NamedTemporaryFile(prefix="homage-") as file:
        file.write(data)
        file.flush()
        return Decoding(Path(file.name), limits, name="the picture").result()


def check_size(
    path: Path, most: int = DEFAULT.bytes, *, name: str | None = None, wanted: str = f"a picture ({READABLE})"
) -> None:
    """Refuse what need not be opened: no file, an empty one, one of over `most` bytes. Never opens anything."""
    shown = name or printable(str(path))
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise Undecodable(f"cannot read {shown}: {why}; check the name") from error
    if not stat.S_ISREG(found.st_mode):
        raise Undecodable(f"{shown} is not a file; name {wanted}")
    if not os.access(path, os.R_OK):
        raise Undecodable(f"cannot read {shown}: permission denied; check the file's permissions")
    if found.st_size == 0:
        raise Undecodable(f"{shown} is empty; send it again")
    if found.st_size > most:
        raise TooLarge(
            f"{shown} has {found.st_size / 2**20:.1f} MiB, the limit is {most / 2**20:g} MiB; save it smaller",
            bytes=found.st_size,
        )


def raw(path: Path, pixels: str, side: str) -> bytearray:
    """In the child: height and width as little-endian uint32, then RGB bytes."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked on the header, with our own words
    formats: tuple[str, ...] = FORMATS
    with path.open("rb") as file:
        head = file.read(30)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        _check_sides(*_webp_size(head), min(int(pixels), _MOST_WEBP), int(side))
    if head[4:8] == b"ftyp":
        import pi_heif

        pi_heif.register_heif_opener()
        formats = ("HEIF",)
    try:
        with Image.open(path, formats=formats) as image:
            _check_header(image, int(pixels), int(side))
            image.load()
            return _samples(_upright(image), image.info.get("icc_profile"))
    except UnidentifiedImageError as error:
        said = f"this is no picture we can read, whatever its name says; send {READABLE}"
        raise jail.Refused(said, unknown=True) from error
    except jail.Refused:
        raise
    except MemoryError as error:
        raise jail.Refused("decoding it needs more memory than allowed; save it smaller", too_large=True) from error
    except Exception as error:  # a decoder's own words are for its authors
        if "MAX_TEXT" in str(error):
            raise jail.Refused(
                "a text or profile inside it unpacks to far too much; save it without", too_large=True
            ) from error
        raise jail.Refused("it is damaged or cut off; export it again from where it was made") from error


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height as the head of the file says (RFC 9649): its decoder makes room for them when it opens it."""
    kind, said = head[12:16], head.ljust(30, b"\0")
    if kind == b"VP8X":
        return 1 + int.from_bytes(said[24:27], "little"), 1 + int.from_bytes(said[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(said[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(said[26:28], "little") & 0x3FFF, int.from_bytes(said[28:30], "little") & 0x3FFF


def _check_header(image: Image.Image, pixels: int, side: int) -> None:
    _check_sides(*image.size, pixels, side)
    if getattr(image, "is_animated", False) and image.format not in SEVERAL:  # how many there are takes long to count
        raise jail.Refused("it is animated or has several pages; send one of them as a picture of its own")


def _check_sides(width: int, height: int, pixels: int, side: int) -> None:
    if width * height > pixels or max(width, height) > side:
        raise jail.Refused(
            f"it would decode to {width} × {height} pixels, the limit is {pixels / 1e6:g} megapixels and {side} a side;"
            " save it smaller",
            too_large=True,
        )


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF or XMP says; a note that cannot be read turns nothing, as in viewers."""
    from PIL import ExifTags, Image

    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # the note is damaged, the picture is not
        turn = None
    return image if turn is None else image.transpose(Image.Transpose(turn))


def _samples(image: Image.Image, profile: bytes | None) -> bytearray:
    """Height, width and RGB, a band of rows after the other: what the largest takes on the way stays small."""
    width, height = image.size
    out = bytearray(_SIZE.size + 3 * width * height)
    _SIZE.pack_into(out, 0, height, width)
    brightest = _brightest(image) if image.mode == "F" else 1.0
    rows = max(1, _BAND // width)
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        data = _to_srgb(_eight_bits(band, brightest), profile).tobytes()
        start = _SIZE.size + 3 * width * top
        out[start : start + len(data)] = data
    return out


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Eight bits, sRGB, alpha laid on white."""
    from PIL import Image

    if "transparency" in image.info or image.mode in ("P", "PA", "RGBa"):
        image = image.convert("RGBA")
    elif image.mode == "La":
        image = image.convert("LA")
    if image.mode not in ("LA", "RGBA"):
        return _by_profile(image, profile)
    alpha = image.getchannel("A")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(_by_profile(image.convert(image.mode[:-1]), profile), mask=alpha)
    return white


def _brightest(image: Image.Image) -> float:
    """The largest number in a picture of fractions, at least 1."""
    import numpy as np

    rows = max(1, _BAND // image.width)
    bands = (image.crop((0, top, image.width, min(top + rows, image.height))) for top in range(0, image.height, rows))
    return max(1.0, *(float(np.nan_to_num(np.asarray(band), posinf=0.0, neginf=0.0).max()) for band in bands))


def _eight_bits(image: Image.Image, brightest: float) -> Image.Image:
    """Samples of 16 bits by rounding; whole numbers and fractions of 32 bits by the range they are used in."""
    if image.mode != "F" and not image.mode.startswith("I"):
        return image
    import numpy as np
    from PIL import Image

    if image.mode.startswith("I"):
        wide = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
        return Image.fromarray(((wide * 255 + 32767) // 65535).astype(np.uint8))
    real = np.nan_to_num(np.asarray(image), posinf=0.0, neginf=0.0)
    return Image.fromarray((real.clip(0) * (255 / brightest) + 0.5).astype(np.uint8))


def _by_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB by the file's color profile; one that cannot be used is ignored, as viewers do."""
    from PIL import ImageCms

    with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        if image.mode == "LAB":
            source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        elif profile and image.mode in ("RGB", "CMYK", "L"):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        else:
            return image.convert("RGB")
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        if converted is not None:
            return converted
    return image.convert("RGB")


def printable(name: str) -> str:
    """A file's name on one line, whatever is in it."""
    return "".join(c if c.isprintable() else "?" for c in name[-120:])
