"""Pure: what can be said of recordings before anything is learned from them, and what to do about it.

Of one recording: whether it is a voice, how much of it sounds, its noise, clipping, reach and room, what sounds behind
the voice. Of a set: copies, other speakers, how much there is, which sounds and pitches it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.hearing import condition, guard
from core.hearing.features import Features, analyze, cepstra, hertz_of
from core.hearing.frames import PER_SECOND, Array, Bools
from core.media import Sound
from creators.inspection import Finding

LITTLE, ENOUGH, PLENTY = 20.0, 40.0, 180.0  # seconds of voice in a set
SHORT = 1.0  # seconds that sound, below which a recording says nothing
NOISY, TOO_NOISY = -33.0, -26.0  # dB in pauses, 0 being the loud frames
QUIET = -37.0  # dB; above, noise hides how sounds end
CLIPPED, BADLY_CLIPPED = 1e-4, 1e-3  # of the samples
TELEPHONE = 7000.0  # Hz
ROOM = 0.28  # seconds of the fastest falls; measured for rooms that ring 0.5 s: 0.29 to 0.38
BEHIND = 0.02  # of the time
TWO = 0.36  # see `_in_turn`; a minute of one voice has 0.25 at most
ODD, ODD_SET = 0.55, 4  # see `_apart`; recordings from which on that is said
SOUNDS = 0.55  # of the cells of sounds that a set visits at least
_TOP, _EDGES, _VISIT = 3800.0, (3.6, 3.8, 2.2), 10  # Hz; half the spread of speech; frames of a visit
_CELLS = 27
_LOUD = -25.0  # dB
_THIRD = 100  # frames of a third of the range that tell its sounds
_PART = 150  # clear frames that tell a voice
_WIDE, _PITCH = 7600.0, 4.0  # Hz; weight of ln of pitch beside cepstra
_SILENCE = float(np.log(1.001e-9))  # ln of power of a recording in which nothing is loud
_NOTES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


@dataclass(frozen=True, eq=False)
class Heard:
    """What is known of one recording. `voiced`: seconds of voice; `noise`, `clipped`, `reach`, `decay` and `behind` are
    those of `core.hearing.condition`. `begins`, `ends`: seconds where sound begins and ends.
    """

    known: Features
    seconds: float
    voice: bool
    voiced: float
    noise: float | None
    clipped: float
    reach: float
    decay: float | None
    behind: float
    begins: float
    ends: float

    def document(self) -> dict[str, Any]:
        """As it is printed: numbers rounded to what they are good for."""
        return {
            "seconds": round(self.seconds, 2),
            "voice": self.voice,
            "voiced": round(self.voiced, 1),
            "range": list(range_of([self])) if self.voice else None,
            "noise": None if self.noise is None else round(self.noise, 1),
            "clipped": round(self.clipped, 6),
            "reach": round(self.reach),
            "decay": None if self.decay is None else round(self.decay, 2),
            "behind": round(self.behind, 3),
        }


def heard(sound: Sound) -> Heard:
    """Listen to a recording. Raises Invalid for samples that are no numbers."""
    known = analyze(sound)
    active = np.flatnonzero(known.active)
    return Heard(
        known=known,
        seconds=sound.seconds,
        voice=guard.is_voice(known) and bool((known.voiced & (known.level > _LOUD)).any()),
        voiced=float((known.voiced & known.active).sum()) / PER_SECOND,
        noise=condition.noise(known),
        clipped=condition.clipped(sound),
        reach=condition.reach(known),
        decay=condition.decay(sound),
        behind=condition.behind(sound, known),
        begins=float(active[0]) / PER_SECOND if len(active) else 0.0,
        ends=float(active[-1] + 1) / PER_SECOND if len(active) else 0.0,
    )


def of(one: Heard) -> tuple[Finding, ...]:
    """What is noticed of one recording."""
    if one.known.loud <= _SILENCE or one.ends - one.begins < SHORT:
        return (Finding("empty", f"less than {SHORT:.0f} second of it sounds", "send one in which somebody sings"),)
    if not one.voice:
        return (*_no_voice(), *_noise(one), *_clipping(one))
    return (*_noise(one), *_clipping(one), *_reach(one), *_room(one), *_behind(one), *_in_turn(one))


def of_set(recordings: Sequence[Heard]) -> tuple[Finding, ...]:
    """What is noticed of a style's recordings together; copies count once in what is said of the amount."""
    pairs = guard.copies([one.known for one in recordings])
    later = {second for _, second in pairs}
    said = [copied(*pair) for pair in pairs]
    voices = [i for i, one in enumerate(recordings) if one.voice and i not in later]
    if not voices:
        return tuple(said)
    kept = [recordings[i] for i in voices]
    return (*said, *_strangers(recordings, voices), *_amount(kept), *_sounds(kept))


