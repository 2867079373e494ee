"""Pure: whether a phrase that was chosen a moment ago was spoken by the voice of the registered recordings.

No weights and no recognizer: the take is compared with the recordings and with a cohort of strangers, made of the same
recordings through other throats and at other pitches, and of other voices where the caller has some. A likeness says
"not a stranger", never "is the artist": conversions by our own engine are as alike. What gives those away are their
phases (`core.hearing.phases`), so only a take that is alike and of natural phases passes; whatever is in between is for
staff to hear. The words themselves are not recognized: only how long they take is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.spatial.distance import cdist

from core.hearing import guard, phases
from core.hearing.features import Features, Table, analyze, cepstra, hertz_of
from core.hearing.frames import PER_SECOND, Array, Bools
from core.media import Sound
from creators.phrases import Phrase

Decision = Literal["not-a-stranger", "unclear", "refused"]

NATURAL = 0.74  # of the frames; of 110 conversions by chorale none had more than 0.72
LEAST = 2.0  # seconds of voice in a take
PACE = (0.11, 0.4)  # seconds that sound for each syllable; 34 sentences of three readers had 0.15 to 0.29
ODD = 0.02  # likeness to one recording below which staff hear it; of 36 own clips of 5 s none had less, of 36 others 27
_FEW = 100  # frames of voice in a recording that can be compared
_LOUD = -20.0  # dB
_TOP = 7600.0  # Hz
_FLOOR = 3  # percentile of each band over a take that counts as its noise
_MOST = 4000  # frames of one voice that are compared with
_THROATS = ((0.84, -0.3), (0.88, -0.2), (0.92, -0.1), (1.09, 0.1), (1.14, 0.2), (1.19, 0.3))  # warp, and ln of pitch


@dataclass(frozen=True)
class Bounds:
    """Likeness below which a voice is a stranger's, and from which on it is none's."""

    strange: float
    alike: float


# Same voice, same microphone: 0.08 to 0.33 alone and 0.15 to 0.45 with others; strangers at most 0.10 and 0.18.
ALONE, AMONG_OTHERS = Bounds(0.04, 0.14), Bounds(0.08, 0.22)


@dataclass(frozen=True)
class Verdict:
    """What a take shows. `likeness`: about 0 for strangers, more for the same voice; `natural`: of `phases`.

    `reasons`: codes of what kept it from passing: `short`, `pace`, `copy`, `unlike`, `doubtful`, `phases`, `mixed`;
    and `made-here`, of a take that carries the mark of our own works.
    """

    decision: Decision
    likeness: float
    natural: float | None
    reasons: tuple[str, ...] = ()


def judged(
    take: Sound, asked: Phrase, claimed: Sequence[Features], others: Sequence[Sequence[Features]] = ()
) -> Verdict:
    """What a take of `asked` shows. `claimed`: the registered recordings; `others`: those of other voices, if any.

    Raises Invalid for samples that are no numbers.
    """
    known = analyze(take)
    if float(_clear(known).sum()) / PER_SECOND < LEAST:
        return Verdict("unclear", 0.0, None, ("short",))
    told = [one for one in claimed if _clear(one).sum() >= _FEW]
    if not told:
        return Verdict("unclear", 0.0, None, ("mixed",))
    alike, natural = likeness(known, told, others), phases.natural(take, known)
    if any(second == len(claimed) for _, second in guard.copies([*claimed, known])):
        return Verdict("refused", alike, natural, ("copy",))
    bounds = AMONG_OTHERS if others else ALONE
    if alike < bounds.strange:
        return Verdict("refused", alike, natural, ("unlike",))
    pace = float(known.active.sum()) / PER_SECOND / asked.syllables
    doubts = {
        "doubtful": alike < bounds.alike,
        "phases": natural is None or natural < NATURAL,
        "pace": not PACE[0] <= pace <= PACE[1],
        "mixed": len(told) < len(claimed) or (len(told) > 1 and _odd(known, told)),
    }
    reasons = tuple(code for code, true in doubts.items() if true)
    return Verdict("unclear" if reasons else "not-a-stranger", alike, natural, reasons)


def _odd(take: Features, claimed: Sequence[Features]) -> bool:
    """Whether one of the recordings may be another's, which would hide among those that are alike."""
    return any(likeness(take, [one]) < ODD for one in claimed)


def likeness(take: Features, claimed: Sequence[Features], others: Sequence[Sequence[Features]] = ()) -> float:
    """By how much nearer the take's frames lie to the claimed voice than to the cohort: a difference of mean ln.

    The take's noise is added to whatever it is compared with, so that noise makes nobody a stranger.
    """
    noise = np.percentile(take.envelope, _FLOOR, axis=0).astype(np.float32)
    top = min([_TOP, take.top, *(one.top for voice in (claimed, *others) for one in voice)])
    own = _frames(claimed, noise, top)
    spread, axes = np.linalg.eigh(np.cov(own.T) + 1e-6 * np.eye(own.shape[1]))
    white = axes / np.sqrt(spread)
    asked = _frames([take], None, top) @ white

    def away(frames: Array) -> float:
        return float(np.log(np.maximum(cdist(asked, frames @ white).min(1), 1e-6)).mean())

    strangers = [_frames(claimed, noise, top, warp, higher) for warp, higher in _THROATS]
    cohort = [away(frames) for frames in strangers]
    if others:
        there = [away(_frames(voice, noise, top)) for voice in others]
        return (float(np.mean(cohort)) + float(np.mean(there))) / 2 - away(own)
    return float(np.mean(cohort)) - away(own)


def _frames(
    voice: Sequence[Features], noise: Table | None, top: float, warp: float = 1.0, higher: float = 0.0
) -> Array:
    """[frames, 20]: cepstra and ln of pitch of loud voiced frames, at most _MOST, through another throat."""
    parts = []
    for one in voice:
        loud = _clear(one)
        logs = one.envelope[loud] if noise is None else np.logaddexp(one.envelope[loud], noise)
        parts.append(np.column_stack([cepstra(logs, top, warp), np.log(hertz_of(one.pitch[loud])) + higher]))
    frames = np.concatenate(parts).astype(np.float64)
    return frames[:: -(-len(frames) // _MOST)]


def _clear(one: Features) -> Bools:
    return one.voiced & (one.level > _LOUD)
