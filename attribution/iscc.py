"""ISCC content codes (ISO 24138), 64 bits, by iscc-core: for exchange with other registries, not for decisions here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from attribution import chroma
from core.media import Picture, Sound

BITS = 64  # of a unit's body that are compared: all codes here have as many, and longer ones begin with the same
_CONTENT = "ISCC:E"  # how codes of content begin, which outlast a new encoding; those of data do not


def of_picture(picture: Picture) -> str:
    """The image code, of 32 x 32 gray pixels."""
    from iscc_core import gen_image_code_v0

    small = Image.fromarray(picture.pixels).convert("L").resize((32, 32), Image.Resampling.BICUBIC)
    return str(gen_image_code_v0(list(small.tobytes()), bits=64)["iscc"])


def of_sound(sound: Sound) -> str:
    """The audio code, of Chromaprint's features; the same of every recording that is too short to have any."""
    from iscc_core import gen_audio_code_v0

    return str(gen_audio_code_v0(np.asarray(chroma.features(sound)).tolist(), bits=64)["iscc"])


def lasting(code: str) -> str | None:
    """The code, if it is of content and so bound to no encoding: older houses recorded sounds by their data."""
    return code if code.startswith(_CONTENT) else None


@dataclass(frozen=True)
class Unit:
    """One content code: of a picture or a recording, and the first 64 bits of its body as a signed number."""

    medium: str
    body: int

    @property
    def keys(self) -> list[int]:
        """Four numbers of 18 bits, from 16 bits of the body each: two bodies of up to 3 different bits share one."""
        return [self._key(band, part) for band, part in enumerate(self._parts())]

    @property
    def near_keys(self) -> list[int]:
        """The same with each of their bits turned: those of any body of up to 7 different bits share one."""
        turns = (0, *(1 << bit for bit in range(16)))
        return [self._key(band, part ^ turn) for band, part in enumerate(self._parts()) for turn in turns]

    def _parts(self) -> list[int]:
        return [(self.body >> shift) & 0xFFFF for shift in range(0, BITS, 16)]

    def _key(self, band: int, part: int) -> int:
        return ((self.medium == "sound") << 2 | band) << 16 | part


def unit(code: str) -> Unit | None:
    """The content code that one ISCC is, or None: it is of something else, or of content that has nothing to tell."""
    from iscc_core import MT, ST_CC, iscc_decode

    try:
        main, sub, version, _, body = iscc_decode(code)
    except ValueError:  # of a kind that did not exist when iscc-core was written: others may know it
        return None
    medium = {ST_CC.IMAGE: "picture", ST_CC.AUDIO: "sound"}.get(sub)
    told = int.from_bytes(body, "big").bit_count() > 1  # of one color, or too short to be heard: as many others
    if main != MT.CONTENT or version or medium is None or len(body) < BITS // 8 or not told:
        return None
    return Unit(medium, int.from_bytes(body[: BITS // 8], "big", signed=True))


def units(value: bytes) -> list[Unit]:
    """The content codes in what a soft binding says: an ISCC as text, alone or composite, or a sequence of units in
    bytes (IEP-0020). Raises ValueError for what is neither."""
    from iscc_core import decode_seq, iscc_decompose

    try:
        text = value.decode("ascii").strip()
        codes = iscc_decompose(text) if text.upper().startswith("ISCC:") else decode_seq(value)
    except UnicodeDecodeError:
        codes = decode_seq(value)
    except IndexError as error:  # nothing after the prefix
        raise ValueError("this is no ISCC") from error
    return [found for found in map(unit, codes) if found is not None]
