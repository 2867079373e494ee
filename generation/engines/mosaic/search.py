"""Which frames of a catalogue, added up, sound most like a grain: candidates by likeness, then a sparse sum of them.

Non-negative factorization against a fixed dictionary under the Kullback-Leibler divergence (Lee and Seung, 2001), as
used for audio mosaics by Driedger, Prätzlich and Müller, "Let it Bee" (2015); here with few atoms and no time context.
"""

from __future__ import annotations

import numpy as np

from generation.engines.mosaic.grains import Array, Ints
from generation.engines.mosaic.listening import Table

_TINY = 1e-9
_ALIKE = 0.8  # cosine from which two rows are as good as one
_GROUP = 16  # columns that are looked at as one
_CELLS = 1 << 22  # likenesses at a time


def unit(rows: Table) -> Table:
    """Each row with length 1, or all zeros."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _TINY), dtype=np.float32)


def alike(asked: Table, among: Table, k: int) -> Ints:
    """[asked, k]: rows of `among`, both of unit length, that are most alike by cosine; in no order."""
    k = min(k, len(among))
    out = np.empty((len(asked), k), np.int64)
    step = max(1, _CELLS // max(1, len(among)))
    for a in range(0, len(asked), step):
        out[a : a + step] = _largest(asked[a : a + step] @ among.T, k)
    return out


def _largest(values: Table, k: int) -> Ints:
    """[rows, k]: where the k largest of each row are. First of groups of columns, then in the best k of those."""
    n = values.shape[1]
    whole = n // _GROUP
    if whole < 2 * k:
        return np.argpartition(values, n - k, axis=1)[:, n - k :]
    best = values[:, : whole * _GROUP].reshape(len(values), _GROUP, whole).max(1)
    group = np.argpartition(best, whole - k, axis=1)[:, whole - k :]
    columns = (group[:, None] + whole * np.arange(_GROUP)[:, None]).reshape(len(values), -1)
    rest = np.broadcast_to(np.arange(whole * _GROUP, n), (len(values), n - whole * _GROUP))
    columns = np.concatenate([columns, rest], axis=1)
    some = np.take_along_axis(values, columns, axis=1)
    within = np.argpartition(some, some.shape[1] - k, axis=1)[:, some.shape[1] - k :]
    return np.asarray(np.take_along_axis(columns, within, axis=1))


def residual(wanted: Table, table: Table, chosen: Ints) -> Table:
    """What a first sum of the chosen rows leaves of the wanted spectra, by grain: nothing below zero."""
    out = np.empty_like(wanted)
    for i, rows in enumerate(chosen):
        d = table[rows]
        out[i] = np.maximum(0.0, wanted[i] - _steps(wanted[i], d, np.ones(len(d), np.float32), 5) @ d)
    return out


def sparse(wanted: Table, rows: Table, bonus: Table, most: int) -> tuple[Ints, Array]:
    """Which `rows` [n, BANDS], of unit length, to add up, and each one's part of the energy; `bonus` [n] prefers some.

    Of rows that are alike one is taken: waves of one pitch that do not run together only cancel each other.
    """
    start = (bonus * (rows @ wanted)).astype(np.float32)
    a = _steps(wanted, rows, start + _TINY, 6)
    ranked = np.argsort(-(a * bonus), kind="stable")[: 4 * most]
    likeness = rows[ranked] @ rows[ranked].T
    kept = [0]
    for i in range(1, len(ranked)):
        if len(kept) < most and likeness[i, kept].max() < _ALIKE:
            kept.append(i)
    best = ranked[kept]
    a = _steps(wanted, rows[best], a[best] + _TINY, 8)
    energy = a.astype(np.float64) ** 2
    return best, energy / max(float(energy.sum()), _TINY)


def _steps(wanted: Table, rows: Table, a: Table, steps: int) -> Table:
    total = rows.sum(1) + _TINY
    a = a * (wanted.sum() / max(float(a @ total), _TINY))
    for _ in range(steps):
        a = a * (rows @ (wanted / (a @ rows + _TINY))) / total
    return np.asarray(a, dtype=np.float32)
