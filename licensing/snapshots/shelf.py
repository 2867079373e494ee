"""A house's own snapshots, in a folder: written day by day, given to whoever asks, and taken away when they are old.

A whole one is written every six days, and each day between them what has changed since it. So whoever holds the last
whole one needs one small file a day, and each file counts for seven days.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from core.errors import Invalid, NotFound
from core.signatures import Signer
from licensing.snapshots import writing
from licensing.snapshots.file import Opened
from licensing.snapshots.kit import Kit
from licensing.snapshots.layout import LASTS, Header
from licensing.snapshots.writing import Units

SUFFIX: Final = ".snapshot"
A_DAY: Final = timedelta(hours=23, minutes=30)  # or nearly: the task that looks each hour is not always on time
WHOLE: Final = timedelta(days=5) + A_DAY
KEPT: Final = 2 * LASTS  # the last delta on a whole one counts for so long
log = structlog.get_logger()
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z(-delta)?")


class NoSuchSnapshot(NotFound):
    """There is no snapshot of this name, or it was too old to be kept."""


@dataclass(frozen=True)
class Kept:
    """A snapshot on the shelf: its name, its size in bytes, and what is signed."""

    name: str
    size: int
    header: Header


class Shelf:
    """The snapshots in a folder. `house`: its address; `trust`: of its chain, see `attribution.chain`."""

    def __init__(self, folder: Path, *, signer: Signer, house: str, trust: Callable[[], str]) -> None:
        self.folder = folder
        self._signer = signer
        self._house = house
        self._trust = trust
        self._read: dict[str, Kept] = {}

    @staticmethod
    def name(at: datetime, *, since: Kit | None) -> str:
        """What one is called that is written then, such as `2026-11-29T020000Z`."""
        return f"{at:%Y-%m-%dT%H%M%SZ}{'-delta' if since is not None else ''}"

    def write(self, path: Path, units: Units, *, at: datetime, since: Kit | None = None) -> Header:
        """Write one anywhere: what is registered, or what has changed `since`."""
        return writing.write(
            path, units, signer=self._signer, house=self._house, trust=self._trust(), at=at, since=since
        )

    def add(self, units: Units, *, at: datetime) -> Kept | None:
        """Write today's, unless it is there already; what is too old is taken away."""
        kept = self.listed()
        if kept and at - kept[0].header.at < A_DAY:
            return None
        whole = next((one for one in kept if one.header.base is None and at - one.header.at < WHOLE), None)
        since = self.open(whole.name) if whole is not None else None
        name = self.name(at, since=since)
        self.write(self._file(name), units, at=at, since=since)
        for one in kept:
            if at - one.header.at >= KEPT:
                self._file(one.name).unlink(missing_ok=True)
        return self._kept(name)

    def listed(self) -> list[Kept]:
        """All that are kept, the newest first, but for those that are damaged."""
        found = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            name = path.name.removesuffix(SUFFIX)
            if _NAME.fullmatch(name):
                try:
                    found.append(self._kept(name))
                except (Invalid, FileNotFoundError) as error:
                    log.warning("a snapshot is left out", name=name, reason=str(error))
        return sorted(found, key=lambda one: (one.header.at, one.name), reverse=True)

    def path(self, name: str) -> Path:
        """The file of one that is kept. Raises NoSuchSnapshot."""
        if not _NAME.fullmatch(name) or not self._file(name).is_file():
            raise NoSuchSnapshot(f"there is no snapshot {name[:40]!r}; GET /v1/snapshots lists those that there are")
        return self._file(name)

    def open(self, *names: str) -> Kit:
        return Kit.open([self.path(name) for name in names], self._signer.jwks())

    def _kept(self, name: str) -> Kept:
        """Read once: nothing in the folder is ever rewritten."""
        found = self._read.get(name)
        if found is None:
            path = self._file(name)
            found = Kept(name, path.stat().st_size, Opened(path, self._signer.jwks()).header)
            self._read[name] = found
        return found

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"
