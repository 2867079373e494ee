"""The works a style is learned from: screened against everyone's, kept losslessly and encrypted, read only to be used.

Of each a thumbnail is kept too, and of a recording an excerpt, not encrypted, because everyone sees and hears them
while the style is listed.

Measuring and storing (`store`) are slow and happen before the transaction; a blob that no row names is harmless. Only
one upload at a time is screened and registered, so that of two copies one is always the earlier; others wait for its
commit, so take one work per transaction where many people upload.

Locks: the style's row, then the screening lock.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from attribution import fingerprint as fingerprints
from attribution import registry
from attribution.fingerprint import Samples
from core import encode, encode_sound, ids
from core.blobs import BlobStore
from core.errors import Conflict, Invalid, NotFound
from core.keys import Keystore
from core.media import Media, Picture, Sound, extent
from core.waveform import SMALL, waveform
from creators import areas, inspection, look, styles
from creators.areas import Area
from creators.inspection import Finding
from creators.models import Asset, Creator, Style
from creators.profiles import named


class AssetGone(Conflict):
    """A work rests on an asset that nobody may learn from any more."""


class NoThumbnail(NotFound):
    """Nothing small has been made of this work yet."""


class WrongMedium(Invalid):
    """A style is learned from pictures or from recordings, never from both."""


class LastAsset(Conflict):
    """A listed style must keep something to learn from."""


HELD = (
    "it looks like a work that somebody else registered before, so nothing is learned from it and the style cannot be"
    " listed: retire it if it is not yours; if it is, ask the house to compare the originals"
)
THUMBNAIL_SIDE, THUMBNAIL_QUALITY = 512, 82
EXCERPT_SECONDS = 12.0


@dataclass(frozen=True, eq=False)
class Seen:
    """What pages and searches need of a work. `thumbnail`: a small JPEG's blob, of a recording its waveform.

    `look`: as `creators.look` packs it, of a picture. `excerpt`: of a recording a short MP3's blob, and whether it is
    a `voice`.
    """

    thumbnail: str
    look: bytes | None
    findings: tuple[Finding, ...]
    excerpt: str | None = None
    voice: bool | None = None
    tempo: int | None = None
    key: str | None = None


@dataclass(frozen=True, eq=False)
class Upload:
    """A work that was measured and stored for a creator, and is not registered yet. `blob`: its encrypted original.

    `size`: the columns that say how large a picture is or how long a recording lasts.
    """

    creator: str
    fingerprint: Samples
    blob: str
    seen: Seen
    size: dict[str, int]
    bytes: int

    @property
    def medium(self) -> str:
        return "picture" if "width" in self.size else "sound"


@dataclass(frozen=True, eq=False)
class Intake:
    """A taken work and what its creator should know. `original`: the title of the earlier work it was merged into."""

    asset: Asset
    original: str | None

    @property
    def advice(self) -> list[str]:
        """What was noticed, and what to do; nothing where there is nothing to say."""
        row = self.asset
        if row.state == "held":
            return [HELD]
        if row.state == "merged":
            named_ = f"“{self.original}”" if self.original else f"another work of yours ({row.merged_into})"
            return [f"this is {named_} again, so it adds nothing; the earlier one is learned from"]
        return [] if row.state == "retired" else [f"{x.say}; {x.do}" for x in self.findings if x.area is None]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed of the picture itself; nothing yet for a work of an older house."""
        return tuple(inspection.read(document) for document in self.asset.findings or ())


def store(media: Media, *, creator: str, blobs: BlobStore, keys: Keystore) -> Upload:
    """Measure a work, encode it losslessly, encrypt and store it: slow, so call it outside any transaction.

    A recording is kept in 24 bits. Raises NothingInIt.
    """
    mark: Samples
    if isinstance(media, Picture):
        inspection.check(media)
        data, mark = encode.png(media), fingerprints.of(media)
    else:
        media = encode_sound.kept(media)
        data, mark = encode_sound.encoded(media, "flac"), fingerprints.of_sound(media)
    return Upload(
        creator=creator,
        fingerprint=mark,
        blob=blobs.put(keys.seal(creator, data)),
        seen=seen(media, blobs=blobs),
        size=extent(media),
        bytes=len(data),
    )


