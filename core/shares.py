"""Shares are integers that sum to one million; largest remainder is used here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

WHOLE = 1_000_000
K = TypeVar("K")


def quantize(weights: Mapping[K, int], whole: int = WHOLE) -> dict[K, int]:
    """Exact non-negative integer weights to integers that sum to `whole` (Hamilton's largest remainder).

    Ties go to the earlier key in the mapping's order, so equal inputs give equal outputs everywhere.
    Raises ValueError when nothing weighs anything.
    """
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError("shares need non-negative weights with a positive sum")
    floors = {key: weight * whole // total for key, weight in weights.items()}
    rest = whole - sum(floors.values())
    order = sorted(weights, key=lambda key: -(weights[key] * whole % total))  # sorted() keeps the order of equals
    for key in order[:rest]:
        floors[key] += 1
    return floors
