"""Timing that a busy machine spoils least: the best of a few runs, wall and processor time apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Timed(Generic[T]):
    """The best of several runs, in seconds, and what the last one returned."""

    wall: float
    cpu: float
    result: T


def best(doing: Callable[[], T], *, runs: int = 3) -> Timed[T]:
    walls, cpus = [], []
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        result = doing()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Timed(min(walls), min(cpus), result)
