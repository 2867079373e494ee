"""What a kind of features must say to be indexed: how it is unpacked, laid out in arrays, and searched there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

Arrays: TypeAlias = Mapping[str, NDArray[Any]]


class Hit(Protocol):
    """A work that was found in arrays; what else is known of the match (its place, its turn) is the algorithm's own."""

    @property
    def position(self) -> int:
        """Which of the works that the arrays were built from, counted from 0."""
        ...

    @property
    def score(self) -> float:
        """The higher the surer; comparable between arrays of the same algorithm."""
        ...


@dataclass(frozen=True)
class Body:
    """One algorithm for one kind of works. Its functions are found by import, so that another process can be told them.

    `unpack(data)` makes a work's features from what is stored; `build(works)` the arrays (of numpy's plain
    types, no objects); `search(arrays, asked, most=n)` the best hits in them, which never copies the arrays: they are
    mapped files.
    """

    kind: str
    algorithm: str
    unpack: Callable[[bytes], Any]
    build: Callable[[Sequence[Any]], Mapping[str, NDArray[Any]]]
    search: Callable[..., Sequence[Hit]]


@dataclass(frozen=True)
class Found:
    """A registered subject that the asked one may be a copy of; `hits` is what the algorithm says, the surest first.

    There are several where several parts of what was asked are parts of it.
    """

    subject: str
    score: float
    hits: tuple[Any, ...]


def named(hits: Sequence[Hit], subject: Callable[[int], str]) -> list[Found]:
    """What was found in one set of arrays, by subject, the best first."""
    together: dict[int, list[Hit]] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        together.setdefault(hit.position, []).append(hit)
    return [Found(subject(position), of[0].score, tuple(of)) for position, of in together.items()]


def merge(parts: Sequence[Sequence[Found]], *, most: int) -> list[Found]:
    """The best of several lists, the best first; a row that is in two of them counts once."""
    best: dict[str, Found] = {}
    for found in (one for part in parts for one in part):
        if found.subject not in best or best[found.subject].score < found.score:
            best[found.subject] = found
    return sorted(best.values(), key=lambda found: (-found.score, found.subject))[:most]
