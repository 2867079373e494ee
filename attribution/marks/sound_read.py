"""Finds a message in a recording with nothing but the key: its place, tempo and pitch by the pilot, then its bits."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from attribution.marks import payload
from attribution.marks.sound_plan import PAIR, PAIRS, Floats, Plan, bands
from attribution.marks.sound_spectra import levels, rises, scores, trust

PATHS: Final = 16  # through the trellis that a read tries
LIKELY: Final = 3.5  # sigmas of the pilot from which on bits are tried
_TRIED = 4  # places that a search looks at closely

Step = tuple[float, float]  # tempo (1.04: four percent faster) and semitones (higher) against the marked recording


@dataclass(frozen=True)
class Place:
    """Where a message is: the frame of the message, 0 to its length in frames, that the excerpt begins with."""

    sigmas: float
    tempo: float
    semitones: float
    frame: int


class Excerpt:
    """Some seconds of a recording, as evidence for chips. `power`: [frames, BINS]."""

    def __init__(self, power: Floats) -> None:
        self.power = power
        self._evidence: dict[Step, Floats] = {}
        self._folded: dict[tuple[float, float], NDArray[np.complex64]] = {}

    def evidence(self, semitones: float = 0.0, tempo: float = 1.0) -> Floats:
        """From each frame on, how much the band rises over a slot pair: [frames, BANDS]."""
        known = self._evidence.get((tempo, semitones))
        if known is None:
            filters = bands(round(semitones, 3))
            level = levels(self.power, filters)
            known = scores(rises(level, tempo))
            known = known * trust(level, filters, len(known))[: len(known)]
            if len(self._evidence) > _TRIED:
                self._evidence.clear()
            self._evidence[tempo, semitones] = known
        return known

    def place(self, plan: Plan, step: Step = (1.0, 0.0)) -> Place:
        """The likeliest place of the message at this tempo and pitch."""
        tempo, semitones = step
        return self._best(self.evidence(semitones, tempo), plan, [tempo], semitones)[0]

    def search(self, plan: Plan, tempi: Iterable[float], pitches: Iterable[float]) -> list[Place]:
        """The likeliest places over a grid, one for each pitch and tempo that is better than its neighbors."""
        found: list[Place] = []
        tempi = list(tempi)
        for semitones in pitches:
            found += self._best(self.evidence(semitones), plan, tempi, semitones)[:2]
        return [self._climb(plan, one) for one in sorted(found, key=lambda one: -one.sigmas)[:_TRIED]]

    def bits(self, plan: Plan, place: Place) -> NDArray[np.float64]:
        """What was heard of each coded bit, [282]."""
        return plan.soft(fold(self.evidence(place.semitones, place.tempo), place))

    def number(self, plan: Plan, place: Place) -> int | None:
        """The number of the message there, if its check agrees."""
        if place.sigmas < LIKELY:
            return None
        return payload.decode(self.bits(plan, place), plan.secret, paths=PATHS)

    def _best(self, evidence: Floats, plan: Plan, tempi: list[float], semitones: float) -> list[Place]:
        count = len(evidence)
        if count < PAIR * 8:
            return [Place(0.0, tempi[0], semitones, 0)]
        size = scipy.fft.next_fast_len(int(count + PAIRS * PAIR / min(tempi)) + 2, real=True)
        spectrum = scipy.fft.rfft(evidence, size, axis=0).conj()
        places = []
        for tempo in tempi:
            product = np.einsum("fb,fb->f", spectrum, _template(plan, tempo, size))
            agreement = scipy.fft.irfft(product, size)[: int(PAIRS * PAIR / tempo)]
            frame = int(agreement.argmax())
            sigmas = float((agreement[frame] - agreement.mean()) / (agreement.std() + 1e-9))
            places.append(Place(sigmas, tempo, semitones, frame))
        return sorted(places, key=lambda place: -place.sigmas)

    def _climb(self, plan: Plan, place: Place) -> Place:
        """The exact tempo and pitch near a place."""
        for by in (0.00125, 0.0006, 0.0003):
            tempi = [place.tempo - by, place.tempo, place.tempo + by]
            place = self._best(self.evidence(place.semitones), plan, tempi, place.semitones)[0]
        for by in (0.125, 0.06):
            near = [(place.tempo, place.semitones + turn * by) for turn in (-1, 0, 1)]
            place = max((self.place(plan, step) for step in near), key=lambda one: one.sigmas)
        return place


@functools.lru_cache(maxsize=160)
def _template(plan: Plan, tempo: float, size: int) -> NDArray[np.complex64]:
    """Spectrum of the pilot, message after message, over `size` frames: [size / 2 + 1, BANDS]."""
    pairs = np.arange(int(size * tempo / PAIR) + 1)
    frames = np.rint(pairs * PAIR / tempo).astype(np.int64)
    inside = frames < size
    pilot = np.zeros((size, plan.sign.shape[1]), np.float32)
    pilot[frames[inside]] = (plan.sign * plan.pilot)[pairs[inside] % PAIRS]
    return np.asarray(scipy.fft.rfft(pilot, axis=0), np.complex64)


def fold(evidence: Floats, place: Place) -> NDArray[np.float64]:
    """All messages of an excerpt on top of each other: [PAIRS, BANDS]."""
    step, count = PAIR / place.tempo, len(evidence)
    pairs = np.arange(int(place.frame / step), int((place.frame + count) / step) + 2)
    frames = np.rint(pairs * step - place.frame).astype(np.int64)
    inside = (frames >= 0) & (frames < count)
    folded = np.zeros((PAIRS, evidence.shape[1]))
    np.add.at(folded, pairs[inside] % PAIRS, evidence[frames[inside]])
    return folded
