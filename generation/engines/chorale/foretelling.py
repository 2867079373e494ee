"""What a preview says about the whole: the shares of a few moments spread over all of the recording."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.hearing.frames import PER_SECOND, Ints, count
from core.media import Sound

MOMENTS, SECONDS = 20, 1.0  # how many, and how long each
INTERVAL = 50_000  # of a share, in millionths
METHOD = f"counted in {MOMENTS} moments of {SECONDS} s spread over the whole recording"


def moments(source: Sound) -> tuple[Sound, Ints]:
    """The moments one after another, and the source's frame that each of their frames is."""
    length = round(SECONDS * source.rate)
    starts = np.linspace(0, max(0, len(source.samples) - length), MOMENTS).astype(np.int64)
    pieces = np.concatenate([source.samples[start : start + length] for start in starts])
    frames = np.arange(count(len(pieces), source.rate))
    at = np.minimum(frames * source.rate // PER_SECOND, len(pieces) - 1)
    place = starts[np.minimum(at // length, MOMENTS - 1)] + at % length
    return Sound(pieces, source.rate), place * PER_SECOND // source.rate


def there(allowed: NDArray[np.bool_], frames: Ints) -> NDArray[np.bool_]:
    """Who may sing in some frames of the source, [voices, frames]."""
    return np.asarray(allowed[:, np.minimum(frames, allowed.shape[1] - 1)])
