"""A segment: named arrays in one immutable file, mapped and not read, whole on disk or not there at all.

The file is `MAGIC`, the header's length (8 bytes, little-endian), the header (JSON: what it is, and of each array its
type, shape, offset and SHA-256), and the arrays, each from a multiple of 4,096 bytes on.
"""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.segments.body import Arrays, Body, Found, named
from core.blobs import sync
from core.errors import Unavailable

MAGIC = b"HOMSEG1\n"
PAGE = 4096
SUBJECTS = "subjects"  # the array of whose features they are; the other names are the algorithm's
LONGEST_HEADER = 1 << 20
PARTIAL = ".part-"


class SegmentUnusable(Unavailable):
    """A segment of the index is missing or damaged; it is derived, so build it again."""


@dataclass(frozen=True)
class Written:
    """A file that is now on disk: its size in bytes, and the SHA-256 of its header, which holds those of the arrays."""

    size: int
    sha256: str


def write(path: Path, arrays: Mapping[str, NDArray[Any]], *, subjects: Sequence[str], body: Body) -> Written:
    """Write the arrays of these subjects, in the order they were built in, under a name that was not there before."""
    named = {SUBJECTS: np.array([subject.encode() for subject in subjects], dtype="S"), **arrays}
    named = {name: np.ascontiguousarray(array) for name, array in named.items()}
    header = _header(named, body)
    front = MAGIC + len(header).to_bytes(8, "little") + header
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(front)
            for array in named.values():
                file.write(b"\0" * (-file.tell() % PAGE))
                file.write(_raw(array))
            file.flush()
            size = file.tell()
            os.fsync(file.fileno())
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    sync(path.parent)
    return Written(size, hashlib.sha256(header).hexdigest())


def _raw(array: NDArray[Any]) -> memoryview | bytes:
    return array.reshape(-1).view(np.uint8).data if array.size else b""


def _header(arrays: Arrays, body: Body) -> bytes:
    """The header, as long as it will be once the offsets are known: they are counted from the first array's page."""
    offset, described = 0, {}
    for name, array in arrays.items():
        offset += -offset % PAGE
        digest = hashlib.sha256(_raw(array)).hexdigest()
        described[name] = {"dtype": array.dtype.str, "shape": array.shape, "offset": offset, "sha256": digest}
        offset += array.nbytes
    return json.dumps({"kind": body.kind, "algorithm": body.algorithm, "arrays": described}).encode()


class Segment:
    """An open segment: its arrays lie in the file until they are looked at. Any number of threads may search it."""

    def __init__(self, path: Path, *, body: Body, expected: Written | None = None) -> None:
        """Raises SegmentUnusable where the file is missing, cut, another algorithm's, or not the `expected` one."""
        self._body = body
        self._name = path.name
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise SegmentUnusable(
                f"the segment {path.name} cannot be opened ({error}); run `homage index rebuild`", segment=path.name
            ) from error
        length = int.from_bytes(self._map[len(MAGIC) : len(MAGIC) + 8], "little")
        if self._map[: len(MAGIC)] != MAGIC or length > min(LONGEST_HEADER, len(self._map)):
            raise self._damaged()
        header = self._map[len(MAGIC) + 8 : len(MAGIC) + 8 + length]
        if expected and Written(len(self._map), hashlib.sha256(header).hexdigest()) != expected:
            raise self._damaged()
        start = len(MAGIC) + 8 + length
        self._arrays = self._mapped(header, start + -start % PAGE)
        self._subjects = self._arrays.pop(SUBJECTS)

    def __len__(self) -> int:
        return len(self._subjects)

    @property
    def arrays(self) -> Arrays:
        return self._arrays

    @property
    def subjects(self) -> list[str]:
        return [subject.decode() for subject in self._subjects]

    def search(self, asked: Any, *, most: int) -> list[Found]:
        """The best in this segment."""
        hits = self._body.search(self._arrays, asked, most=most)
        return named(hits, lambda position: str(self._subjects[position].decode()))

    def verify(self) -> None:
        """Read the whole file and compare. Raises SegmentUnusable."""
        for name, array in {SUBJECTS: self._subjects, **self._arrays}.items():
            digest = hashlib.sha256(_raw(array)).hexdigest()
            if digest != self._described[name]["sha256"]:
                raise self._damaged()

    def _mapped(self, header: bytes, start: int) -> dict[str, NDArray[Any]]:
        try:
            said = json.loads(header)
            if (said["kind"], said["algorithm"]) != (self._body.kind, self._body.algorithm):
                raise self._damaged()
            self._described = said["arrays"]
            return {name: self._array(one, start) for name, one in self._described.items()}
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged() from error

    def _array(self, said: dict[str, Any], start: int) -> NDArray[Any]:
        count = math.prod(said["shape"])
        if not count:
            return np.zeros(said["shape"], said["dtype"])
        flat = np.frombuffer(self._map, said["dtype"], count=count, offset=start + said["offset"])
        return flat.reshape(said["shape"])

    def _damaged(self) -> SegmentUnusable:
        return SegmentUnusable(
            f"the segment {self._name} is damaged or another one; run `homage index rebuild`", segment=self._name
        )
