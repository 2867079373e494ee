"""From a rendered work to a sealed file: fingerprint, content code, signed manifest. No database, no network.

A picture becomes a PNG, a recording a FLAC of 24 bits: both give back the very samples.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from attribution import fingerprint, manifest
from attribution.chain import Chain
from attribution.claim import Claim
from attribution.fingerprint import Samples
from attribution.placement import Asked, Sheet, everywhere, laid, refined, roughly
from attribution.texture import sheet_of
from core import encode, encode_sound
from core.media import Picture, Sound
from core.tags import Tags

LEAST_LIKENESS = 0.3


@dataclass(frozen=True, eq=False)
class Sealed:
    """A finished work: the file's bytes, its claim, and what it is found by. `content`: the source, laid over it."""

    data: bytes
    claim: Claim
    fingerprint: Samples
    content: Sheet | None
    iscc: str

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return hashlib.sha256(self.data).hexdigest()


def seal(media: Picture, claim: Claim, *, source: Picture | None, chain: Chain) -> Sealed:
    """Seal a work. `source`: the picture it was made from, whose texture must never name it. Raises ChainUnusable."""
    mark = fingerprint.of(media)
    code = iscc(media)
    data = manifest.sign(encode.png(media), claim, iscc=code, with_source=source is not None, chain=chain)
    content = _content(mark.sheet, source) if source is not None else None
    return Sealed(data, claim, mark, content, code)


def seal_sound(media: Sound, claim: Claim, *, with_source: bool, tags: Tags | None, chain: Chain) -> Sealed:
    """Seal a recording. `with_source`: somebody's own recording is part of it, whose `tags` it keeps.

    Raises ChainUnusable.
    """
    code = iscc_of_sound(media)
    kind = encode_sound.TYPES["flac"]
    file = encode_sound.encoded(media, "flac", tags)
    data = manifest.sign(file, claim, iscc=None, with_source=with_source, chain=chain, kind=kind)
    return Sealed(data, claim, fingerprint.of_sound(media), None, code)


def iscc_of_sound(sound: Sound) -> str:
    """The ISCC data code (ISO 24138), 64 bits, of the samples as 24-bit numbers: alike where bytes are alike."""
    from iscc_core import gen_data_code_v0

    return str(gen_data_code_v0(encode_sound.Steps(sound), bits=64)["iscc"])


def iscc(picture: Picture) -> str:
    """The picture's ISCC image code (ISO 24138), 64 bits: for exchange with others, not for decisions here."""
    from iscc_core import gen_image_code_v0

    small = Image.fromarray(picture.pixels).convert("L").resize((32, 32), Image.Resampling.BICUBIC)
    return str(gen_image_code_v0(list(small.tobytes()), bits=64)["iscc"])


def _content(work: Sheet, source: Picture) -> Sheet:
    """The source in the work's frame. Engines keep the frame, so it is spread over all of it unless it fits elsewhere.

    Where strokes hide the composition, no other place can be trusted.
    """
    asked = Asked(sheet_of(source.pixels))
    size = work.shape[1], work.shape[0]
    spread = np.asarray(Image.fromarray(asked.sheet).resize(size, Image.Resampling.BICUBIC))
    found = [refined(asked, work, start) for start in (everywhere(asked, work), roughly(asked, work))]
    placement = max((x for x in found if x is not None), key=lambda x: x.likeness, default=None)
    if placement is None or placement.likeness < LEAST_LIKENESS:
        return spread
    over, covered = laid(asked, placement, work.shape)
    return np.where(covered, over.clip(0, 255).astype(np.uint8), spread)
