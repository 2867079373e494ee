"""Pure: a Merkle tree over blocks of bytes (RFC 9162, 2.1.1), so that each block can be checked when it is read."""

from __future__ import annotations

import hashlib
from typing import Final

SIZE: Final = 32  # bytes of a hash


def leaf(block: bytes) -> bytes:
    """The hash of one block."""
    return hashlib.sha256(b"\0" + block).digest()


def root(leaves: bytes) -> bytes:
    """The hash of all blocks, from theirs, one after another."""
    if not leaves:
        return hashlib.sha256().digest()
    level = [leaves[at : at + SIZE] for at in range(0, len(leaves), SIZE)]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]  # one that is left over goes up as it is
    return level[0]
