"""Whole codes are found by how many bits differ, exactly."""

from __future__ import annotations

import numpy as np

from attribution.segments import codes
from tests.attribution.segments.made import code


def test_the_nearest_are_the_nearest() -> None:
    rng = np.random.default_rng(5)
    works = [rng.integers(0, 1 << 63, (rng.integers(1, 4), 4), np.uint64) for _ in range(300)]
    asked = rng.integers(0, 1 << 63, (2, 4), np.uint64)
    brute = [
        min(sum(int(a ^ b).bit_count() for a, b in zip(one, each, strict=True)) for one in work for each in asked)
        for work in works
    ]
    near = codes.search(codes.build(works), asked, most=25)
    assert [one.distance for one in near] == sorted(brute)[:25]
    assert all(brute[one.position] == one.distance for one in near)


def test_opposite_and_equal_codes_are_told_apart() -> None:
    arrays = codes.build([~code(1), code(1)])
    assert [(one.position, one.distance) for one in codes.search(arrays, code(1), most=2)] == [(1, 0), (0, 256)]


def test_works_without_codes_are_never_found() -> None:
    empty = np.zeros((0, 4), np.uint64)
    assert [one.position for one in codes.search(codes.build([empty, code(2), empty]), code(2))] == [1]
    assert codes.search(codes.build([]), code(2)) == []
    assert codes.search(codes.build([code(2)]), empty) == []


def test_codes_come_back_as_they_were_packed() -> None:
    both = np.concatenate([code(1), code(2)])
    np.testing.assert_array_equal(codes.unpack(codes.pack(both)), both)
    assert len(codes.pack(both)) == 64
