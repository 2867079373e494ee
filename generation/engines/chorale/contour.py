"""The pitch that is wanted: spoken, at its equal rank in the artist's range; sung, whole steps away, so in key."""

from __future__ import annotations

import numpy as np

from generation.engines.chorale.features import FINEST, Codes
from generation.engines.chorale.frames import Array

_STEADY = 0.45  # part of voiced frames that keep their pitch, above which a voice is singing
_SAME = 20  # cents within which a pitch is kept
_FOR = 10  # frames it is kept for


def ranked(codes: Codes, fan: Codes, artist: Codes) -> Codes:
    """Each pitch at its rank among the fan's voiced frames, taken to the same rank among the artist's."""
    ours, theirs = np.sort(fan[fan > 0]).astype(np.float64), np.sort(artist[artist > 0]).astype(np.float64)
    if not len(ours) or not len(theirs):
        return codes
    low, high = np.searchsorted(ours, codes, "left"), np.searchsorted(ours, codes, "right")
    rank = (low + high) / (2 * len(ours))
    found = np.interp(rank, (np.arange(len(theirs)) + 0.5) / len(theirs), theirs)
    return np.where(codes > 0, np.round(found), 0).astype(np.uint16)


def octaves(fan: Codes, artist: Codes) -> int:
    """How many whole octaves bring the middle of the fan's range nearest to the artist's."""
    if not (fan > 0).any() or not (artist > 0).any():
        return 0
    return round((float(np.median(artist[artist > 0])) - float(np.median(fan[fan > 0]))) / FINEST)


def shifted(codes: Codes, steps: Array | int) -> Codes:
    """Voiced frames moved by so many steps of the code, kept within it."""
    return np.where(codes > 0, np.clip(codes.astype(np.int64) + steps, 1, 6 * FINEST), 0).astype(np.uint16)


def sings(codes: Codes) -> bool:
    """Whether pitches are held as notes are; in speech they glide."""
    return steadiness(codes) > _STEADY


def steadiness(codes: Codes) -> float:
    """The part of voiced frames whose pitch is still within 20 cents a tenth of a second on."""
    a, b = codes[:-_FOR].astype(np.int64), codes[_FOR:].astype(np.int64)
    both = (a > 0) & (b > 0)
    return float((np.abs(a - b)[both] <= _SAME * FINEST / 1200).mean()) if both.any() else 0.0
