"""Stems put back together: a voice over its backing, sample by sample as they were brought."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.encode_sound import rounded
from core.media import Sound

_CEILING = 0.99  # of full scale, that no peak exceeds
_PIECE = 1 << 16  # frames that are summed at once: half an hour in stereo takes gigabytes otherwise


def over(voice: Sound, backing: Sound, *, fader: float = 0.0) -> Sound:
    """The voice over its backing, at the voice's rate, as long as the longer one; mono only where both are.

    `fader`: dB on the voice. Both begin together. Where the sum would clip, all of it is turned down alike.
    """
    below = backing.samples
    if backing.rate != voice.rate:
        import soxr

        below = soxr.resample(below, backing.rate, voice.rate, quality="HQ")
    shape = max(voice.frames, len(below)), max(voice.channels, backing.channels)
    gain, starts = 10 ** (fader / 20), range(0, shape[0], _PIECE)

    def sum_of(first: int) -> NDArray[np.float64]:
        out = np.zeros((min(_PIECE, shape[0] - first), shape[1]))
        for samples, factor in ((voice.samples, gain), (below, 1.0)):
            part = samples[first : first + _PIECE]
            out[: len(part)] += factor * part.astype(np.float64)
        return out

    peak = max(float(np.abs(sum_of(first)).max()) for first in starts)
    scale = min(1.0, _CEILING / max(peak, 1e-9))
    mixed = np.empty(shape, np.float32)
    for first in starts:
        mixed[first : first + _PIECE] = rounded(sum_of(first) * scale)
    return Sound(mixed, voice.rate)
