"""A work's other forms: those to keep, signed anew with the same claim; a thumbnail; the overlay.

Pictures are had as PNG, JPEG and WebP, recordings as FLAC, WAV, MP3 and Opus, which alone carries no manifest.

Each is made when first asked for, outside any transaction, and kept under its name in the work's row. What costs the
worker next to nothing it makes at once. A preview is its owner's alone: it has no seal, and its forms are not kept.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from sqlalchemy import func, update

from attribution import definition, iscc, manifest, notices, registry, seal
from attribution.claim import Claim
from core import db, encode, encode_sound
from core.blobs import BlobMissing, BlobStore
from core.encode_sound import Form
from core.errors import NotFound
from core.media import Media, Picture, Sound
from core.tags import NONE, Tags
from core.waveform import SMALL, waveform
from generation import overlay
from generation.engine import Engine, Exact, Rendering
from generation.finishing import SEALED
from generation.models import Work

if TYPE_CHECKING:
    from generation.workshop import Workshop

THUMBNAIL, OVERLAY = "thumbnail", "overlay"
SIDE = 512  # of a thumbnail
NOTICED = "+notice"  # after the name of a form that has one
TYPES: dict[str, str] = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    **{str(form): kind for form, kind in encode_sound.TYPES.items()},
    THUMBNAIL: "image/jpeg",
    OVERLAY: "image/png",
}
SUFFIXES: dict[str, str] = {
    "png": ".png",
    "jpeg": ".jpg",
    "webp": ".webp",
    **{str(form): f".{form}" for form in encode_sound.TYPES},
    THUMBNAIL: "-small.jpg",
    OVERLAY: "-overlay.png",
}
PICTURES: dict[str, Callable[..., bytes]] = {form: seal.PICTURES[TYPES[form]] for form in ("png", "jpeg", "webp")}
SOUNDS: tuple[Form, ...] = ("flac", "wav", "mp3", "opus")


class FormMissing(NotFound):
    """The work is not there in this form."""


@dataclass(frozen=True)
class File:
    """A form of a work: its bytes, media type and the address they are kept under."""

    data: bytes
    type: str
    address: str


def at_once(media: Media, rendering: Rendering, claim: Claim, *, engine: Engine, blobs: BlobStore) -> dict[str, str]:
    """The forms that every work gets when it is made; their addresses, by name."""
    made = {THUMBNAIL: blobs.put(_thumbnail(media))}
    if isinstance(rendering.provenance, Exact):
        made[OVERLAY] = blobs.put(overlay.png(rendering.provenance.map, claim.contributions, engine=engine))
    return made


def get(shop: Workshop, *, work: Work, form: str | None, noticed: bool = False) -> File:
    """A finished work in a form of TYPES, None: as it was sealed; slow the first time. Raises FormMissing.

    `noticed`: with the label or the signal that tells people how it was made; a preview has marks of its own.
    """
    if work.state != "done" or work.result_blob is None:
        raise FormMissing(f"{work.kind} {work.id} is {work.state}; there is no file of it", state=work.state)
    first = SEALED[work.medium]
    form = form or first
    forms: Collection[str] = PICTURES if work.medium == "picture" else SOUNDS
    if form not in (THUMBNAIL, OVERLAY, *forms):
        raise FormMissing(f"{work.kind} {work.id} is a {work.medium}; there is it as {', '.join(forms)}", form=form)
    if work.kind == "preview":
        return _of_preview(shop, work, form)
    name = f"{form}{NOTICED}" if noticed else form
    kept = work.result_blob if name == first else work.renditions.get(name)
    if kept is not None:
        try:
            return File(shop.blobs.get(kept), TYPES[form], kept)
        except BlobMissing:
            if name == first:
                raise
    data = _made(shop, work, form, noticed=noticed)
    address = shop.blobs.put(data)
    with db.unit(shop.sessions) as session:
        more = func.jsonb_build_object(name, address)
        named = update(Work).where(Work.id == work.id, Work.result_blob == work.result_blob)
        kept = session.scalar(named.values(renditions=Work.renditions.op("||")(more)).returning(Work.id))
    if kept is None:  # its owner was erased meanwhile: nothing of it stays
        shop.blobs.delete(address)
        raise FormMissing(f"work {work.id} was erased; there is no file of it", state=work.state)
    return File(data, TYPES[form], address)


def source(shop: Workshop, *, work: Work) -> bytes:
    """The picture or recording that the owner brought, as a PNG or a FLAC. Raises FormMissing."""
    if work.source_blob is None:
        raise FormMissing(f"{work.kind} {work.id} was made without a file of yours, or it was erased")
    return shop.keys.open(work.person, shop.blobs.get(work.source_blob))


def map(shop: Workshop, *, work: Work) -> bytes:
    """The map, as the engine wrote it. Raises FormMissing."""
    if work.map_blob is None:
        raise FormMissing(f"{work.kind} {work.id} has no map: it is not finished, or is a preview, or was estimated")
    return shop.blobs.get(work.map_blob)


def notices_of(shop: Workshop, *, work: Work) -> bool:
    """Whether files of this work that people keep have its notice unless they ask for them without."""
    if work.kind != "work" or work.state != "done":
        return False
    with db.unit(shop.sessions) as session:
        claim = Claim.read(registry.find(session, work=work.id).document)
    return notices.RULES[notices.kind(claim)].at_once


def _made(shop: Workshop, work: Work, form: str, *, noticed: bool) -> bytes:
    with db.unit(shop.sessions) as session:
        row = registry.find(session, work=work.id)
    claim = Claim.read(row.document)
    if form == OVERLAY:
        if work.map_blob is None:
            raise FormMissing(f"the engine of work {work.id} estimates its shares; there is no map of them")
        return overlay.png(shop.blobs.get(work.map_blob), claim.contributions, engine=shop.catalog.get(work.engine))
    media = _read(shop.blobs.get(str(work.result_blob)), work.medium)
    if form == THUMBNAIL:
        return _thumbnail(media)
    if noticed:
        media = notices.noticed(media)
    with_source = work.source_blob is not None
    said = notices.xmp(claim, with_source=with_source), definition.source_type(claim, with_source)
    data = _encoded(media, form, Tags.read(work.tags or {}), *said)
    if TYPES[form] not in manifest.SIGNABLE:
        return data
    return manifest.sign(
        data,
        claim,
        iscc=iscc.lasting(row.iscc),
        with_source=with_source,
        chain=shop.tools.chain,
        kind=TYPES[form],
        mark=row.mark,
    )


def _of_preview(shop: Workshop, work: Work, form: str) -> File:
    address = str(work.result_blob)
    data = shop.keys.open(work.person, shop.blobs.get(address))
    if form == OVERLAY:
        raise FormMissing("a preview has no overlay; order the work to see whose part is where")
    if form == THUMBNAIL:
        data = _thumbnail(_read(data, work.medium))
    elif form != SEALED[work.medium]:
        data = _encoded(_read(data, work.medium), form)
    return File(data, TYPES[form], address)


def _encoded(media: Media, form: str, tags: Tags = NONE, xmp: bytes | None = None, source_type: str = "") -> bytes:
    if isinstance(media, Picture):
        return PICTURES[form](media, xmp=xmp)
    return encode_sound.encoded(media, next(one for one in SOUNDS if one == form), tags, source_type)


def _thumbnail(media: Media) -> bytes:
    if isinstance(media, Sound):
        return encode.jpeg(waveform(media, *SMALL), quality=85)
    return encode.jpeg(encode.resize(media, min(SIDE, max(media.width, media.height))), quality=85)


def _read(data: bytes, medium: str) -> Media:
    # Written by us, so it needs no child process to be decoded in.
    if medium == "sound":
        return encode_sound.decoded(data)
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return Picture(np.array(image))
