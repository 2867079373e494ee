"""How an artist speaks: each stretch of the fan's voice takes the contour of the artist's that stands most alike.

A stretch is what is voiced without a break. Where it stands in its phrase, how long and how loud it is, how high in its
speaker's range, say which of the artist's it is compared to: so phrases fall and end as the artist's do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.hearing.features import ACTIVE, FINEST, Codes
from core.hearing.frames import Array, Bools
from generation.engines.chorale import contour

Spoken = tuple[Codes, Array]  # of one recording, for each frame: pitch (0 where it is not to be learned from) and level

_LEAST = 4  # frames of a stretch
_PAUSE = 15  # quiet frames between two phrases
_ENOUGH = 12  # of the artist's stretches, that there be a choice
_JUMP = FINEST // 3  # from frame to frame: beyond that it is the tracker's, not the voice's
_RANGE = (5, 95)  # percentiles of the artist's pitches that none leaves
# What tells in a comparison: beginning and end in the phrase, being its last, ln of length, dB, rank in the range.
_WEIGHTS = np.array([2.0, 2.0, 1.5, 1.0, 0.06, 2.0])


@dataclass(frozen=True, eq=False)
class _Stretch:
    first: int
    last: int
    place: Array  # the first five of what is compared


def spoken(fan: Spoken, artist: Sequence[Spoken], part: float) -> Codes:
    """The pitch wanted for each of the fan's frames, 0 where unvoiced.

    Each stretch keeps its mean at its equal rank in the artist's range. `part`: 0 to 1, from the fan's own contour, at
    equal rank too, to the artist's.
    """
    codes, level = fan
    theirs = _common(np.concatenate([pitch for pitch, _ in artist]))
    wanted = contour.ranked(codes, codes, theirs).astype(np.float64)
    known = [(pitch[s.first : s.last], s) for pitch, loud in artist for s in _stretches(pitch, loud)]
    known = [(pitch, s) for pitch, s in known if np.abs(np.diff(pitch.astype(np.int64))).max() < _JUMP]
    if len(known) < _ENOUGH or not part:
        return np.asarray(np.round(wanted), np.uint16)
    table = np.array([_compared(s, pitch, theirs) for pitch, s in known])
    for one in _stretches(codes, level):
        here = slice(one.first, one.last)
        apart = np.square(table - _compared(one, codes[here], codes)).sum(1)
        shape = _drawn_out(known[int(apart.argmin())][0], one.last - one.first)
        wanted[here] = part * (shape - shape.mean() + wanted[here].mean()) + (1 - part) * wanted[here]
    low, high = theirs[theirs > 0].min(), theirs.max()
    inside = np.clip(np.round(wanted), low, high)
    return np.asarray(np.where(codes > 0, inside, 0), np.uint16)


def _common(codes: Codes) -> Codes:
    """Without the rarest pitches, highest and lowest, many of which are errors of the tracker."""
    if not codes.any():
        return codes
    low, high = np.percentile(codes[codes > 0], _RANGE)
    return np.asarray(codes[(codes >= low) & (codes <= high)])


def _compared(stretch: _Stretch, pitch: Codes, voice: Codes) -> Array:
    every = voice[voice > 0]
    return np.asarray(np.r_[stretch.place, (every < pitch.mean()).mean()] * _WEIGHTS)


def _drawn_out(pitch: Codes, frames: int) -> Array:
    return np.interp(np.linspace(0, 1, frames), np.linspace(0, 1, len(pitch)), pitch)


def _stretches(codes: Codes, level: Array) -> list[_Stretch]:
    runs = [(a, b) for a, b in _runs(codes > 0) if b - a >= _LEAST]
    phrases: list[list[tuple[int, int]]] = []
    for a, b in runs:
        if not phrases or (level[phrases[-1][-1][1] : a] <= ACTIVE).sum() >= _PAUSE:
            phrases.append([])
        phrases[-1].append((a, b))
    return [_Stretch(a, b, _place(phrase, (a, b), level)) for phrase in phrases for a, b in phrase]


def _place(phrase: list[tuple[int, int]], run: tuple[int, int], level: Array) -> Array:
    begin, length = phrase[0][0], phrase[-1][1] - phrase[0][0]
    a, b = run
    is_last = float(run == phrase[-1])
    return np.array([(a - begin) / length, (b - begin) / length, is_last, np.log(b - a), level[a:b].max()])


def _runs(flags: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.r_[0, flags.astype(np.int8), 0]))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
