"""Recordings are found by what they sound like: which work, which part of it, and how it was altered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from attribution.features import sounds, triples
from attribution.features.sounds import Found
from attribution.features.spectra import FRAMES_PER_SECOND, whitened
from attribution.features.triples import Peaks
from core.media import Sound

RATE = 11_025
WORKS = 6
Samples = NDArray[np.float64]


@cache
def music(seed: int, seconds: float = 24.0, *, higher: float = 0.0, faster: float = 1.0, take: int = 0) -> Samples:
    """Made-up chords of decaying tones, float64 [samples]; the same music `higher` in semitones and `faster`.

    Another `take` has the same notes, not quite as long each.
    """
    dice, hand = np.random.default_rng([seed, 5]), np.random.default_rng(take)
    out = np.zeros(int(seconds / faster * RATE))
    at = 0.0
    while at < seconds - 0.5:
        for _ in range(int(dice.integers(1, 4))):
            note = 45 + int(dice.integers(0, 36))
            length = float(dice.choice([0.4, 0.8, 1.2]))
            t = np.arange(int(length / faster * RATE)) / RATE
            tone = sum(np.sin(2 * np.pi * _hertz(note + higher) * k * t) / k**1.4 for k in range(1, 7))
            begin = int(at / faster * RATE)
            part = (tone * np.exp(-3 * faster * t / length) * dice.uniform(0.5, 1))[: len(out) - begin]
            out[begin : begin + len(part)] += part
        at += float(dice.choice([0.2, 0.3, 0.45])) * (1 + 0.2 * hand.standard_normal() if take else 1)
    return np.asarray(out / np.abs(out).max(), np.float64)


def _hertz(note: float) -> float:
    return float(440 * 2 ** ((note - 69) / 12))


def sound(samples: Samples, rate: int = RATE) -> Sound:
    return Sound(np.ascontiguousarray(samples[:, None], np.float32), rate)


def part(seed: int, begin: float, seconds: float = 10.0) -> Samples:
    return music(seed)[int(begin * RATE) : int((begin + seconds) * RATE)]


@cache
def heard(seed: int) -> sounds.Heard:
    return sounds.of(sound(music(seed)))


@pytest.fixture(scope="module")
def table() -> dict[str, NDArray[np.generic]]:
    return sounds.build([heard(seed) for seed in range(WORKS)])


Table = dict[str, NDArray[np.generic]]


def search(table: Table, samples: Samples, rate: int = RATE) -> list[Found]:
    return sounds.search(table, sounds.asked(sound(samples, rate)))


def noisy(samples: Samples, decibels: float) -> Samples:
    noise = np.random.default_rng(1).standard_normal(len(samples))
    return samples + noise * samples.std() / 10 ** (decibels / 20)


ATTACKS: dict[str, Callable[[Samples], Samples]] = {
    "as it is": lambda x: x,
    "quieter": lambda x: 0.05 * x,
    "noise at 5 dB": lambda x: noisy(x, 5),
    "clipped": lambda x: x.clip(-0.15, 0.15),
    "only its highs": lambda x: np.diff(x),
    "another's music at 0 dB": lambda x: x / x.std() + music(77)[: len(x)] / music(77).std(),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_excerpt_is_found_where_it_was_taken(table: Table, attack: str) -> None:
    best, *others = search(table, ATTACKS[attack](part(3, 8.0)))
    assert best.position == 3
    assert best.work_start_s - best.start_s == pytest.approx(8.0, abs=0.15)
    assert best.tempo == pytest.approx(1, abs=0.01)
    assert best.semitones == pytest.approx(0, abs=0.2)
    assert all(best.score > 3 * other.score for other in others if other.position != 3)


def talking(seconds: float) -> Samples:
    """Like a voice: partials that glide from height to height, louder and softer."""
    dice, t = np.random.default_rng(3), np.arange(int(seconds * RATE)) / RATE
    turns = np.linspace(0, seconds, int(6 * seconds))
    phase = 2 * np.pi * np.cumsum(np.interp(t, turns, dice.uniform(90, 220, len(turns)))) / RATE
    tone = sum(np.sin(k * phase) / k**0.5 for k in range(1, 25))
    return np.asarray(tone * np.interp(t, turns, dice.uniform(0, 1, len(turns))), np.float64)


def under_a_voice(decibels: float) -> Samples:
    """Ten seconds of the third work, from its eighth on, under a voice that is so much louder."""
    voice = talking(10.0)
    mixed = part(3, 8.0) / part(3, 8.0).std() + voice / voice.std() * 10 ** (decibels / 20)
    return np.asarray(mixed, np.float64)


def test_of_held_tones_more_are_the_work_s_than_of_the_strongest_peaks() -> None:
    own = heard(3).peaks.within(8 * FRAMES_PER_SECOND, 18 * FRAMES_PER_SECOND)
    spectrum = np.concatenate(list(whitened(sound(under_a_voice(5)))), axis=1)

    def kept(found: Peaks) -> float:
        times, heights = own.times - 8 * FRAMES_PER_SECOND - found.times[:, None], own.heights - found.heights[:, None]
        return float(((np.abs(times) <= 2) & (np.abs(heights) <= 1)).any(axis=0).mean())

    assert kept(triples.steady(spectrum, 16)) > 1.1 * kept(triples.peaks(spectrum, 0, 16))


def test_under_a_much_louder_voice_it_is_found_by_its_held_tones(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    voiced = search(table, under_a_voice(10))[0]
    monkeypatch.setattr(sounds, "_PASSES", sounds._PASSES[:3])
    assert voiced.position == 3
    assert voiced.score > 1.1 * search(table, under_a_voice(10))[0].score


@pytest.mark.parametrize(("higher", "faster"), [(2.0, 1.0), (0.0, 1.08), (-1.0, 0.94)])
def test_pitch_and_tempo_are_told(table: Table, higher: float, faster: float) -> None:
    altered = music(2, higher=higher, faster=faster)
    best = search(table, altered[5 * RATE : 15 * RATE])[0]
    assert best.position == 2
    assert best.tempo == pytest.approx(faster, abs=0.01)
    assert best.semitones == pytest.approx(higher, abs=0.3)
    assert best.work_start_s - best.start_s * faster == pytest.approx(5.0 * faster, abs=0.25)


def test_played_at_another_speed_it_is_higher_too(table: Table) -> None:
    best = search(table, soxr.resample(part(4, 6.0, 11.0), 1.04, 1.0))[0]
    assert best.position == 4
    assert best.tempo == pytest.approx(1.04, abs=0.01)
    assert best.semitones == pytest.approx(12 * np.log2(1.04), abs=0.3)


def test_at_another_rate_and_in_stereo(table: Table) -> None:
    samples = soxr.resample(part(1, 9.0), RATE, 48_000)
    stereo = Sound(np.stack([samples, 0.5 * samples], axis=1).astype(np.float32), 48_000)
    assert sounds.search(table, sounds.asked(stereo))[0].position == 1


def test_two_works_in_one_recording_and_which_part_of_which(table: Table) -> None:
    both = np.concatenate([music(90)[: 8 * RATE], part(1, 4.0, 12.0), part(5, 10.0, 9.0)])
    first, second = search(table, both)[:2]
    found = {one.position: one for one in (first, second)}
    assert sorted(found) == [1, 5]
    for position, begin, length, place in ((1, 8.0, 12.0, 4.0), (5, 20.0, 9.0, 10.0)):
        one = found[position]
        assert one.start_s == pytest.approx(begin, abs=1)
        assert one.length_s == pytest.approx(length, abs=1.5)
        assert one.work_start_s - one.start_s == pytest.approx(place - begin, abs=0.2)


def test_a_whole_recording_is_one_run(table: Table) -> None:
    best = search(table, noisy(music(2), 20))[0]
    assert best.position == 2
    assert best.start_s == pytest.approx(0, abs=1)
    assert best.work_start_s == pytest.approx(0, abs=1)
    assert best.length_s == pytest.approx(24, abs=1.5)
    assert best.pieces > 2
    assert sounds.same_recording(best)


def test_another_take_is_not_the_same_recording() -> None:
    found = sounds.search(sounds.build([heard(2), heard(3)]), sounds.asked(sound(music(2, take=1))))
    assert found[0].position == 0
    assert not any(sounds.same_recording(one) for one in found)


@cache
def voiced(seed: int, voice: int) -> Samples:
    """The same melody and timing in another voice, as a conversion makes it: something of its source stays in it."""
    if voice != SOURCE:
        return 0.25 * voiced(seed, SOURCE) + _sung(seed, voice)
    return _sung(seed, voice)


def _sung(seed: int, voice: int) -> Samples:
    dice = np.random.default_rng(voice)
    out = np.zeros(20 * RATE)
    notes = np.random.default_rng([seed, 6])
    partials = 10 ** dice.uniform(-1.8, 0, 9)
    for number in range(48):
        note, t = 48 + int(notes.integers(0, 14)), np.arange(int(0.4 * RATE)) / RATE
        tone = sum(a * np.sin(2 * np.pi * k * _hertz(note) * t) for k, a in enumerate(partials, start=1))
        begin = int(number * 0.41 * RATE)
        out[begin : begin + len(t)] += tone * np.hanning(len(t))
    return np.asarray(out + 0.05 * dice.standard_normal(len(out)), np.float64)


SOURCE, WORK, OTHER = 1, 2, 5  # voices


@pytest.mark.parametrize(
    ("voice", "change"),
    [
        (WORK, lambda x: x),
        (WORK, lambda x: noisy(x, 8)),
        (WORK, lambda x: x / x.std() + music(77)[: len(x)] / music(77).std()),
        (SOURCE, lambda x: x),
        (SOURCE, lambda x: noisy(x, 15)),
        (OTHER, lambda x: x),
    ],
)
def test_a_work_is_told_from_its_source_and_from_other_conversions(
    voice: int, change: Callable[[Samples], Samples]
) -> None:
    work, source = (sounds.of(sound(voiced(4, which))) for which in (WORK, SOURCE))
    question = sounds.asked(sound(change(voiced(4, voice)[2 * RATE : 14 * RATE])))
    found = sounds.search(sounds.build([work, heard(1)]), question)[0]
    assert found.position == 0
    origin = sounds.origin(question, found, work, source)
    assert origin is not None
    assert (origin.share >= 0.6) if voice == WORK else (origin.share < 0.5), origin


def test_where_nothing_was_found_no_origin_is_told(table: Table) -> None:
    question = sounds.asked(sound(part(3, 4.0)))
    found = sounds.search(table, question)[0]
    assert sounds.origin(question, replace(found, work_start_s=500.0), heard(3), heard(2)) is None


def test_strangers_score_far_less(table: Table) -> None:
    own = min(search(table, part(seed, 7.0))[0].score for seed in (0, 5))
    strange = [one.score for seed in (50, 51) for one in search(table, music(seed)[: 10 * RATE])]
    assert max(strange, default=0) < own / 4


def test_stored_features_come_back_as_they_were() -> None:
    data = sounds.pack(heard(0))
    back = sounds.unpack(data)
    for name in ("times", "heights", "strengths"):
        assert np.array_equal(getattr(back.peaks, name), getattr(heard(0).peaks, name))
    assert np.array_equal(back.sheet, heard(0).sheet)
    assert sounds.pack(back) == data
    assert len(data) < 250 * heard(0).seconds


def test_a_table_is_small_and_may_be_read_only(table: Table) -> None:
    seconds = sum(heard(seed).seconds for seed in range(WORKS))
    assert sum(values.nbytes for values in table.values()) < 400 * seconds
    for values in table.values():
        values.flags.writeable = False
    assert search(table, part(0, 5.0))[0].position == 0


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01nonsense", sounds.pack(sounds.of(sound(np.zeros(RATE))))[:-3]])
def test_what_was_not_stored_by_us_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="hear it again"):
        sounds.unpack(data)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(20 * RATE), np.zeros(1), np.full(5 * RATE, 1e30), music(3)[: RATE // 10]],
    ids=["silence", "one sample", "overflow", "too short"],
)
def test_what_holds_no_music_is_stored_and_asked_without_harm(table: Table, samples: Samples) -> None:
    stored = sounds.unpack(sounds.pack(sounds.of(sound(samples))))
    again = sounds.build([stored, heard(1)])
    assert search(again, part(1, 5.0))[0].position == 1
    assert search(again, samples) == [] or search(again, samples)[0].score < 1
    assert search(sounds.build([]), part(1, 5.0)) == []
    assert search(sounds.build([stored]), samples) == []


def test_a_very_long_recording_is_asked_in_few_pieces() -> None:
    question = sounds.asked(sound(np.tile(music(4), 14)))
    assert len(question.pieces) <= 62
    assert question.pieces[-1].begin > 320 * 43
    assert question.step_s == pytest.approx(5.4, abs=0.1)


def test_a_loop_counts_once(table: Table) -> None:
    """What repeats lines up everywhere: a stranger with the work's bar in it is no copy of the work."""
    bar = part(40, 3.0, 1.0)
    looped = sounds.of(sound(np.tile(bar, 20) + 0.3 * music(6)[: 20 * len(bar)]))
    other = np.tile(bar, 10) + 0.3 * music(7)[: 10 * len(bar)]
    own = np.tile(bar, 10) + 0.3 * music(6)[3 * RATE : 3 * RATE + 10 * len(bar)]
    registered = sounds.build([looped, *(heard(seed) for seed in range(3))])
    assert search(registered, other)[0].score < search(registered, part(1, 5.0))[0].score / 3
    assert search(registered, own)[0].position == 0
