"""Reads a mark of a work that was found already: what its own music does is subtracted, or only a yes is asked for.

The reference is kept of the unmarked work: against the marked one, the mark itself would be subtracted.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attribution.marks import payload
from attribution.marks.sound_plan import BANDS, HOP, PAIR, PAIRS, RATE, Floats, Ints, Plan, bands
from attribution.marks.sound_spectra import heard, levels, rises, scores, trust
from core.errors import Invalid
from core.media import Sound

MOST_PAIRS: Final = 1 << 17  # 1.7 hours

_HEAD = b"HSR1"
_STEP = 1.5  # dB between stored values
_LIMIT = 20  # steps
_AT_ONCE, _AROUND = 1280, 8  # pairs: a minute, and what lies around it
_NEAR = 24  # frames to either side of where an excerpt is said to begin
_TEMPI = tuple(0.0005 * step for step in range(-6, 7))
_LOCAL = 17  # pairs over which a band is as restless as it is
_LEAST = 16  # pairs in common that tell anything


class Alignment(NamedTuple):
    """How an excerpt lies on a work: `tempo` (1.04: four percent faster), `semitones` (higher), and `start`, the
    seconds of the work that have passed where the excerpt begins."""

    tempo: float = 1.0
    semitones: float = 0.0
    start: float = 0.0


def reference(sound: Sound) -> bytes:
    """What an unmarked recording's bands do by themselves, in about 600 bytes for each second, to be subtracted."""
    count = int(sound.frames / sound.rate * RATE / HOP) // PAIR
    parts = [np.zeros((0, BANDS), np.float32)]
    for first in range(0, count, _AT_ONCE):
        before = min(first, _AROUND)
        pairs = min(_AT_ONCE, count - first)
        seconds = (before + pairs + _AROUND) * PAIR * HOP / RATE
        power = heard(sound, (first - before) * PAIR * HOP / RATE, seconds)
        rise = rises(levels(power, bands()))[before * PAIR :: PAIR][:pairs]
        parts.append(np.pad(rise, ((0, pairs - len(rise)), (0, 0))))
    steps = np.clip(np.rint(np.concatenate(parts) / _STEP), -_LIMIT, _LIMIT).astype(np.int8)
    return _HEAD + zlib.compress(np.ascontiguousarray(steps.T).tobytes(), 9)


def opened(data: bytes) -> Floats:
    """What a reference holds, dB [pairs, BANDS]. Raises Invalid for bytes that are none."""
    unpack = zlib.decompressobj()
    try:
        if not data.startswith(_HEAD):
            raise zlib.error("another head")
        raw = unpack.decompress(data[len(_HEAD) :], MOST_PAIRS * BANDS)
    except zlib.error as error:
        raise Invalid("this is no reference of a recording's mark; make one of the unmarked work") from error
    if len(raw) % BANDS or not unpack.eof:
        raise Invalid("this reference of a recording's mark is damaged; make one of the unmarked work")
    return np.frombuffer(raw, np.int8).reshape(BANDS, -1).T.astype(np.float32) * _STEP


