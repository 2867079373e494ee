"""How a map keeps the rows behind each frame small: most stood behind the frame before, or are next to one that did.

A frame's candidates are the rows before, at and after those of the frame before it. Whether each is there again is one
bit, kept in one of seven lists by which of those three rows were there; all other rows are kept as gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.hearing.frames import Bools, Ints
from generation.engine import BadRequest

LISTS = 7


@dataclass(frozen=True, eq=False)
class Coded:
    """`again`: seven lists of bits; `gaps`: of a frame's other rows, each from the one before it, the first from 0."""

    again: tuple[Bools, ...]
    gaps: Ints


def code(near: Ints, rows: int) -> Coded:
    """`near` [frames, k], ascending in each frame, below `rows`."""
    marks = np.zeros(rows + 3, np.bool_)
    again: list[list[Bools]] = [[] for _ in range(LISTS)]
    gaps = []
    before = near[0][:0]
    for row in near:
        candidates, kinds = _candidates(before, marks)
        there = _there(candidates, row, marks)
        for kind in range(LISTS):
            again[kind].append(there[kinds == kind])
        gaps.append(np.diff(row[~_there(row, candidates, marks)], prepend=0))
        before = row
    return Coded(tuple(np.concatenate(one) for one in again), np.concatenate(gaps))


def decode(coded: Coded, frames: int, k: int, rows: int) -> Ints:
    """What was coded, [frames, k]. Raises BadRequest where that is nothing that `code` makes."""
    marks = np.zeros(rows + 3, np.bool_)
    near = np.empty((frames, k), np.int64)
    at, gap = [0] * LISTS, 0
    before = near[0][:0]
    for frame in range(frames):
        candidates, kinds = _candidates(before, marks)
        there = np.zeros(len(candidates), np.bool_)
        for kind, count in enumerate(np.bincount(kinds, minlength=LISTS).tolist()):
            if count:
                bits = coded.again[kind][at[kind] : at[kind] + count]
                _demand(len(bits) == count)
                there[kinds == kind] = bits
                at[kind] += count
        old = candidates[there]
        fresh = np.cumsum(coded.gaps[gap : gap + k - len(old)])
        _demand(len(old) + len(fresh) == k)
        gap += len(fresh)
        before = np.sort(np.concatenate([old, fresh]))
        _demand(before[0] >= 0 and before[-1] < rows and bool((before[1:] > before[:-1]).all()))
        near[frame] = before
    _demand(gap == len(coded.gaps) and all(a == len(bits) for a, bits in zip(at, coded.again, strict=True)))
    return near


def _candidates(before: Ints, marks: Bools) -> tuple[Ints, Ints]:
    """Ascending rows, and for each which of the three about it are in `before`, as bits, less one."""
    rows = len(marks) - 3
    about = np.unique(np.concatenate([before - 1, before, before + 1]))
    about = about[(about >= 0) & (about < rows)]
    marks[before + 1] = True
    kinds = 4 * marks[about].astype(np.int64) + 2 * marks[about + 1] + marks[about + 2]
    marks[before + 1] = False
    return about, kinds - 1


def _there(asked: Ints, among: Ints, marks: Bools) -> Bools:
    marks[among] = True
    found = marks[asked].copy()
    marks[among] = False
    return found


def _demand(fits: bool) -> None:
    if not fits:
        raise BadRequest("the map's rows do not fit together; it is broken or takes frames from beyond its recordings")


def packed(lists: Sequence[Bools]) -> bytes:
    """Each list in whole bytes."""
    return b"".join(np.packbits(bits).tobytes() for bits in lists)


def unpacked(data: bytes, counts: Sequence[int]) -> tuple[NDArray[np.bool_], ...]:
    """The inverse of `packed`."""
    out, start = [], 0
    for count in counts:
        size = -(-count // 8)
        part = np.frombuffer(data[start : start + size], np.uint8)
        out.append(np.unpackbits(part, count=count).astype(np.bool_))
        start += size
    return tuple(out)