def seen(media: Media, *, blobs: BlobStore) -> Seen:
    """Inspect a work, measure its look and store its thumbnail and excerpt; slow too."""
    return _seen(media, blobs) if isinstance(media, Picture) else _heard(media, blobs)


def _heard(sound: Sound, blobs: BlobStore) -> Seen:
    from creators import listening, music  # a second to load, which a server takes once somebody brings a recording

    known = listening.heard(sound)
    findings = listening.of(known)
    for finding in findings:
        if finding.code == "empty":
            raise inspection.NothingInIt(f"{finding.say}; {finding.do}", reason=finding.code)
    small = encode.jpeg(waveform(sound, *SMALL), quality=THUMBNAIL_QUALITY)
    tune = music.of(sound)
    excerpt = encode_sound.encoded(sound.part(known.begins, EXCERPT_SECONDS), "mp3")
    return Seen(blobs.put(small), None, findings, blobs.put(excerpt), known.voice, tune.tempo, tune.key)


def _seen(picture: Picture, blobs: BlobStore) -> Seen:
    side = min(THUMBNAIL_SIDE, max(picture.width, picture.height))
    small = encode.jpeg(encode.resize(picture, side), quality=THUMBNAIL_QUALITY)
    return Seen(blobs.put(small), look.pack(look.of(picture)), inspection.of(picture))


def take(session: Session, *, style: str, upload: Upload, title: str, at: datetime) -> Asset:
    """Register a stored work, unless it is known: a copy of another creator's is held, of one's own is merged.

    The row's `state` says which. Raises NotFound, BadName, WrongMedium.
    """
    creator, title = upload.creator, named(title)
    row = styles.own(session, style=style, creator=creator, lock=True)
    check_medium(row, upload.medium)
    screened_alone(session)
    state, earlier = _placed(session, upload.fingerprint, creator)
    asset = Asset(
        id=ids.new("ast"),
        style=style,
        creator=creator,
        title=title,
        state=state,
        merged_into=earlier,
        samples_sha256=upload.fingerprint.sha256,
        blob=upload.blob,
        **upload.size,
        bytes=upload.bytes,
        thumbnail=upload.seen.thumbnail,
        excerpt=upload.seen.excerpt,
        voice=upload.seen.voice,
        tempo=upload.seen.tempo,
        key=upload.seen.key,
        look=upload.seen.look,
        findings=[finding.document() for finding in upload.seen.findings],
        left_out=[list(area) for area in inspection.left_out(upload.seen.findings)],
        created_at=at,
    )
    session.add(asset)
    session.flush()
    if state == "live":
        registry.register_asset(session, asset=asset.id, owner=creator, fingerprint=upload.fingerprint)
        row.version += 1
        session.flush()
    return asset


def screened_alone(session: Session) -> None:
    """Until this transaction ends nobody else screens and registers: of two copies one is always the earlier."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('creators.assets.take', 0))"))


def check_medium(style: Style, medium: str) -> None:
    """Raises WrongMedium."""
    if style.medium != medium:
        brought, wanted = ("a picture", "a recording") if medium == "picture" else ("a recording", "a picture")
        raise WrongMedium(f"style {style.id} is learned from {style.medium}s, and this is {brought}; send {wanted}")


def live(session: Session, *, style: str) -> Sequence[Asset]:
    """A style's live assets, oldest first."""
    return session.scalars(
        select(Asset)
        .where(Asset.style == ids.check(style, "sty"), Asset.state == "live")
        .order_by(Asset.created_at, Asset.id)
    ).all()


