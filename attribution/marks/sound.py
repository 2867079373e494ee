"""The mark of a recording: `write` hides a work's number in it, `read` finds it with the key alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attribution.marks import payload, sound_write
from attribution.marks.secrets import Key
from attribution.marks.sound_known import Alignment, Known, opened, reference, sigmas
from attribution.marks.sound_plan import HOP, PERIOD_SECONDS, RATE, plan
from attribution.marks.sound_read import PATHS, Excerpt, Place
from attribution.marks.sound_spectra import heard
from core.encode_sound import room
from core.media import Sound

CONFIRMED: Final = 6.0  # standard deviations
CARRIED: Final = 5.0

_LONGEST = 120.0  # seconds that are read of an excerpt
_WINDOW = 60.0  # seconds that are read at once
_DEEP = 24.0  # seconds, the loudest, that are searched over tempo and pitch
_TEMPI = tuple(round(1 + 0.0025 * step, 4) for step in range(-48, 49))
_PITCHES = tuple(0.25 * step for step in range(-8, 9))

__all__ = ["Alignment", "Reading", "carries_mark", "confirm", "read", "read_informed", "reference", "write"]


@dataclass(frozen=True)
class Reading:
    """What a recording's mark says. `number`: the work's, or None; `strength`: of the pilot, in standard deviations.

    `tempo` (1.04: four percent faster) and `semitones` (higher) against the marked work; `start_s`: seconds of the
    message that have passed where the recording begins.
    """

    number: int | None
    strength: float
    epoch: str | None
    tempo: float = 1.0
    semitones: float = 0.0
    start_s: float = 0.0


def write(sound: Sound, number: int, key: Key) -> Sound:
    """The recording with a work's number in it: the same length, rate and channels, nowhere louder than full scale.

    The mark lies 24.5 dB below the recording. Raises ValueError for a number outside 1 .. 2**63 - 1.
    """
    laid = plan(key.secret)
    message = laid.chips(number)
    samples = room(sound.frames, sound.channels)
    sound_write.add(sound.samples, sound.rate, message, laid, samples)
    return Sound(samples, sound.rate)


def read(sound: Sound, keys: Sequence[Key], *, deep: bool = False) -> Reading:
    """The first number that a key finds. Without `deep`, recordings of the marked tempo and pitch only."""
    best = Reading(None, 0.0, None)
    for begin in _windows(sound):
        excerpt = Excerpt(heard(sound, begin, _WINDOW))
        for key in keys:
            reading = _reading(excerpt, key, [excerpt.place(plan(key.secret))], begin)
            best = reading if reading.number is not None else max(best, reading, key=lambda one: one.strength)
            if best.number is not None:
                return best
    return _searched(sound, keys, best) if deep else best


def read_informed(sound: Sound, reference: bytes, alignment: Alignment, keys: Sequence[Key]) -> Reading:
    """The number that a key finds in an excerpt of a work that a fingerprint has found. Raises Invalid.

    `reference`: of the unmarked work, as `reference` makes it; `alignment`: right to a quarter of a second and, of
    tempo, to 0.003.
    """
    known = Known(heard(sound, 0.0, _LONGEST), alignment, opened(reference))
    best = Reading(None, 0.0, None)
    for key in keys:
        laid = plan(key.secret)
        soft, strength = known.soft(laid), known.pilot(laid)
        number = None if soft is None else payload.decode(soft, key.secret, paths=PATHS)
        start = alignment.start % PERIOD_SECONDS / alignment.tempo
        one = Reading(number, strength, key.epoch if number else None, alignment.tempo, alignment.semitones, start)
        if number is not None:
            return one
        best = max(best, one, key=lambda reading: reading.strength)
    return best


def confirm(sound: Sound, reference: bytes | None, alignment: Alignment, number: int, key: Key) -> float:
    """How surely an excerpt of a known work carries this very number, in standard deviations; ask for CONFIRMED.

    Reads marks too weak to be decoded. Raises Invalid for a damaged reference.
    """
    laid = plan(key.secret)
    coded = payload.encode(number, key.secret)
    known = Known(heard(sound, 0.0, _LONGEST), alignment, None if reference is None else opened(reference))
    if reference is not None:
        return sigmas(known.soft(laid), coded)
    return sigmas(known.agreement(laid, laid.chips(number)), coded)


def carries_mark(sound: Sound, keys: Sequence[Key]) -> bool:
    """Whether a recording of seconds, played at its own speed, carries the pilot of one of these keys: any number."""
    excerpt = Excerpt(heard(sound, 0.0, _LONGEST))
    return any(excerpt.place(plan(key.secret)).sigmas >= CARRIED for key in keys)


def _searched(sound: Sound, keys: Sequence[Key], best: Reading) -> Reading:
    begin = _loudest(sound, _DEEP)
    excerpt = Excerpt(heard(sound, begin, _DEEP))
    for key in keys:
        places = excerpt.search(plan(key.secret), _TEMPI, _PITCHES)
        reading = _reading(excerpt, key, places, begin)
        if reading.number is not None:
            return reading
        best = max(best, reading, key=lambda one: one.strength)
    return best


def _reading(excerpt: Excerpt, key: Key, places: Sequence[Place], begin: float) -> Reading:
    laid = plan(key.secret)
    told = ((place, excerpt.number(laid, place)) for place in places)
    place, number = next(((place, number) for place, number in told if number is not None), (places[0], None))
    period = PERIOD_SECONDS / place.tempo
    start = (place.frame * HOP / RATE - begin) % period
    epoch = key.epoch if number is not None else None
    return Reading(number, place.sigmas, epoch, place.tempo, place.semitones, start)


def _windows(sound: Sound) -> Iterator[float]:
    count = max(1, round(sound.seconds / _WINDOW))
    return (number * sound.seconds / count for number in range(count))


def _loudest(sound: Sound, seconds: float) -> float:
    """Where so many seconds begin that have the most energy in decibels, as pauses carry nothing."""
    if sound.seconds <= seconds:
        return 0.0
    starts = np.arange(0.0, sound.seconds - seconds / 2, seconds / 2)
    parts = [sound.part(float(start), seconds).samples for start in starts]
    return float(starts[int(np.argmax([float(np.square(part, dtype=np.float32).mean()) for part in parts]))])
