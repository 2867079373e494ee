"""What may be taken, and so may earn: what sounds, and each sound once, however often and in whatever guise.

Whoever pads a catalogue with silence or copies gains nothing. Of passages that run alike the earlier one counts, also
where the copy was shifted, made louder, stretched or transposed; a recording in which little happens is a copy where
its wave is that of an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.fft
import soxr

from generation.engines.mosaic.grains import Bools, Ints
from generation.engines.mosaic.listening import Table, onsets

PER_SECOND = 10  # moments that may be taken or not
_FLOOR, _BELOW = 1e-7, 1e-6  # power that is silence: 70 dB below full scale, or 60 dB below what is loud
_STEPS_PER_SECOND, _STEPS, _HOP = 20, 60, 15  # steps in a passage, and from one passage to the next
_LOWEST, _BANDS, _ROOM = 110.0, 48, 6  # Hz; semitones that a passage is described by, and that it may be moved by
_WAVES, _SHAPES = 16, 12  # of a passage, over time and over frequency
_EVENTS = 4  # sounds that begin in a passage, below which its course says too little
ALIKE = 0.75  # correlation of courses above which a passage is a copy
_COPY = 0.5  # of its passages that are copies, above which a recording is one
_SLOW, _PIECE, _SAME = 4000, 1.5, 0.97  # samples a second, seconds, correlation: where waves are compared

Ear = tuple[Table, int]
Tick = Callable[[], None]


def count(frames: int, rate: int) -> int:
    """How many tenths of a second a recording has."""
    return 1 + (frames - 1) * PER_SECOND // rate


def usable(ears: Sequence[Ear], tick: Tick) -> list[Bools]:
    """For each recording, as it is listened to, which tenths of a second may be taken."""
    out: list[Bools] = []
    earlier: list[Table] = []
    waves: list[Table] = []
    for x, rate in ears:
        tick()
        good = _sounding(x, rate)
        if good.any():
            slow = soxr.resample(x, rate, _SLOW, quality="MQ") if rate > _SLOW else x
            starts, passages = _passages(x, rate, good)
            if _is_copy(passages, starts, good, earlier) if len(starts) else _repeats(slow, waves):
                good[:] = False
            else:
                earlier += [_described(x, rate, stretch, shift)[1] for stretch, shift in _guises()]
                waves.append(slow)
        out.append(good)
    return out


def _sounding(x: Table, rate: int) -> Bools:
    edges = np.append(np.arange(count(len(x), rate)) * rate // PER_SECOND, len(x))
    power = np.add.reduceat(x.astype(np.float64) ** 2, edges[:-1]) / np.diff(edges)
    return np.asarray(power > max(_FLOOR, float(np.percentile(power, 95)) * _BELOW))


def _is_copy(passages: Table, starts: Ints, good: Bools, earlier: Sequence[Table]) -> bool:
    """Whether most of a recording was there before; where only some passages were, those are taken out of `good`."""
    alike = np.full(len(starts), -1.0)
    for table in earlier:
        if len(table):
            alike = np.maximum(alike, (passages @ table.T).max(1))
    copied = alike > ALIKE
    for start in starts[copied]:
        first = start * PER_SECOND // _STEPS_PER_SECOND
        good[first : first + _STEPS * PER_SECOND // _STEPS_PER_SECOND] = False
    return bool(copied.mean() > _COPY)


def _guises() -> list[tuple[float, int]]:
    """Stretches of time and semitones up in which a copy is looked for."""
    some = range(-_ROOM, _ROOM + 1)
    tape = [(2.0 ** (-n / 12), n) for n in some]
    return tape + [(1.0, n) for n in some if n] + [(2.0 ** (-n / 12), 0) for n in some if n]


def _passages(x: Table, rate: int, good: Bools) -> tuple[Ints, Table]:
    """Passages of one recording in which enough happens: the step each starts at, and its course."""
    starts, table = _described(x, rate, 1.0, 0)
    at = onsets(x, rate) * _STEPS_PER_SECOND // rate
    events = np.searchsorted(at, starts + _STEPS) - np.searchsorted(at, starts)
    tenth = np.minimum((starts + _STEPS // 2) * PER_SECOND // _STEPS_PER_SECOND, len(good) - 1)
    kept = (starts % _HOP == 0) & (events >= _EVENTS) & good[tenth]
    return starts[kept], table[kept]


def _described(x: Table, rate: int, stretch: float, shift: int) -> tuple[Ints, Table]:
    """Every passage of a recording, as if slowed down and moved up: its start, and its course as a unit vector."""
    logs = _semitones(x, rate, stretch)
    low = _ROOM - shift
    course = logs[:, low : low + _BANDS]
    if len(course) < _STEPS:
        return np.zeros(0, np.int64), np.zeros((0, _WAVES * _SHAPES), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(
        scipy.fft.dct(course, axis=1, norm="ortho")[:, :_SHAPES], _STEPS, axis=0
    )
    waves = scipy.fft.dct(windows, axis=2, norm="ortho")[:, :, 1 : _WAVES + 1].reshape(len(windows), -1)
    waves = waves / (np.linalg.norm(waves, axis=1, keepdims=True) + 1e-6)
    return np.arange(len(windows)), waves.astype(np.float32)


def _semitones(x: Table, rate: int, stretch: float) -> Table:
    """float32 [steps, semitones]: ln of power, the lowest semitone `_ROOM` below where descriptions begin."""
    size = 2048 if rate > 12_000 else 1024
    n = int(len(x) / rate * stretch * _STEPS_PER_SECOND)
    first = (np.arange(n) / stretch / _STEPS_PER_SECOND * rate).astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, (size // 2, size)), size)
    shape = np.hanning(size).astype(np.float32)
    edges = _LOWEST * 2 ** ((np.arange(_BANDS + 2 * _ROOM + 1) - _ROOM - 0.5) / 12) * size / rate
    low = np.minimum(edges.astype(int), size // 2 - 1)
    out = np.empty((n, len(edges) - 1), np.float32)
    for a in range(0, n, 512):
        power = np.abs(scipy.fft.rfft(windows[first[a : a + 512]] * shape, axis=1)) ** 2
        total = np.cumsum(np.pad(power, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
        high = np.maximum(low[1:], low[:-1] + 1)
        out[a : a + 512] = (total[:, high] - total[:, low[:-1]]) / (high - low[:-1])
    return np.asarray(np.log(out + max(1e-9, float(out.max(initial=0)) * 1e-5)), dtype=np.float32)


def _repeats(x: Table, waves: Sequence[Table]) -> bool:
    """Whether the loudest piece of a recording is in an earlier one, wave by wave. All at `_SLOW` samples a second."""
    n = min(len(x), int(_PIECE * _SLOW))
    power = np.cumsum(np.pad(x.astype(np.float64) ** 2, (1, 0)))
    start = int(np.argmax(power[n:] - power[:-n]))
    piece = x[start : start + n].astype(np.float64)
    for wave in waves:
        if len(wave) < n:
            continue
        size = scipy.fft.next_fast_len(len(wave) + n, real=True)
        product = scipy.fft.irfft(scipy.fft.rfft(wave, size) * np.conj(scipy.fft.rfft(piece, size)), size)
        total = np.cumsum(np.pad(wave.astype(np.float64) ** 2, (1, 0)))
        energy = (total[n:] - total[:-n]) * float(piece @ piece)
        if float((product[: len(energy)] / np.sqrt(np.maximum(energy, 1e-12))).max()) > _SAME:
            return True
    return False
