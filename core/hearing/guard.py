"""What may be learned from, and so may earn: voices only, and each sound once, however often and in whatever guise.

Whoever pads a voice with silence, noise, music or copies gains nothing: a recording that moves as no voice does is left
out whole, frames that repeat count once, and of passages that run alike the earlier one counts, also where a copy was
shifted, stretched or transposed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from core.hearing.features import Features, Table, cepstra
from core.hearing.frames import Bools, Ints, Tick, quiet

_VOICED = 0.15  # part of a voice's sounding frames that has pitch, at least
_MOVEMENT = 3.0  # spread of its lowest cepstra: speech 3.7 to 7.3, singing 4.8, noises below 2
_LIVELINESS = 3.15  # see `_liveliness`
_RISES, _LEAPS = 15.0, 150.0  # a harp's levels: 19 to 31, 350 and more; a voice's: 12 and 90 at most
_TOP = 3900.0  # Hz; so that a copy at a telephone's rate is told, too
_STEP, _STEPS, _HOP = 4, 45, 15  # frames in a step, steps in a passage, steps from one passage to the next
_CEPSTRA, _WAVES = 16, 22  # of a passage's cepstra, how many, and how many waves over it
ALIKE = 0.64  # correlation above which a passage is a copy; between recordings of one voice 0.61 at most
_COPY, _ALL_ALIKE = 0.5, 0.57  # of its passages, above which a recording is one; or their middle correlation


def usable(recordings: Sequence[Features], tick: Tick) -> list[Bools]:
    """For each recording, which frames may be learned from."""
    out = []
    for one in recordings:
        out.append(one.active if is_voice(one) else np.zeros(len(one), np.bool_))
    _drop_copies(recordings, out, tick)
    _drop_repeats(recordings, out)
    return out


def copies(recordings: Sequence[Features], tick: Tick = quiet) -> list[tuple[int, int]]:
    """Pairs of recordings of which the later is a copy of the earlier: the same, shifted, stretched or transposed."""
    known: list[list[Table]] = []
    pairs = []
    for later, one in enumerate(recordings):
        tick()
        _, passages = _passages(one, one.active)
        pairs += [(i, later) for i, tables in enumerate(known) if _is_copy(_alike(passages, tables))]
        known.append([_described(one, one.active, time, warp)[1] for time, warp in _guises()])
    return pairs


def is_voice(one: Features) -> bool:
    """Whether a recording moves as a voice does. Noise, a buzz, an instrument and a band do not."""
    if one.active.sum() < 20 or one.voiced[one.active].mean() <= _VOICED:
        return False
    movement = float(cepstra(one.envelope[one.active], one.top)[:, :7].std(0).mean())
    return movement > _MOVEMENT and 0.3 * movement + _liveliness(one) > _LIVELINESS and not _is_struck(one)


def _is_struck(one: Features) -> bool:
    """Whether sounds leap up and die away, as those of strings and bars that are plucked or struck."""
    steps = np.diff(one.level)[(one.level > -20)[1:]]
    if len(steps) < 20:
        return False
    square = steps**2
    rises, falls = square[steps > 0].sum(), square[steps < 0].sum()
    return bool(rises > _RISES * falls and (square**2).mean() > _LEAPS * square.mean() ** 2)


def _liveliness(one: Features) -> float:
    """How much the timbre of loud tones changes beyond what their pitch and level say.

    An instrument's timbre follows from how high and how loud it plays; a voice forms vowels.
    """
    loud = one.voiced & (one.level > -20)
    if loud.sum() < 50:
        return 0.0
    pitch, level = one.pitch[loud] / 600.0, one.level[loud] / 10.0
    known = np.stack([np.ones(len(pitch)), level, level**2, pitch, pitch**2, level * pitch], 1)
    shape = cepstra(one.envelope[loud], one.top)[:, 1:12].astype(np.float64)
    rest = shape - known @ np.linalg.lstsq(known, shape, rcond=None)[0]
    return float(rest.std(0).mean())


def _drop_repeats(recordings: Sequence[Features], good: list[Bools]) -> None:
    """Of equal frames the first counts."""
    rows = np.concatenate([one.envelope.astype(np.float16) for one in recordings])
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    first = np.zeros(len(rows), np.bool_)
    first[np.unique(keys, return_index=True)[1]] = True
    start = 0
    for one in good:
        one &= first[start : start + len(one)]
        start += len(one)


def _guises() -> list[tuple[float, float]]:
    """Stretches of time and of frequency in which a copy is looked for."""
    times = [(round(1.06**i, 4), 1.0) for i in range(-5, 6)]
    tapes = [(round(1.06**i, 4), round(1.06**i, 4)) for i in range(-5, 6) if i]
    throats = [(1.0, round(1.06**i, 4)) for i in range(-5, 6) if i]
    return times + tapes + throats


def _drop_copies(recordings: Sequence[Features], good: list[Bools], tick: Tick) -> None:
    """Of passages that run alike, the earlier counts."""
    earlier: list[Table] = []
    for one, rows in zip(recordings, good, strict=True):
        tick()
        if not rows.any():
            continue
        starts, passages = _passages(one, rows)
        if len(starts):
            alike = _alike(passages, earlier)
            if _is_copy(alike):
                rows[:] = False
                continue
            for start in starts[alike > ALIKE]:
                rows[start * _STEP : (start + _STEPS) * _STEP] = False
        earlier.extend(_described(one, rows, time, warp)[1] for time, warp in _guises())


def _alike(passages: Table, among: Sequence[Table]) -> NDArray[np.float64]:
    """For each passage, how much it runs like the one of `among` that runs most like it."""
    alike = np.full(len(passages), -1.0)
    for table in among:
        alike = np.maximum(alike, _best(passages, table))
    return alike


def _is_copy(alike: NDArray[np.float64]) -> bool:
    return len(alike) > 0 and bool((alike > ALIKE).mean() > _COPY or np.median(alike) > _ALL_ALIKE)


def _best(passages: Table, among: Table) -> NDArray[np.float64]:
    if not len(among):
        return np.full(len(passages), -1.0)
    return np.array([(among @ one).max() for one in passages])


def _passages(one: Features, rows: Bools) -> tuple[Ints, Table]:
    starts, table = _described(one, rows, 1.0, 1.0)
    at = starts % _HOP == 0
    return starts[at], table[at]


def _described(one: Features, rows: Bools, time: float, warp: float) -> tuple[Ints, Table]:
    """Each passage that mostly sounds: the step it starts at, and its course of cepstra as a unit vector."""
    shape = cepstra(one.envelope, min(_TOP, one.top), warp)[:, :_CEPSTRA]
    steps = int(len(shape) / (time * _STEP))
    if steps < _STEPS:
        return np.zeros(0, np.int64), np.zeros((0, _CEPSTRA * _WAVES), np.float32)
    edges = (np.arange(steps + 1) * (time * _STEP)).round().astype(np.int64)
    total = np.cumsum(np.pad(shape, ((1, 0), (0, 0))), 0, dtype=np.float64)
    width = np.diff(edges)
    course = (total[edges[1:]] - total[edges[:-1]]) / width[:, None]
    course /= course.std(0) + 1e-6
    sounds = np.diff(np.cumsum(np.pad(rows, (1, 0)))[edges]) / width
    windows = np.lib.stride_tricks.sliding_window_view(course, _STEPS, axis=0)
    waves = scipy.fft.dct(windows, axis=2, norm="ortho")[:, :, 1 : _WAVES + 1].reshape(len(windows), -1)
    waves /= np.linalg.norm(waves, axis=1, keepdims=True) + 1e-6
    starts = np.flatnonzero(np.lib.stride_tricks.sliding_window_view(sounds, _STEPS).mean(1) > 0.5)
    return starts, waves[starts].astype(np.float32)
