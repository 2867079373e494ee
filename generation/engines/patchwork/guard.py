"""No piece of a work is larger than its licenses and its fan allow: the search is told so, and what is left is cut."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generation.engine import BadRequest
from generation.engines.patchwork.blend import Field
from generation.engines.patchwork.copies import largest_of, pieces
from generation.engines.patchwork.pack import Pack
from generation.engines.patchwork.search import Search

_REDONE = 2  # times the finest scale is searched again with a lower price limit before pieces are cut
_CUTS = 12
_OFFERED = 8  # random places of its cell that a node on a cut is offered


def kept_below(
    search: Search, pack: Pack, limit: float, *, field_of: Callable[[], Field], improve: Callable[[], Tensor]
) -> tuple[Field, float, int]:
    """The field with no connected piece above `limit`, a fraction of all nodes; the largest left; how often redone.

    `improve` searches the finest scale again. Raises BadRequest where even single nodes are above the limit.
    """
    for redone in range(_REDONE + 1):
        field = field_of()
        largest = largest_of(pieces(field, pack.sheet))
        if largest <= limit:
            return field, largest, redone
        if redone < _REDONE:
            search.cap *= max(0.3, 0.7 * limit / largest)
            improve()
    most = max(1, math.floor(limit * search.lattice.nodes))
    for _ in range(_CUTS):
        _cut(search, pieces(field, pack.sheet), most)
        field = field_of()
        largest = largest_of(pieces(field, pack.sheet))
        if largest <= limit:
            return field, largest, _REDONE
    raise BadRequest(
        f"one unchanged piece would be {100 * largest:.2f} % of the work, {100 * limit:.2f} % is allowed;"
        " try another seed, a lower strength or a larger size",
        largest_copy=largest,
    )


def _cut(search: Search, label: NDArray[np.int64], most: int) -> None:
    """Lay lines of other patches through every piece of more than `most` nodes."""
    sizes = np.bincount(label.reshape(-1) + 1)[1:]
    large = np.isin(label, np.nonzero(sizes > most)[0]) & (label >= 0)
    side = max(1, math.isqrt(most))
    rows, columns = np.indices(label.shape)
    offset = int(search.draw(1)[0] * (side + 1))  # another round cuts elsewhere
    line = ((rows + offset) % (side + 1) == side) | ((columns + offset) % (side + 1) == side)
    nodes = torch.from_numpy(np.flatnonzero(large & line & search.free.cpu().numpy().reshape(label.shape)))
    search.replace(nodes.to(search.field.device), _OFFERED)
