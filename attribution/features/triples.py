"""Landmarks of a recording: spectral peaks, and triples of peaks whose shape is a key that pitch and tempo leave alone.

Pairs of peaks as keys are due to Wang (2003), triples that survive a change of pitch and tempo to Sonnleitner and
Widmer (2016) and Six (Panako, 2014). A key here has 32 bits: the two intervals, the ratio of the two times, and below
them the height and the length, the two things that a change of pitch or tempo alters. So one ordered table answers both
questions: nearly unaltered (one short range of keys for each triple), and altered (one long range).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from attribution.features.spectra import BANDS, FRAMES_PER_SECOND, Spectrum

LONGEST, SHORTEST = 75, 18  # frames that a triple lasts
_GAP = 4  # frames between two of its peaks
_WIDEST = 54  # bands between two of its peaks: an octave and a half
_RATIOS = (0.12, 0.88)  # of the first time to the whole
_RATIO_CELLS = 24
_LENGTHS = 31 / np.log2(LONGEST / SHORTEST)  # cells for each doubling of the length
_NEIGHBORHOOD = (7, 9)  # bands and frames in which a peak is the highest
_LEAST = 0.3  # of the whitened spectrum at a peak
_HELD, _BESIDE = 13, 3  # frames and bands that tell a held tone from one that glides
_NEAR = 0.28  # of a cell from its middle, beyond which the neighboring cell is asked too

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Peaks:
    """Peaks in the order of time: `times` in frames, `heights` in bands, `strengths` above the mean around, float32."""

    times: Floats
    heights: Floats
    strengths: Floats

    def __len__(self) -> int:
        return len(self.times)

    def within(self, begin: float, end: float) -> Peaks:
        """Those from one frame to before another."""
        first, last = np.searchsorted(self.times, (begin, end))
        return Peaks(self.times[first:last], self.heights[first:last], self.strengths[first:last])


@dataclass(frozen=True, eq=False)
class Triples:
    """Triples as arrays: `anchors` numbers the first peak, `times` and `lengths` in frames, `heights` in bands;
    `shapes` float32 [n, 3] are the two intervals and the ratio of times, in cells of the key."""

    anchors: Ints
    times: Floats
    heights: Floats
    lengths: Floats
    shapes: Floats

    def __len__(self) -> int:
        return len(self.times)


def peaks(spectrum: Spectrum, first: int, rate: int) -> Peaks:
    """The strongest `rate` local maxima of each second of a whitened spectrum that begins with frame `first`."""
    bands, times = _maxima(spectrum)
    return _most(spectrum, bands, times, spectrum[bands, times], first=first, rate=rate)


def steady(spectrum: Spectrum, rate: int) -> Peaks:
    """The `rate` local maxima of each second that are most of a held tone: loud for long in few bands.

    The partials of a voice glide, so whatever it is laid over keeps more of its own peaks among these than among the
    strongest. `strengths` is by how much a peak's band is above those beside it, on average over 0.3 s.
    """
    from scipy.ndimage import uniform_filter1d

    bands, times = _maxima(spectrum)
    held = np.pad(uniform_filter1d(spectrum, _HELD, axis=1, mode="nearest"), ((_BESIDE, _BESIDE), (0, 0)), mode="edge")
    beside = held[bands, times] + held[bands + 2 * _BESIDE, times]
    steadiness = held[bands + _BESIDE, times] - beside / 2
    return _most(spectrum, bands, times, steadiness.clip(0), first=0, rate=rate)


def _maxima(spectrum: Spectrum) -> tuple[Ints, Ints]:
    """(bands, frames) of the local maxima."""
    from scipy.ndimage import maximum_filter

    highest = maximum_filter(spectrum, _NEIGHBORHOOD, mode="nearest")
    bands, times = np.nonzero((spectrum == highest) & (spectrum > _LEAST))
    return bands, times


def _most(spectrum: Spectrum, bands: Ints, times: Ints, strengths: Floats, *, first: int, rate: int) -> Peaks:
    """The `rate` of each second with the highest of these strengths, with their places between the cells."""
    seconds = ((times + first) / FRAMES_PER_SECOND).astype(int)
    order = np.lexsort((-strengths, seconds))
    begins = np.searchsorted(seconds[order], seconds[order])
    kept = order[np.arange(len(order)) - begins < rate]
    kept = kept[np.lexsort((bands[kept], times[kept]))]
    b, t = bands[kept], times[kept]
    around = np.pad(spectrum, 1, mode="edge")
    middle = around[b + 1, t + 1]
    fine_t = t + first + _summit(around[b + 1, t], middle, around[b + 1, t + 2])
    fine_b = b + _summit(around[b, t + 1], middle, around[b + 2, t + 1])
    return Peaks(fine_t.astype(np.float32), fine_b.astype(np.float32), strengths[kept])


def _summit(before: Floats, at: Floats, after: Floats) -> Floats:
    """Where a parabola through three neighbors is highest, -0.5 to 0.5."""
    bend = before - 2 * at + after
    return np.asarray((0.5 * (before - after) / np.minimum(bend, -1e-6)).clip(-0.5, 0.5), np.float32)


def of(marks: Peaks, *, partners: int, fan: int) -> Triples:
    """At most `fan` triples for each peak, with the strongest `partners` of the peaks that follow."""
    times, heights = marks.times, marks.heights
    count = len(times)
    if count < 3:
        none = np.zeros(0, np.float32)
        return Triples(np.zeros(0, np.int64), none, none, none, np.zeros((0, 3), np.float32))
    near = int((np.searchsorted(times, times + LONGEST, side="right") - np.arange(count)).max())
    following = np.arange(count)[:, None] + np.arange(1, max(2, near))
    inside = following < count
    following = np.minimum(following, count - 1)
    after = times[following] - times[:, None]
    usable = inside & (after >= _GAP) & (after <= LONGEST)
    usable &= np.abs(heights[following] - heights[:, None]) <= _WIDEST
    strength = np.where(usable, marks.strengths[following], -1.0)
    chosen = np.argsort(-strength, axis=1, kind="stable")[:, :partners]
    first, second = (chosen[:, side] for side in _pairs(chosen.shape[1]))
    one, two = np.minimum(first, second), np.maximum(first, second)
    rows = np.arange(count)[:, None]
    short, long = after[rows, one], after[rows, two]
    good = usable[rows, one] & usable[rows, two] & (long - short >= _GAP) & (long >= SHORTEST)
    ratio = short / np.maximum(long, 1)
    good &= (ratio >= _RATIOS[0]) & (ratio <= _RATIOS[1])
    rises = (heights[following[rows, side]] - heights[:, None] for side in (one, two))
    lower, upper = rises
    good &= (np.abs(lower) >= 1.5) | (np.abs(upper) >= 1.5)
    good &= np.cumsum(good, axis=1) <= fan
    anchors, column = np.nonzero(good)
    shapes = np.stack([lower[good], upper[good], ratio[good] * _RATIO_CELLS], axis=1)
    return Triples(anchors, times[anchors], heights[anchors], long[anchors, column], shapes.astype(np.float32))


@cache
def _pairs(count: int) -> tuple[Ints, Ints]:
    """The pairs of so many ranks, the strongest first."""
    pairs = sorted(combinations(range(count), 2), key=lambda pair: (pair[0] + pair[1], pair))
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def keys(triples: Triples) -> NDArray[np.uint32]:
    """The key of each triple, 32 bits: intervals 7 and 7, ratio 5, height 8, length 5."""
    cells = np.concatenate([np.round(triples.shapes[:, :2]), np.floor(triples.shapes[:, 2:])], axis=1)
    return _packed(cells.astype(np.int64), np.round(triples.heights), _length_cells(triples.lengths))


def _packed(cells: Ints, heights: NDArray[np.floating], lengths: NDArray[np.floating]) -> NDArray[np.uint32]:
    shape = (cells[:, 0] + 64) << 25 | (cells[:, 1] + 64) << 18 | cells[:, 2] << 13
    height = heights.clip(0, BANDS - 1).astype(np.int64)
    return (shape | height << 5 | lengths.clip(0, 31).astype(np.int64)).astype(np.uint32)


def _length_cells(lengths: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.round(np.log2(np.maximum(lengths, 1) / SHORTEST) * _LENGTHS))


def ranges(triples: Triples, *, altered: bool, widest: float) -> tuple[Ints, NDArray[np.uint32], NDArray[np.uint32]]:
    """The keys to look up: (which triple, lowest key, highest key) of each range, ends included.

    `altered`: at any pitch within `widest` bands and any tempo; else at the same pitch and nearly the same tempo.
    """
    which, cells = _near(triples)
    heights = triples.heights[which]
    if altered:
        ends = [_packed(cells, heights + sign * widest, np.full(len(which), end)) for sign, end in ((-1, 0), (1, 31))]
        return which, ends[0], ends[1]
    around = np.floor(heights)[:, None] + (0, 1)
    which, cells = np.repeat(which, 2), np.repeat(cells, 2, axis=0)
    length = _length_cells(triples.lengths[which])
    return which, _packed(cells, around.ravel(), length - 1), _packed(cells, around.ravel(), length + 1)


def _near(triples: Triples) -> tuple[Ints, Ints]:
    """For each triple the cells that its shape may have been stored in: its own, and those it lies close to."""
    middle = np.concatenate([np.round(triples.shapes[:, :2]), np.floor(triples.shapes[:, 2:]) + 0.5], axis=1)
    off = triples.shapes - middle
    cells = np.floor(middle).astype(np.int64)
    which = np.arange(len(cells))
    for side in range(3):
        beyond = np.abs(off[which, side]) > (_NEAR if side < 2 else 0.2)
        moved = cells[beyond].copy()
        moved[:, side] += np.sign(off[which[beyond], side]).astype(np.int64)
        which, cells = np.concatenate([which, which[beyond]]), np.concatenate([cells, moved])
    return which, cells
