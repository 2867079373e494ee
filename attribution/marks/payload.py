"""What a mark says: a work's number and a keyed check, as the coded bits that every medium's mark carries.

The check is 24 bits of HMAC-SHA256 over the number, and it also masks the number's 64 bits (a synthetic initialization
vector, as in RFC 5297), so that neighboring numbers have unrelated coded bits. Both go through a convolutional code of
rate 1/3 and constraint length 7 (generators 133, 171, 165 octal: Lin & Costello, "Error Control Coding", table 12.1).
Decoding is soft and returns a list: of the best paths through the trellis the first that the check admits is taken
(Seshadri & Sundberg, "List Viterbi decoding algorithms", 1994). Each tested path is admitted by chance once in 2^24.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import numpy as np
from numpy.typing import NDArray

NUMBER: Final = 64  # bits of the number; the first of them is reserved and zero
CHECK: Final = 24
MEMORY: Final = 6  # earlier bits that a coded bit depends on; as many zeros end the message
STEPS: Final = NUMBER + CHECK + MEMORY
CODED: Final = 3 * STEPS  # 282
LARGEST: Final = 2**63 - 1

_STATES = 1 << MEMORY
_GENERATORS = (0o133, 0o171, 0o165)
_NEVER = -1e18


def _outputs() -> NDArray[np.float64]:
    """The three coded bits, ±1, of each register of seven bits, the newest lowest: [128, 3]."""
    registers = range(2 * _STATES)
    return np.array([[2.0 * ((r & g).bit_count() & 1) - 1 for g in _GENERATORS] for r in registers])


_OUTPUTS = _outputs()
_TO = np.arange(_STATES)
_FROM = np.stack([_TO >> 1, (_TO >> 1) | (_STATES >> 1)])  # the two states that lead to each
_BRANCH = _OUTPUTS[(_FROM << 1) | (_TO & 1)]  # [2, 64, 3]


def encode(number: int, secret: bytes) -> NDArray[np.float64]:
    """The coded bits of a number, 1 .. 2**63 - 1, under a key's secret: ±1, [282]. Raises ValueError outside."""
    if not 1 <= number <= LARGEST:
        raise ValueError(f"a mark's number is 1 .. {LARGEST}, not {number}")
    register, out = 0, np.empty((STEPS, 3))
    for step, bit in enumerate(_message(number, secret)):
        register = ((register << 1) | bit) & (2 * _STATES - 1)
        out[step] = _OUTPUTS[register]
    return out.ravel()


def decode(soft: NDArray[np.floating], secret: bytes, *, paths: int = 1) -> int | None:
    """The number behind received bits, or None where none of the best `paths` satisfies the check of this secret.

    `soft`: [282], positive for a one, as sure as it is large (log-likelihood ratios of any scale). With `paths` of n,
    noise is taken for a number once in 2^24 / n calls.
    """
    if len(soft) != CODED:
        raise ValueError(f"a message has {CODED} coded bits, not {len(soft)}")
    for bits in _best(np.asarray(soft, np.float64).reshape(STEPS, 3), paths):
        value = int.from_bytes(np.packbits(bits[: NUMBER + CHECK]).tobytes(), "big")
        tag, masked = divmod(value, 1 << NUMBER)
        number = masked ^ _mask(tag, secret)
        if 1 <= number <= LARGEST and hmac.compare_digest(_bytes(tag, CHECK), _bytes(_tag(number, secret), CHECK)):
            return number
    return None


def _tag(number: int, secret: bytes) -> int:
    """An error check that nobody without the key can satisfy on purpose."""
    return _keyed(secret, b"check", _bytes(number, NUMBER), CHECK)


def _mask(tag: int, secret: bytes) -> int:
    return _keyed(secret, b"mask", _bytes(tag, CHECK), NUMBER)


def _keyed(secret: bytes, label: bytes, data: bytes, bits: int) -> int:
    digest = hmac.new(secret, b"org.homage.mark.1 " + label + data, hashlib.sha256).digest()
    return int.from_bytes(digest[: bits // 8], "big")


def _bytes(value: int, bits: int) -> bytes:
    return value.to_bytes(bits // 8, "big")


def _message(number: int, secret: bytes) -> list[int]:
    tag = _tag(number, secret)
    value = tag << NUMBER | number ^ _mask(tag, secret)
    return [(value >> place) & 1 for place in range(NUMBER + CHECK - 1, -1, -1)] + [0] * MEMORY


def _best(soft: NDArray[np.float64], paths: int) -> NDArray[np.int64]:
    """The most likely messages, the best first: [paths, 94]."""
    gains = np.moveaxis(_BRANCH @ soft.T, 2, 0)[..., None]  # [94, 2, 64, 1]
    metric = np.full((_STATES, paths), _NEVER)
    metric[0, 0] = 0
    chosen = np.empty((STEPS, _STATES, paths), np.int64)  # (which predecessor) * paths + (its which path)
    for step in range(STEPS):
        ways = np.concatenate(metric[_FROM] + gains[step], axis=1)  # [64, 2 * paths]
        order = np.argsort(-ways, axis=1, kind="stable")[:, :paths]
        metric, chosen[step] = np.take_along_axis(ways, order, axis=1), order
    return _trace(chosen, paths)


def _trace(chosen: NDArray[np.int64], paths: int) -> NDArray[np.int64]:
    state, rank = np.zeros(paths, np.int64), np.arange(paths)
    out = np.empty((paths, STEPS), np.int64)
    for step in range(STEPS - 1, -1, -1):
        out[:, step] = state & 1
        way, rank = np.divmod(chosen[step, state, rank], paths)
        state = _FROM[way, state]
    return out
