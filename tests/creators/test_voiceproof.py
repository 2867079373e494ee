"""The live phrase: the same voice passes, a stranger and a copy do not, what was filtered goes to staff."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from core.hearing import features, phases
from core.hearing.features import Features
from core.media import Sound
from creators import voiceproof
from creators.phrases import Phrase, phrase
from tests.creators.test_listening import made, voice

ASKED = Phrase("…", 20)


@cache
def known(number: int, seed: int) -> Features:
    return features.analyze(voice(number, seed))


def test_phrases_are_drawn_and_counted() -> None:
    first = phrase(lambda n: 0)
    assert first == Phrase(
        "Two green boats waited behind the old mill before sunrise."
        " Two green boats waited behind the old mill before sunrise.",
        26,
    )
    assert len({phrase().text for _ in range(50)}) == 50


def test_the_same_voice_is_nearer_than_a_stranger() -> None:
    claimed = [known(0, 4), known(0, 5)]
    same, stranger = voiceproof.likeness(known(0, 3), claimed), voiceproof.likeness(known(1, 3), claimed)
    assert same > voiceproof.ALONE.strange > stranger
    assert voiceproof.likeness(known(0, 3), claimed, [[known(1, 4)]]) > same


def test_noise_makes_nobody_a_stranger() -> None:
    claimed = [known(0, 4), known(0, 5)]
    noisy = voice(0, 3).samples[:, 0] + 0.004 * np.random.default_rng(2).standard_normal(len(voice(0, 3).samples))
    assert voiceproof.likeness(features.analyze(made(noisy)), claimed) > voiceproof.ALONE.strange


def test_a_verdict_says_why() -> None:
    claimed = [known(0, 4), known(0, 5)]
    own = voiceproof.judged(voice(0, 3), ASKED, claimed)
    assert own.decision != "refused"
    assert voiceproof.judged(voice(1, 3), ASKED, claimed).reasons == ("unlike",)
    assert voiceproof.judged(made(voice(0, 4).samples[333:, 0]), ASKED, claimed).reasons == ("copy",)
    assert voiceproof.judged(Sound(voice(0, 3).samples[:8000].copy(), 16_000), ASKED, claimed).reasons == ("short",)
    assert "pace" in voiceproof.judged(voice(0, 3), Phrase("…", 400), claimed).reasons


@pytest.mark.parametrize("number", [0, 1])
def test_a_filter_without_phases_is_noticed(number: int) -> None:
    """Formants moved up by a sixth, phases left as they were."""
    take, heard = voice(number, 3), known(number, 3)
    natural = phases.natural(take, heard)
    moved = made(stretched(take.samples[:, 0].astype(np.float64), heard))
    filtered = phases.natural(moved, features.analyze(moved))
    assert natural is not None
    assert filtered is not None
    assert filtered < natural - 0.1


def stretched(x: np.ndarray, heard: Features) -> np.ndarray:
    """The envelope of each frame, moved up in frequency, laid over the spectrum as gains of no phase."""
    size, hop = 512, 160
    hertz = np.arange(size // 2 + 1) * 16_000 / size
    from core.hearing.envelope import band_of, columns

    gain = columns(heard.envelope, band_of(hertz / 1.17)) - columns(heard.envelope, band_of(hertz))
    out, window = np.zeros(len(x) + size), np.hanning(size + 1)[:-1]
    padded = np.pad(x, size // 2)
    for i in range(len(x) // hop):
        spectrum = np.fft.rfft(padded[i * hop : i * hop + size] * window)
        change = np.exp(0.5 * np.clip(gain[min(i, len(gain) - 1)], -5, 5))
        out[i * hop : i * hop + size] += np.fft.irfft(spectrum * change) * window
    y = out[size // 2 : size // 2 + len(x)]
    return y * (0.5 / np.abs(y).max())
