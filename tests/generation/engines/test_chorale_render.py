"""Works of chorale: the artist's timbre in the fan's time, the shares as agreed, the same samples again."""

from __future__ import annotations

import resource
from dataclasses import dataclass

import numpy as np
import pytest

from core.errors import Invalid
from core.hearing.features import analyze, cepstra, hertz_of
from core.media import Sound
from core.shares import WHOLE
from generation.engine import BadRequest, Cancelled, Ingredient, Rendering, Request, silent
from generation.engines.chorale import Chorale, maps, passages
from tests.generation.engines.voices import RATE, exact, prepared, render, resampled, shares, song, sound

STEP = 2.0**-23


@dataclass(frozen=True)
class Sung:
    """The bass's song in the alto's voice."""

    engine: Chorale
    alto: bytes
    bass: bytes
    source: Sound
    rendering: Rendering


@pytest.fixture(scope="module")
def sung() -> Sung:
    engine = Chorale()
    alto, bass = prepared(engine, a=song(0, 1), b=song(0, 2)), prepared(engine, c=song(1, 8))
    source = song(1, 3)
    return Sung(engine, alto, bass, source, render(engine, source, (alto, 1)))


def test_a_work_is_nearer_to_the_artist_than_to_the_fan(sung: Sung) -> None:
    def timbre(one: Sound) -> np.ndarray:
        known = analyze(one)
        return cepstra(known.envelope[known.active & known.voiced], 7600).mean(0)

    artist, fan, work = timbre(song(0, 2)), timbre(sung.source), timbre(sung.rendering.media)
    assert np.linalg.norm(work - artist) < 0.5 * np.linalg.norm(work - fan)


def test_the_melody_is_the_fans_an_octave_up(sung: Sung) -> None:
    read = maps.read_map(exact(sung.rendering).map)
    before, wanted = hertz_of(read.pitch), hertz_of(read.wanted)
    voiced = before > 0
    assert set(np.round(np.log2(wanted[voiced] / before[voiced]), 2)) == {1.0}
    found = hertz_of(analyze(sung.rendering.media).pitch)
    both = voiced & (found > 0)
    assert both.sum() > 0.95 * voiced.sum()
    assert (np.abs(1200 * np.log2(found[both] / wanted[both])) < 50).mean() > 0.95


def test_the_map_gives_the_same_samples_and_the_same_shares(sung: Sung) -> None:
    provenance = exact(sung.rendering)
    again = sung.engine.replay(provenance.map, [sung.alto], sung.source)
    assert np.array_equal(again.samples, sung.rendering.media.samples)
    assert sung.engine.measure(provenance.map, [sung.alto]) == provenance.shares
    assert sum(one.share for one in provenance.shares) == WHOLE
    assert len(provenance.map) < 2700 * sung.source.seconds
    field = sung.engine.field(provenance.map, ["a", "b"])
    assert field.shape == (1, maps.read_map(provenance.map).header.frames)
    assert set(np.unique(field)) == {-1, 0, 1}


def test_samples_are_whole_steps_of_24_bits_below_full_scale(sung: Sung) -> None:
    samples = sung.rendering.media.samples.astype(np.float64)
    assert np.array_equal(samples / STEP, np.round(samples / STEP))
    assert np.abs(samples).max() <= 0.99 + STEP
    loud = [float(np.sqrt(np.square(x, dtype=np.float64).mean())) for x in (sung.source.samples, samples)]
    assert loud[1] == pytest.approx(loud[0], rel=0.02)


def test_where_nothing_sounds_nothing_is_changed(sung: Sung) -> None:
    gap = np.zeros((RATE, 1), np.float32)
    half = sung.source.samples[: 2 * RATE]
    work = render(sung.engine, Sound(np.concatenate([half, gap, half]), RATE), (sung.alto, 1))
    assert np.abs(work.media.samples[2 * RATE + 800 : 3 * RATE - 800]).max() < 1e-4
    assert (sung.engine.field(exact(work).map, ["a", "b"])[0, 210:290] == -1).all()


def test_both_channels_go_through_the_same_gains(sung: Sung) -> None:
    mono = sung.source.samples[: 2 * RATE]
    stereo = Sound(np.concatenate([0.75 * mono, 0.25 * mono], 1), RATE)
    left, right = render(sung.engine, stereo, (sung.alto, 1)).media.samples.T
    assert np.abs(left - 3 * right).max() < 8 * STEP


@pytest.mark.parametrize("weights", [(1, 1), (3, 1)])
def test_a_mix_pays_exactly_as_agreed_whatever_is_uploaded(sung: Sung, weights: tuple[int, int]) -> None:
    short = Sound(sung.source.samples[: 3 * RATE].copy(), RATE)
    work = render(sung.engine, short, (sung.alto, weights[0]), (sung.bass, weights[1]))
    got = shares(work)
    assert got.get("a", 0) + got.get("b", 0) == pytest.approx(WHOLE * weights[0] / sum(weights), abs=2)
    again = sung.engine.replay(exact(work).map, [sung.bass, sung.alto], short)
    assert np.array_equal(again.samples, work.media.samples)


def test_a_passage_stays_below_its_limit(sung: Sung) -> None:
    own = prepared(sung.engine, own=song(1, 3))  # the artist's very recording: the longest passages there can be
    free = exact(render(sung.engine, sung.source, (own, 1), transpose="keep"))
    assert free.largest_copy > 0.03
    held = exact(render(sung.engine, sung.source, (own, 1), transpose="keep", max_copy=0.01))
    assert 0 < held.largest_copy <= 0.01
    with pytest.raises(BadRequest, match="license"):
        render(sung.engine, sung.source, (own, 1), max_copy=0.0)


