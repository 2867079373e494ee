"""Looking recordings up: landmarks propose, a second look at the spectra decides, and pieces that fit are joined.

A table of many recordings is a few arrays, which may be mapped from files: whoever asks reads only the ranges that the
triples of the question point at, and the sheets of the few works that were voted for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.features import runs, second_look, triples, voting
from attribution.features.heard import Heard, of, pack, unpack
from attribution.features.runs import PIECE_S, Found, Match, same_recording
from attribution.features.second_look import COLUMN, Alignment, Origin
from attribution.features.spectra import FRAMES_PER_SECOND, Spectrum, whitened
from attribution.features.triples import Peaks
from attribution.features.voting import Budget
from core.media import Sound

__all__ = [
    "Asked",
    "Found",
    "Heard",
    "Origin",
    "asked",
    "build",
    "of",
    "origin",
    "pack",
    "same_recording",
    "search",
    "unpack",
]

STEP_S = 5.0  # from one piece to the next
_PEAKS = 32  # a second that are asked: what was laid over the music has its own
_STEADY = 24  # a second that are asked of steady tones
_LOUD = 1.0  # of the whitened spectrum: under a voice what is higher is mostly the voice's, and counts no more
_MOST_PIECES = 60  # beyond which they lie further apart
_PARTNERS, _FAN = 4, 2  # of a stored triple
_PASSES = (  # few triples at the same pitch and tempo first, then many, then at any pitch and tempo, then under a voice
    Budget(partners=6, fan=12, altered=False, most=100_000),
    Budget(partners=14, fan=90, altered=False, most=200_000),
    Budget(partners=10, fan=40, altered=True, most=300_000),
    Budget(partners=14, fan=90, altered=False, most=100_000, steady=True),
)
_SURE = 20.0  # score above which no further pass is made: no stranger came near
_EQUAL = 0.5  # of its evidence, from which on another work may be the same recording
_LOOKS = 12  # works that a piece is compared with

Arrays = Mapping[str, NDArray[Any]]


def build(works: Sequence[Heard]) -> dict[str, NDArray[Any]]:
    """The table of these works, one behind the other on a line of time.

    `keys` uint32 [n] in order and `times` uint32 [n] in frames of that line; `sheets` uint8 [columns, 28];
    `starts` int64 [works + 1] in columns. 8 bytes a triple and 151 bytes a second.
    """
    starts = np.concatenate([[0], np.cumsum([len(work.sheet) for work in works])]).astype(np.int64)
    keys, times = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint32)]
    for work, start in zip(works, starts, strict=False):
        found = triples.of(work.peaks, partners=_PARTNERS, fan=_FAN)
        keys.append(triples.keys(found))
        times.append(np.round(found.times + start * COLUMN).astype(np.uint32))
    every = np.concatenate(keys)
    order = np.argsort(every, kind="stable")
    empty = np.zeros((0, second_look.ROWS // 2), np.uint8)
    sheets = np.concatenate([empty, *(work.sheet for work in works)])
    return {"keys": every[order], "times": np.concatenate(times)[order], "sheets": sheets, "starts": starts}


@dataclass(frozen=True, eq=False)
class Piece:
    """A few seconds that are asked: from frame `begin` on; the peaks' times count from there."""

    begin: int
    peaks: Peaks
    spectrum: Spectrum

    @cached_property
    def steady(self) -> Peaks:
        """Peaks of held tones, made when they are first asked for: what is found before needs none."""
        return triples.steady(self.spectrum, _STEADY)


@dataclass(frozen=True, eq=False)
class Asked:
    """A recording that is asked for, in `pieces`, each `step_s` after the one before."""

    pieces: tuple[Piece, ...]
    step_s: float


def asked(sound: Sound) -> Asked:
    """A recording as it is asked for: in pieces of ten seconds that overlap by half, or lie apart where it is long."""
    spectrum = np.concatenate([block.astype(np.float16) for block in whitened(sound)], axis=1)
    total = spectrum.shape[1]
    length = min(total, round(PIECE_S * FRAMES_PER_SECOND))
    step = max(STEP_S * FRAMES_PER_SECOND, (total - length) / _MOST_PIECES)
    count = 1 + int(np.ceil((total - length) / step))
    begins = (min(round(number * step), total - length) for number in range(count))
    pieces = tuple(_piece(spectrum[:, begin : begin + length], begin) for begin in begins)
    return Asked(pieces, step / FRAMES_PER_SECOND)