class Known:
    """An excerpt that lies on a known work. `power`: [frames, BINS]; `alignment`: within a quarter of a second."""

    def __init__(self, power: Floats, alignment: Alignment, work: Floats | None) -> None:
        filters = bands(round(alignment.semitones, 3))
        level = levels(power, filters)
        self._tempo, self._first = alignment.tempo, alignment.start * RATE / HOP
        self._rise = rises(level, alignment.tempo)
        self._rise -= np.median(self._rise, axis=1, keepdims=True) if len(self._rise) else 0
        self._trust = trust(level, filters, len(self._rise))
        self._work = None if work is None else work - np.median(work, axis=1, keepdims=True)

    def soft(self, plan: Plan) -> NDArray[np.float64] | None:
        """What was heard of each coded bit, [282]; None where excerpt and work have too little in common."""
        folded = self._folded()
        return None if folded is None else plan.soft(folded)

    def pilot(self, plan: Plan) -> float:
        """Standard deviations by which the pilot stands out where it must be."""
        folded = self._folded()
        if folded is None:
            return 0.0
        told = (folded * plan.sign)[plan.pilot]
        return float(told.sum() / np.sqrt((told**2).sum() + 1e-9))

    def agreement(self, plan: Plan, message: Floats) -> NDArray[np.float64]:
        """What was heard of each coded bit where the whole message, chips [PAIRS, BANDS], is best heard."""
        evidence = scores(self._rise) * self._trust

        def heard_of(shift: int, bend: float) -> float:
            pairs, frames = self._pairs(shift, bend)
            return float(np.einsum("pb,pb->", evidence[frames], message[pairs % PAIRS]))

        shift, bend = _best(heard_of)
        pairs, frames = self._pairs(shift, bend)
        return plan.soft(_fold(pairs, evidence[frames]))

    def _folded(self) -> NDArray[np.float64] | None:
        """What was heard of each chip, the work's own rises subtracted."""
        if self._work is None or len(self._pairs(0, 0.0)[0]) < _LEAST:
            return None
        rise, work = _unit(self._rise), _unit(self._work)

        def alike(shift: int, bend: float) -> float:
            pairs, frames = self._pairs(shift, bend)
            return float(np.einsum("pb,pb->", rise[frames], work[pairs])) if len(pairs) else 0.0

        pairs, frames = self._pairs(*_best(alike))
        if len(pairs) < _LEAST:
            return None
        own, there = self._work[pairs], self._rise[frames]
        share = np.clip((own * there).sum(axis=0) / ((own**2).sum(axis=0) + 1e-6), 0.0, 1.0)
        return _fold(pairs, scores(there - share * own, local=_LOCAL) * self._trust[frames])

    def _pairs(self, shift: int, bend: float) -> tuple[Ints, Ints]:
        """Slot pairs of the work that lie in the excerpt, and the frames of the excerpt where they begin."""
        tempo = self._tempo + bend
        last = (self._first + len(self._rise) * tempo) / PAIR
        pairs = np.arange(max(0, int(self._first / PAIR)), max(0, int(last)) + 1)
        frames = np.rint((pairs * PAIR - self._first) / tempo + shift).astype(np.int64)
        inside = (frames >= 0) & (frames < len(self._rise))
        if self._work is not None:
            inside &= pairs < len(self._work)
        return pairs[inside], frames[inside]


def sigmas(soft: NDArray[np.float64] | None, coded: NDArray[np.float64]) -> float:
    """How far what was heard of the coded bits agrees with those of a number, in standard deviations; at most 16.8.

    Bits of other numbers differ at random, so that 6 are not chance, whatever else the recording carries. Numbers that
    begin alike have the same bits up to where they part, so the check's bits must agree by themselves, half as surely.
    """
    if soft is None:
        return 0.0
    agreeing = soft * coded
    every, last = (one.sum() / np.sqrt((one**2).sum() + 1e-9) for one in (agreeing, agreeing[3 * payload.NUMBER :]))
    return float(min(every, 2 * last))


def _best(agreement: Callable[[int, float], float]) -> tuple[int, float]:
    """Frames and tempo, near none and none, at which a work and an excerpt agree most."""
    shift = max(range(-_NEAR, _NEAR + 1), key=lambda shift: agreement(shift, 0.0))
    near = [(shift + turn, bend) for bend in _TEMPI for turn in range(-8, 9)]
    return max(near, key=lambda place: agreement(*place))


def _unit(rise: Floats) -> Floats:
    """Rises of each band in its own standard deviations, without outliers."""
    return np.asarray(np.clip(rise / (rise.std(axis=0) + 1e-3), -3, 3), np.float32)


def _fold(pairs: Ints, evidence: NDArray[np.floating]) -> NDArray[np.float64]:
    folded = np.zeros((PAIRS, BANDS))
    np.add.at(folded, pairs % PAIRS, evidence)
    return folded
