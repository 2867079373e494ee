"""What an engine learned from a style, kept encrypted and found again by content: a cache that is safe to delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from core import canonical, db
from core.blobs import BlobStore
from core.errors import Conflict, NotFound
from core.keys import Keystore
from creators import assets
from creators.models import Style
from generation.engine import Area, Asset, Engine, Report
from generation.models import Preparation


class NothingToLearnFrom(Conflict):
    """The style has no live asset."""


@dataclass(frozen=True)
class Prepared:
    """A style ready for an engine: its bytes, and the assets it was made from."""

    data: bytes
    assets: tuple[LearnedAsset, ...]


@dataclass(frozen=True)
class LearnedAsset:
    """A live asset of a style, by the hash of its samples. `left_out`: what nothing may be taken from; `voice`: whether
    somebody is heard in it."""

    id: str
    title: str
    creator: str
    sha256: str
    left_out: tuple[Area, ...] = ()
    voice: bool = False


@dataclass(frozen=True)
class Store:
    """Where preparations live."""

    sessions: db.Sessions
    blobs: BlobStore
    keys: Keystore

    def prepared(self, *, style: str, engine: Engine, at: datetime, report: Report) -> Prepared:
        """Fetch or make what `engine` learns from the style's live assets. Raises NothingToLearnFrom."""
        with db.unit(self.sessions) as session:
            creator = session.get_one(Style, style).creator
            rows = assets.learned(session, style=style)
        learned = tuple(
            LearnedAsset(row.id, row.title, creator, row.samples_sha256, assets.outside(row), bool(row.voice))
            for row in rows
        )
        if not learned:
            raise NothingToLearnFrom(f"style {style} has no live asset; its creator must add one", style=style)
        label, inputs = f"{engine.card.name} {engine.card.version}", inputs_hash(learned)
        with db.unit(self.sessions) as session:
            row = session.get(Preparation, (style, label, inputs))
            kept = row.blob if row else None
        if kept is not None:
            try:
                return Prepared(self.keys.open(creator, self.blobs.get(kept)), learned)
            except NotFound:
                pass  # swept from the store: make it again
        # Decrypted and decoded for this process only, and only now: an hour of recordings takes a while to read.
        opened = [
            Asset(row.id, assets.original(row, blobs=self.blobs, keys=self.keys), assets.outside(row)) for row in rows
        ]
        data = engine.prepare(opened, report=report)
        blob = self.blobs.put(self.keys.seal(creator, data))
        fresh = {"style": style, "engine": label, "inputs_hash": inputs, "blob": blob, "created_at": at}
        with db.unit(self.sessions) as session:
            session.execute(
                insert(Preparation)
                .values(fresh)
                .on_conflict_do_update(index_elements=["style", "engine", "inputs_hash"], set_={"blob": blob})
            )
        return Prepared(data, learned)


def inputs_hash(learned: Sequence[LearnedAsset]) -> str:
    """Names what was learned: the assets, their samples, and what of them is left out."""
    return canonical.digest(
        [[x.id, x.sha256, *([[list(area) for area in x.left_out]] if x.left_out else [])] for x in learned]
    )