def copied(first: int, second: int) -> Finding:
    """What to say of a pair of which the second is a copy."""
    say = "one is a copy of the other: the same take, or shifted, stretched or transposed"
    return Finding(
        "copy", say, "keep the better of the two; a copy adds nothing and earns nothing", works=(first, second)
    )


def range_of(recordings: Sequence[Heard]) -> tuple[str, str]:
    """The notes between which 90 % of the voice lies, such as ("A2", "D4"). At least one frame is voiced."""
    low, high = np.percentile(_pitches(recordings), [5, 95])
    return note(float(low)), note(float(high))


def note(hertz: float) -> str:
    """The nearest note at a1 = 440 Hz, in scientific pitch notation."""
    number = round(69 + 12 * float(np.log2(hertz / 440)))
    return f"{_NOTES[number % 12]}{number // 12 - 1}"


def sounds(recordings: Sequence[Heard]) -> tuple[float, float, float, float]:
    """The part of 27 cells of timbre that is visited, 0 to 1: of all, and of the low, middle and high third of pitches.

    Cells are low, middle and high of the first three cepstra of voiced frames, about this voice's own middle. A minute
    of speech visits nearly all, a single vowel two or three. A third with too little in it has 0.
    """
    shape, pitch = np.concatenate([_timbre(one) for one in recordings]), _pitches(recordings)
    if not len(shape):
        return 0.0, 0.0, 0.0, 0.0
    away = shape - np.median(shape, axis=0)
    cells = ((away > _EDGES).astype(np.int64) - (away < np.negative(_EDGES)) + 1) @ np.array([9, 3, 1])
    edges = np.percentile(pitch, [5, 95])
    third = np.clip(3 * (np.log(pitch) - np.log(edges[0])) / max(np.log(edges[1] / edges[0]), 1e-6), 0, 2.99).astype(
        int
    )
    parts = [_visited(cells[third == i]) if (third == i).sum() >= _THIRD else 0.0 for i in range(3)]
    return _visited(cells), parts[0], parts[1], parts[2]


def _visited(cells: NDArray[np.int64]) -> float:
    return float((np.bincount(cells, minlength=_CELLS) >= _VISIT).mean())


def _no_voice() -> list[Finding]:
    say = "this does not move as a voice does: an instrument, noise, or music over a voice"
    do = "for a voice send the voice alone; for an instrument it is right as it is (engines mosaic and reed)"
    return [Finding("no-voice", say, do)]


def _noise(one: Heard) -> list[Finding]:
    if one.noise is None or one.noise < NOISY:
        return []
    say = f"its pauses are only {-one.noise:.0f} dB below the voice: noise becomes part of the timbre"
    if one.noise >= TOO_NOISY:
        return [Finding("too-noisy", say, "record it again in a quiet place, nearer to the microphone")]
    return [Finding("noisy", say, "record nearer to the microphone, or turn off what hums or blows")]


def _clipping(one: Heard) -> list[Finding]:
    if one.clipped < CLIPPED:
        return []
    say = f"{one.clipped:.2%} of it is clipped: the level was too high for the recorder"
    badly = one.clipped >= BADLY_CLIPPED
    do = "record it again at a lower level" if badly else "it can be used; the next take at a lower level is better"
    return [Finding("clipped", say, do)]


def _reach(one: Heard) -> list[Finding]:
    if one.reach >= TELEPHONE:
        return []
    say = f"it holds nothing above {one.reach / 1000:.1f} kHz, as over a telephone: consonants stay the fan's own"
    return [Finding("telephone", say, "send the first file, or record with a microphone at 44,100 or 48,000 samples")]


def _room(one: Heard) -> list[Finding]:
    masked = one.noise is None or one.noise > QUIET or one.behind > BEHIND
    if one.decay is None or one.decay < ROOM or masked:
        return []
    say = "sounds end slowly: the room, or an effect, rings on after them"
    return [Finding("reverberant", say, "record near the microphone among soft things, without effects")]


