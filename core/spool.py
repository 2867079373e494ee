"""Bodies too large for memory: they go to disk as they come, whole or not at all, to be read from there.

A file is its owner's until it is removed; what a killed server left behind is swept. Unlike an upload it cannot be gone
on with: whoever breaks off sends it again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect

from core.errors import Conflict, Invalid, TooMany
from core.uploads import SPARE_BYTES, NoRoom

BLOCK = 1 << 20  # bytes gathered before they are written
SILENT_SECONDS, MOST_SECONDS = 30.0, 1_800.0
AT_ONCE = 4  # of one person
ORPHAN = timedelta(hours=1)


class WrongMediaType(Invalid):
    """The body is not of a kind that is taken here."""


class BodyTooLong(Invalid):
    """The body has more bytes, or more lines, than are taken at once."""


class BodyStopped(Conflict):
    """The body did not come to its end."""


class TooManyBodies(TooMany):
    """Several bodies of yours are on their way already."""


@dataclass(frozen=True)
class Spooled:
    """A body on disk. `breaks`: how many line breaks are in it. `sha256`: in hex."""

    path: Path
    bytes: int
    breaks: int
    sha256: str


class Spool:
    """Where bodies lie. Counting who sends is this process's own."""

    def __init__(self, folder: Path, *, most_bytes: int = 512 << 20) -> None:
        self.folder = folder
        self.most_bytes = most_bytes
        self._coming: Counter[str] = Counter()

    def path(self, name: str) -> Path:
        return self.folder / name

    async def receive(self, body: AsyncIterator[bytes], *, name: str, person: str, most_breaks: int) -> Spooled:
        """Take a body to disk, under a name of ours. However it ends otherwise, nothing of it stays.

        Raises TooManyBodies, BodyTooLong, BodyStopped, NoRoom.
        """
        if self._coming[person] >= AT_ONCE:
            raise TooManyBodies(f"{AT_ONCE} bodies of yours are on their way; wait for one to end", retry_after=5)
        self._coming[person] += 1
        coming = _Coming(self.path(name), self.most_bytes, most_breaks)
        try:
            await run_sync(coming.open)
            with anyio.fail_after(MOST_SECONDS):
                async for block in _blocks(body):
                    await run_sync(coming.write, block)
            return await run_sync(coming.end)
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await run_sync(coming.drop)
            if isinstance(error, TimeoutError | ClientDisconnect):
                raise BodyStopped(
                    "sending broke off, or was silent too long; nothing is kept, send it again"
                ) from error
            raise
        finally:
            self._coming[person] -= 1
            self._coming += Counter()  # who sends nothing is forgotten

    def remove(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)

    def sweep(self, *, keep: Collection[str], at: datetime) -> None:
        """Remove what nobody needs any more: what is not to be kept, and is no longer being sent."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            with suppress(FileNotFoundError):
                age = at - datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if path.name not in keep and age > ORPHAN:
                    path.unlink()


class _Coming:
    """One body being written, by one thread at a time."""

    def __init__(self, path: Path, most_bytes: int, most_breaks: int) -> None:
        self._path, self._most_bytes, self._most_breaks = path, most_bytes, most_breaks
        self._file = -1
        self._bytes = self._breaks = 0
        self._hash = hashlib.sha256()

    def open(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, block: bytes) -> None:
        self._bytes += len(block)
        self._breaks += block.count(b"\n")
        if self._bytes > self._most_bytes or self._breaks > self._most_breaks:
            raise BodyTooLong(
                f"a body has up to {self._most_bytes >> 20} MiB and {self._most_breaks:,} lines; send it in parts",
                most_bytes=self._most_bytes,
                most_lines=self._most_breaks,
            )
        if shutil.disk_usage(self._path.parent).free < len(block) + SPARE_BYTES:
            raise NoRoom("the disk is nearly full, and nothing was kept; try again later")
        self._hash.update(block)
        rest = memoryview(block)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def end(self) -> Spooled:
        os.fsync(self._file)
        self._close()
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return Spooled(self._path, self._bytes, self._breaks, self._hash.hexdigest())

    def drop(self) -> None:
        self._close()
        self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


async def _blocks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body in blocks worth a write. Raises TimeoutError when nothing comes."""
    coming, block = aiter(body), bytearray()
    while True:
        with anyio.fail_after(SILENT_SECONDS):
            chunk = await anext(coming, None)
        if chunk is None:
            break
        block += chunk
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)
