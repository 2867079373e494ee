"""Writes a mark into a recording: message after message, each measured as the reader will and strengthened where weak.

A coded bit that the recording's own rises happen to spell is left alone; others are pushed until they are read with
the same certainty (informed embedding: Miller, Doërr & Cox 2004), as far as the level and the ear allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d, maximum_filter1d, minimum_filter1d

from attribution.marks import sound_mask
from attribution.marks.sound_plan import (
    HOP,
    PAIR,
    PAIRS,
    PERIOD,
    RATE,
    SLOT,
    Floats,
    Ints,
    Plan,
    bands,
)
from attribution.marks.sound_spectra import blurred, levels, powers, resampled, rises, samples_of, scores, spectra

LEVEL = -24.0  # dB of the mark against the recording
_MARGIN = 128  # frames around a message that its measures look at, and more than a window
_PASSES = 6
_TARGET = 0.4  # score that every coded bit's chips are to have on average, to begin with
_STEP = 0.8  # of the way there, each pass
_LOUDEST = 3.0  # times what the mask allows, where the level leaves room
_NOISE = 1e-3  # of the mean power, added when measuring: what only lies in quiet bands would not survive
_SILENT = 65  # zeros in a row that stay zeros
_BLOCK = 256  # samples of which the loudest says how far the mark must give way at full scale
_PIECE = 1 << 20


def add(samples: NDArray[np.float32], rate: int, message: NDArray[np.float32], plan: Plan, out: Floats) -> None:
    """Write `samples` [frames, channels], marked, to `out` of the same shape. `message`: chips [PAIRS, BANDS]."""
    frames = len(samples)
    count = max(1, int(np.ceil(frames / rate * RATE / HOP / PERIOD)))
    for first in range(0, frames, _PIECE):
        out[first : first + _PIECE] = samples[first : first + _PIECE]
    for number in range(count):
        begin = round((number * PERIOD - _MARGIN) * HOP * rate / RATE)
        end = round(((number + 1) * PERIOD + _MARGIN) * HOP * rate / RATE)
        inside = slice(max(0, begin), min(frames, end))
        part = np.zeros((end - begin, samples.shape[1]), np.float32)
        part[inside.start - begin : inside.stop - begin] = samples[inside]
        change = resampled(_change(resampled(part, rate, RATE), message, plan), RATE, rate)
        change = np.pad(change, ((0, max(0, len(part) - len(change))), (0, 0)))
        out[inside] += change[inside.start - begin : inside.stop - begin]
    _tame(samples, out)


def _change(part: Floats, message: Floats, plan: Plan) -> Floats:
    """What to add to a part at RATE, [samples, channels], whose message begins _MARGIN frames in."""
    channels = [spectra(one) for one in part.T]
    power = powers(sum(channels[1:], channels[0]) / len(channels))
    if not power.any():
        return np.zeros_like(part)
    gain = _Message(power, np.mean([powers(one) for one in channels], axis=0), message, plan).gain()
    return np.stack([samples_of(one * gain, len(part)) for one in channels], axis=1)


@dataclass(eq=False)
class _Message:
    """One message and the part of a recording that is to carry it.

    `power`: of its channels taken together, as the reader hears them; `whole`: their mean power. [frames, BINS].
    """

    power: Floats
    whole: Floats
    message: Floats
    plan: Plan

    def __post_init__(self) -> None:
        frames = np.arange(len(self.power)) - _MARGIN
        inside = (frames >= 0) & (frames < PERIOD)
        self.filters = bands()
        self.share = self.filters / np.maximum(self.filters.sum(axis=0), 1.0)
        self.noise = _NOISE * float(self.power.mean())
        self.pair: Ints = np.where(inside, frames // PAIR, 0)
        allowed = sound_mask.allowed(self.power, levels(self.power, self.filters))
        half = np.where(frames // SLOT % 2 == 0, -1.0, 1.0) * inside
        self.way = (self.message[self.pair] * half[:, None] * allowed).astype(np.float32)
        self.starts = _MARGIN + PAIR * np.arange(PAIRS)
        self.sizes = np.maximum(np.bincount(self.plan.group.ravel(), minlength=self.plan.groups), 1)

    def gain(self) -> Floats:
        """Relative change of every bin, [frames, BINS], at LEVEL or below."""
        force = np.zeros(self.plan.groups, np.float32)
        before = self._told(force)
        slope = (self._told(force + 0.3) - before) / 0.3
        slope = np.maximum(slope, max(0.15, 0.4 * float(np.median(slope))))
        target, told = _TARGET, before
        for _ in range(_PASSES):
            force = np.clip(force + (target - told) / slope * _STEP, 0.0, _LOUDEST).astype(np.float32)
            told = self._told(force)
            target *= 10 ** ((LEVEL - self._level(force)) / 20)
        force *= min(1.0, 10 ** ((LEVEL - self._level(force)) / 20))
        return self._relative(self._decibels(force))

    def _decibels(self, force: Floats) -> Floats:
        """What each band is to be moved by, [frames, BANDS]."""
        return np.asarray(self.way * force[self.plan.group[self.pair]], np.float32)

    def _relative(self, decibels: Floats) -> Floats:
        return np.asarray(10 ** (decibels @ self.share / 20) - 1, np.float32)

    def _level(self, force: Floats) -> float:
        """dB of the change against the message's own part of the recording."""
        inside, decibels = self.whole[_MARGIN : _MARGIN + PERIOD], self._decibels(force)
        middles = correlate1d(decibels, blurred()[0], axis=0)[_MARGIN : _MARGIN + PERIOD]
        between = 0.5 * (middles + correlate1d(decibels, blurred()[0], axis=0, origin=-1)[_MARGIN : _MARGIN + PERIOD])
        changed = 0.5 * (inside * (self._relative(middles) ** 2 + self._relative(between) ** 2)).sum()
        return float(10 * np.log10((changed + 1e-20) / (inside.sum() + 1e-20)))

    def _told(self, force: Floats) -> Floats:
        """Mean score of each group's chips, in the direction they should have."""
        heard = correlate1d(self._decibels(force), blurred()[1], axis=0)
        power = self.power * 10 ** (heard @ self.share / 10)
        score = scores(rises(levels(power, self.filters, self.noise)))
        score = np.pad(score, ((0, PAIR), (0, 0)))[self.starts] * self.message
        return np.asarray(np.bincount(self.plan.group.ravel(), score.ravel()) / self.sizes, np.float32)


def _tame(samples: NDArray[np.float32], out: Floats) -> None:
    """Let the mark give way where it would clip, and leave silence silent."""
    edge = 4 * _BLOCK
    for first in range(0, len(samples), _PIECE):
        begin, end = max(0, first - edge), min(len(samples), first + _PIECE + edge)
        host, marked = samples[begin:end], out[begin:end].copy()
        loud, room = np.abs(host).max(axis=1), np.abs(marked).max(axis=1)
        ceiling = np.maximum(loud, 1 - 2.0**-23)
        keep = np.ones(len(host), np.float32)
        over = room > ceiling
        if over.any():
            keep[over] = ((ceiling - loud) / np.maximum(room - loud, 1e-9))[over]
            keep = _smooth_minimum(keep)
        keep[maximum_filter1d(minimum_filter1d(loud == 0, _SILENT), _SILENT)] = 0.0
        own = slice(first - begin, min(end, first + _PIECE) - begin)
        out[first : first + own.stop - own.start] = (host + keep[:, None] * (marked - host))[own]


def _smooth_minimum(values: Floats) -> Floats:
    """Never above the values, and without jumps."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(minimum_filter1d(values, 2 * _BLOCK + 1), 2 * _BLOCK - 1), np.float32)
