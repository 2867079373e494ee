"""Moving the pitch: the fan's own periods laid out at another spacing (PSOLA); timbre and timing stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.hearing.features import Codes, hertz_of
from core.hearing.frames import PER_SECOND, Array, Ints, Samples, Tick, centers

_NEAR = 0.2  # of a period: how far a mark may lie from where it is expected
_UNVOICED = 0.005  # seconds between marks where there is no pitch
_FULL = 0.5  # overlap below which a sum of windows is not evened out
_PIECE = 10 * PER_SECOND  # frames worked on at a time, about


def moved(x: Samples, pitch: Codes, wanted: Codes, rate: int, sign: int, tick: Tick) -> Samples:
    """`x` float32 [samples, channels] with its periods at the spacing of `wanted`; itself where that is `pitch`.

    `sign` says which way peaks point.
    """
    if np.array_equal(pitch, wanted):
        return x
    out = np.empty_like(x)
    before, after = hertz_of(pitch), hertz_of(wanted)
    for a, b in _pieces(pitch):
        tick()
        first = int(centers(a, a + 1, rate)[0])
        last = len(x) if b == len(pitch) else int(centers(b, b + 1, rate)[0])
        part = x[first:last].astype(np.float64)
        if not np.array_equal(pitch[a : b + 1], wanted[a : b + 1]):
            clock = _Clock(rate, first)
            part = _laid(part, _marks(part.mean(1), before, clock, sign), after, clock)
        out[first:last] = part
    return out


def _pieces(pitch: Codes) -> Iterator[tuple[int, int]]:
    """Frames from one to the next, cut where there is no pitch, so that nobody hears where."""
    a = 0
    while a < len(pitch):
        b = min(a + _PIECE, len(pitch))
        if b < len(pitch):
            quiet = np.flatnonzero(pitch[b : b + 3 * _PIECE] == 0)
            b += int(quiet[0]) if len(quiet) else min(3 * _PIECE, len(pitch) - b)
        yield a, b
        a = b


@dataclass(frozen=True)
class _Clock:
    """Which frame a sample of a piece is nearest to."""

    rate: int
    first: int

    def frame(self, t: float, frames: int) -> int:
        return min(int((self.first + t) * PER_SECOND / self.rate + 0.5), frames - 1)

    @property
    def step(self) -> float:
        return _UNVOICED * self.rate


@dataclass(frozen=True, eq=False)
class _Marks:
    """Where periods are: samples, how long each is in samples, whether it is voiced."""

    at: Ints
    period: Array
    voiced: Ints


def _marks(mono: Array, hz: Array, clock: _Clock, sign: int) -> _Marks:
    """One mark in each period, on its peak. `hz` [frames]; `sign` says which way peaks point."""
    at: list[int] = []
    periods: list[float] = []
    voiced: list[int] = []
    t, running = 0.0, False
    while t < len(mono):
        pitch = hz[clock.frame(t, len(hz))]
        period = clock.rate / pitch if pitch > 0 else clock.step
        here = int(t)
        if pitch > 0:
            here = _peak(mono, t, period, sign, running)
            if at and here <= at[-1]:
                here = int(at[-1] + 0.7 * period) + 1
        running = bool(pitch > 0)
        at.append(here)
        periods.append(period)
        voiced.append(int(running))
        t = (here if running else t) + period
    return _Marks(np.array(at), np.array(periods), np.array(voiced))


def _peak(mono: Array, t: float, period: float, sign: int, running: bool) -> int:
    """The tallest place about `t`; while running, near is better than tall."""
    low, high = (t - _NEAR * period, t + _NEAR * period) if running else (t, t + period)
    first = max(0, int(low))
    part = mono[first : int(high) + 1] * sign
    if not len(part):
        return int(t)
    if running:
        far = np.abs(np.arange(first, first + len(part)) - t) / (_NEAR * period + 1)
        part = np.where(part > 0, part * (1 - 0.5 * far), part)
    return first + int(part.argmax())


def _laid(x: Array, marks: _Marks, hz: Array, clock: _Clock) -> Array:
    """`x` [samples, channels] with its periods at the spacing of the wanted pitch `hz` [frames], 0 unvoiced."""
    out, norm = np.zeros_like(x), np.zeros(len(x))
    t, i, last = float(marks.at[0]), 0, len(marks.at) - 1
    at, periods, voiced = marks.at.tolist(), marks.period.tolist(), marks.voiced.tolist()
    while t < len(x) + clock.step:  # one beyond the end, which the last samples are half of
        pitch = float(hz[clock.frame(t, len(hz))])
        while i < last and abs(at[i + 1] - t) <= abs(at[i] - t):
            i += 1
        tonal = bool(voiced[i]) and pitch > 0
        half = max(1, int(periods[i] if tonal else clock.step))
        target = round(t)
        source = at[i] if tonal else target
        a = max(-half, -source, -target)
        b = min(half + 1, len(x) - source, len(x) - target)
        if b > a:
            window = 0.5 + 0.5 * np.cos(np.arange(a, b) * (np.pi / half))
            out[target + a : target + b] += window[:, None] * x[source + a : source + b]
            norm[target + a : target + b] += window
        t += clock.rate / pitch if tonal else clock.step
    return out / np.maximum(norm, _FULL)[:, None]
