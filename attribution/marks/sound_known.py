"""Reads a mark of a work that was found already: what its own music does is subtracted, or only a yes is asked for.

The reference is kept of the unmarked work: against the marked one, the mark itself would be subtracted.
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.marks.sound_plan import BANDS, Floats
from core.errors import Invalid

MOST_PAIRS: Final = 1 << 17  # 1.7 hours

_HEAD = b"HSR1"
_STEP = 1.5  # dB between stored values
_LIMIT = 20  # steps
_NEAR = 24  # frames to either side of where the fingerprint says the excerpt begins
_TEMPI = (0.0, -0.001, 0.001, -0.002, 0.002, -0.003, 0.003)


def packed(rise: NDArray[np.floating]) -> bytes:
    """Rises at slot pairs, dB [pairs, BANDS], as about a kilobyte for each second."""
    steps = np.clip(np.rint(rise / _STEP), -_LIMIT, _LIMIT).astype(np.int8)
    return _HEAD + zlib.compress(np.ascontiguousarray(steps.T).tobytes(), 9)


def opened(data: bytes) -> Floats:
    """What `packed` packed, dB [pairs, BANDS]. Raises Invalid for bytes that are no reference."""
    unpack = zlib.decompressobj()
    try:
        if not data.startswith(_HEAD):
            raise zlib.error("wrong head")
        raw = unpack.decompress(data[len(_HEAD) :], MOST_PAIRS * BANDS)
    except zlib.error as error:
        raise Invalid("this is no reference of a recording's mark; make one with `reference`") from error
    if not raw or len(raw) % BANDS or not unpack.eof:
        raise Invalid("this reference of a recording's mark is damaged; make one with `reference`")
    return np.frombuffer(raw, np.int8).reshape(BANDS, -1).T.astype(np.float32) * _STEP
