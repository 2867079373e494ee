"""Pieces of a recording that were found in the same work, on one line in time, are one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attribution.features.second_look import Alignment
from attribution.features.spectra import FRAMES_PER_SECOND, PER_OCTAVE

PIECE_S = 10.0  # length of a piece
_FAR = 30.0  # frames beside the line, 0.7 s
_DRIFT = 0.01  # of the time between two pieces, by which the line may be off besides
_SHIFT = 1.6  # bands by which the pitch of one run may differ
_TEMPO = 0.05  # part by which its tempo may differ
_LEAST_PIECES, _WANDER_S, _LEAST_R = 3, 0.035, 0.4  # of one recording
_PER_SEMITONE = PER_OCTAVE / 12


@dataclass(frozen=True)
class Match:
    """A piece from frame `start` on that looks like a part of the work at `position`: `bits` of evidence by its
    triples, and the alignment of the piece with the work."""

    position: int
    start: int
    bits: float
    alignment: Alignment

    @property
    def score(self) -> float:
        """0 upward: correlation, contrast to wrong places and evidence, less the further pitch and tempo were altered.

        The powers were chosen on excerpts of 110 recordings and as many strangers.
        """
        at = self.alignment
        altered = 1 + (np.log2(at.tempo) / 0.1) ** 2 + (at.shift / _PER_SEMITONE / 3) ** 2
        return float(max(0.01, at.r) * min(20.0, max(0.5, at.z)) ** 1.5 * self.bits**0.25 / np.sqrt(altered))

    @property
    def begin(self) -> float:
        """The frame with which it begins to agree with the work."""
        return self.start + self.alignment.begin

    @property
    def end(self) -> float:
        return self.start + self.alignment.end

    @property
    def middle(self) -> float:
        return (self.begin + self.end) / 2

    @property
    def place(self) -> float:
        """The frame of the work that its middle is."""
        return self.alignment.tempo * (self.middle - self.start) + self.alignment.offset


@dataclass(frozen=True)
class Found:
    """A part of what was asked that is a part of a registered work.

    `position`: of the work in the table; `score`: 0 upward, the more pieces the higher, and `best` that of the
    best piece alone; `start_s` in what was asked and `work_start_s` in the work;
    `length_s` of what was asked; `tempo`: how many times faster than the work it is; `semitones`: how much higher;
    `r`: correlation of the spectra, -1 to 1; `z`: by how many standard deviations that is more than at wrong places of
    the same work; `pieces`: how many pieces say so; `wander_s`: how far they lie from a line in time, root mean square.
    """

    position: int
    score: float
    best: float
    start_s: float
    work_start_s: float
    length_s: float
    tempo: float
    semitones: float
    r: float
    z: float
    pieces: int
    wander_s: float


def same_recording(found: Found) -> bool:
    """Whether it is this very recording, cut, shifted, stretched, overlaid or encoded anew, for ten seconds or more.

    Another take of the same piece agrees for a few seconds at a time, at a tempo that wanders.
    """
    return found.pieces >= _LEAST_PIECES and found.wander_s <= _WANDER_S and found.r >= _LEAST_R


def joined(matches: Sequence[Match], *, step_s: float) -> list[Found]:
    """The runs, the likeliest first. One piece was asked every `step_s`."""
    runs: list[list[Match]] = []
    for match in sorted(matches, key=lambda match: (match.start, -match.score)):
        fitting = [run for run in runs if _fits(run, match)]
        if fitting:
            max(fitting, key=lambda run: sum(one.score for one in run)).append(match)
        else:
            runs.append([match])
    found = (_found(run, step_s) for run in runs)
    return sorted((one for one in found if one.length_s > 0), key=lambda one: -one.score)


def _fits(run: Sequence[Match], match: Match) -> bool:
    """Whether a match lies on the line of a run."""
    if run[0].position != match.position or run[-1].start == match.start:
        return False
    best = max(run, key=lambda one: one.score)
    between = match.middle - best.middle
    off = abs(match.place - best.place - best.alignment.tempo * between)
    return (
        off <= _FAR + _DRIFT * abs(between)
        and abs(match.alignment.shift - best.alignment.shift) <= _SHIFT
        and abs(match.alignment.tempo / best.alignment.tempo - 1) <= _TEMPO
    )


def _found(run: Sequence[Match], step_s: float) -> Found:
    weights = np.array([max(one.score, 1e-6) for one in run])
    middles, places = np.array([one.middle for one in run]), np.array([one.place for one in run])

    def mean(values: Sequence[float]) -> float:
        return float(np.average(values, weights=weights))

    tempo = mean([one.alignment.tempo for one in run])
    if len(run) > 1:
        tempo = float(np.polyfit(middles, places, 1, w=np.sqrt(weights))[0])
    at, place = mean(list(middles)), mean(list(places))
    off = [float(one) for one in (places - place - tempo * (middles - at)) ** 2]
    begin, end = run[0].begin, max(one.end for one in run)
    share = min(1.0, step_s / PIECE_S)
    return Found(
        position=run[0].position,
        score=max(float(weights.max()), share * float(weights.sum())),
        best=float(weights.max()),
        start_s=begin / FRAMES_PER_SECOND,
        work_start_s=max(0.0, place + (begin - at) * tempo) / FRAMES_PER_SECOND,
        length_s=(end - begin) / FRAMES_PER_SECOND,
        tempo=tempo,
        semitones=-mean([one.alignment.shift for one in run]) / _PER_SEMITONE,
        r=mean([one.alignment.r for one in run]),
        z=mean([one.alignment.z for one in run]),
        pieces=len(run),
        wander_s=mean(off) ** 0.5 / FRAMES_PER_SECOND,
    )
