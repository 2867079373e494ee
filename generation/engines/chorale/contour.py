"""The pitch that is wanted: spoken, at its equal rank in the artist's range; sung, whole steps away, so in key."""

from __future__ import annotations

import numpy as np

from core.hearing.features import FINEST, Codes
from core.hearing.frames import Array

_STEADY = 0.12  # steadiness above which a voice is singing: speech had 0.05 at most, songs 0.29 at least
_VIBRATO = 18  # frames: one turn of a vibrato
_SAME = 40  # cents within which a pitch is kept
_FOR = 8  # frames to either side for which it is


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
    """The part of voiced frames in which the pitch, but for its vibrato, stays within 40 cents for 160 ms."""
    voiced = codes > 0
    if len(codes) < 2 * _VIBRATO or not voiced.any():
        return 0.0
    window = np.ones(_VIBRATO)
    whole = np.convolve(voiced, window, "same") > _VIBRATO - 0.5
    mean = np.convolve(codes, window, "same") / _VIBRATO
    near = slice(_FOR, -_FOR)
    flat = np.abs(mean[2 * _FOR :] - mean[: -2 * _FOR]) <= _SAME * FINEST / 1200
    return float((flat & whole[near] & whole[2 * _FOR :] & whole[: -2 * _FOR]).sum() / voiced.sum())
