"""Writing a snapshot: the whole of what is registered, or what has changed since an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from core.signatures import Signer
from licensing.snapshots import file, gathering, layout
from licensing.snapshots.gathering import AT_ONCE, Granted
from licensing.snapshots.kit import Kit
from licensing.snapshots.layout import HASH, LICENSE, ORIGINAL, SECTIONS, WORK, Header
from licensing.snapshots.packing import Packer
from licensing.terms import Terms

T = TypeVar("T")
Units = Callable[[], AbstractContextManager[Session]]  # each call begins a unit of work of its own, as `core.db.unit`


def write(
    path: Path, units: Units, *, signer: Signer, house: str, trust: str, at: datetime, since: Kit | None = None
) -> Header:
    """Write what is registered, or what has changed `since`; `trust`: of the chain, see `attribution.chain`.

    The same data, time and key give the same bytes. Raises KeyUnusable, Unavailable.
    """
    before = Before(since)
    sections = {**_sections(units, before), "trust": trust.encode()}
    counts = {name: len(sections[name]) // SECTIONS[name].size for name in SECTIONS}
    base = since.last.digest if since is not None else None
    header = Header(house, at.replace(microsecond=0), base, "", counts)
    return file.write(path, header, sections, signer=signer)


class Before:
    """What an earlier kit says already: of works when they were withdrawn, of licenses how they stand."""

    def __init__(self, kit: Kit | None) -> None:
        self._works: dict[bytes, int] = {}
        self._licenses: dict[bytes, tuple[int, int]] = {}
        self._originals: set[bytes] = set()
        for one in kit.opened if kit is not None else ():
            for name, _, _, withdrawn, _, _ in WORK.iter_unpack(one.all("works")):
                self._works[name] = withdrawn
            for number, _, _, *stood in LICENSE.iter_unpack(one.all("licenses")):
                self._licenses[number] = (stood[0], stood[1])
            self._originals |= {begin for begin, place, _ in HASH.iter_unpack(one.all("samples")) if place == ORIGINAL}

    def withdrawn(self, work: str) -> int | None:
        """The day it was withdrawn, as it is stored; None where nothing was said of it."""
        return self._works.get(layout.name(layout.number(work))) if self._works else None

    def has_original(self, sha256: str) -> bool:
        return bytes.fromhex(sha256[:16]) in self._originals

    def differs(self, license: Granted) -> bool:
        """Whether something was said of the license, and it was another thing."""
        said = self._licenses.get(layout.number(license.id))
        return said is not None and said != layout.standing(license.state, license.style)


def _sections(units: Units, before: Before) -> dict[str, bytes]:
    packer = Packer()
    for page in _pages(units, gathering.works, lambda row: row[0]):
        fresh = [id for id, withdrawn_at in page if before.withdrawn(id) != layout.day(withdrawn_at)]
        with units() as session:
            for work in gathering.described(session, ids=fresh):
                packer.add(work, named=before.withdrawn(work.id) is not None)
    for samples in _pages(units, gathering.originals, lambda row: row[0]):
        for _, sha256 in samples:
            if not before.has_original(sha256):
                packer.add_original(sha256)
    pages = _pages(units, gathering.licenses, lambda license: license.id)
    licenses = [one for page in pages for one in page if one.id in packer.licenses or before.differs(one)]
    return packer.sections(licenses, _terms(units, sorted({license.terms for license in licenses})))


def _pages(units: Units, page: Callable[..., Sequence[T]], key: Callable[[T], str]) -> Iterator[Sequence[T]]:
    """All rows, a page at a time, each read in a transaction of its own."""
    last = ""
    while True:
        with units() as session:
            rows = page(session, after=last)
        if not rows:
            return
        yield rows
        last = key(rows[-1])


def _terms(units: Units, hashes: Sequence[str]) -> dict[str, Terms]:
    found: dict[str, Terms] = {}
    for first in range(0, len(hashes), AT_ONCE):
        with units() as session:
            found |= gathering.terms_of(session, hashes=hashes[first : first + AT_ONCE])
    return found
