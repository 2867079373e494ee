"""What chorale hears: pitch to a few cents, timbre without its harmonics, held notes from gliding ones."""

from __future__ import annotations

import numpy as np
import pytest

from core.hearing import features, pitch
from core.hearing.envelope import BAND_HZ, envelopes
from core.hearing.frames import centers, count
from generation.engines.chorale import contour
from tests.generation.engines.voices import RATE, VOWELS, buzz, song, sound


def glide(low: float, high: float, seconds: float = 3.0, rate: int = RATE) -> np.ndarray:
    t = np.arange(int(seconds * rate)) / rate
    wave = 0.5 + 0.45 * np.sin(2 * np.pi * 0.6 * t)
    return np.exp(np.log(low) + np.log(high / low) * wave) * 2 ** (0.3 / 12 * np.sin(2 * np.pi * 5.5 * t))


@pytest.mark.parametrize(("low", "high"), [(65, 100), (80, 160), (160, 320), (300, 900)])
def test_pitch_is_found_within_50_cents_and_noise_has_none(low: float, high: float) -> None:
    dice = np.random.default_rng(1)
    truth = glide(low, high)
    x = buzz(truth, VOWELS[3]) + 0.003 * dice.standard_normal(len(truth))
    x[:RATE] = 0.05 * dice.standard_normal(RATE)
    found = pitch.track(x, RATE)
    true = truth[np.minimum(centers(0, len(found), RATE), len(truth) - 1)]
    voiced = slice(104, None)
    cents = 1200 * np.abs(np.log2(np.maximum(found[voiced], 1) / true[voiced]))
    assert (cents < 50).mean() >= 0.98
    assert (found[:97] == 0).mean() >= 0.98


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 48000])
def test_every_rate_tells_the_same_pitch_at_the_same_time(rate: int) -> None:
    truth = glide(120, 240, seconds=1.5, rate=rate)
    known = features.analyze(sound(buzz(truth, VOWELS[0], rate), rate))
    assert len(known) == count(len(truth), rate) == 150
    true = truth[np.minimum(centers(0, 150, rate), len(truth) - 1)]
    cents = 1200 * np.abs(np.log2(np.maximum(features.hertz_of(known.pitch), 1) / true))
    assert np.median(cents) < 6
    assert known.envelope.shape == (150, len(BAND_HZ))
    assert known.top == min(rate / 2, 24000)


def test_an_envelope_peaks_at_the_formants_whatever_the_pitch() -> None:
    shapes = []
    for hertz in (110.0, 150.0, 210.0):
        x = buzz(np.full(RATE, hertz), (600, 1700, 2600))
        shapes.append(envelopes(x, RATE, np.full(count(len(x), RATE), hertz))[20:80].mean(0))
    for shape in shapes:
        peaks = BAND_HZ[1:-1][(shape[1:-1] > shape[:-2]) & (shape[1:-1] >= shape[2:]) & (BAND_HZ[1:-1] < 3000)]
        for formant in (600, 1700, 2600):
            assert np.abs(peaks - formant).min() < 0.12 * formant
    inside = (BAND_HZ > 300) & (BAND_HZ < 4000)
    levelled = [shape[inside] - shape[inside].mean() for shape in shapes]
    assert np.abs(levelled[0] - levelled[2]).mean() < 0.6  # ln of power: 2.6 dB


def test_pitch_codes_are_two_cents_apart_and_come_back() -> None:
    hertz = np.array([0.0, 60.0, 111.1, 440.0, 1100.0])
    back = features.hertz_of(features.code_of(hertz))
    assert back[0] == 0
    assert np.abs(1200 * np.log2(back[1:] / hertz[1:])).max() <= 1.0


def test_notes_are_held_and_speech_glides() -> None:
    assert contour.sings(features.analyze(song(0, 1)).pitch)
    spoken = features.code_of(glide(90, 220)[:: RATE // 100])
    assert not contour.sings(spoken)


def test_a_spoken_pitch_keeps_its_rank_and_never_leaves_the_artists_range() -> None:
    dice = np.random.default_rng(3)
    fan = dice.normal(1500, 120, 400).astype(np.uint16)
    artist = dice.normal(2300, 60, 900).astype(np.uint16)
    found = contour.ranked(np.r_[fan, 0].astype(np.uint16), fan, artist)
    assert found[-1] == 0
    assert artist.min() <= found[:-1].min() <= found[:-1].max() <= artist.max()
    order = np.argsort(fan, kind="stable")
    assert (np.diff(found[:-1][order].astype(int)) >= 0).all()
    assert abs(np.median(found[:-1]) - np.median(artist)) < 8


def test_a_song_moves_by_whole_octaves() -> None:
    low, high = features.code_of(np.full(9, 110.0)), features.code_of(np.full(9, 392.0))
    assert contour.octaves(low, high) == 2
    assert contour.shifted(low, 2 * features.FINEST).tolist() == features.code_of(np.full(9, 440.0)).tolist()