def test_a_passage_is_counted_within_one_recording_and_one_sound() -> None:
    near = np.arange(10)[:, None] + np.array([0, 20, 40])
    everywhere = np.ones(10, np.bool_)
    assert passages.longest(near, everywhere, np.array([60])) == 10
    assert passages.longest(near, everywhere, np.array([5, 25, 45, 60])) == 5
    paused = np.insert(everywhere, 4, False)
    assert passages.longest(near, paused, np.array([60])) == 6
    assert passages.longest(near[::-1], everywhere, np.array([60])) == 1


def test_an_excerpt_is_a_part_of_the_same_recording(sung: Sung) -> None:
    params = sung.engine.preview(sung.engine.Params(identity=0.8))
    assert (params.length, params.identity) == (15.0, 0.8)
    work = render(sung.engine, sung.source, (sung.alto, 1), length=1.5, start=1.0)
    assert work.media.samples.shape == (RATE * 3 // 2, 1)
    assert work.facts["start_ms"] == 1000
    again = sung.engine.replay(exact(work).map, [sung.alto], sung.source)
    assert np.array_equal(again.samples, work.media.samples)


def test_breath_adds_noise_where_the_voice_is(sung: Sung) -> None:
    plain, airy = (render(sung.engine, sung.source, (sung.alto, 1), breath=b).media.samples[:, 0] for b in (0.0, 1.0))
    spectra = [np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2 for x in (plain, airy)]
    hertz = np.fft.rfftfreq(len(plain), 1 / RATE)
    high, low = (hertz > 3000) & (hertz < 6000), (hertz > 150) & (hertz < 800)
    assert spectra[1][high].sum() > 1.2 * spectra[0][high].sum()
    assert spectra[1][low].sum() == pytest.approx(spectra[0][low].sum(), rel=0.15)


def test_identity_goes_farther(sung: Sung) -> None:
    short = Sound(sung.source.samples[: 2 * RATE].copy(), RATE)
    works = [exact(render(sung.engine, short, (sung.alto, 1), identity=identity)) for identity in (0, 1)]
    strengths = [maps.read_map(work.map).header.strength for work in works]
    assert strengths[0] < strengths[1]


@pytest.mark.parametrize("rate", [8_000, 48_000, 192_000])
def test_a_work_keeps_the_rate_and_the_length_of_its_source(sung: Sung, rate: int) -> None:
    source = resampled(sound(sung.source.samples[RATE : 2 * RATE]), rate)
    work = render(sung.engine, source, (sung.alto, 1))
    assert (work.media.rate, work.media.samples.shape) == (rate, source.samples.shape)
    again = sung.engine.replay(exact(work).map, [sung.alto], source)
    assert np.array_equal(again.samples, work.media.samples)


def test_clipped_and_shifted_recordings_are_sung_without_breaking(sung: Sung) -> None:
    part = sung.source.samples[RATE : 2 * RATE]
    soft, offset = sound(0.5 * part), sound(0.5 * part + 0.4)
    works = [render(sung.engine, one, (sung.alto, 1)) for one in (soft, offset)]
    assert np.abs(works[0].media.samples - works[1].media.samples).max() < 0.01
    assert np.array_equal(sung.engine.replay(exact(works[1]).map, [sung.alto], offset).samples, works[1].media.samples)
    clipped = render(sung.engine, sound(20 * part), (sung.alto, 1)).media.samples
    assert np.isfinite(clipped).all()
    assert 0.1 < np.abs(clipped).max() < 1


def test_a_stop_is_let_through(sung: Sung) -> None:
    def stop(step: int, of: int, stage: str, preview: object = None) -> None:
        if step > 2:
            raise Cancelled("stopped")

    request = Request((Ingredient(sung.alto),), sung.engine.Params(), 1, source=sung.source)
    with pytest.raises(Cancelled):
        sung.engine.render([request], report=stop)


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        (np.zeros(RATE), "sounds"),
        (np.full(RATE, 0.25), "sounds"),
        (np.zeros(1), "seconds"),
        (np.full(RATE, np.nan), "no numbers"),
    ],
)
def test_what_cannot_be_sung_is_refused(sung: Sung, samples: np.ndarray, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        render(sung.engine, sound(samples), (sung.alto, 1))


def test_a_replay_needs_the_same_source_and_the_same_voice(sung: Sung) -> None:
    map = exact(sung.rendering).map
    with pytest.raises(BadRequest, match="give that file"):
        sung.engine.replay(map, [sung.alto])
    with pytest.raises(BadRequest, match="not the recording"):
        sung.engine.replay(map, [sung.alto], song(1, 8))
    with pytest.raises(BadRequest, match="do not hold"):
        sung.engine.replay(map, [sung.bass], sung.source)
    with pytest.raises(BadRequest, match="no recording"):
        sung.engine.prepare([_picture()], report=silent)


def _picture() -> object:
    from core.media import Picture
    from generation.engine import Asset

    return Asset("p", Picture(np.zeros((4, 4, 3), np.uint8)))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_half_an_hour_in_stereo_at_bounded_memory(sung: Sung) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = song(0, 3, 44_100).samples
    length = 1800 * 44_100
    source = Sound(np.tile(line, (1 + length // len(line), 2))[:length], 44_100)
    work = render(sung.engine, source, (sung.bass, 1), delivery="speech")  # where every pitch is moved
    assert work.media.samples.shape == source.samples.shape
    both = 2 * source.samples.nbytes / 2**20  # what comes and what goes is 1,211 MB
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < both + 1100