def learned(session: Session, *, style: str) -> Sequence[Asset]:
    """The live assets that engines may learn from, oldest first: once a style was listed, no unproven voice."""
    row = styles.get(session, style=style)
    query = select(Asset).where(Asset.style == row.id, Asset.state == "live")
    if row.state != "draft":  # of a draft only its creator gets samples
        query = query.where(styles.proven())
    return session.scalars(query.order_by(Asset.created_at, Asset.id)).all()


def of_person(session: Session, *, asset: str, person: str) -> Asset:
    """An asset of one of this person's profiles, else NotFound."""
    mine = select(Asset).join(Creator, Creator.id == Asset.creator).where(Creator.person == person)
    row = session.scalar(mine.where(Asset.id == ids.check(asset, "ast")))
    if row is None:
        raise NotFound(f"there is no asset {asset} of yours", id=asset)
    return row


def unseen(session: Session, *, after: str = "") -> Asset | None:
    """The next asset, by id, that may be shown or searched and of which nothing small was made yet."""
    looked = Asset.look.is_not(None) | Asset.width.is_(None)
    lacking = Asset.thumbnail.is_(None) | Asset.findings.is_(None) | ~looked
    query = select(Asset).where(lacking, Asset.state != "retired", Asset.id > after)
    return session.scalar(query.order_by(Asset.id).limit(1))


def see(session: Session, *, asset: str, seen: Seen) -> None:
    """Keep what was made of an asset that lacked it."""
    row = session.get_one(Asset, ids.check(asset, "ast"), with_for_update=True)
    row.thumbnail, row.look, row.findings = seen.thumbnail, seen.look, [x.document() for x in seen.findings]
    row.excerpt, row.voice, row.tempo, row.key = seen.excerpt, seen.voice, seen.tempo, seen.key
    session.flush()


def leave_out(session: Session, *, asset: str, creator: str, outside: Sequence[Sequence[int]]) -> Asset:
    """Take nothing from these areas of a work any more, and from all others again. Raises NotFound, BadArea, AssetGone.

    What engines learned from the style is learned again, because its `version` rises. Twice is once.
    """
    known = _own(session, asset, creator)
    style = styles.own(session, style=known.style, creator=creator, lock=True)
    session.refresh(known)
    if known.state == "retired":
        raise AssetGone(f"asset {asset} is retired, so nothing is taken from it; send it again first", asset=asset)
    wished = [list(area) for area in areas.checked(outside)]
    if wished and known.width is None:
        raise WrongMedium(f"asset {asset} is a recording; areas are left out of pictures only")
    if wished != known.left_out:
        known.left_out = wished
        style.version += known.state == "live"
        session.flush()
    return known


def outside(asset: Asset) -> tuple[Area, ...]:
    """The areas of a work that nothing is taken from."""
    return tuple((top, left, bottom, right) for top, left, bottom, right in asset.left_out)


def together(session: Session, *, style: str) -> tuple[list[Asset], tuple[Finding, ...]]:
    """A style's live and measured pictures, oldest first, and what is noticed of them as a set."""
    rows = [row for row in live(session, style=style) if row.look is not None]
    looks = look.unpack([row.look for row in rows if row.look is not None])
    return rows, inspection.of_set(list(looks))


def shown(session: Session, *, asset: str, person: str | None, staff: bool = False) -> tuple[Asset, bool]:
    """An asset whose thumbnail this person may see, and whether everyone may. Raises NotFound, NoThumbnail."""
    query = select(Asset, Style.state, Creator.person, styles.proven())
    query = query.join(Style, Style.id == Asset.style).join(Creator, Creator.id == Asset.creator)
    found = session.execute(query.where(Asset.id == ids.check(asset, "ast"))).one_or_none()
    public = found is not None and (found[0].state, found[1], found[3]) == ("live", "listed", True)
    if found is None or not (public or staff or found[2] == person):
        raise NotFound(f"there is no asset {asset}", id=asset)
    if found[0].thumbnail is None:
        raise NoThumbnail(f"asset {asset} has no thumbnail yet; it is made within minutes, try again then", id=asset)
    return found[0], public


