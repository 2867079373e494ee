"""The works a style is learned from: screened against everyone's, kept losslessly and encrypted, read only to be used.

Decoding and fingerprinting (`inspect`) are slow and happen before the transaction; a blob that no row names is
harmless. Only one upload at a time is screened and registered, so that of two copies one is always the earlier; others
wait for its commit, so take one work per transaction where many people upload.

Locks: the style's row, then the screening lock.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from attribution import fingerprint as fingerprints
from attribution import registry
from attribution.fingerprint import Fingerprint
from core import decode, encode, ids
from core.blobs import BlobStore
from core.errors import Conflict, NotFound
from core.keys import Keystore
from core.media import Picture
from creators import styles
from creators.models import Asset, Style
from creators.profiles import named


class LastAsset(Conflict):
    """A listed style must keep something to learn from."""


@dataclass(frozen=True, eq=False)
class Inspected:
    """An upload, decoded and measured."""

    picture: Picture
    fingerprint: Fingerprint


def inspect(path: Path) -> Inspected:
    """Decode and fingerprint a file; call it outside any transaction. Raises Undecodable, TooLarge."""
    picture = decode.picture(path)
    return Inspected(picture, fingerprints.of(picture))


def take(  # noqa: PLR0913  # an upload's two halves and the two stores travel apart, so that callers build neither twice
    session: Session,
    *,
    style: str,
    creator: str,
    title: str,
    picture: Picture,
    fingerprint: Fingerprint,
    blobs: BlobStore,
    keys: Keystore,
    at: datetime,
) -> Asset:
    """Store a work and register it, unless it is known: a copy of another creator's is held, of one's own is merged.

    The row's `state` says which. Raises NotFound, BadName.
    """
    styles.own(session, style=style, creator=creator)
    if fingerprint.sha256 != picture.sha256:
        raise ValueError("the fingerprint is of another picture")
    title = named(title)
    data = encode.png(picture)
    blob = blobs.put(keys.seal(creator, data))
    row = styles.own(session, style=style, creator=creator, lock=True)
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('creators.assets.take', 0))"))
    state, earlier = _placed(session, fingerprint, creator)
    asset = Asset(
        id=ids.new("ast"),
        style=style,
        creator=creator,
        title=title,
        state=state,
        merged_into=earlier,
        samples_sha256=picture.sha256,
        blob=blob,
        width=picture.width,
        height=picture.height,
        bytes=len(data),
        created_at=at,
    )
    session.add(asset)
    session.flush()
    if state == "live":
        registry.register_asset(session, asset=asset.id, owner=creator, fingerprint=fingerprint)
        row.version += 1
        session.flush()
    return asset


def load(session: Session, *, style: str, blobs: BlobStore, keys: Keystore) -> list[tuple[str, str, Picture]]:
    """(asset id, title, original) of a style's live assets, oldest first: for engines, in this process only."""
    rows = session.scalars(
        select(Asset)
        .where(Asset.style == ids.check(style, "sty"), Asset.state == "live")
        .order_by(Asset.created_at, Asset.id)
    ).all()
    return [(row.id, row.title, _original(row, blobs, keys)) for row in rows]


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


def _original(row: Asset, blobs: BlobStore, keys: Keystore) -> Picture:
    # Written by us and authenticated by its key, so it needs no child process to be decoded in.
    data = keys.open(row.creator, blobs.get(row.blob))
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        return Picture(np.array(image))
