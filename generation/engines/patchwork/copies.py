"""How much of a work is one piece taken over unchanged: the measure behind a license's copy limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from generation.engines.patchwork.blend import Field
from generation.engines.patchwork.tiles import Sheet


def pieces(field: Field, sheet: Sheet, inside: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
    """The connected piece with one shift on one tile, in whatever colors, that each node is part of, [rows, columns].

    `inside`: bool [h, w], rendered pixels; nodes elsewhere belong to no piece, -1.
    """
    tile = sheet.tile_at(field.places)
    row, column = np.divmod(field.places - sheet.starts[tile], sheet.widths[tile])
    rows, columns = field.places.shape
    y, x = np.meshgrid(np.arange(rows) * field.stride, np.arange(columns) * field.stride, indexing="ij")
    shift = np.stack([sheet.scenes[tile], row - y, column - x])
    counts = np.ones((rows, columns), bool)
    if inside is not None:
        counts = inside[np.minimum(y, field.height - 1), np.minimum(x, field.width - 1)]
    ids = np.arange(rows * columns).reshape(rows, columns)
    ends = []
    for axis, side in enumerate((field.height, field.width)):
        following = np.roll(shift, -1, axis + 1)
        np.moveaxis(following[axis + 1], axis, 0)[-1] -= side  # over the edge, where the work begins again
        same = (shift == following).all(0) & counts & np.roll(counts, -1, axis)
        if not field.wrap:
            np.moveaxis(same, axis, 0)[-1] = False
        ends.append((ids[same], np.roll(ids, -1, axis)[same]))
    begin, end = (np.concatenate(part) for part in zip(*ends, strict=True))
    graph = coo_array((np.ones(len(begin), bool), (begin, end)), shape=(rows * columns, rows * columns))
    _, label = connected_components(graph, directed=False)
    return np.where(counts, label.reshape(rows, columns), -1).astype(np.int64)


def largest_of(label: NDArray[np.int64]) -> float:
    """The largest piece as a fraction of all nodes; nodes of no piece still count as part of the work."""
    inside = label[label >= 0]
    return float(np.bincount(inside).max() / label.size) if len(inside) else 0.0


def largest_copy(field: Field, sheet: Sheet, inside: NDArray[np.bool_] | None = None) -> float:
    """Nodes of the largest connected piece with one shift on one tile, as a fraction of all nodes."""
    return largest_of(pieces(field, sheet, inside))
