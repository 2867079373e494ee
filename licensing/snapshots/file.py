"""A snapshot's file: a signed header, the hash of each block, and the blocks, each of which is checked when it is read.

It is `MAGIC`, the length of the signed header (4 bytes, little-endian), the header as a compact JWS, 32 bytes for each
block, and the blocks. Nothing is held in memory but what was looked at, and nothing is believed that was not signed.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path
from struct import Struct
from typing import Final

from core import signatures
from core.blobs import sync
from core.errors import Unavailable
from core.signatures import MOST_LETTERS, SNAPSHOT, Signer
from licensing.snapshots import layout, merkle
from licensing.snapshots.layout import BLOCK, SECTIONS, Header, SnapshotRefused

MAGIC: Final = b"HOMKIT1\n"
MOST_HELD: Final = 1024  # blocks, 16 MiB
_LENGTH = Struct("<I")


def write(path: Path, header: Header, sections: dict[str, bytes], *, signer: Signer) -> Header:
    """Write and sign a snapshot; the file appears whole or not at all. Returns the header with its root.

    Raises KeyUnusable, Unavailable.
    """
    body = b"".join(sections[name] for name in SECTIONS)
    leaves = b"".join(merkle.leaf(body[at : at + BLOCK]) for at in range(0, len(body), BLOCK))
    header = replace(header, root=merkle.root(leaves).hex())
    signed = signer.sign(header.dumps(), at=header.at).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, 0o644)  # for anyone to read, unlike what is made to be moved
                for part in (MAGIC, _LENGTH.pack(len(signed)), signed, leaves, body):
                    file.write(part)
                file.flush()
                os.fsync(handle)
            Path(partial).replace(path)
        finally:
            Path(partial).unlink(missing_ok=True)
        sync(path.parent)
    except OSError as error:
        raise Unavailable(f"cannot write {path}: {error.strerror}; check its folder and the disk's space") from error
    return header


class Opened:
    """A snapshot that these keys signed. Any number of threads may read; `name` is what it is called in what is said.

    Raises SnapshotRefused, SignatureRefused, SignerUnknown.
    """

    def __init__(self, path: Path, jwks: object) -> None:
        self.name = path.name
        try:
            if path.exists() and not path.is_file():  # a pipe would be waited for
                raise self._refused("it is not a file")
            self._handle = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise SnapshotRefused(f"cannot read {path}: {error.strerror}; name a snapshot's file") from error
        weakref.finalize(self, os.close, self._handle)
        self._blocks: dict[int, bytes] = {}
        signed, start = self._front()
        found = signatures.verified(signed, jwks, typ=SNAPSHOT)
        self.header = layout.read_header(found.payload)
        if not found.signed_in_time(self.header.at):
            raise self._refused("it says that it was signed after its key was retired")
        self._leaves = self._exactly(start, self.header.blocks * merkle.SIZE)
        self._start = start + len(self._leaves)
        if os.fstat(self._handle).st_size != self._start + self.header.size:
            raise self._refused("it is longer or shorter than it says")
        if merkle.root(self._leaves).hex() != self.header.root:
            raise self._refused("its blocks are not those that were signed")

    def records(self, section: str, first: int, count: int = 1) -> bytes:
        """The bytes of these records, which must be there. Raises SnapshotRefused."""
        size = SECTIONS[section].size
        if not 0 <= first <= first + count <= self.header.counts[section]:
            raise self._refused(f"it names {section} that are not there")
        begin = self.header.start(section) + first * size
        end = begin + count * size
        blocks = range(begin // BLOCK, -(-end // BLOCK))
        data = b"".join(self._block(number) for number in blocks)
        return data[begin - blocks.start * BLOCK : end - blocks.start * BLOCK]

    def all(self, section: str) -> bytes:
        """Every record. Raises SnapshotRefused."""
        return self.records(section, 0, self.header.counts[section])

    def check(self) -> None:
        """Read every block and compare. Raises SnapshotRefused."""
        for number in range(self.header.blocks):
            self._read(number)

    def _block(self, number: int) -> bytes:
        held = self._blocks.get(number)
        if held is None:
            held = self._read(number)
            if len(self._blocks) >= MOST_HELD:
                self._blocks.clear()
            self._blocks[number] = held
        return held

    def _read(self, number: int) -> bytes:
        data = self._exactly(self._start + number * BLOCK, min(BLOCK, self.header.size - number * BLOCK))
        if merkle.leaf(data) != self._leaves[number * merkle.SIZE : (number + 1) * merkle.SIZE]:
            raise self._refused(f"block {number} is not the one that was signed")
        return data

    def _front(self) -> tuple[str, int]:
        """The signed header, and where it ends."""
        head = self._exactly(0, len(MAGIC) + _LENGTH.size)
        [length] = _LENGTH.unpack(head[len(MAGIC) :])
        if head[: len(MAGIC)] != MAGIC or not 0 < length <= MOST_LETTERS:
            raise self._refused("it is no snapshot")
        signed = self._exactly(len(head), length)
        return signed.decode("latin-1"), len(head) + length

    def _exactly(self, start: int, size: int) -> bytes:
        """These bytes of the file; none are made room for that are not there."""
        if start + size > os.fstat(self._handle).st_size:
            raise self._refused("it is cut off")
        data = os.pread(self._handle, size, start)
        if len(data) != size:
            raise self._refused("it is cut off")
        return data

    def _refused(self, why: str) -> SnapshotRefused:
        return SnapshotRefused(f"{self.name} cannot be used: {why}; get the snapshot again")
