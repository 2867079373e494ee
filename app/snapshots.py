"""The house's own snapshots: how their files are called, and where what is in them comes from."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core import db

if TYPE_CHECKING:
    from app.house import House
    from licensing.snapshots.kit import Kit
    from licensing.snapshots.layout import Header

SUFFIX = ".snapshot"


def name(at: datetime, *, since: Kit | None) -> str:
    """A file's name, such as `2026-11-29T120000Z.snapshot`; `…-delta.snapshot` of one that follows another."""
    return f"{at:%Y-%m-%dT%H%M%SZ}{'-delta' if since is not None else ''}{SUFFIX}"


def write(house: House, path: Path, *, at: datetime, since: Kit | None = None) -> Header:
    """Write what is registered, or what has changed `since`."""
    from licensing.snapshots import writing

    return writing.write(
        path,
        partial(db.unit, house.sessions),
        signer=house.snapshot_keys,
        house=house.settings.address,
        trust=house.chain.trust if house.chain.there else "",
        at=at,
        since=since,
    )
