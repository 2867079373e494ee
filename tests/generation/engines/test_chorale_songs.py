"""Whole songs, duets and previews of chorale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from app.demo import plucked
from core.hearing.features import hertz_of
from core.hearing.frames import quiet
from core.hearing.pitch import track
from core.media import Sound
from core.shares import WHOLE
from generation.engine import BadRequest, Estimate, Exact, Ingredient, Rendering, Request, silent
from generation.engines.chorale import Chorale, backing, foretelling, insides, maps, sections, spectra
from tests.generation.engines.voices import RATE, exact, prepared, render, shares, song, sound

FRAME = RATE // 100


@dataclass(frozen=True)
class Studio:
    engine: Chorale
    alto: bytes
    bass: bytes


@dataclass(frozen=True)
class Mixed:
    """A bass over a harp, silent for the first and the last three seconds; and what became of it in an alto's voice."""

    voice: np.ndarray
    mix: Sound
    work: Rendering


@pytest.fixture(scope="module")
def studio() -> Studio:
    engine = Chorale()
    return Studio(engine, prepared(engine, a=song(0, 1), b=song(0, 2)), prepared(engine, c=song(1, 8)))


@pytest.fixture(scope="module")
def mixed(studio: Studio) -> Mixed:
    pause = np.zeros(3 * RATE)
    voice = np.concatenate([pause, song(1, 3).samples[:, 0], pause])
    harp = plucked.recording(plucked.HARP, 4, seconds=len(voice) / RATE + 0.1, rate=RATE).samples[: len(voice), 0]
    mix = sound(0.6 * np.stack([voice + harp, voice + 0.5 * harp], 1))
    return Mixed(0.6 * voice, mix, render(studio.engine, mix, (studio.alto, 1), whole_song=True))


def test_in_a_whole_song_the_voice_is_found_and_nothing_else_is_changed(mixed: Mixed) -> None:
    read = maps.read_map(exact(mixed.work).map)
    truth = np.zeros(len(read.sung), np.bool_)
    truth[300:-300] = True
    assert (read.sung == truth).mean() > 0.85
    rate = mixed.mix.rate
    true, found = track(mixed.voice, rate), hertz_of(read.pitch)
    both = (true[: len(found)] > 0) & (found > 0)
    assert (np.abs(1200 * np.log2(found[both] / true[: len(found)][both])) < 50).mean() > 0.7
    change = mixed.work.media.samples.astype(np.float64) - mixed.mix.samples

    def level(part: slice) -> float:
        return float(10 * np.log10(np.square(change[part]).sum() / np.square(mixed.mix.samples[part]).sum()))

    assert "unsure" not in str(mixed.work.facts["whole_song"])
    assert level(slice(0, 250 * FRAME)) < -30
    assert level(slice(len(change) - 250 * FRAME, None)) < -30
    assert level(slice(300 * FRAME, -300 * FRAME)) > -15
    assert str(mixed.work.facts["whole_song"]).startswith("rough")


def test_a_whole_song_is_replayed_from_its_map(studio: Studio, mixed: Mixed) -> None:
    provenance = exact(mixed.work)
    again = studio.engine.replay(provenance.map, [studio.alto], mixed.mix)
    assert np.array_equal(again.samples, mixed.work.media.samples)
    assert studio.engine.measure(provenance.map, [studio.alto]) == provenance.shares
    assert len(provenance.map) < 2700 * mixed.mix.seconds


def test_behind_a_voice_stands_what_sounded_in_like_moments() -> None:
    grid = spectra.grid_of(RATE)
    time = np.arange(4 * RATE) / RATE
    chord = np.where(time % 1 < 0.5, 220.0, 330.0)  # two chords in turn
    strings = sum(np.sin(2 * np.pi * number * chord * time) for number in (1, 2, 3))
    voice = np.where(time >= 2, np.sin(2 * np.pi * 1250 * time), 0.0)
    sung = grid.frames(len(time)) >= 200
    known = backing.learned(strings + voice, grid, sung, quiet)
    _, _, _, block = next(spectra.blocks(strings + voice, grid, quiet))
    behind = known.behind(block, sung[: len(block)])
    bins = np.round(np.array([220, 440, 330, 990, 1250]) * grid.size / RATE).astype(int)
    power = 10 * np.log10(behind[int(3.25 * RATE / grid.hop), bins] + 1e-9)
    assert power[:2].min() > power[2:].max() + 20
    assert not behind[~sung[: len(block)]].any()


