"""Pure: tempo and key of a recording, as whoever looks for something that fits wants to know them.

Tempo: the lag at which attacks return most, with a preference for the usual ones (Ellis 2007, "Beat Tracking by
Dynamic Programming"). Key: which of the 24 profiles of Krumhansl and Kessler (1982) the twelve pitch classes follow
most. Neither is told where it is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.media import Sound

LONGEST = 60.0  # seconds that are listened to
SHORTEST = 8.0
_RATE, _HOP = 22_050, 512
_SILENT = 1e-4
_SOFT = 10.0  # in ln(1 + _SOFT * magnitude): soft attacks count, too
_SLOWEST, _USUAL, _FASTEST = 50.0, 120.0, 200.0  # beats a minute
_BEAT = 0.25  # of the attacks' own strength that returns after a beat
_LOWEST, _HIGHEST = 80.0, 2_000.0  # Hz
_QUIET = 0.003  # of the loudest frame's power, below which one tells nothing
_CLEAR = 0.6  # correlation of the pitch classes with the best profile
_APART = 0.03  # from the second best
_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@dataclass(frozen=True)
class Music:
    """`tempo` in beats a minute and `key` such as "A minor"; None where there is none to speak of."""

    tempo: int | None
    key: str | None

    @property
    def words(self) -> str:
        return ", ".join(filter(None, [self.key, f"{self.tempo} BPM" if self.tempo else None]))


NOTHING = Music(None, None)


def of(sound: Sound) -> Music:
    """Tempo and key of the first minute; a hundredth of its time."""
    if sound.seconds < SHORTEST:
        return NOTHING
    import soxr

    part = sound.part(0.0, LONGEST)
    mono = np.asarray(soxr.resample(part.samples.mean(1), part.rate, _RATE, quality="MQ"))
    if float(np.abs(mono).max()) < _SILENT:
        return NOTHING
    return Music(_tempo(mono), _key(mono))


def _spectra(mono: NDArray[np.float32], size: int, hop: int) -> NDArray[np.float32]:
    """Magnitudes [frames, bins] under Hann windows."""
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    return np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1)).astype(np.float32)


def _tempo(mono: NDArray[np.float32]) -> int | None:
    logs = np.log1p(_SOFT * _spectra(mono, 1024, _HOP))
    attacks = np.maximum(np.diff(logs, axis=0), 0).mean(1)
    level = attacks - attacks.mean()
    energy = float((level**2).mean())
    lags = np.arange(round(60 / _FASTEST * _RATE / _HOP), round(60 / _SLOWEST * _RATE / _HOP) + 1)
    lags = lags[lags < len(level) // 2]
    if energy <= 0 or not len(lags):
        return None
    returns = np.array([float((level[lag:] * level[:-lag]).mean()) for lag in lags]) / energy
    tempi = 60 * _RATE / (_HOP * lags)
    best = int(np.argmax(returns * np.exp(-0.5 * np.log2(tempi / _USUAL) ** 2)))
    return round(float(tempi[best])) if returns[best] > _BEAT else None


def _key(mono: NDArray[np.float32]) -> str | None:
    spectra = _spectra(mono, 8192, 4096)
    hertz = np.fft.rfftfreq(8192, 1 / _RATE)
    heard = (hertz > _LOWEST) & (hertz < _HIGHEST)
    pitch = 12 * np.log2(hertz[heard] / 440) + 9
    near = np.clip(1 - 2 * np.abs(pitch - np.round(pitch)), 0, 1)  # between two tones a bin is neither's
    which = np.round(pitch).astype(np.int64) % 12
    power = spectra[:, heard] ** 2 * near
    classes = np.stack([power[:, which == tone].sum(1) for tone in range(12)], axis=1)
    most = classes.max(1)
    told = most > _QUIET * most.max()
    mean = (classes[told] / most[told, None]).mean(0)
    fits = [
        (float(np.corrcoef(mean, np.roll(profile, tonic))[0, 1]), f"{_NAMES[tonic]} {mode}")
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
        for tonic in range(12)
    ]
    best, second = sorted(fits, reverse=True)[:2]
    return best[1] if best[0] >= _CLEAR and best[0] - second[0] >= _APART else None