def heard(session: Session, *, asset: str, person: str | None, staff: bool = False) -> tuple[Asset, bool]:
    """A recording whose excerpt this person may hear, and whether everyone may. Raises NotFound, NoThumbnail.

    The house's staff may hear it, who decide whether it is of the voice that spoke a phrase.
    """
    row, public = shown(session, asset=asset, person=person, staff=staff)
    if row.excerpt is None:
        raise NotFound(f"asset {asset} is a picture; there is nothing to hear", id=asset)
    return row, public


def intake(session: Session, asset: Asset) -> Intake:
    """A work with what its creator should know of how it came in."""
    earlier = session.get(Asset, asset.merged_into) if asset.merged_into else None
    return Intake(asset, earlier.title if earlier else None)


def file(asset: Asset, *, blobs: BlobStore, keys: Keystore) -> bytes:
    """The work as it is kept, a PNG or a FLAC, for its owner. Raises KeyErased."""
    return keys.open(asset.creator, blobs.get(asset.blob))


def original(asset: Asset, *, blobs: BlobStore, keys: Keystore) -> Media:
    """The work itself, for its owner or an engine, in this process only; slow, so call it outside any transaction."""
    # Written by us and authenticated by its key, so it needs no child process to be decoded in.
    if asset.width is None:
        return encode_sound.decoded(file(asset, blobs=blobs, keys=keys))
    with Image.open(io.BytesIO(file(asset, blobs=blobs, keys=keys)), formats=["PNG"]) as image:
        return Picture(np.array(image))


def confirm(session: Session, *, assets: Sequence[str]) -> None:
    """All of these may still be learned from; call it while their styles are held. Raises AssetGone."""
    gone = session.scalar(
        select(Asset.id).where(Asset.id.in_(assets), Asset.state != "live").order_by(Asset.id).limit(1)
    )
    if gone is not None:
        raise AssetGone(f"asset {gone} was retired meanwhile; the work is made again without it", asset=gone)


def retire(session: Session, *, asset: str, creator: str, at: datetime) -> Asset:
    """Learn no more from this work; it stays registered as its creator's. Twice is once. Raises NotFound, LastAsset."""
    known = _own(session, asset, creator)
    style = styles.own(session, style=known.style, creator=creator, lock=True)
    session.refresh(known)
    if known.state == "retired":
        return known
    was_live = known.state == "live"
    if was_live and style.state == "listed" and [x.id for x in learned(session, style=style.id)] == [asset]:
        raise LastAsset(
            f"asset {asset} is the last one of style {style.id}; add another or retire the style", asset=asset
        )
    known.state, known.merged_into, known.retired_at = "retired", None, at
    style.version += was_live
    session.flush()
    return known


def _placed(session: Session, fingerprint: Samples, creator: str) -> tuple[str, str | None]:
    """State of a new asset, and the earlier one of the same creator that it merges into.

    Held and merged assets are not registered, so a copy that someone else brought never holds up its original.
    """
    hits = registry.screen(session, fingerprint, owner=creator)
    if any(hit.owner != creator for hit in hits):
        return "held", None
    earlier = _earliest_live(session, [hit.asset for hit in hits])
    return ("merged", earlier) if earlier else ("live", None)


def _earliest_live(session: Session, assets: Sequence[str]) -> str | None:
    return session.scalar(
        select(Asset.id)
        .where(Asset.id.in_(assets), Asset.state == "live")
        .order_by(Asset.created_at, Asset.id)
        .limit(1)
    )


def _own(session: Session, asset: str, creator: str) -> Asset:
    row = session.get(Asset, ids.check(asset, "ast"))
    if row is None or row.creator != creator:
        raise NotFound(f"there is no asset {asset} of yours", id=asset)
    return row
