"""What a picture's mark looks like: a tile of noise that a key decides, repeated over the picture.

The tile has 128 pixels a side in the canonical frame, in which a picture's long side has 1024 pixels (smaller pictures
keep theirs). Its energy lies on spectral lines between 5 and 21 cycles a tile. 56 of them are the pilot, which tells a
reader scale, rotation, mirroring and place; each other line carries two chips, its real and its imaginary part, and
every coded bit owns chips of all frequencies. A key has four variants of the pilot's phases and the chips' signs, which
sum to nothing: averaging many works under one key does not show the pilot.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.marks.payload import CODED, encode

TILE: Final = 128  # pixels
LONG: Final = 1024  # of the canonical frame's long side
VARIANTS: Final = 4
PILOT: Final = 0.42  # of the tile's energy
PILOT_HIGH: Final = 17  # cycles a tile

_LOW, _HIGH = 5, 21  # cycles a tile
_PILOT_LINES, _PILOT_LOW = 56, 7


@dataclass(frozen=True, eq=False)
class Plan:
    """Where and how a key's mark lies in a tile's spectrum.

    `pilot` [56, 2] and `lines` [n, 2]: cycles a tile, x and y, of the pilot and of what carries the payload.
    `phases` complex [4, 56]: the pilot's values. `owner` [2n]: whose coded bit a chip is. `signs` ±1 [4, 2n].
    """

    secret: bytes
    pilot: NDArray[np.int64]
    lines: NDArray[np.int64]
    phases: NDArray[np.complex128]
    owner: NDArray[np.int64]
    signs: NDArray[np.float64]

    def variant(self, number: int) -> int:
        """Which of the four variants a number is written in."""
        return hmac.new(self.secret, b"variant" + number.to_bytes(8, "big"), hashlib.sha256).digest()[0] % VARIANTS

    def code(self, number: int) -> NDArray[np.float64]:
        """The coded bits of a number: ±1, [282]."""
        return encode(number, self.secret)

    def tile(self, code: NDArray[np.float64], variant: int) -> NDArray[np.float64]:
        """The tile that says these coded bits, of any amplitudes: [128, 128], of mean 0 and root mean square 1."""
        chips = self.signs[variant] * code[self.owner]
        values = chips[: len(self.lines)] + 1j * chips[len(self.lines) :]
        values *= np.sqrt((1 - PILOT) / np.sum(np.abs(values) ** 2))
        pilot = self.phases[variant] * np.sqrt(PILOT / len(self.pilot))
        return _space(np.vstack([self.lines, self.pilot]), np.concatenate([values, pilot]))

    @cached_property
    def templates(self) -> NDArray[np.complex64]:
        """Conjugate spectra of the pilot's variants, to correlate a tile with: [4, 128, 65]."""
        tiles = [_space(self.pilot, phases) for phases in self.phases]
        return np.conj(np.fft.rfft2(np.array(tiles))).astype(np.complex64)


@lru_cache(maxsize=16)
def plan(secret: bytes) -> Plan:
    """The plan of a key's secret."""
    u, v = np.meshgrid(np.arange(_HIGH + 1), np.arange(-_HIGH, _HIGH + 1), indexing="ij")
    radius = np.hypot(u, v)
    half = (radius >= _LOW) & (radius <= _HIGH) & ((u > 0) | (v > 0))
    places = np.stack([u[half], v[half]], axis=1)
    places = places[np.argsort(_stream(secret, b"lines", len(places)), kind="stable")]
    radius = np.hypot(*places.T)
    fit = np.flatnonzero((radius >= _PILOT_LOW) & (radius <= PILOT_HIGH))[:_PILOT_LINES]
    lines = np.delete(places, fit, axis=0)
    turns = 2 * np.pi * _stream(secret, b"phases", len(fit)) / 2.0**64
    steps = (
        1 + _stream(secret, b"steps", len(fit)) % 3
    )  # quarters of a turn from variant to variant: they sum to nothing
    phases = np.exp(1j * (turns + np.pi / 2 * np.arange(VARIANTS)[:, None] * steps))
    return Plan(secret, places[fit], lines, phases, _owners(secret, lines), _signs(secret, 2 * len(lines)))


def _owners(secret: bytes, lines: NDArray[np.int64]) -> NDArray[np.int64]:
    """Coded bits take turns from the lowest to the highest frequency, in another order each turn: [2n]."""
    count = 2 * len(lines)
    rounds = [np.argsort(_stream(secret, b"owner %d" % turn, CODED)) for turn in range(-(-count // CODED))]
    owner = np.empty(count, np.int64)
    owner[np.argsort(np.tile(np.hypot(*lines.T), 2), kind="stable")] = np.concatenate(rounds)[:count]
    return owner


def _signs(secret: bytes, count: int) -> NDArray[np.float64]:
    drawn = _stream(secret, b"signs", 2 * count).reshape(2, count)
    first, second = 2.0 * (drawn & 1) - 1
    return np.stack([first, second, -first, -second])


def _stream(secret: bytes, label: bytes, count: int) -> NDArray[np.uint64]:
    """Random 64-bit numbers of a secret, the same on every machine and with every version of every library."""
    seed = hmac.new(secret, b"org.homage.picture-mark.1 " + label, hashlib.sha256).digest()
    return np.frombuffer(hashlib.shake_256(seed).digest(8 * count), "<u8")


def _space(lines: NDArray[np.int64], values: NDArray[np.complex128]) -> NDArray[np.float64]:
    """The real tile with these spectral lines; its power is the sum of theirs."""
    spectrum = np.zeros((TILE, TILE), complex)
    spectrum[lines[:, 1] % TILE, lines[:, 0] % TILE] = values
    spectrum[-lines[:, 1] % TILE, -lines[:, 0] % TILE] = np.conj(values)
    return np.asarray(np.fft.ifft2(spectrum).real * (TILE * TILE / np.sqrt(2)))
