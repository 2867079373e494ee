"""Ids say what they name, sort by time and never repeat; a malformed one names nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import ids
from core.errors import NotFound


@pytest.mark.parametrize("prefix", ids.PREFIXES)
def test_a_new_id_is_of_its_kind_and_of_no_other(prefix: str) -> None:
    made = ids.new(prefix)
    assert ids.check(made, prefix) == made
    for other in set(ids.PREFIXES) - {prefix}:
        with pytest.raises(NotFound):
            ids.check(made, other)


def test_later_ids_sort_after_earlier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    made = []
    for step in range(200):
        monkeypatch.setattr(time, "time_ns", lambda step=step: now + step * 1_000_000 * 10 ** step.bit_length())
        made.append(ids.new("wrk"))
    assert made == sorted(made)


def test_ids_of_one_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_700_000_000_000_000_000)
    assert len({ids.new("wrk") for _ in range(2000)}) == 2000


def test_the_far_future_still_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: (2**48 - 1) * 1_000_000)
    assert ids.check(ids.new("wrk"), "wrk").startswith("wrk_7zzzzzzzzz")


@given(st.text(max_size=200))
@example("wrk_" + "0" * 25)
@example("wrk_" + "0" * 27)
@example("wrk_" + "o" * 26)
@example("wrk_" + "0" * 26 + "\n")
@example("WRK_" + "0" * 26)
@example("")
def test_a_malformed_id_names_nothing(value: str) -> None:
    with pytest.raises(NotFound) as refused:
        ids.check(value, "wrk")
    assert len(refused.value.message) < 400
    assert "\n" not in refused.value.message


def test_an_unknown_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        ids.new("xyz")
