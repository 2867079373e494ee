"""How far each band of a recording may be moved without being heard: an estimate of what its loud parts hide."""

from __future__ import annotations

import functools

import numpy as np

from attribution.marks.sound_plan import BINS, RATE, WINDOW, Floats, bands

_FLAT = -15.0  # dB of spectral flatness from which on a critical band counts as a tone
_TONE, _NOISE = 14.5, 5.5  # dB below a masker that is heard at 0 Bark: Johnston 1988
_BELOW = -8.0  # dB of the mark against the estimate
_MOST = 4.0  # dB a band moves at most


@functools.lru_cache(maxsize=1)
def _critical() -> tuple[Floats, Floats]:
    """Which bins make a critical band [number, BINS], and how much of each spreads to each [masked, masker].

    Barks: Zwicker & Terhardt 1980; spreading: Schroeder, Atal & Hall 1979.
    """
    hertz = np.arange(BINS) * RATE / WINDOW
    bark = (13 * np.arctan(0.00076 * hertz) + 3.5 * np.arctan((hertz / 7500) ** 2)).astype(int)
    member = (bark == np.arange(bark.max() + 1)[:, None]).astype(np.float32)
    apart = np.subtract.outer(np.arange(len(member)), np.arange(len(member))) + 0.474
    spread = 10 ** ((15.81 + 7.5 * apart - 17.5 * np.sqrt(1 + apart**2)) / 10)
    return member, (spread / spread.sum(axis=1, keepdims=True)).astype(np.float32)


def threshold(power: Floats) -> Floats:
    """Energy in each critical band that its surroundings hide, [frames, critical bands], from power [frames, BINS]."""
    member, spread = _critical()
    energy, width = power @ member.T, member.sum(axis=1)
    flatness = 10 / np.log(10) * (np.log(power + 1e-14) @ member.T / width - np.log(energy / width + 1e-14))
    tonal = np.clip(flatness / _FLAT, 0.0, 1.0)
    below = tonal * (_TONE + np.arange(len(member))) + (1 - tonal) * _NOISE
    return np.asarray(energy @ spread.T * 10 ** (-below / 10), np.float32)


def allowed(power: Floats, level: Floats) -> Floats:
    """dB by which each band may be raised or lowered in each frame, [frames, BANDS], from its power and level.

    A frame's window reaches over its neighbors, so the least of what they hide counts: before an onset nothing is
    hidden yet.
    """
    member, _ = _critical()
    density = threshold(power) / member.sum(axis=1)
    hidden = 10 * np.log10((density @ member) @ bands().T + 1e-14)
    padded = np.pad(hidden, ((1, 2), (0, 0)), mode="edge")
    hidden = np.min([padded[turn : turn + len(hidden)] for turn in range(4)], axis=0)
    return np.asarray(np.minimum(20 * np.log10(1 + 10 ** ((hidden + _BELOW - level) / 20)), _MOST), np.float32)
