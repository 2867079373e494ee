"""The works a style is learned from: screened against everyone's, kept losslessly and encrypted, read only to be used.

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
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from attribution import fingerprint as fingerprints
from attribution import registry
from attribution.fingerprint import Fingerprint
from core import encode, ids
from core.blobs import BlobStore
from core.errors import Conflict, NotFound
from core.keys import Keystore
from core.media import Picture
from creators import styles
from creators.models import Asset, Style
from creators.profiles import named


class AssetGone(Conflict):
    """A work rests on an asset that nobody may learn from any more."""


class LastAsset(Conflict):
    """A listed style must keep something to learn from."""


@dataclass(frozen=True, eq=False)
class Upload:
    """A work that was measured and stored for a creator, and is not registered yet. `blob`: its encrypted original."""

    creator: str
    fingerprint: Fingerprint
    blob: str
    width: int
    height: int
    bytes: int


def store(picture: Picture, *, creator: str, blobs: BlobStore, keys: Keystore) -> Upload:
    """Fingerprint a work, encode it losslessly, encrypt and store it: slow, so call it outside any transaction."""
    data = encode.png(picture)
    blob = blobs.put(keys.seal(creator, data))
    return Upload(creator, fingerprints.of(picture), blob, picture.width, picture.height, len(data))


def take(session: Session, *, style: str, upload: Upload, title: str, at: datetime) -> Asset:
    """Register a stored work, unless it is known: a copy of another creator's is held, of one's own is merged.

    The row's `state` says which. Raises NotFound, BadName.
    """
    creator, title = upload.creator, named(title)
    row = styles.own(session, style=style, creator=creator, lock=True)
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('creators.assets.take', 0))"))
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
        width=upload.width,
        height=upload.height,
        bytes=upload.bytes,
        created_at=at,
    )
    session.add(asset)
    session.flush()
    if state == "live":
        registry.register_asset(session, asset=asset.id, owner=creator, fingerprint=upload.fingerprint)
        row.version += 1
        session.flush()
    return asset


def live(session: Session, *, style: str) -> Sequence[Asset]:
    """A style's live assets, oldest first."""
    return session.scalars(
        select(Asset)
        .where(Asset.style == ids.check(style, "sty"), Asset.state == "live")
        .order_by(Asset.created_at, Asset.id)
    ).all()


def original(asset: Asset, *, blobs: BlobStore, keys: Keystore) -> Picture:
    """The work itself, for its owner or an engine, in this process only; slow, so call it outside any transaction."""
    # Written by us and authenticated by its key, so it needs no child process to be decoded in.
    data = keys.open(asset.creator, blobs.get(asset.blob))
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
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
    if was_live and style.state == "listed" and _live_count(session, style) == 1:
        raise LastAsset(
            f"asset {asset} is the last one of style {style.id}; add another or retire the style", asset=asset
        )
    known.state, known.merged_into, known.retired_at = "retired", None, at
    style.version += was_live
    session.flush()
    return known


def _placed(session: Session, fingerprint: Fingerprint, creator: str) -> tuple[str, str | None]:
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


def _live_count(session: Session, style: Style) -> int:
    counted = select(func.count()).where(Asset.style == style.id, Asset.state == "live")
    return session.scalar(counted) or 0


def _own(session: Session, asset: str, creator: str) -> Asset:
    row = session.get(Asset, ids.check(asset, "ast"))
    if row is None or row.creator != creator:
        raise NotFound(f"there is no asset {asset} of yours", id=asset)
    return row
