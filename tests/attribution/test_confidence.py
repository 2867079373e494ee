"""A score becomes a confidence: it grows with the score, falls with the number of works, and agreeing layers add up."""

from __future__ import annotations

import pytest

from attribution import confidence
from attribution.confidence import Best, Evidence


def test_a_tenth_of_strangers_lies_above_the_start_and_fewer_exponentially() -> None:
    tail = Best(start=2.0, share=0.1, excess=0.5, works=1000, recall=0.9)
    assert tail.false(1.9, 1000) == 1.0
    assert tail.false(2.0, 1000) == pytest.approx(0.1)
    assert tail.false(2.0 + 0.5 * 2.302585, 1000) == pytest.approx(0.01, rel=1e-4)


def test_the_best_of_more_works_is_higher_by_chance() -> None:
    tail = Best(start=2.0, share=0.1, excess=0.5, works=1000, recall=0.9)
    few, many = tail.false(9.0, 1000), tail.false(9.0, 100_000)
    assert many == pytest.approx(100 * few, rel=0.01)


@pytest.mark.parametrize("sure", [confidence.of_points, confidence.of_sound])
def test_confidence_grows_with_the_score_and_falls_with_works(sure: type) -> None:
    scores = [0.0, 3.0, 6.0, 12.0, 30.0, 300.0, 1e6]
    given = [sure(score, 1000) for score in scores]
    assert given == sorted(given)
    assert given[0] < 0.05
    assert given[-1] == confidence.MOST
    assert sure(8.0, 10_000_000) < sure(8.0, 1000)


def test_a_mark_is_never_chance_but_may_be_copied() -> None:
    assert confidence.mark(100_000_000) < 1e-16
    assert confidence.of_mark(100_000_000) == confidence.MARK_ALONE


def test_layers_that_agree_make_surer() -> None:
    points = Evidence("points", "wrk_1", 1e-3, 0.9, (0.0, 0.0, 0.5, 1.0))
    mark = Evidence("mark", "wrk_1", 1e-12, 1.0)
    alone, both = confidence.combined([points]), confidence.combined([points, mark])
    assert alone < 0.95 < both == confidence.MOST_BY_TWO
    assert confidence.combined([mark]) == confidence.MARK_ALONE


def test_what_is_not_independent_or_of_another_work_or_place_adds_nothing() -> None:
    points = Evidence("points", "wrk_1", 1e-3, 0.9, (0.0, 0.0, 0.5, 1.0))
    alone = confidence.combined([points])
    texture = Evidence("texture", "wrk_1", 1e-2, 0.9, (0.0, 0.0, 0.5, 1.0))
    other = Evidence("mark", "wrk_2", 1e-2, 1.0)
    elsewhere = Evidence("mark", "wrk_1", 1e-2, 1.0, (0.6, 0.0, 1.0, 1.0))
    for one in (texture, other, elsewhere):
        assert confidence.combined([points, one]) == pytest.approx(alone)
    later = Evidence("mark", "wrk_1", 1e-2, 1.0, (0.0, 0.1))
    heard = Evidence("sound", "wrk_1", 1e-3, 0.9, (0.5, 1.0))
    assert confidence.combined([heard, later]) == pytest.approx(confidence.combined([heard]))
