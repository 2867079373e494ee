"""Profiles, and the works and consent that a style rests on. What is public here is thumbnails of listed styles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response, status

from core import db, decode_any
from core.blobs import BlobStore
from core.clock import Clock
from core.keys import Keystore
from core.limits import Turns
from core.media_response import media
from core.uploads import Uploads
from core.web import Anyone, Principal, Sessions, Unit, allowed, port
from creators import assets, profiles, styles
from creators.assets import Upload
from creators.consent import Declaration
from creators.hearings import Hearings
from creators.schemas import (
    AssetId,
    DeclaredConsent,
    LeftOut,
    NewAsset,
    NewConsent,
    NewProfile,
    OwnAsset,
    Profile,
    SetFinding,
    StyleId,
)

router = APIRouter(tags=["styles"])
Me = Annotated[Principal, allowed("styles")]
Time = Annotated[Clock, port("clock")]
Blobs = Annotated[BlobStore, port("blobs")]
Keys = Annotated[Keystore, port("keys")]
JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}}}
LOSSLESS: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}, "audio/flac": {}}}}
MP3: dict[int | str, dict[str, Any]] = {200: {"content": {"audio/mpeg": {}}}}


@dataclass(frozen=True)
class Files:
    """Where works lie, as they come in and as they are kept, and how many are measured at once."""

    uploads: Annotated[Uploads, port("uploads")]
    blobs: Blobs
    keys: Keys
    turns: Annotated[Turns, port("taking")]

    def store(self, file: Path, *, creator: str) -> Upload:
        """Raises Undecodable, TooLarge, AllBusy, NothingInIt."""
        with self.turns.turn():
            brought = decode_any.decoding(file, name="the upload").result()
            return assets.store(brought, creator=creator, blobs=self.blobs, keys=self.keys)


@router.get("/profiles")
def my_profiles(session: Unit, me: Me) -> list[Profile]:
    """The profiles under which I register styles, oldest first."""
    return [Profile.model_validate(row) for row in profiles.of_person(session, person=me.person)]


@router.post("/profiles", status_code=status.HTTP_201_CREATED)
def open_profile(session: Unit, me: Me, clock: Time, new: NewProfile) -> Profile:
    """A new profile, under the name that everyone will see."""
    return Profile.model_validate(profiles.open_profile(session, person=me.person, name=new.name, at=clock.now()))


@router.post("/styles/{style}/consents", status_code=status.HTTP_201_CREATED)
def declare_consent(session: Unit, me: Me, clock: Time, style: StyleId, new: NewConsent) -> DeclaredConsent:
    """Declare what a style may be used for, and that it is mine to give; it rests on this from now on."""
    row, at = styles.of_person(session, style=style, person=me.person), clock.now()
    said = Declaration(creator=row.creator, medium=row.medium, declared_at=at, **new.model_dump())
    return DeclaredConsent.of(
        styles.declare_consent(session, style=style, creator=row.creator, declaration=said, at=at)
    )


@router.post("/styles/{style}/assets", status_code=status.HTTP_201_CREATED)
def add_asset(
    sessions: Sessions, me: Me, clock: Time, files: Annotated[Files, Depends()], style: StyleId, new: NewAsset
) -> OwnAsset:
    """Add a finished upload to a style: it is compared with everyone's works and kept encrypted."""
    title = profiles.named(new.title)  # before anything is stored that a refusal would leave behind
    with db.unit(sessions) as session:
        owned = styles.of_person(session, style=style, person=me.person)
        file = files.uploads.file(session, upload=new.upload, person=me.person)
    assets.check_medium(owned, decode_any.medium(file))  # before it is decoded
    upload = files.store(file, creator=owned.creator)
    with db.unit(sessions) as session:
        row = assets.take(session, style=style, upload=upload, title=title, at=clock.now())
        used = files.uploads.get(session, upload=new.upload, person=me.person)
        files.uploads.remove(session, upload=used)
        return OwnAsset.of(assets.intake(session, row))


@router.delete("/assets/{asset}")
def retire_asset(session: Unit, me: Me, clock: Time, asset: AssetId) -> OwnAsset:
    """Learn no more from this work. It stays registered as mine."""
    row = assets.of_person(session, asset=asset, person=me.person)
    assets.retire(session, asset=asset, creator=row.creator, at=clock.now())
    return OwnAsset.of(assets.intake(session, row))


@router.put("/assets/{asset}/left-out")
def leave_out(session: Unit, me: Me, asset: AssetId, wished: LeftOut) -> OwnAsset:
    """The areas of a work of mine that no work takes anything from: a signature, a frame. All others may be used."""
    row = assets.of_person(session, asset=asset, person=me.person)
    assets.leave_out(session, asset=asset, creator=row.creator, outside=wished.areas)
    return OwnAsset.of(assets.intake(session, row))


@router.get("/styles/{style}/inspection")
def inspect_style(
    sessions: Sessions,
    me: Me,
    hearings: Annotated[Hearings, port("hearings")],
    files: Annotated[Files, Depends()],
    style: StyleId,
) -> list[SetFinding]:
    """What is noticed of a style's works together: works unlike the others, and whether there are enough."""
    with db.unit(sessions) as session:
        row = styles.of_person(session, style=style, person=me.person)
        if row.medium == "picture":
            seen, found = assets.together(session, style=style)
            return [SetFinding.of(finding, seen) for finding in found]
        heard = assets.live(session, style=style)
    with files.turns.turn():
        found = hearings.of(heard, style=style, version=row.version, blobs=files.blobs, keys=files.keys)
    return [SetFinding.of(finding, heard) for finding in found]


@router.get("/assets/{asset}/thumbnail", response_class=Response, responses=JPEG)
def asset_thumbnail(request: Request, sessions: Sessions, who: Anyone, blobs: Blobs, asset: AssetId) -> Response:
    """A small picture of a work: everyone's to see while its style is listed, else its creator's."""
    with db.unit(sessions) as session:
        row, public = assets.shown(session, asset=asset, person=who.person if who else None)
    address = str(row.thumbnail)
    return media(
        lambda: blobs.get(address),
        type="image/jpeg",
        name=f"{row.title}.jpg",
        public=public,
        etag=address,
        request=request,
    )


@router.get("/assets/{asset}/excerpt", response_class=Response, responses=MP3)
def asset_excerpt(request: Request, sessions: Sessions, who: Anyone, blobs: Blobs, asset: AssetId) -> Response:
    """The first seconds of a recording: everyone's while its style is listed, else its creator's and staff's."""
    staff = who is not None and who.staff
    with db.unit(sessions) as session:
        row, public = assets.heard(session, asset=asset, person=who.person if who else None, staff=staff)
    address = str(row.excerpt)
    return media(
        lambda: blobs.get(address),
        type="audio/mpeg",
        name=f"{row.title}.mp3",
        public=public,
        etag=address,
        request=request,
    )


@router.get("/assets/{asset}/original", response_class=Response, responses=LOSSLESS)
def asset_original(request: Request, sessions: Sessions, me: Me, blobs: Blobs, keys: Keys, asset: AssetId) -> Response:
    """A work of mine as it was registered, without loss."""
    with db.unit(sessions) as session:
        row = assets.of_person(session, asset=asset, person=me.person)
    data = assets.file(row, blobs=blobs, keys=keys)
    type_, suffix = ("image/png", "png") if row.width is not None else ("audio/flac", "flac")
    name = f"{row.title}.{suffix}"
    return media(data, type=type_, name=name, public=False, download=True, request=request)
