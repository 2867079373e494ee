"""From what an engine rendered to the work as it is given: a vocal over its backing, sealed, or marked as a preview."""

from __future__ import annotations

from datetime import datetime

from attribution.claim import Claim
from attribution.seal import Sealed, seal
from attribution.tools import Tools
from core import encode, encode_sound
from core.decode import picture_of
from core.media import Media, Picture, Sound
from core.tags import Tags
from generation import mixing, preview_mark
from generation.engine import as_picture

SEALED = {"picture": "png", "sound": "flac"}  # the form that a work of each medium is sealed in


def opened(data: bytes, medium: str) -> Media:
    """A fan's picture or recording as `generation.sources` keeps it."""
    return picture_of(data) if medium == "picture" else encode_sound.decoded(data)


def mixed(vocal: Sound, backing: bytes, *, fader_mb: int, start: float | None = None) -> Sound:
    """The work as it is heard: a vocal over its backing, a file as it is kept.

    `start`: where in it the vocal begins, in seconds, if that is an excerpt: then no more of it is heard.
    """
    below = encode_sound.decoded(backing)
    if start is not None:
        if start >= below.seconds:
            return vocal
        below = below.part(start, vocal.seconds)
    return mixing.over(vocal, below, fader=fader_mb / 100)


def sealed(media: Media, claim: Claim, *, source: Media | None, tags: Tags, at: datetime, tools: Tools) -> Sealed:
    """The work as a signed file. `tags`: what the source's file says of a recording.

    Raises ChainUnusable, SecretUnusable.
    """
    if isinstance(media, Picture) and source is not None:
        source = as_picture(source)
    return seal(media, claim, source=source, at=at, tools=tools, tags=tags)


def preview(media: Media) -> bytes:
    """A preview's file: marked over its whole area, or all the while it lasts."""
    if isinstance(media, Picture):
        return encode.png(preview_mark.mark(media))
    return encode_sound.encoded(preview_mark.chimed(media), "flac")
