"""Stems put back together: a voice over its backing, sample by sample as they were brought."""

from __future__ import annotations

import numpy as np

from core.encode_sound import rounded
from core.media import Sound

_CEILING = 0.99  # of full scale, that no peak exceeds


def over(voice: Sound, backing: Sound, *, fader: float = 0.0) -> Sound:
    """The voice over its backing, at the voice's rate, as long as the longer one; mono only where both are.

    `fader`: dB on the voice. Both begin together. Where the sum would clip, all of it is turned down alike.
    """
    below = np.asarray(backing.samples, np.float64)
    if backing.rate != voice.rate:
        import soxr

        below = soxr.resample(below, backing.rate, voice.rate, quality="HQ")
    channels = max(voice.channels, backing.channels)
    out = np.zeros((max(voice.frames, len(below)), channels))
    out[: voice.frames] = voice.samples * 10 ** (fader / 20)
    out[: len(below)] += below
    peak = float(np.abs(out).max())
    return Sound(rounded(out * min(1.0, _CEILING / max(peak, 1e-9))), voice.rate)
