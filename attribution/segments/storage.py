"""Where segment files are: a folder of this machine, or S3-compatible storage with a folder as its cache."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from attribution.segments.segment import PARTIAL, SegmentUnusable
from core.clock import SYSTEM
from core.errors import Invalid, Unavailable

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,200}\.segment")


class StorageUnusable(Unavailable):
    """The storage of the index's segments cannot be used."""


class Storage(Protocol):
    """Files that are written once, under names never used before."""

    folder: Path
    """Where a new segment is written, and where those that are searched lie."""

    def publish(self, name: str) -> None:
        """A file that was written into the folder can be fetched from everywhere. Raises StorageUnusable."""
        ...

    def fetch(self, name: str) -> Path:
        """The file, on this machine. Raises SegmentUnusable."""
        ...

    def sweep(self, prefix: str, *, keep: Collection[str], older: float) -> None:
        """Delete what begins with `prefix` and is not to be kept, if it was written more than `older` seconds ago."""
        ...


class LocalFolder:
    """A folder that all processes of this machine share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def publish(self, name: str) -> None:
        """It is there already."""

    def fetch(self, name: str) -> Path:
        return self.folder / checked(name)

    def sweep(self, prefix: str, *, keep: Collection[str], older: float) -> None:
        sweep(self.folder, prefix, keep=keep, older=older)


class ObjectStore:
    """S3-compatible storage; what is searched is fetched into a folder once, and found there from then on.

    Who may use it is said as other programs are told (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL …).
    """

    def __init__(self, url: str, folder: Path) -> None:
        """`url`: s3://bucket/prefix. Raises Invalid, and StorageUnusable where obstore is not installed."""
        try:
            from obstore import store
        except ImportError as error:
            raise StorageUnusable(
                "segments in S3-compatible storage need obstore; install homage[fleet], or keep them in a folder"
            ) from error
        try:
            self._store: Any = store.from_url(url, client_options={"allow_http": True})
        except Exception as error:  # its errors have no common type that is public
            raise Invalid(f"{url!r} is no address of S3-compatible storage; it is s3://bucket/prefix") from error
        self.folder = folder

    def publish(self, name: str) -> None:
        import obstore

        with _asking(f"the segment {name} cannot be stored"):
            obstore.put(self._store, checked(name), self.folder / name)

    def fetch(self, name: str) -> Path:
        path = self.folder / checked(name)
        if not path.exists():
            try:
                self._download(name, path)
            except Exception as error:
                raise SegmentUnusable(
                    f"the segment {name} cannot be fetched ({error}); try again, or run `homage index rebuild`",
                    segment=name,
                ) from error
        return path

    def sweep(self, prefix: str, *, keep: Collection[str], older: float) -> None:
        import obstore

        sweep(self.folder, prefix, keep=keep, older=older)
        now = SYSTEM.now()
        with _asking("the stored segments cannot be swept"):
            stored = [one for page in obstore.list(self._store) for one in page]
            for one in stored:
                stray = one["path"].startswith(prefix) and one["path"] not in keep
                if stray and (now - one["last_modified"]).total_seconds() > older:
                    obstore.delete(self._store, one["path"])

    def _download(self, name: str, path: Path) -> None:
        import obstore

        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, prefix=PARTIAL, delete=False) as partial:
            try:
                for chunk in obstore.get(self._store, name).stream(min_chunk_size=8 << 20):
                    partial.write(chunk)
                partial.flush()
                Path(partial.name).replace(path)
            except BaseException:
                Path(partial.name).unlink(missing_ok=True)
                raise


def at(place: str | None, folder: Path) -> Storage:
    """The storage that a setting names: `s3://bucket/prefix`, with `folder` as its cache, or `folder` itself."""
    return ObjectStore(place, folder) if place else LocalFolder(folder)


def checked(name: str) -> str:
    """A segment's name, which names a file and never another folder. Raises Invalid."""
    if not NAME.fullmatch(name):
        raise Invalid(f"{name[:80]!r} is no segment's name")
    return name


def sweep(folder: Path, prefix: str, *, keep: Collection[str], older: float) -> None:
    """As `Storage.sweep`, in a folder; what was only half written is deleted too."""
    now = SYSTEM.now().timestamp()
    for path in list(folder.glob(f"{prefix}*.segment")) + list(folder.glob(f"{PARTIAL}*")):
        with suppress(OSError):
            if path.name not in keep and now - path.stat().st_mtime > older:
                path.unlink()


@contextmanager
def _asking(failing: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise StorageUnusable(f"{failing}: {error}; check the storage's address and credentials") from error
