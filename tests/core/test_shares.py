"""Shares: whole, fair to one unit, the same everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.shares import WHOLE, quantize

weights = st.dictionaries(st.text(max_size=4), st.integers(0, 10**12), min_size=1, max_size=30).filter(
    lambda found: sum(found.values()) > 0
)
wholes = st.integers(1, 10**7)


@given(weights, wholes)
def test_nothing_is_lost_and_each_share_is_off_by_less_than_one(given_weights: dict[str, int], whole: int) -> None:
    shares = quantize(given_weights, whole)
    total = sum(given_weights.values())
    assert sum(shares.values()) == whole
    assert list(shares) == list(given_weights)
    for key, weight in given_weights.items():
        assert abs(shares[key] * total - weight * whole) < total


@given(weights)
def test_more_weight_is_never_a_smaller_share_and_no_weight_is_none(given_weights: dict[str, int]) -> None:
    shares = quantize(given_weights)
    for one, weight in given_weights.items():
        assert weight > 0 or shares[one] == 0
        for other, lighter in given_weights.items():
            assert weight <= lighter or shares[one] >= shares[other]


@given(weights, st.integers(1, 1000))
def test_only_proportions_count(given_weights: dict[str, int], factor: int) -> None:
    assert quantize({key: weight * factor for key, weight in given_weights.items()}) == quantize(given_weights)


@given(st.dictionaries(st.text(max_size=4), st.integers(0, WHOLE), min_size=1, max_size=12))
def test_shares_of_shares_are_the_same_shares(some: dict[str, int]) -> None:
    once = quantize({**some, "rest": 1})
    assert quantize(once) == once


def test_a_tie_goes_to_the_earlier_key() -> None:
    assert quantize({"b": 1, "a": 1, "c": 1}, 100) == {"b": 34, "a": 33, "c": 33}


@pytest.mark.parametrize("wrong", [{}, {"a": 0}, {"a": 2, "b": -1}, {"a": -1}])
def test_shares_of_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="positive sum"):
        quantize(wrong)
