"""The doors to the offline kit: which snapshots there are, and their files."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse

from core.web import Out, port
from licensing.snapshots.shelf import Kept, Shelf

router = APIRouter(tags=["snapshots"])
KIND = "application/octet-stream"
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {KIND: {}}, "description": "the file; a part of it where `Range` names one"}
}
Kits = Annotated[Shelf, port("snapshots")]


class SnapshotOut(Out):
    """A signed file that answers offline, from `at` until `not_after`.

    `base`: the digest of the one that it follows, with which it is asked; null of a whole one. `works`: how many are in
    it.
    """

    name: str
    at: dt.datetime
    not_after: dt.datetime
    digest: str
    base: str | None
    bytes: int
    works: int

    @classmethod
    def of(cls, kept: Kept) -> SnapshotOut:
        header = kept.header
        said = {name: getattr(header, name) for name in ("at", "not_after", "digest", "base")}
        return cls(name=kept.name, bytes=kept.size, works=header.counts["works"], **said)


@router.get("/snapshots")
def list_snapshots(shelf: Kits) -> list[SnapshotOut]:
    """What is kept, the newest first. Who asks offline needs a whole one, and the last of those that follow it."""
    return [SnapshotOut.of(kept) for kept in shelf.listed()]


@router.get("/snapshots/{name}", response_class=FileResponse, responses=FILES)
def get_snapshot(name: Annotated[str, Path(max_length=40)], shelf: Kits) -> FileResponse:
    """One file, which never changes; after a broken line, `Range` goes on where it broke off."""
    path = shelf.path(name)
    headers = {"Cache-Control": "public, max-age=86400, immutable", "Cross-Origin-Resource-Policy": "cross-origin"}
    return FileResponse(path, media_type=KIND, filename=path.name, headers=headers)
