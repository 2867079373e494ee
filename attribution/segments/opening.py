"""Opening an index as a house is set up: where its files are, and who searches them."""

from __future__ import annotations

from pathlib import Path

from attribution.segments import storage
from attribution.segments.body import Body
from attribution.segments.searchers import Fleet
from attribution.segments.shelf import Shelf
from attribution.segments.store import Index
from attribution.segments.vectors import Vectors
from core import db

HERE = "local"  # searched by the process that asks


def opened(
    sessions: db.Sessions,
    body: Body,
    *,
    folder: Path,
    place: str | None = None,
    searched: str = HERE,
    searchers: int = 2,
) -> Index:
    """The index of this body.

    `folder`: of its files, or of those fetched from `place`, an address like s3://bucket/prefix. `searched`: `local`;
    `lancedb`, for bodies of whole codes; a Ray cluster's address, or `ray` for one on this machine.
    Raises Invalid, StorageUnusable.
    """
    held = storage.at(place, folder)
    shelf: Shelf | None = None
    if searched == "lancedb":
        shelf = Vectors(body, held, folder / "lancedb")
    elif searched != HERE:
        address = "local" if searched == "ray" else searched
        shelf = Fleet(
            body, place, folder if place is None else folder / "fetched", address=address, searchers=searchers
        )
    return Index(sessions, body, held, shelf=shelf)
