"""Pure: areas of a picture, as rectangles in millionths of its height and width: (top, left, bottom, right)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.errors import Invalid

Area = tuple[int, int, int, int]

WHOLE = 1_000_000
MOST = 40  # areas of one picture
LEAST_LEFT = 200_000  # millionths of a picture that something must be learned from
_GRID = 200  # cells a side in which areas are added up


class BadArea(Invalid):
    """An area that nothing may be taken from is no rectangle of the picture, or nothing is left beside them."""


def checked(areas: Iterable[Sequence[int]]) -> tuple[Area, ...]:
    """The areas, each once, from the top down. Raises BadArea."""
    found: set[Area] = set()
    for area in areas:
        top, left, bottom, right = area
        if not (0 <= top < bottom <= WHOLE and 0 <= left < right <= WHOLE):
            raise BadArea(
                f"{list(area)} is no area of the picture: give top, left, bottom and right in millionths, top above"
                " bottom and left before right"
            )
        found.add((top, left, bottom, right))
    if len(found) > MOST:
        raise BadArea(f"{len(found)} areas are too many, {MOST} may be left out; join those that touch")
    if _left(found) < LEAST_LEFT:
        raise BadArea(
            f"less than {100 * LEAST_LEFT // WHOLE} % of the picture is left to learn from; leave out less, or remove"
            " the work"
        )
    return tuple(sorted(found))


def _left(areas: Iterable[Area]) -> int:
    """Millionths of the picture outside all areas, to a cell of the grid."""
    rows = [0] * _GRID  # each a bit for a cell
    for area in areas:
        top, left, bottom, right = (x * _GRID // WHOLE for x in area)
        cells = (1 << right) - (1 << left)
        for row in range(top, bottom):
            rows[row] |= cells
    covered = sum(row.bit_count() for row in rows)
    return WHOLE - WHOLE * covered // _GRID**2
