"""What is noticed of recordings: each fault is found where it was made, and a clean voice is left alone."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import scipy.signal

from app.demo import singing
from core.media import Sound
from creators import inspection, listening
from creators.listening import Heard

RATE = 16_000


@cache
def voice(number: int = 0, seed: int = 3) -> Sound:
    """Some 9 seconds of a scripted singer, with quiet pauses as rooms have them."""
    take = singing.recording(singing.SINGERS[number], seed, seconds=5.0)
    samples = scipy.signal.resample_poly(take.samples[:, 0], 160, 441)
    return made(samples + 2e-4 * np.random.default_rng(seed).standard_normal(len(samples)))


def made(samples: np.ndarray) -> Sound:
    return Sound(np.clip(samples, -1, 1).astype(np.float32)[:, None], RATE)


@cache
def clean(number: int = 0, seed: int = 3) -> Heard:
    return listening.heard(voice(number, seed))


def codes(sound: Sound) -> list[str]:
    return [finding.code for finding in listening.of(listening.heard(sound))]


def noisy(x: np.ndarray) -> np.ndarray:
    return x + 0.008 * np.random.default_rng(1).standard_normal(len(x))


def clipped(x: np.ndarray) -> np.ndarray:
    return 0.9 * np.clip(x / np.quantile(np.abs(x), 0.99), -1, 1)


def telephone(x: np.ndarray) -> np.ndarray:
    return scipy.signal.sosfiltfilt(scipy.signal.butter(6, [300, 3400], "band", fs=RATE, output="sos"), x)


def chords(x: np.ndarray) -> np.ndarray:
    time = np.arange(len(x)) / RATE
    return x + 0.02 * sum(np.sin(2 * np.pi * hz * time) for hz in (523.25, 1318.5, 2093.0))


def test_a_clean_voice_has_nothing_to_mend() -> None:
    assert listening.of(clean()) == ()
    assert clean().document()["range"] == ["E4", "A4"]


@pytest.mark.parametrize(
    ("way", "code"),
    [(noisy, "noisy"), (clipped, "clipped"), (telephone, "telephone"), (chords, "not-alone")],
)
def test_a_fault_is_found(way: object, code: str) -> None:
    assert code in codes(made(way(voice().samples[:, 0].astype(np.float64))))  # type: ignore[operator]


def test_what_is_no_voice_is_told_apart() -> None:
    time = np.arange(4 * RATE) / RATE
    assert "no-voice" in codes(made(0.3 * np.sin(2 * np.pi * 220 * time)))
    assert codes(made(np.zeros(2 * RATE))) == ["empty"]


def test_a_second_voice_is_found_where_it_begins() -> None:
    first, second = voice(0).samples[:, 0], voice(1).samples[:, 0]
    found = [x for x in listening.of(listening.heard(made(np.r_[first, second]))) if x.code == "two-voices"]
    assert len(found) == 1
    begins = len(first) / RATE
    assert found[0].span is not None
    assert abs(found[0].span[0] - begins) < 2.5
    assert inspection.read(found[0].document()) == found[0]


def test_a_set_is_judged_together() -> None:
    shifted = listening.heard(made(voice().samples[777:, 0]))
    found = listening.of_set([clean(), shifted])
    assert [(x.code, x.works) for x in found][:2] == [("copy", (0, 1)), ("too-little", ())]
    assert f"{clean().voiced:.0f} seconds" in found[1].say
    others = [clean(0, seed) for seed in (4, 5, 6)]
    odd = [x.works for x in listening.of_set([clean(), *others, clean(1)]) if x.code == "odd"]
    assert odd == [(4,)]


def test_sounds_tell_one_vowel_from_many() -> None:
    line = [singing.Note("", "a", pitch, 1.0) for pitch in (50, 52, 54, 52)]
    vowel = listening.heard(singing.sung(singing.SINGERS[1], line, 1))
    assert listening.sounds([vowel])[0] < 0.2
    assert listening.sounds([clean(1), clean(1, 4)])[0] > listening.SOUNDS
