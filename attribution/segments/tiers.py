"""How many of the newest parts a new one swallows, so that few parts stay and no row is written often."""

from __future__ import annotations

from collections.abc import Sequence

RATIO = 4  # an older part that is larger by more than this is left alone


def swallowed(sizes: Sequence[int], fresh: int, *, largest: int) -> int:
    """How many of the last of the older parts, of these sizes, become one with `fresh` new rows.

    Sizes then fall by more than RATIO from part to part: of n rows there are at most log4(n) parts below `largest`,
    and each row is written again a few times for each fourfold growth (a log-structured merge tree, O'Neil 1996).
    """
    taken, total = 0, fresh
    for size in reversed(sizes):
        if size > RATIO * total or size + total > largest:
            break
        taken, total = taken + 1, total + size
    return taken
