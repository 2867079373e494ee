"""The studio: one rendering with a pulse; a stop or a time limit is heard at the next step, and none is missed."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from generation.engine import Cancelled, Ingredient, Request
from generation.studio import Beat, Pulse, TooSlow, render
from generation.works import StaleAttempt
from tests.fakes import Toy, ToyParams

TOY = Toy()


def request(**params: Any) -> Request:
    return Request((Ingredient(b""),), ToyParams(**params), seed=1)


class Steps(Toy):
    """The toy's steps without its picture, and a remark when all of them were taken."""

    def __init__(self) -> None:
        self.taken = 0

    def _one(self, request: Request, report: Any) -> Any:
        for step in range(request.params.steps):  # type: ignore[attr-defined]
            report(step, request.params.steps, "stepping")  # type: ignore[attr-defined]
            self.taken += 1
            time.sleep(request.params.step_seconds)  # type: ignore[attr-defined]
        return "rendered"


def beats(*, stop_at: int | None = None, error: BaseException | None = None) -> tuple[Beat, list[tuple[str, int, int]]]:
    heard: list[tuple[str, int, int]] = []

    def beat(stage: str, step: int, of: int) -> None:
        heard.append((stage, step, of))
        if stop_at is not None and len(heard) >= stop_at:
            raise error or Cancelled("stop")

    return beat, heard


def test_a_rendering_comes_back_and_its_pulse_tells_where_it_is() -> None:
    beat, heard = beats()
    with Pulse(beat, every=0.01) as pulse:
        assert render(Steps(), request(steps=5, step_seconds=0.05), pulse=pulse, seconds=60) == "rendered"
    assert {of for stage, _, of in heard if stage == "stepping"} == {5}
    assert [step for _, step, _ in heard] == sorted(step for _, step, _ in heard)
    assert len({step for stage, step, _ in heard if stage == "stepping"}) >= 3


def test_past_its_limit_it_beats_no_more_so_that_a_hung_engine_loses_its_lease() -> None:
    beat, heard = beats()
    with Pulse(beat, every=0.01, limit=0.05) as pulse:
        time.sleep(0.2)
        before = len(heard)
        time.sleep(0.1)
        assert len(heard) == before
        with pytest.raises(TooSlow):
            pulse.check()


def test_it_beats_inside_one_long_step_and_stops_when_the_rendering_ends() -> None:
    beat, heard = beats()
    with Pulse(beat, every=0.02) as pulse:
        render(Steps(), request(steps=1, step_seconds=0.4), pulse=pulse, seconds=60)
    count = len(heard)
    assert count >= 4
    time.sleep(0.1)
    assert len(heard) == count


@pytest.mark.parametrize("error", [Cancelled("taken back"), StaleAttempt("taken over"), ZeroDivisionError()])
def test_what_a_beat_raises_reaches_the_rendering_at_its_next_step(error: Exception) -> None:
    beat, heard = beats(stop_at=2, error=error)
    engine = Steps()
    with Pulse(beat, every=0.02) as pulse, pytest.raises(type(error)) as stopped:
        render(engine, request(steps=1000, step_seconds=0.01), pulse=pulse, seconds=60)
    assert stopped.value is error
    assert engine.taken < 200
    assert len(heard) == 2  # who was told to stop renews no lease


def test_a_stop_during_the_last_step_is_not_missed() -> None:
    beat, _ = beats(stop_at=1)
    with Pulse(beat, every=0.02) as pulse, pytest.raises(Cancelled):
        render(Steps(), request(steps=1, step_seconds=0.3), pulse=pulse, seconds=60)


def test_a_rendering_that_takes_too_long_is_stopped() -> None:
    beat, _ = beats()
    engine = Steps()
    with Pulse(beat, every=10) as pulse, pytest.raises(TooSlow, match=r"longer than 0\.2 s; try a smaller size"):
        render(engine, request(steps=1000, step_seconds=0.01), pulse=pulse, seconds=0.2)
    assert 1 <= engine.taken < 100


def test_what_the_engine_raises_passes_and_the_pulse_ends() -> None:
    before = threading.active_count()
    beat, _ = beats()
    with Pulse(beat, every=0.01) as pulse, pytest.raises(RuntimeError, match="the toy broke"):
        render(TOY, request(breaks=True), pulse=pulse, seconds=60)
    assert threading.active_count() == before


def test_a_pulse_can_be_told_of_stages_outside_of_an_engine() -> None:
    beat, heard = beats()
    with Pulse(beat, every=0.01) as pulse:
        pulse.at("sealing")
        time.sleep(0.1)
    assert heard[-1] == ("sealing", 0, 0)
