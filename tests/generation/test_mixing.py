"""Stems put back together: in step, the fader on the voice, never above full scale, and piece by piece the same."""

from __future__ import annotations

import numpy as np
import pytest

from core.media import Sound
from generation import mixing


def noise(seed: int, frames: int, channels: int, level: float) -> Sound:
    drawn = np.random.default_rng(seed).uniform(-level, level, (frames, channels))
    return Sound(drawn.astype(np.float32), 8_000)


def test_a_mono_voice_lies_over_a_longer_stereo_backing() -> None:
    voice, backing = noise(1, 700, 1, 0.2), noise(2, 1000, 2, 0.2)
    mixed = mixing.over(voice, backing, fader=-6.0)
    assert mixed.samples.shape == (1000, 2)
    assert np.allclose(mixed.samples[:700], backing.samples[:700] + 10**-0.3 * voice.samples, atol=2**-23)
    assert np.allclose(mixed.samples[700:], backing.samples[700:], atol=2**-23)


def test_what_would_clip_is_turned_down_alike_whatever_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    voice, backing = noise(1, 1000, 2, 0.9), noise(2, 700, 1, 0.9)
    whole = mixing.over(voice, backing)
    assert np.abs(whole.samples).max() == pytest.approx(0.99, abs=1e-6)
    monkeypatch.setattr(mixing, "_PIECE", 64)
    assert np.array_equal(mixing.over(voice, backing).samples, whole.samples)
