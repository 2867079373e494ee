"""Pure: tempo and key of a recording, as whoever looks for something that fits wants to know them.

By librosa. Tempo: from the strength of attacks (Ellis 2007, "Beat Tracking by Dynamic Programming"). Key: which of the
24 profiles of Krumhansl and Kessler (1982) the twelve pitch classes follow most. Neither is told where it is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.media import Sound

LONGEST = 60.0  # seconds that are listened to
SHORTEST = 4.0
_RATE, _HOP = 22_050, 512
_CLEAR = 0.6  # correlation of the pitch classes with the best profile
_APART = 0.03  # from the second best that is no relative of it
_BEAT = 0.25  # of the attacks' own strength that returns after a beat
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
    """Tempo and key of the first minute; slow (a twentieth of its time), so call it outside any transaction."""
    if sound.seconds < SHORTEST:
        return NOTHING
    import librosa

    part = sound.part(0.0, LONGEST)
    mono = part.samples.mean(1)
    mono = librosa.resample(mono, orig_sr=part.rate, target_sr=_RATE, res_type="soxr_mq")
    if float(np.abs(mono).max()) < 1e-4:
        return NOTHING
    return Music(_tempo(mono), _key(mono))


def _tempo(mono: NDArray[np.float32]) -> int | None:
    import librosa

    attacks = librosa.onset.onset_strength(y=mono, sr=_RATE, hop_length=_HOP)
    tempo = float(librosa.feature.tempo(onset_envelope=attacks, sr=_RATE, hop_length=_HOP)[0])
    level = attacks - attacks.mean()
    lag = round(60 / tempo * _RATE / _HOP)
    energy = float((level**2).mean())
    returns = float((level[lag:] * level[:-lag]).mean()) if lag < len(level) else 0.0
    return round(tempo) if energy > 0 and returns > _BEAT * energy else None


def _key(mono: NDArray[np.float32]) -> str | None:
    import librosa

    classes = librosa.feature.chroma_cens(y=mono, sr=_RATE, hop_length=_HOP).mean(1)
    fits = [
        (float(np.corrcoef(classes, np.roll(profile, tonic))[0, 1]), f"{_NAMES[tonic]} {mode}")
        for mode, profile in (("major", _MAJOR), ("minor", _MINOR))
        for tonic in range(12)
    ]
    best, second = sorted(fits, reverse=True)[:2]
    return best[1] if best[0] >= _CLEAR and best[0] - second[0] >= _APART else None
