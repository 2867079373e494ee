"""Extensions: as long as asked, without a seam, in the beat, in pieces that the license allows."""

from __future__ import annotations

import resource
from itertools import pairwise

import numpy as np
import pytest

from core.media import Sound
from core.shares import WHOLE
from generation.engine import BadRequest
from generation.engines.mosaic import Mosaic, listening, maps
from tests.generation.engines.catalogues import RATE, exact, harp, prepared, render, shares, sound, tone

BEAT = 0.5


@pytest.fixture(scope="module")
def engine() -> Mosaic:
    return Mosaic()


def loop(seconds: float) -> Sound:
    """A bar of four notes, again and again, each on the beat."""
    bar = np.concatenate([tone(note, BEAT) for note in (57, 64, 60, 67)])
    return sound(np.tile(bar, int(seconds / (4 * BEAT)) + 1)[: int(seconds * RATE)])


def test_an_extension_is_as_long_as_asked_and_begins_as_its_recording(engine: Mosaic) -> None:
    work = render(engine, None, (prepared(engine, harp=harp(1)), 1), seconds=30.5)
    samples = work.media.samples
    assert samples.shape == (round(30.5 * RATE), 1)
    assert np.abs(samples[RATE // 50 : 2 * RATE] - harp(1).samples[RATE // 50 : 2 * RATE]).max() < 1e-3
    assert shares(work) == {"harp": WHOLE}


def test_a_seam_is_no_louder_nor_softer_than_what_is_around_it(engine: Mosaic) -> None:
    hiss = sound(0.1 * np.random.default_rng(2).normal(size=6 * RATE))
    work = render(engine, None, (prepared(engine, hiss=hiss), 1), seconds=30)
    power = np.square(work.media.samples[:, 0].astype(float)).reshape(-1, RATE // 50).mean(1)
    first = maps.read_map(exact(work).map).passages.first[1:]
    assert len(first) >= 3
    for seam in first:
        assert power[seam : seam + 4].mean() == pytest.approx(power[2:-2].mean(), rel=0.35)


def test_a_beat_goes_on_across_seams(engine: Mosaic) -> None:
    work = render(engine, None, (prepared(engine, loop=loop(9.3)), 1), seconds=40)
    assert len(maps.read_map(exact(work).map).passages.first) > 3
    onsets = listening.onsets(*listening.mono(work.media)) / RATE
    assert len(onsets) > 70
    away = (onsets - onsets[0] + BEAT / 2) % BEAT - BEAT / 2
    assert (np.abs(away) < 0.03).mean() > 0.95


def test_pieces_stay_below_what_the_license_allows(engine: Mosaic) -> None:
    catalogue = prepared(engine, a=harp(1), b=harp(2))
    held = exact(render(engine, None, (catalogue, 1), seconds=20, max_copy=0.06))
    assert 0 < held.largest_copy <= 0.06
    p = maps.read_map(held.map).passages
    for i, j in pairwise(range(len(p.first))):  # nor does a piece go on where the one before ended
        same = p.asset[i] == p.asset[j]
        assert not same or abs(p.at[i] + (p.first[j] - p.first[i]) * RATE / 50 - p.at[j]) > RATE // 10
    with pytest.raises(BadRequest, match="license"):
        render(engine, None, (catalogue, 1), seconds=20, max_copy=0.005)


def test_an_extension_is_replayed_and_drawn(engine: Mosaic) -> None:
    first, second = prepared(engine, a=harp(1)), prepared(engine, b=harp(2))
    work = render(engine, None, (first, 3), (second, 1), seconds=12)
    provenance = exact(work)
    assert shares(work) == {"a": 750_000, "b": 250_000}
    again = engine.replay(provenance.map, [second, first])
    assert np.array_equal(again.samples, work.media.samples)
    assert (engine.field(provenance.map, ["a", "b"]) == 0).all()
    other = render(engine, None, (first, 3), (second, 1), seconds=12, seed=9)
    assert exact(other).map != provenance.map


def test_pauses_in_a_recording_are_kept_and_pay_nobody(engine: Mosaic) -> None:
    strokes = np.concatenate([np.pad(tone(60 + n, 0.6), (0, RATE)) for n in range(5)])
    work = render(engine, None, (prepared(engine, strokes=sound(strokes)), 1), seconds=20)
    field = engine.field(exact(work).map, ["strokes"])[0]
    assert 0.3 < (field == 0).mean() < 0.8


def test_a_recording_too_short_to_continue_is_refused(engine: Mosaic) -> None:
    with pytest.raises(BadRequest, match="seconds"):
        render(engine, None, (prepared(engine, tick=sound(tone(60, 0.3))), 1), seconds=5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_half_an_hour_at_bounded_memory(engine: Mosaic) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    catalogue = prepared(engine, a=harp(1), b=harp(2))
    work = render(engine, None, (catalogue, 1), seconds=1800)
    assert work.media.samples.shape[0] == 1800 * RATE
    rebuilt = render(engine, sound(np.tile(harp(3).samples, (225, 1))), (catalogue, 1), voices=2)
    assert rebuilt.media.samples.shape[0] == 1800 * RATE
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < Mosaic.card.memory_mb
