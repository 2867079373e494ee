"""Passages: how long a work follows one recording frame by frame, and how to keep it from following longer.

A frame runs on from the one before when most of the artist's frames behind it are the very next of those behind that.
"""

from __future__ import annotations

import numpy as np

from core.hearing.frames import Bools, Ints


def longest(near: Ints, kept: Bools, ends: Ints) -> int:
    """Frames in the longest passage. `near` [kept frames, k]; `ends`: the row after each recording's last."""
    length, best = 0, 0
    for runs_on in _runs_on(near, kept, ends):
        length = length + 1 if runs_on else 1
        best = max(best, length)
    return best


def broken(candidates: Ints, k: int, kept: Bools, ends: Ints, most: int) -> Ints:
    """Of each frame's candidates, nearest first, the k to take so that no passage is longer than `most` frames."""
    near = candidates[:, :k].copy()
    starts = _starts(kept)
    length = 0
    for i, row in enumerate(candidates):
        if starts[i]:
            length = 1
            continue
        follows = np.isin(row, _next(near[i - 1], ends))
        if 2 * follows[:k].sum() <= k:
            length = 1
        elif length < most:
            length += 1
        else:
            near[i] = row[np.argsort(follows, kind="stable")[:k]]
            length = length + 1 if 2 * np.isin(near[i], row[follows]).sum() > k else 1
    return near


def _next(rows: Ints, ends: Ints) -> Ints:
    after = rows + 1
    return after[~np.isin(after, ends)]


def _starts(kept: Bools) -> Bools:
    """Of the kept frames, those that come after one that is not."""
    at = np.flatnonzero(kept)
    return np.diff(at, prepend=-2) > 1


def _runs_on(near: Ints, kept: Bools, ends: Ints) -> list[bool]:
    if not len(near):
        return []
    starts, k = _starts(kept), near.shape[1]
    after = near + 1
    after[np.isin(after, ends)] = -1
    size = int(near.max()) + 2
    keys = np.arange(len(near))[:, None] * size
    follows = np.isin(near[1:] + keys[1:], np.where(after[:-1] < 0, -1, after[:-1] + keys[1:])).sum(1)
    return [False, *(bool(f * 2 > k) and not s for f, s in zip(follows, starts[1:], strict=True))]