def _behind(one: Heard) -> list[Finding]:
    if one.behind < BEHIND:
        return []
    say = f"in {one.behind:.0%} of the time tones sound that are not this voice's: music, another voice, hum or an echo"
    return [Finding("not-alone", say, "send the voice alone, such as the stem of the mix")]


def _in_turn(one: Heard) -> list[Finding]:
    """Whether a voice is followed by another."""
    features = _described(one)[:, :-1]  # without pitch: verses of one singer lie higher and lower
    best, at = 0.0, 0
    for cut in range(2 * _PART, len(features) - 2 * _PART, _PART // 6):
        apart = _apart(features[:cut], [features[cut:]]) * 4 * cut * (len(features) - cut) / len(features) ** 2
        if apart > best:
            best, at = apart, cut
    if best < TWO:
        return []
    second = float(np.flatnonzero(_clear(one))[at]) / PER_SECOND
    say = f"another voice seems to begin at {second:.0f} s"
    do = "cut it so that each recording holds one person; leave it if it is you in another manner"
    return [Finding("two-voices", say, do, span=(second, one.ends))]


def _strangers(recordings: Sequence[Heard], voices: Sequence[int]) -> list[Finding]:
    if len(voices) < ODD_SET:
        return []
    known = {i: _described(recordings[i]) for i in voices}
    known = {i: frames for i, frames in known.items() if len(frames) >= _PART}
    say, do = "this one sounds unlike the others", "remove it if it is somebody else, or record all with one microphone"
    return [
        Finding("odd", say, do, works=(i,))
        for i, frames in known.items()
        if len(known) >= ODD_SET and _apart(frames, [rest for j, rest in known.items() if j != i]) > ODD
    ]


def _amount(kept: Sequence[Heard]) -> list[Finding]:
    seconds = sum(one.voiced for one in kept)
    say = f"together they hold {seconds:.0f} seconds of voice"
    if seconds < LITTLE:
        do = f"record until there are {ENOUGH:.0f}, about a minute with its pauses: {LITTLE:.0f} are the least"
        return [Finding("too-little", say, do)]
    if seconds < ENOUGH:
        return [Finding("little", say, f"it can be used; {ENOUGH:.0f}, about a minute with its pauses, are good")]
    if seconds < PLENTY:
        do = "that is enough to begin; five minutes add rare sounds and high and low notes, but hardly likeness"
        return [Finding("enough", say, do)]
    return []


def _sounds(kept: Sequence[Heard]) -> list[Finding]:
    everywhere, *thirds = sounds(kept)
    if everywhere < SOUNDS:
        say = f"they hold {everywhere:.0%} of the sounds of a voice"
        return [
            Finding("few-sounds", say, "speak or sing text with all vowels and consonants, such as a page of a book")
        ]
    weak = [name for name, part in zip(("low", "middle", "high"), thirds, strict=True) if part < SOUNDS / 2]
    if weak:
        low, high = range_of(kept)
        say = f"the {' and '.join(weak)} part of the range {low} to {high} holds few sounds"
        return [Finding("few-pitches", say, "sing or speak whole sentences there, too")]
    return []


def _clear(one: Heard) -> Bools:
    return one.known.voiced & (one.known.level > _LOUD)


def _pitches(recordings: Sequence[Heard]) -> Array:
    return np.concatenate([hertz_of(one.known.pitch[_clear(one)]) for one in recordings])


def _timbre(one: Heard) -> Array:
    return cepstra(one.known.envelope[_clear(one)], min(_TOP, one.known.top))[:, :3].astype(np.float64)


def _described(one: Heard) -> Array:
    """[frames, 20]: cepstra and weighted ln of pitch where the voice is clear."""
    shape = cepstra(one.known.envelope[_clear(one)], min(_WIDE, one.known.top)).astype(np.float64)
    return np.column_stack([shape, _PITCH * np.log(_pitches([one]))])


def _apart(frames: Array, others: Sequence[Array]) -> float:
    """Mahalanobis distance of means, squared, for each of the 20 numbers, by the spread within the others."""
    within = sum(np.cov(rest.T) * len(rest) for rest in others) / sum(len(rest) for rest in others)
    away = frames.mean(0) - np.mean([rest.mean(0) for rest in others], axis=0)
    return float(away @ np.linalg.solve(within + 0.05 * np.eye(len(away)), away)) / len(away)
