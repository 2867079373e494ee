"""Padding a voice earns nothing: silence, noise, a buzz, music, copies in any guise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy.signal

from app.demo import plucked
from core.hearing import guard
from core.hearing.features import FINEST, analyze
from core.media import Sound
from generation.engine import BadRequest
from generation.engines.chorale import Chorale, psola
from generation.engines.chorale.voice import unpack
from tests.generation.engines.voices import RATE, prepared, resampled, song, sound


def usable(*recordings: Sound) -> list[int]:
    """How many frames of each recording count."""
    style = prepared(Chorale(), **{f"r{number}": one for number, one in enumerate(recordings)})
    return [int(one.usable.sum()) for one in unpack(style).recordings]


def hiss(seconds: int, level: float) -> np.ndarray:
    return level * np.random.default_rng(2).standard_normal(seconds * RATE)


def speechlike(x: np.ndarray) -> np.ndarray:
    return np.asarray(scipy.signal.lfilter([1], [1, -0.9], x))


PADDING: dict[str, Callable[[], Sound]] = {
    "silence": lambda: sound(hiss(5, 1e-4)),
    "noise": lambda: sound(hiss(5, 0.1)),
    "shaped noise": lambda: sound(speechlike(hiss(5, 0.05))),
    "buzz": lambda: sound(0.3 * np.sign(np.sin(2 * np.pi * 110 * np.arange(5 * RATE) / RATE))),
    "harp": lambda: resampled(plucked.recording(plucked.HARP, 3, seconds=6.0), RATE),
}


@pytest.mark.parametrize("name", PADDING)
def test_what_is_no_voice_earns_nothing_and_changes_nothing(name: str) -> None:
    alone = usable(song(0, 1))
    assert usable(song(0, 1), PADDING[name]()) == [*alone, 0]
    with pytest.raises(BadRequest, match="clear voice"):
        prepared(Chorale(), only=PADDING[name]())


def shifted(take: Sound) -> Sound:
    return sound(take.samples[37:])


def stretched(take: Sound) -> Sound:
    """15 percent slower at the same pitch: pieces of 30 ms laid closer than they were."""
    x, step, size = take.samples[:, 0].astype(np.float64), 120, 480
    window = np.hanning(size)
    starts = np.arange(0, int((len(x) - size) * 1.15) - size, step)
    out = np.zeros(int(len(x) * 1.15) + size)
    for start in starts:
        at = int(start / 1.15)
        out[start : start + size] += window * x[at : at + size]
    return sound(out / 2)


def transposed(take: Sound) -> Sound:
    known = analyze(take)
    wanted = np.where(known.pitch > 0, known.pitch + FINEST // 4, 0).astype(np.uint16)
    return Sound(psola.moved(take.samples, known.pitch, wanted, RATE, 1, lambda: None), RATE)


def sped_up(take: Sound) -> Sound:
    return Sound(resampled(take, int(RATE / 1.12)).samples, RATE)


def quieter(take: Sound) -> Sound:
    return Sound(take.samples * np.float32(0.31), RATE)


@pytest.mark.parametrize("change", [lambda take: take, shifted, stretched, transposed, sped_up, quieter])
def test_a_recording_counts_once_in_whatever_guise(change: Callable[[Sound], Sound]) -> None:
    first, second = usable(song(0, 1), change(song(0, 1)))
    assert first == usable(song(0, 1))[0]
    assert second <= 0.02 * first


def test_another_recording_of_the_same_voice_counts() -> None:
    alone = usable(song(0, 2))[0]
    assert usable(song(0, 1), song(0, 2))[1] >= 0.9 * alone


def test_a_copied_passage_in_a_new_recording_counts_once() -> None:
    old, new = song(0, 1), song(0, 2)
    spliced = Sound(np.concatenate([new.samples, old.samples[RATE : 4 * RATE]]), RATE)
    alone, joined = usable(old, new)[1], usable(old, spliced)[1]
    assert joined <= alone + 90  # of 300 frames; at its ends a copy is not told from what is new


def test_voices_are_told_from_an_instrument() -> None:
    assert guard.is_voice(analyze(song(0, 1)))
    assert guard.is_voice(analyze(song(1, 1)))
