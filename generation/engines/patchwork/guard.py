"""No piece of a work is larger than its licenses and its fan allow: the search is told so, and what is left is cut."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from generation.engine import BadRequest
from generation.engines.patchwork.blend import Field
from generation.engines.patchwork.copies import largest_of, pieces
from generation.engines.patchwork.pack import Pack
from generation.engines.patchwork.search import Search

Nodes = NDArray[np.bool_]
OFFERED = 8  # random places of its cell that a node on a cut is offered
_REDONE = 2  # times the finest scale is searched again at a lower cap before pieces are cut
_CUTS = 12


@dataclass(frozen=True, eq=False)
class Found:
    """The finished field in whole numbers, the largest copied piece in it, and how often it was redone."""

    field: Field
    largest_copy: float
    retries: int


class Finishing(Protocol):
    """The finest scale of a search that is nearly done."""

    search: Search

    def field(self) -> Field: ...

    def again(self) -> None:
        """Search on, at the cap that `search` has now."""

    def cut(self, nodes: Nodes) -> None:
        """Give nodes of the field, bool [rows, columns], other patches."""


def kept_below(work: Finishing, pack: Pack, limit: float) -> Found:
    """The field with no connected piece above `limit`, a fraction of all nodes. Raises BadRequest if there is none."""
    for redone in range(_REDONE + 1):
        field = work.field()
        largest = largest_of(pieces(field, pack.sheet))
        if largest <= limit:
            return Found(field, largest, redone)
        if redone < _REDONE:
            work.search.cap *= max(0.3, 0.7 * limit / largest)
            work.again()
    for number in range(_CUTS):
        label = pieces(field, pack.sheet)
        work.cut(_lines(label, max(1, math.floor(limit * label.size)), number))
        field = work.field()
        largest = largest_of(pieces(field, pack.sheet))
        if largest <= limit:
            return Found(field, largest, _REDONE)
    raise BadRequest(
        f"one unchanged piece would be {100 * largest:.2f} % of the work, {100 * limit:.2f} % is allowed;"
        " try another seed, a lower strength or a larger size",
        largest_copy=largest,
    )


def _lines(label: NDArray[np.int64], most: int, number: int) -> Nodes:
    """A grid of lines through every piece of more than `most` nodes; another `number` lays them elsewhere."""
    sizes = np.bincount(label[label >= 0])
    large = np.isin(label, np.nonzero(sizes > most)[0])
    side = max(1, math.isqrt(most))
    rows, columns = np.indices(label.shape) + number
    return np.asarray(large & ((rows % (side + 1) == side) | (columns % (side + 1) == side)))
