"""One voice in another, made by chorale and by plain ways, and what is heard of each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks import listeners, nearest
from benchmarks.listeners import Vector
from benchmarks.recordings import Take, Voice, texts
from core.hearing.features import FINEST, Features, analyze
from core.media import Sound
from generation.engine import Exact, Ingredient, Rendering, Request, silent
from generation.engines.chorale import Chorale, maps

WAYS = ("before", "nearest", "ours")
LEAST_SECONDS = 30.0  # of an artist's recordings, that there be something to learn from
SEED = 1


@dataclass(frozen=True, eq=False)
class Judged:
    """What is known of one conversion; the dictionaries are by way, the rest is of ours.

    `likeness`: to the artist, nan where nobody listened. `misheard`: wrong and all words. `in_tune`: the part of voiced
    frames within 50 cents of the pitch wanted; `voicing`: of sounding frames, those voiced or not as wanted.
    `longest_copy`: seconds; `map_size`: kB for each second; `cpu`: seconds for each second.
    """

    likeness: dict[str, float]
    misheard: dict[str, tuple[int, int] | None]
    to_fan: float
    identity: float
    words: float
    in_tune: float
    voicing: float
    longest_copy: float
    map_size: float
    cpu: float
    replays: bool


def judged(take: Take, fan: Voice, artist: Voice, delivery: str) -> Judged:
    """`take` of the fan's in the artist's voice, learned from all of the artist's but the same sentence."""
    learned = artist.without(take.number)
    source, prepared = take.sound, _prepared(learned)
    began = time.process_time()
    work = sung(source, prepared, delivery)
    cpu = time.process_time() - began
    known, theirs = listened(source), [listened(one.sound) for one in learned]
    result = analyze(_sound(work))
    plain = nearest.voice(source, known, [one.sound for one in learned], theirs)
    made = dict(zip(WAYS, (source, plain, _sound(work)), strict=True))
    artist_prints = [print_of(one.sound) for one in learned]
    prints = {way: print_of(sound) if way == "before" else listeners.voiceprint(sound) for way, sound in made.items()}
    exact = exact_of(work)
    in_tune, voicing = melody(result, maps.read_map(exact.map))
    return Judged(
        likeness={way: listeners.likeness(print_, artist_prints) for way, print_ in prints.items()},
        misheard={way: _misheard(sound, take.number) for way, sound in made.items()},
        to_fan=listeners.likeness(prints["ours"], [print_of(one.sound) for one in fan.takes]),
        identity=listeners.identity(result, known, theirs),
        words=listeners.same_words(result, known),
        in_tune=in_tune,
        voicing=voicing,
        longest_copy=exact.largest_copy * source.seconds,
        map_size=len(exact.map) / 1000 / source.seconds,
        cpu=cpu / source.seconds,
        replays=_engine().replay(exact.map, [prepared], source).sha256 == work.media.sha256,
    )


def sung(source: Sound, prepared: bytes, delivery: str) -> Rendering:
    """chorale's work at its defaults."""
    made = _engine()
    params = made.Params.model_validate({"delivery": delivery})
    return made.render([Request((Ingredient(prepared),), params, SEED, source)], report=silent)[0]


def melody(result: Features, map: maps.Map) -> tuple[float, float]:
    """How often pitch and voicing are as the map wants them, each 0 to 1, by the house's own tracker."""
    frames = min(len(result), len(map.wanted))
    got, wanted = result.pitch[:frames].astype(np.int64), map.wanted[:frames].astype(np.int64)
    both = (got > 0) & (wanted > 0)
    close = np.abs(got - wanted)[both] <= 50 * FINEST // 1200
    sounds = result.active[:frames]
    return float(close.mean()) if len(close) else float("nan"), float(((got > 0) == (wanted > 0))[sounds].mean())


def exact_of(work: Rendering) -> Exact:
    """Its provenance."""
    assert isinstance(work.provenance, Exact)
    return work.provenance


def _sound(work: Rendering) -> Sound:
    assert isinstance(work.media, Sound)
    return work.media


@cache
def _misheard(sound: Sound, number: str) -> tuple[int, int] | None:
    return listeners.misheard(sound, texts().get(number, ""))


@cache
def _engine() -> Chorale:
    return Chorale()


@cache
def _prepared(takes: tuple[Take, ...]) -> bytes:
    return _engine().prepare([take.asset for take in takes], report=silent)


@cache
def listened(sound: Sound) -> Features:
    """What is known of a recording, found once."""
    return analyze(sound)


@cache
def print_of(sound: Sound) -> Vector | None:
    """A recording's voiceprint, found once."""
    return listeners.voiceprint(sound)
