"""Files addressed by the SHA-256 of what is stored: writing before a commit is harmless, writing twice is once."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from core.errors import Invalid, NotFound, Unavailable

_ADDRESS = re.compile(r"[0-9a-f]{64}")


class BlobMissing(NotFound):
    """No file is stored under this address."""


class BlobDamaged(Unavailable):
    """A stored file is not what was stored."""


class BlobStore(Protocol):
    """Where files are kept."""

    def put(self, data: bytes) -> str:
        """Store bytes; their SHA-256 in hex is their address."""
        ...

    def get(self, address: str) -> bytes:
        """The same bytes. Raises BlobMissing, BlobDamaged."""
        ...

    def has(self, address: str) -> bool: ...

    def delete(self, address: str) -> None:
        """Remove the file if it is there."""
        ...


class LocalBlobs:
    """A folder on this machine. A file appears whole and on disk, or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        address = hashlib.sha256(data).hexdigest()
        path = self._path(address)
        try:
            if not self._holds(path, data):
                _write(path, data, root=self.root)
        except OSError as error:
            raise Unavailable(
                f"cannot store a file in {self.root}: {error.strerror}; check its permissions and the disk's space"
            ) from error
        return address

    def get(self, address: str) -> bytes:
        try:
            data = self._path(address).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(f"no file is stored under {address[:16]}…", address=address) from None
        except OSError as error:
            raise BlobDamaged(
                f"the stored file {address[:16]}… cannot be read: {error.strerror}; check the disk", address=address
            ) from error
        if hashlib.sha256(data).hexdigest() != address:
            raise BlobDamaged(f"the stored file {address[:16]}… is damaged; restore it from a backup", address=address)
        return data

    def has(self, address: str) -> bool:
        return self._path(address).exists()

    def delete(self, address: str) -> None:
        self._path(address).unlink(missing_ok=True)

    def _holds(self, path: Path, data: bytes) -> bool:
        """Whether the same bytes are stored already; a damaged file is not the same, and is written again."""
        return path.exists() and path.read_bytes() == data

    def _path(self, address: str) -> Path:
        if not _ADDRESS.fullmatch(address):
            raise Invalid(f"{address[:70]!r} is no address of a stored file")
        return self.root / address[:2] / address[2:4] / address


def _write(path: Path, data: bytes, *, root: Path) -> None:
    """The file whole and on disk, its name and its folders' names too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(path)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent, root):
        sync(folder)


def create_once(path: Path, data: bytes) -> None:
    """Write a private file once and for all: of several processes that try, one wins and the others find its file.

    Raises OSError.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(partial, path)  # fails where the name is taken, unlike rename
    finally:
        partial.unlink()
    sync(path.parent)


def sync(folder: Path) -> None:
    """Bring a folder's list of names to disk: a file is only as lasting as its name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
