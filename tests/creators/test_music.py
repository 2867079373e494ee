"""Tempo and key: heard where they are clear, and not told where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from core.media import Sound
from creators import music

RATE = 22_050


def chords(tonic: float, steps: tuple[int, ...], *, beat: float = 0.5, count: int = 20) -> Sound:
    """Plucked chords on these steps over `tonic` (Hz), one each beat."""
    time = np.arange(int(beat * RATE)) / RATE
    notes = [
        sum(np.sin(2 * np.pi * tonic * 2 ** ((step + third) / 12) * time) for third in (0, 7, 12))
        * np.exp(-time / 0.15)
        for step in steps
    ]
    out = np.concatenate([notes[number % len(notes)] for number in range(count)])
    return Sound(np.asarray(0.1 * out, np.float32)[:, None], RATE)


@pytest.mark.parametrize(
    ("tonic", "steps", "key"), [(261.63, (0, 5, 7, 4), "C major"), (220.0, (0, 3, 7, 5), "A minor")]
)
def test_key_and_tempo_of_plain_music_are_heard(tonic: float, steps: tuple[int, ...], key: str) -> None:
    heard = music.of(chords(tonic, steps))
    assert heard.key == key
    assert heard.tempo is not None
    assert min(abs(heard.tempo / 120 - ratio) for ratio in (0.5, 1.0, 2.0)) < 0.05
    assert heard.words == f"{key}, {heard.tempo} BPM"


def test_noise_silence_and_short_sounds_have_neither() -> None:
    noise = np.random.default_rng(1).standard_normal((9 * RATE, 1)).astype(np.float32) * 0.1
    for samples in (noise, 0 * noise, chords(220.0, (0,)).samples[: 7 * RATE]):
        assert music.of(Sound(samples, RATE)) == music.NOTHING
