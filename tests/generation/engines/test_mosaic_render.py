"""Mosaics: the fan's notes, attacks and loudness in the catalogue's sound, the shares as counted, the same again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from core.media import Picture, Sound
from core.shares import WHOLE
from generation.engine import BadRequest, Cancelled, Ingredient, Rendering, Request, silent
from generation.engines.mosaic import Mosaic, levels, listening, maps
from tests.generation.engines.catalogues import RATE, exact, harp, line, prepared, render, shares, sound, tone

STEP = 2.0**-23
MELODY = (64, 67, 71, 69, 62, 66)


@dataclass(frozen=True)
class Made:
    """A melody rebuilt from two recordings of a brighter instrument that hardly plays its notes."""

    engine: Mosaic
    catalogue: bytes
    source: Sound
    rendering: Rendering

    @property
    def samples(self) -> np.ndarray:
        return self.rendering.media.samples


@pytest.fixture(scope="module")
def made() -> Made:
    engine = Mosaic()
    catalogue = prepared(
        engine, low=line((57, 60, 65), each=1.0, bright=0.4), high=line((68, 72), bright=0.4, each=1.0)
    )
    source = line(MELODY, bright=2.0)
    return Made(engine, catalogue, source, render(engine, source, (catalogue, 1)))


def strongest(x: np.ndarray) -> float:
    """The lowest strong partial, as a MIDI note."""
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)), 1 << 16))
    hz = np.argmax(spectrum) * RATE / (1 << 16)
    return float(69 + 12 * np.log2(hz / 440))


def test_the_melody_is_the_fans_by_transposing(made: Made) -> None:
    size = round(0.4 * RATE)
    found = [strongest(made.samples[i * size + 1000 : (i + 1) * size - 1000, 0]) for i in range(len(MELODY))]
    assert np.abs(np.array(found) - MELODY).max() < 0.5
    shifts = maps.read_map(exact(made.rendering).map).passages.shift
    assert len(np.unique(shifts)) > 3
    plain = render(made.engine, made.source, (made.catalogue, 1), transpose=False)
    assert set(maps.read_map(exact(plain).map).passages.shift) == {0}


def test_the_timbre_is_the_catalogues(made: Made) -> None:
    def brightness(x: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(x)) ** 2
        return float(power[round(1200 / RATE * len(x)) :].sum() / power.sum())

    assert brightness(made.samples[:, 0]) > 4 * brightness(made.source.samples[:, 0])


def test_attacks_and_loudness_follow_the_source(made: Made) -> None:
    wanted, found = (listening.onsets(*listening.mono(one)) / RATE for one in (made.source, made.rendering.media))
    assert len(wanted) >= len(MELODY) - 1
    assert all(np.abs(found - one).min() < 0.02 for one in wanted)
    loud = [levels.of(np.asarray(one.samples), RATE).astype(float) for one in (made.source, made.rendering.media)]
    sounding = loud[0] > loud[0].max() - 80
    assert np.abs(loud[0] - loud[1])[sounding].mean() < 2 * levels.LEVEL_STEPS


def test_the_map_gives_the_same_samples_and_the_same_shares(made: Made) -> None:
    provenance = exact(made.rendering)
    again = made.engine.replay(provenance.map, [made.catalogue])
    assert np.array_equal(again.samples, made.samples)
    assert made.engine.measure(provenance.map, [made.catalogue]) == provenance.shares
    assert sum(one.share for one in provenance.shares) == WHOLE
    assert len(provenance.map) < 2700 * made.source.seconds
    field = made.engine.field(provenance.map, ["low", "high"])
    assert field.shape == (1, maps.read_map(provenance.map).header.ticks)
    parts = [(field == n).mean() for n in (0, 1)]
    assert parts[0] == pytest.approx(shares(made.rendering)["low"] / WHOLE, abs=0.05)
    assert sum(parts) > 0.95


def test_another_seed_is_another_take_and_the_same_seed_the_same(made: Made) -> None:
    same = render(made.engine, made.source, (made.catalogue, 1))
    assert exact(same).map == exact(made.rendering).map
    other = render(made.engine, made.source, (made.catalogue, 1), seed=6)
    assert not np.array_equal(other.media.samples, made.samples)


def test_samples_are_whole_steps_of_24_bits_below_full_scale(made: Made) -> None:
    loud = render(made.engine, sound(4 * made.source.samples[: 2 * RATE]), (made.catalogue, 1))
    for samples in (made.samples, loud.media.samples):
        steps = samples.astype(np.float64) / STEP
        assert np.array_equal(steps, np.round(steps))
        assert np.abs(samples).max() <= 0.99 + STEP


def test_silence_stays_silent_and_earns_nobody_anything(made: Made) -> None:
    gap = np.zeros((RATE, 1), np.float32)
    half = made.source.samples[:RATE]
    work = render(made.engine, Sound(np.concatenate([half, gap, half]), RATE), (made.catalogue, 1))
    assert np.abs(work.media.samples[RATE + 800 : 2 * RATE - 800]).max() == 0
    assert (made.engine.field(exact(work).map, ["low", "high"])[0, 105:195] == -1).all()


@pytest.mark.parametrize("weights", [(1, 1), (3, 1)])
def test_a_mix_pays_as_agreed_whatever_fits_better(made: Made, weights: tuple[int, int]) -> None:
    other = prepared(made.engine, harp=harp(1), melody=made.source)  # it holds the very recording
    short = sound(made.source.samples[:RATE])
    work = render(made.engine, short, (made.catalogue, weights[0]), (other, weights[1]))
    got = shares(work)
    assert got.get("low", 0) + got.get("high", 0) == pytest.approx(WHOLE * weights[0] / sum(weights), abs=2)
    again = made.engine.replay(exact(work).map, [other, made.catalogue])
    assert np.array_equal(again.samples, work.media.samples)


def test_a_passage_stays_below_its_limit(made: Made) -> None:
    own = prepared(made.engine, own=made.source)  # the longest passages that there can be
    free = exact(render(made.engine, made.source, (own, 1), transpose=False))
    assert free.largest_copy > 0.05
    held = exact(render(made.engine, made.source, (own, 1), transpose=False, max_copy=0.03))
    assert 0 < held.largest_copy <= 0.03
    with pytest.raises(BadRequest, match="license"):
        render(made.engine, made.source, (own, 1), max_copy=0.0)


def test_a_work_has_the_sources_rate_if_the_catalogue_allows_it(made: Made) -> None:
    def rate_and_frames(rate: int) -> tuple[int, int]:
        media = render(made.engine, line((64, 67), rate=rate), (made.catalogue, 1)).media
        return media.rate, media.samples.shape[0]

    assert rate_and_frames(8_000) == (8_000, 6_400)
    assert rate_and_frames(44_100) == (RATE, 12_800)
    assert rate_and_frames(192_000) == (RATE, 12_800)


def test_stereo_is_the_catalogues(made: Made) -> None:
    left = tone(64, 1.5)
    stereo = prepared(made.engine, wide=sound(np.stack([left, 0.5 * left], 1)))
    work = render(made.engine, line((64, 64)), (stereo, 1)).media.samples
    assert work.shape[1] == 2
    assert np.abs(work[:, 0] - 2 * work[:, 1]).max() < 1e-3  # 16 bits of the kept recording
    both = sound(np.repeat(made.source.samples[:RATE], 2, axis=1))
    assert render(made.engine, both, (made.catalogue, 1)).media.samples.shape == (RATE, 1)


def test_an_excerpt_is_the_part_asked_for(made: Made) -> None:
    work = render(made.engine, made.source, (made.catalogue, 1), start=0.4, length=0.8)
    assert work.media.samples.shape[0] == round(0.8 * RATE)
    assert strongest(work.media.samples[1000:5000, 0]) == pytest.approx(MELODY[1], abs=0.5)
    assert made.engine.preview(made.engine.Params(seconds=900)).seconds == 15


def test_odd_recordings_are_rebuilt_or_refused_but_never_break(made: Made) -> None:
    clipped = sound(np.clip(20 * made.source.samples[:RATE], -1, 1))
    offset = sound(made.source.samples[:RATE] * 0.5 + 0.4)
    for odd in (clipped, offset):
        assert np.isfinite(render(made.engine, odd, (made.catalogue, 1)).media.samples).all()
    for nothing in (np.zeros(RATE), np.full(RATE, 0.5), np.full(RATE, np.nan)):
        with pytest.raises(BadRequest, match="nothing sounds"):
            render(made.engine, sound(nothing), (made.catalogue, 1))
    with pytest.raises(BadRequest, match="takes 0"):
        render(made.engine, sound(np.ones(1)), (made.catalogue, 1))


def test_what_cannot_be_is_refused(made: Made) -> None:
    picture = Picture(np.zeros((8, 8, 3), np.uint8))
    ask = Request((Ingredient(made.catalogue),), made.engine.Params(), seed=0, source=picture)
    with pytest.raises(BadRequest, match="picture"):
        made.engine.render([ask], report=silent)
    with pytest.raises(BadRequest, match="same recordings"):
        render(made.engine, made.source, (made.catalogue, 1), (made.catalogue, 1))
    with pytest.raises(BadRequest, match="prepared"):
        render(made.engine, made.source, (made.catalogue[:-40], 1))
    other = prepared(made.engine, other=harp(1))
    for look in (made.engine.replay, made.engine.measure):
        with pytest.raises(BadRequest, match="given styles do not hold"):
            look(exact(made.rendering).map, [other])


def test_a_rendering_stops_when_told(made: Made) -> None:
    def stop(step: int, of: int, stage: str, preview: object = None) -> None:
        if step == 2:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        render(made.engine, made.source, (made.catalogue, 1), report=stop)
