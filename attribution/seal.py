"""From a rendered work to a sealed file: marked, fingerprinted, coded, signed. No database, no network.

A picture becomes a PNG, a recording a FLAC of 24 bits: both give back the very samples. Other forms are made from the
marked samples, and carry the mark too.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from attribution import definition, fingerprint, iscc, manifest, notices
from attribution.claim import Claim
from attribution.fingerprint import Samples
from attribution.marks.payload import LARGEST
from attribution.tools import Tools
from core import encode, encode_sound
from core.media import Media, Picture, Sound
from core.tags import NONE, Tags

PICTURES: dict[str, Callable[..., bytes]] = {
    "image/png": encode.png,
    "image/jpeg": partial(encode.jpeg, quality=92),
    "image/webp": partial(encode.webp, quality=90),
}


@dataclass(frozen=True)
class Mark:
    """What is hidden in a work: its `number`, 1 to 2**63 - 1, by the key of its `epoch`."""

    number: int
    epoch: str


@dataclass(frozen=True, eq=False)
class Sealed:
    """A finished work: the file's bytes, its claim, the marked media, what it is found by, and its manifest by itself.

    `mark` and `reference`, what a mark is read against: None where it is too small
    or too short to carry one.
    """

    data: bytes
    claim: Claim
    media: Media
    fingerprint: Samples
    iscc: str
    mark: Mark | None
    reference: bytes | None
    store: manifest.Store

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return hashlib.sha256(self.data).hexdigest()


def seal(
    media: Media,
    claim: Claim,
    *,
    source: Media | None,
    at: datetime,
    tools: Tools,
    tags: Tags = NONE,
    kind: str | None = None,
) -> Sealed:
    """Seal a work. `source`: what it was made from, whose texture must never name it. `tags`: what a recording keeps.

    `kind`: the media type of another form than PNG or FLAC, one of `manifest.SIGNABLE`. Raises ChainUnusable,
    SecretUnusable.
    """
    marked, mark, reference = _marked(media, tools, at)
    found = _found(marked, source)
    code = iscc.of_picture(marked) if isinstance(marked, Picture) else iscc.of_sound(marked)
    kind = kind or ("image/png" if isinstance(marked, Picture) else "audio/flac")
    data, store = manifest.signed(
        _encoded(marked, kind, tags, claim, with_source=source is not None),
        claim,
        iscc=code,
        with_source=source is not None,
        chain=tools.chain,
        kind=kind,
        mark=mark.number if mark is not None else None,
    )
    return Sealed(data, claim, marked, found, code, mark, reference, store)


def _found(media: Media, source: Media | None) -> Samples:
    """What the work will be found by."""
    if isinstance(media, Picture):
        return fingerprint.of(media, source if isinstance(source, Picture) else None)
    return fingerprint.of_sound(media, source if isinstance(source, Sound) else None)


def _marked(media: Media, tools: Tools, at: datetime) -> tuple[Media, Mark | None, bytes | None]:
    """The media with a number of its own hidden in it, by the key of the day, and what that is read against.

    As it is where it cannot carry one.
    """
    number = secrets.randbelow(LARGEST) + 1
    if isinstance(media, Picture):
        from attribution.marks import picture

        if not picture.fits(media):
            return media, None, None
        key = tools.secrets.writing("picture", at)
        return picture.write(media, number, key), Mark(number, key.epoch), picture.reference(media)
    from attribution.marks import sound

    key = tools.secrets.writing("sound", at)
    marked = encode_sound.kept(sound.write(media, number, key))  # as the file will give it back
    return marked, Mark(number, key.epoch), sound.reference(media)


def _encoded(media: Media, kind: str, tags: Tags, claim: Claim, *, with_source: bool) -> bytes:
    """The file, which says in plain metadata how it came about; nothing of a creator's own work."""
    if isinstance(media, Picture):
        return PICTURES[kind](media, xmp=None if claim.own else notices.xmp(claim, with_source=with_source))
    form = next(form for form, one in encode_sound.TYPES.items() if one == kind)
    said = "" if claim.own else definition.source_type(claim, with_source)
    return encode_sound.encoded(media, form, tags, said)
