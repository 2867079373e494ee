"""Whole works by one or several codes of 256 bits each: every code is looked at, which takes 10 ms for a million."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.segments.body import Arrays, Body

BITS = 256
WORDS = BITS // 64
CHUNK = 1 << 14  # codes whose distances are found at once: what is in between stays in the processor's cache

Codes = NDArray[np.uint64]


@dataclass(frozen=True)
class Near:
    """A work of which one code differs in `distance` of 256 bits from an asked one; unrelated ones differ in 128."""

    position: int
    distance: int

    @property
    def score(self) -> float:
        """256 for the same code, 0 for its opposite."""
        return float(BITS - self.distance)


def pack(codes: Codes) -> bytes:
    """uint64 [n, 4] -> 32 bytes a code."""
    return np.ascontiguousarray(codes, "<u8").tobytes()


def unpack(data: bytes) -> Codes:
    return np.frombuffer(data, "<u8").reshape(-1, WORDS)


def build(works: Sequence[Codes]) -> dict[str, NDArray[Any]]:
    """`codes` uint64 [4, n]: the codes of all works, word by word; `owners` uint32 [n]: whose they are."""
    codes = np.concatenate([np.zeros((0, WORDS), np.uint64), *works])
    owners = np.repeat(np.arange(len(works), dtype=np.uint32), [len(work) for work in works])
    return {"codes": np.ascontiguousarray(codes.T), "owners": owners}


def search(arrays: Arrays, asked: Codes, *, most: int = 30) -> list[Near]:
    """The works nearest by any of their codes to any of the asked ones, uint64 [m, 4]."""
    codes, owners = arrays["codes"], arrays["owners"]
    best = np.full(owners.shape, BITS + 1, np.uint16)
    for one in asked:
        for start in range(0, len(owners), CHUNK):
            piece = slice(start, start + CHUNK)
            np.minimum(best[piece], _distances(codes[:, piece], one), out=best[piece])
    near = np.argsort(best, kind="stable") if len(best) <= 4 * most else _least(best, most, owners)
    found: dict[int, int] = {}
    for place in near:
        found.setdefault(int(owners[place]), int(best[place]))
    return [Near(position, distance) for position, distance in list(found.items())[:most] if distance <= BITS]


def _distances(codes: Codes, one: Codes) -> NDArray[np.uint16]:
    bits = [np.bitwise_count(codes[word] ^ one[word]) for word in range(WORDS)]
    both: NDArray[np.uint16] = np.add(bits[0] + bits[1], bits[2] + bits[3], dtype=np.uint16)  # four pass a byte
    return both


def _least(best: NDArray[np.uint16], most: int, owners: NDArray[np.uint32]) -> NDArray[np.int64]:
    """The places of the least distances, enough for `most` owners, the least first."""
    wanted = most
    while wanted < len(best):
        near = np.argpartition(best, wanted)[:wanted]
        if len(np.unique(owners[near])) >= most:
            break
        wanted *= 2
    else:
        near = np.arange(len(best))
    return near[np.argsort(best[near], kind="stable")]


def body(kind: str, algorithm: str) -> Body:
    """The body of an index over such codes."""
    return Body(kind, algorithm, unpack, build, search)
