"""Padding a catalogue earns nothing: silence, copies in whatever guise; and nothing honest is taken for a copy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import soxr

from core.media import Sound
from generation.engine import BadRequest
from generation.engines.mosaic import Mosaic, guard, listening
from tests.generation.engines.catalogues import RATE, harp, line, prepared, render, shares, sound, tone


def usable(*recordings: Sound) -> list[float]:
    """Of each recording, the part that may be taken."""
    found = guard.usable([listening.mono(one) for one in recordings], lambda: None)
    return [float(one.mean()) for one in found]


def shifted(take: Sound) -> Sound:
    return sound(take.samples[RATE // 7 :])


def faster(take: Sound) -> Sound:
    return sound(np.asarray(soxr.resample(take.samples, 1.09 * RATE, RATE)))


def lower(take: Sound) -> Sound:
    return sound(np.asarray(soxr.resample(take.samples, 2 ** (-5 / 12) * RATE, RATE)))


def noisier(take: Sound) -> Sound:
    return sound(0.4 * take.samples + np.random.default_rng(3).normal(0, 0.002, take.samples.shape))


@pytest.mark.parametrize("change", [lambda take: take, shifted, faster, lower, noisier])
def test_a_recording_counts_once_in_whatever_guise(change: Callable[[Sound], Sound]) -> None:
    first, second = usable(harp(1), change(harp(1)))
    assert first > 0.95
    assert second == 0


def test_another_take_of_the_same_instrument_counts() -> None:
    assert min(usable(harp(1), harp(2))) > 0.95


def test_a_copied_passage_in_a_new_take_counts_once() -> None:
    old, new = harp(1).samples, harp(2).samples
    spliced = sound(np.concatenate([new, old[RATE : 6 * RATE]]))
    part = guard.usable([listening.mono(one) for one in (harp(1), spliced)], lambda: None)[1]
    assert part[:70].mean() > 0.95
    assert part[90:120].mean() < 0.05  # at its ends a copy is not told from what is new


def test_single_notes_count_and_their_copies_do_not() -> None:
    notes = [sound(tone(note, 2.0)) for note in (60, 61, 67)]
    again = sound(0.5 * tone(61, 2.0)[700:])
    assert [part > 0.9 for part in usable(*notes, again)] == [True, True, True, False]


def test_silence_and_a_hum_below_hearing_may_not_be_taken() -> None:
    quiet = sound(np.random.default_rng(1).normal(0, 1e-5, RATE))
    assert usable(quiet) == [0.0]
    with pytest.raises(BadRequest, match="silent"):
        prepared(Mosaic(), quiet=quiet)


def test_padding_earns_nothing_in_a_work() -> None:
    engine, source = Mosaic(), line((64, 69, 67))
    padded = prepared(
        engine, harp=harp(1), silence=sound(np.zeros(4 * RATE)), again=harp(1), moved=shifted(harp(1)),
        lower=lower(harp(1)),
    )  # fmt: skip
    assert shares(render(engine, source, (padded, 1))) == {"harp": 1_000_000}
    assert set(shares(render(engine, None, (padded, 1), seconds=20))) == {"harp"}