def _piece(spectrum: NDArray[np.float16], begin: int) -> Piece:
    part = spectrum.astype(np.float32)
    return Piece(begin, triples.peaks(part, 0, _PEAKS), part)


def search(arrays: Arrays, question: Asked, *, most: int = 6) -> list[Found]:
    """Which parts of the recording are parts of works of the table, the likeliest first.

    `position` is a work's place among those the table was built of. Strangers are found too, with a low score.
    """
    if not len(arrays["keys"]):
        return []
    matches = [match for piece in question.pieces for match in _matches(arrays, piece)]
    return runs.joined(matches, step_s=question.step_s)[:most]


def origin(question: Asked, found: Found, work: Heard, source: Heard) -> Origin | None:
    """Whether the part that was found is of the work, or of the source that the work was made from.

    A converted voice keeps melody and timing of the voice it was made from, so each is found by the other. Told by the
    piece that agrees best with either; None where none does.
    """
    told = []
    for piece in question.pieces:
        seconds, frames = piece.begin / FRAMES_PER_SECOND, piece.spectrum.shape[1]
        middle = seconds + frames / FRAMES_PER_SECOND / 2
        if found.start_s <= middle <= found.start_s + found.length_s:
            place = (found.work_start_s + (seconds - found.start_s) * found.tempo) * FRAMES_PER_SECOND
            at = Alignment(-3 * found.semitones, found.tempo, place)
            told.append(second_look.origin(second_look.Asked(piece.spectrum), work.sheet, source.sheet, at))
    return max((one for one in told if one is not None), key=lambda one: one.work + one.source, default=None)


def _matches(arrays: Arrays, piece: Piece) -> list[Match]:
    """The works that these seconds may be from."""
    best: dict[int, Match] = {}
    spectrum = second_look.Asked(piece.spectrum)
    for budget in _PASSES:
        if budget.steady:
            spectrum = second_look.Asked(piece.spectrum.clip(max=_LOUD))
        peaks = piece.steady if budget.steady else piece.peaks
        marks = triples.of(peaks, partners=budget.partners, fan=budget.fan)
        enough = 0.0
        for position, bits, at in _voted(arrays, voting.votes(arrays, marks, budget), spectrum.frames):
            if bits < enough:
                break
            first, last = (int(edge) for edge in arrays["starts"][position : position + 2])
            looked = second_look.look(spectrum, arrays["sheets"][first:last], at)
            match = Match(position, piece.begin, bits, looked)
            if position not in best or match.score > best[position].score:
                best[position] = match
            if match.score >= _SURE:
                enough = max(enough, _EQUAL * bits)
        if any(match.score >= _SURE for match in best.values()):
            break
    return list(best.values())


def _voted(arrays: Arrays, votes: Sequence[voting.Vote], frames: int) -> list[tuple[int, float, Alignment]]:
    """(position, bits, alignment in the work) of the works with most evidence.

    What lines up at many places of a work, as loops do, counts less.
    """
    by_work: dict[int, list[voting.Vote]] = {}
    for vote in votes:
        middle = (vote.alignment.tempo * frames / 2 + vote.alignment.offset) / COLUMN
        position = int(np.searchsorted(arrays["starts"][1:-1], middle, side="right"))
        by_work.setdefault(position, []).append(vote)
    out = []
    for position, (best, *others) in by_work.items():
        elsewhere = sum(vote.bits for vote in others[:5]) / best.bits
        start = int(arrays["starts"][position]) * COLUMN
        at = best.alignment
        out.append((position, best.bits / (1 + elsewhere) ** 1.5, Alignment(at.shift, at.tempo, at.offset - start)))
    return sorted(out, key=lambda found: -found[1])[:_LOOKS]
