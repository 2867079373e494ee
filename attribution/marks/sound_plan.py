"""Where a key puts a message in a recording: bands, slots, and which chip carries which coded bit.

A chip is one band over two slots of 23 ms: it makes the second a little louder and the first a little softer, or the
reverse (patchwork: Bender et al., "Techniques for data hiding", 1996). A message is PAIRS slot pairs, 8.9 seconds, and
begins again at once. Some chips are a pilot, the same in every message of a key, which tells place, tempo and pitch.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.marks import payload

RATE: Final = 22_050  # Hz at which recordings are looked at, whatever their own rate
HOP: Final = 256  # samples between frames
WINDOW: Final = 1024
BINS: Final = 372  # up to 8 kHz
SLOT: Final = 2  # frames
PAIR: Final = 2 * SLOT
PAIRS: Final = 192
PERIOD: Final = PAIRS * PAIR  # frames of a message
PERIOD_SECONDS: Final = PERIOD * HOP / RATE

_LOW, _HIGH = 200.0, 7600.0  # Hz
_NARROWEST, _PER_OCTAVE = 35.0, 16  # Hz, and bands: a bin has 21.5 Hz
_PILOT = 0.36  # of the chips
_TOGETHER = 16  # pilot chips, near in time, that the writer strengthens together

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def _edges() -> NDArray[np.float64]:
    edges = [_LOW]
    while edges[-1] < _HIGH:
        edges.append(edges[-1] + max(_NARROWEST, edges[-1] * (2 ** (1 / _PER_OCTAVE) - 1)))
    return np.array(edges)


_EDGES = _edges()
BANDS: Final = len(_EDGES) - 1


@functools.lru_cache(maxsize=64)
def bands(semitones: float = 0.0) -> Floats:
    """Triangular filters over the bins, each reaching to its neighbors' middles: [BANDS, BINS].

    `semitones`: how much higher the recording sounds than when it was marked.
    """
    middles = np.log(np.sqrt(_EDGES[1:] * _EDGES[:-1])) + semitones / 12 * np.log(2)
    hertz = np.log(np.maximum(np.arange(BINS) * RATE / WINDOW, 1.0))
    around = np.r_[2 * middles[0] - middles[1], middles, 2 * middles[-1] - middles[-2]]
    rising = (hertz - around[:-2, None]) / np.diff(around)[:-1, None]
    falling = (around[2:, None] - hertz) / np.diff(around)[1:, None]
    filters: Floats = np.clip(np.minimum(rising, falling), 0.0, 1.0).astype(np.float32)
    filters.flags.writeable = False
    return filters


@dataclass(frozen=True, eq=False)
class Plan:
    """What a key lays down. All are [PAIRS, BANDS].

    `sign`: ±1, what turns a chip's direction into noise; `pilot`: which chips are the pilot; `bit`: the coded bit of
    the others; `group`: chips that are strengthened together, those of a coded bit or of a piece of the pilot.
    """

    secret: bytes
    sign: Floats
    pilot: NDArray[np.bool_]
    bit: Ints
    group: Ints
    groups: int

    def chips(self, number: int) -> Floats:
        """The direction of every chip of this number's message, ±1."""
        coded = payload.encode(number, self.secret)
        return np.where(self.pilot, self.sign, self.sign * coded[self.bit]).astype(np.float32)

    def soft(self, folded: NDArray[np.floating]) -> NDArray[np.float64]:
        """What was heard of each coded bit, [282], from what was heard of each chip, [PAIRS, BANDS]."""
        told = ~self.pilot
        heard = (folded * self.sign)[told].astype(np.float64)
        return np.asarray(np.bincount(self.bit[told], heard, payload.CODED), np.float64)


@functools.lru_cache(maxsize=32)
def plan(secret: bytes) -> Plan:
    """The same for the same secret, wherever it runs: bytes of SHAKE-256 decide, not a library's generator."""
    shape = (PAIRS, BANDS)
    count = PAIRS * BANDS
    seed = hmac.new(secret, b"org.homage.sound-mark.1 plan", hashlib.sha256).digest()
    stream = np.frombuffer(hashlib.shake_256(seed).digest(8 * count), "<u4").reshape(2, count)
    pilot = (stream[0] < _PILOT * 2**32).reshape(shape)
    sign = np.where(stream[1] & 1, 1.0, -1.0).astype(np.float32).reshape(shape)
    told = np.flatnonzero(~pilot.ravel())
    order = told[np.argsort(stream[1][told] >> 1, kind="stable")]
    bit = np.zeros(count, np.int64)
    bit[order] = np.arange(len(order)) % payload.CODED
    group = bit.copy()
    guides = np.flatnonzero(pilot.ravel())
    group[guides] = payload.CODED + np.arange(len(guides)) // _TOGETHER
    return Plan(secret, sign, pilot, bit.reshape(shape), group.reshape(shape), int(group.max()) + 1)
