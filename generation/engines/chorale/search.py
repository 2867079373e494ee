"""Nearest neighbors, the one thing here that torch does: finding the k best of many is eight times as fast with it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.hearing.features import Table
from core.hearing.frames import Bools, Ints, Tick, quiet

_UNLIKE = 8.0  # what a voiced frame costs that stands for an unvoiced one, as a squared distance
_CELLS = 1 << 23  # distances at a time


def side(features: Table, voiced: Bools) -> Table:
    """Features widened so that squared distance, voicing included, is one product of matrices."""
    one = np.ones(len(features), np.float32)
    v = voiced.astype(np.float32)
    half = (features**2).sum(1) + _UNLIKE * v
    return np.asarray(np.column_stack([features, half, one, v]), dtype=np.float32)


def nearest(asked: Table, among: Table, k: int, tick: Tick = quiet) -> tuple[Ints, NDArray[np.float32]]:
    """The k nearest rows of `among` for each row of `asked`, both as `side` makes them, and the squared distances."""
    n = asked.shape[1] - 3
    left = asked.copy()
    left[:, :n] *= -2.0
    left[:, n], left[:, n + 1] = 1.0, asked[:, n]
    left[:, n + 2] *= -2.0 * _UNLIKE
    a, b = torch.from_numpy(left), torch.from_numpy(np.ascontiguousarray(among)).T
    rows, distances = np.empty((len(asked), k), np.int64), np.empty((len(asked), k), np.float32)
    step = max(1, _CELLS // len(among))
    for i in range(0, len(asked), step):
        tick()
        table = a[i : i + step] @ b
        if k == 1:  # an order of magnitude faster than the best one of many
            values, found = (one[:, None] for one in table.min(1))
        else:
            values, found = torch.topk(table, k, dim=1, largest=False)
        rows[i : i + step], distances[i : i + step] = found.numpy(), values.numpy()
    return rows, distances
