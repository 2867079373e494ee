"""The integer blend: known answers, exact sums, and no trace of how it is cut into strips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine import BadRequest
from generation.engines.patchwork import blend as blending
from generation.engines.patchwork.blend import Blend, Field, Tables, blend, nodes_along
from generation.engines.patchwork.copies import largest_copy
from generation.engines.patchwork.maps import check_places
from generation.engines.patchwork.tiles import Sheet, TileSize, choose, sheet_of, size_for, tile

PATCHES = st.sampled_from([7, 9, 11, 13])


def tables(patch: int) -> Tables:
    falls = 1 + 255 // (1 + abs(np.arange(patch) - patch // 2))
    return Tables(falls.astype(np.int64), np.linspace(16384, 1, 64).astype(np.int64), 14)


def random_field(rng: np.random.Generator, sheet: Sheet, patch: int, height: int, width: int) -> Field:
    shape = nodes_along(height, patch, 4), nodes_along(width, patch, 4)
    at = rng.integers(0, len(sheet.starts), shape)
    radius = patch // 2
    row = rng.integers(radius, sheet.heights[at] - radius)
    column = rng.integers(radius, sheet.widths[at] - radius)
    places = sheet.starts[at] + row * sheet.widths[at] + column
    return Field(height, width, patch, 4, places, rng.integers(1, 4096, shape))


def random_sheet(rng: np.random.Generator, count: int = 3) -> Sheet:
    pictures = [rng.integers(0, 256, (*rng.integers(16, 40, 2), 3), dtype=np.uint8) for _ in range(count)]
    return sheet_of(pictures, (0, 1), [()] * count)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), patch=PATCHES, height=st.integers(1, 70), width=st.integers(1, 70))
def test_strips_leave_no_trace(seed: int, patch: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    sheet = random_sheet(rng)
    field = random_field(rng, sheet, patch, height, width)
    check_places(field, sheet)
    inside = rng.random((height, width)) < 0.7
    whole = blend(field, sheet, tables(patch), inside)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(blending, "_STRIP_NODES", 1)  # strips of eight nodes, the smallest there are
        strips = blend(field, sheet, tables(patch), inside)
    assert_same(whole, strips)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), patch=PATCHES)
def test_it_is_the_mean_it_says_it_is(seed: int, patch: int) -> None:
    """Against a plain pixel-by-pixel computation with Python's own integers."""
    rng = np.random.default_rng(seed)
    sheet = random_sheet(rng, 2)
    field = random_field(rng, sheet, patch, 9, 6)
    made = blend(field, sheet, tables(patch))
    mass = [0, 0]
    for y in range(9):
        for x in range(6):
            color, given = plainly(field, sheet, tables(patch), y, x)
            assert made.pixels[y, x].tolist() == color
            mass = [a + b for a, b in zip(mass, given, strict=True)]
            assert made.owner[y, x] == (0 if given[0] >= given[1] else 1)
    assert made.mass == mass