def test_in_a_backing_alone_nothing_is_sure(mixed: Mixed) -> None:
    backing = mixed.mix.samples - mixed.voice[:, None].astype(np.float32)
    assert not insides.found(backing, mixed.mix.rate, quiet)[1]


@pytest.mark.parametrize("params", [{"transpose": "semitones", "semitones": 3}, {"breath": 0.5}])
def test_inside_a_whole_song_pitch_and_breath_stay(studio: Studio, mixed: Mixed, params: dict[str, object]) -> None:
    with pytest.raises(BadRequest, match="bring the vocal and its backing"):
        render(studio.engine, mixed.mix, (studio.alto, 1), whole_song=True, **params)


def duet(studio: Studio, *regions: np.ndarray | None, **params: object) -> Rendering:
    styles = tuple(Ingredient(one, 1, where) for one, where in zip((studio.alto, studio.bass), regions, strict=True))
    request = Request(styles, studio.engine.Params(transpose="keep", **params), 1, source=song(1, 3))
    return studio.engine.render([request], report=silent)[0]


def test_in_a_duet_each_sings_and_earns_in_their_sections(studio: Studio) -> None:
    first = np.array([[True, False, False]])
    work = duet(studio, first, ~first)
    provenance = exact(work)
    read, got = maps.read_map(provenance.map), shares(work)
    frames = len(read.kept)
    edge = frames // 3
    assert got["c"] == pytest.approx(WHOLE * read.kept[edge:].sum() / read.kept.sum(), abs=3 * WHOLE / read.kept.sum())
    field = studio.engine.field(provenance.map, ["a", "b", "c"])[0]
    assert set(field[: edge - 2]) <= {-1, 0, 1}
    assert set(field[edge + 2 :]) <= {-1, 2}
    assert "moments in which it sings" in str(work.facts["mix_reason"])
    again = studio.engine.replay(provenance.map, [studio.bass, studio.alto], song(1, 3))
    assert np.array_equal(again.samples, work.media.samples)
    assert studio.engine.measure(provenance.map, [studio.alto, studio.bass]) == provenance.shares
    alone = render(studio.engine, song(1, 3), (studio.alto, 1), transpose="keep")
    near = np.corrcoef(alone.media.samples[: (edge - 20) * FRAME, 0], work.media.samples[: (edge - 20) * FRAME, 0])[
        0, 1
    ]
    assert near > 0.95


def test_where_nobody_may_sing_all_may_and_edges_are_soft() -> None:
    allowed = sections.allowed([np.array([[True, False, False]]), np.array([[False, True, False]])], 30)
    assert allowed[:, 20:].all()
    parts = sections.parts(allowed)
    assert parts[0, 8:12].tolist() == [3, 2, 1, 0]
    assert parts[1, 8:12].tolist() == [0, 1, 2, 3]
    with pytest.raises(BadRequest, match=r"\[1, moments\]"):
        sections.allowed([np.ones((2, 3), np.bool_)], 30)


def test_a_preview_foretells_the_shares_of_the_whole(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foretelling, "MOMENTS", 8)
    long = Sound(np.concatenate([song(1, seed).samples for seed in (3, 8)]), RATE)
    whole = shares(render(studio.engine, long, (studio.alto, 1)))
    wished = studio.engine.Params(length=3.0)
    request = Request((Ingredient(studio.alto, 1),), studio.engine.preview(wished), 5, source=long)
    shown = studio.engine.render([request], report=silent)[0]
    assert isinstance(shown.provenance, Estimate)
    assert isinstance(render(studio.engine, long, (studio.alto, 1), length=3.0).provenance, Exact)
    with pytest.raises(ValueError, match="foretell"):  # what is sealed is counted, whatever a fan wishes
        studio.engine.Params.model_validate({"length": 3.0, "foretell": True})
    assert shown.media.frames == 3 * RATE
    foretold = {one.asset: one.share for one in shown.provenance.shares}
    assert sum(foretold.values()) == WHOLE
    for asset, share in whole.items():
        assert abs(foretold.get(asset, 0) - share) < 50_000