def plainly(field: Field, sheet: Sheet, tables: Tables, y: int, x: int) -> tuple[list[int], list[int]]:
    found = []
    radius = field.patch // 2
    for r in range(field.places.shape[0]):
        for c in range(field.places.shape[1]):
            dy, dx = y - r * 4, x - c * 4
            if max(abs(dy), abs(dx)) <= radius:
                place = int(field.places[r, c])
                at = int(sheet.tile_at(np.array(place)))
                packed = int(sheet.pixels[place + dy * int(sheet.widths[at]) + dx])
                window = int(tables.window[dy + radius]) * int(tables.window[dx + radius])
                weight = max(1, int(field.weights[r, c]) * window >> 13)
                found.append(([packed & 255, packed >> 8 & 255, packed >> 16], weight, int(sheet.owners[at])))
    weights = [weight for _, weight, _ in found]
    mean = averaged(found, weights)
    for _ in range(2):
        weights = []
        for color, weight, _ in found:
            apart = sum((v * 16 - m) ** 2 for v, m in zip(color, mean, strict=True))
            entry = min(apart >> tables.shift, len(tables.factors) - 1)
            weights.append(max(1, weight * int(tables.factors[entry]) >> 14))
        mean = averaged(found, weights)
    given = [0, 0]
    for (_, _, owner), weight in zip(found, weights, strict=True):
        given[owner] += (weight << 15) // sum(weights)
    return [(m + 8) // 16 for m in mean], given


def averaged(found: list[tuple[list[int], int, int]], weights: list[int]) -> list[int]:
    total = sum(weights)
    sums = [sum(color[c] * w for (color, _, _), w in zip(found, weights, strict=True)) for c in range(3)]
    return [(s * 16 + total // 2) // total for s in sums]


@pytest.mark.parametrize("patch", [7, 9, 11, 13])
def test_the_heaviest_and_brightest_stay_within_32_bits(patch: int) -> None:
    white = sheet_of([np.full((40, 40, 3), 255, np.uint8)], (0,), [()])
    shape = nodes_along(50, patch, 4), nodes_along(50, patch, 4)
    field = Field(50, 50, patch, 4, np.full(shape, 20 * 40 + 20), np.full(shape, blending.HEAVIEST))
    full = Tables(np.full(patch, 256), np.full(8, 16384), 0)
    assert (blend(field, white, full).pixels == 255).all()


def test_copies_have_known_answers() -> None:
    """One piece, two halves, and a checkerboard of two shifts where no two neighbors belong together."""
    sheet = sheet_of([np.zeros((200, 200, 3), np.uint8)], (0,), [()])
    rows, columns = nodes_along(80, 9, 4), nodes_along(80, 9, 4)
    y, x = np.meshgrid(np.arange(rows) * 4 + 20, np.arange(columns) * 4 + 20, indexing="ij")
    left = np.arange(columns)[None] < columns // 2
    board = (np.arange(rows)[:, None] + np.arange(columns)[None]) % 2 == 0
    for split, expected in (
        (np.zeros((rows, columns), bool), 1.0),
        (left & np.ones((rows, 1), bool), 1 - (columns // 2) / columns),
        (board, 1 / (rows * columns)),
    ):
        places = (y + np.where(split, 40, 0)) * 200 + x
        field = Field(80, 80, 9, 4, places, np.ones_like(places))
        assert largest_copy(field, sheet) == pytest.approx(expected)
    inside = np.zeros((80, 80), bool)
    inside[:, :40] = True
    one = Field(80, 80, 9, 4, y * 200 + x, np.ones_like(y))
    assert largest_copy(one, sheet, inside) == pytest.approx((10 * rows) / (rows * columns))


def test_patches_must_lie_wholly_on_a_tile() -> None:
    sheet = sheet_of([np.zeros((20, 30, 3), np.uint8), np.zeros((20, 30, 3), np.uint8)], (0,), [(), ()])
    shape = nodes_along(8, 9, 4), nodes_along(8, 9, 4)
    for place, fits in (
        (4 * 30 + 4, True),
        (3 * 30 + 4, False),
        (4 * 30 + 3, False),
        (4 * 30 + 26, False),
        (600, False),
    ):
        field = Field(8, 8, 9, 4, np.full(shape, place), np.ones(shape, np.int64))
        if fits:
            check_places(field, sheet)
        else:
            with pytest.raises(BadRequest):
                check_places(field, sheet)


class Sized:
    """As much of an asset as choosing looks at."""

    def __init__(self, height: int, width: int) -> None:
        self.height, self.width = height, width


@settings(max_examples=150, deadline=None)
@given(
    counts=st.lists(st.integers(1, 50), min_size=1, max_size=8),
    sides=st.tuples(st.integers(64, 2048), st.integers(64, 2048)),
    long_side=st.integers(64, 2048),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_choice_fits_memory_and_forgets_no_style(
    counts: list[int], sides: tuple[int, int], long_side: int, seed: int
) -> None:
    styles = [[Sized(*sides)] * count for count in counts]
    choice = choose(styles, long_side, 22, seed)  # type: ignore[arg-type]
    assert sum(one.size.height * one.size.width for one in choice.assets) * len(choice.turns) <= 6_100_000
    assert {one.style for one in choice.assets} == set(range(len(counts)))
    assert len(choice.assets) >= min(3, sum(counts))
    most = size_for(styles[0][0], long_side, 22)  # type: ignore[arg-type]
    assert all(one.size.height <= most.height and one.size.width <= most.width for one in choice.assets)


def test_over_many_seeds_every_asset_gets_its_chance() -> None:
    styles = [[Sized(1500, 2000)] * 9]
    choices = [choose(styles, 1024, 22, seed) for seed in range(60)]  # type: ignore[arg-type]
    assert {one.asset for choice in choices for one in choice.assets} == set(range(9))


def test_tiles_are_the_same_samples_everywhere() -> None:
    """Known answer: Pillow's fixed-point resampling, as every replay relies on it."""
    ramp = np.add.outer(np.arange(0, 240, 3), np.arange(0, 120, 2)).astype(np.uint8)
    small = tile(np.stack([ramp, 255 - ramp, ramp // 2], -1), TileSize(11, 9))
    assert small[5, 4].tolist() == [177, 78, 89]
    assert small[0, 0].tolist() == [15, 240, 8]


def assert_same(a: Blend, b: Blend) -> None:
    assert a.pixels.tobytes() == b.pixels.tobytes()
    assert a.mass == b.mass
    assert a.owner.tobytes() == b.owner.tobytes()
