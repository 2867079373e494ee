"""The index over very many recordings: time, memory and recall among works made up from the peaks of real ones.

`RECORDINGS` names a folder of some hundred recordings, `WORKS` how many works of a minute are registered (100,000),
`SEGMENT` how many of them one segment holds. A tenth of the recordings is registered as it is and ten seconds of each
are asked for, also after what people do to files; a tenth is asked for and not registered. The fill is made of the
rest: each made-up work is of passages of many recordings, at another pitch and tempo, each peak a little elsewhere.
`crowding` says how many keys of the fill a stranger's triple meets, against keys of real recordings.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attribution.features import sounds, triples
from attribution.features.second_look import COLUMN, Sheet
from attribution.features.sounds import Heard
from attribution.features.spectra import BANDS, FRAMES_PER_SECOND
from attribution.features.triples import Peaks
from attribution.segments import segment
from attribution.segments.body import Body, merge
from attribution.segments.segment import Segment
from benchmarks import attacks_sounds, corpus, finders
from benchmarks.asking import seeded
from benchmarks.attacks_sounds import Beside
from benchmarks.index import Answer, resident
from core.media import Sound

ASKED = 30  # recordings of each side at most
SECONDS, EXCERPT, PASSAGE = 60.0, 10.0, 10.0
MARGIN = 1.15  # more of it is cut than is asked, since some attacks shorten it
TURNED, BENT = 2, 0.08  # rows up or down at most, and part by which the tempo is changed, of a passage
BLUR = (0.3, 0.15)  # frames and bands by which a peak lies elsewhere, standard deviation
LEAST = 20.0  # score from which on a recording is named
ATTACKS = ("none", "mp3 64", "noise 10 dB", "voice 0 dB", "pitch +1", "tempo +5 %")

BODY = Body("sound", "bench", sounds.unpack, sounds.build, sounds.search)


@dataclass(frozen=True)
class Question:
    subject: str | None  # None where it is not registered
    attack: str
    asked: sounds.Asked


def run() -> Iterator[str]:
    works, largest = (
        int(os.environ.get(key, default)) for key, default in (("WORKS", "100000"), ("SEGMENT", "100000"))
    )
    files = sorted(Path(os.environ["RECORDINGS"]).glob("*.flac"))
    shuffled = [files[n] for n in np.random.default_rng(1).permutation(len(files))]
    chosen = list({corpus.group(path): path for path in shuffled}.values())  # one of each book or composer's piece
    sides = min(ASKED, len(chosen) // 5)
    known, strangers, rest = chosen[:sides], chosen[sides : 2 * sides], chosen[2 * sides :]
    beside = Beside(attacks_sounds.voices(22_050), [])
    questions = [_question(path, attack, beside, known=True) for path in known for attack in ATTACKS]
    questions += [_question(path, attack, beside, known=False) for path in strangers for attack in ("none", "mp3 64")]
    pool = [sounds.of(finders.sound(path)) for path in rest]
    registered = {path.stem: sounds.of(finders.sound(path)) for path in known}
    with tempfile.TemporaryDirectory(prefix="homage-bench-", dir=os.environ.get("TMPDIR")) as folder:
        yield from _measured(Path(folder), pool, registered, questions, works=works, largest=largest)


def _question(path: Path, attack: str, beside: Beside, *, known: bool) -> Question:
    """Ten seconds from anywhere in a recording, attacked."""
    whole, dice = finders.sound(path), seeded(attack, path.stem)
    count = round(EXCERPT * MARGIN * whole.rate)
    start = int(dice.integers(max(1, whole.frames - count)))
    mono = np.ascontiguousarray(whole.samples[start : start + count].mean(axis=1))
    part = attacks_sounds.SOUNDS[attack](mono, whole.rate, dice, beside)[: round(EXCERPT * whole.rate), None]
    asked = sounds.asked(Sound(np.ascontiguousarray(part, np.float32), whole.rate))
    return Question(path.stem if known else None, attack, asked)


def _measured(
    folder: Path,
    pool: Sequence[Heard],
    registered: dict[str, Heard],
    questions: Sequence[Question],
    *,
    works: int,
    largest: int,
) -> Iterator[str]:
    dice = np.random.default_rng(2)
    segments, cpu, held, seconds = [], 0.0, 0, 0.0
    for start in range(0, works, largest):
        some = {} if start else registered
        filled = fill(pool, min(largest, works - start) - len(some), dice)
        if not start:
            told = crowding(filled[:500], questions) / crowding(pool, questions)
            yield f"crowding of the fill  {told:.2f} of real recordings'"
        subjects = [*some, *(f"fill-{start + n:09d}" for n in range(len(filled)))]
        path, before = folder / f"{start}.segment", time.process_time()
        written = segment.write(path, BODY.build([*some.values(), *filled]), subjects=subjects, body=BODY)
        cpu, held = cpu + time.process_time() - before, held + written.size
        seconds += sum(one.seconds for one in (*some.values(), *filled))
        segments.append(Segment(path, body=BODY))
        del filled
    yield f"build  {1e6 * cpu / works / 60:.1f} CPU minutes a million works, {held / seconds:.0f} B a second of music"
    for warm in (False, True):  # the first round reads the files in
        answers = [answered(segments, question.asked) for question in questions]
        if warm:
            yield from _told(questions, answers)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield f"{works:,} works in {len(segments)} segments; {resident():.1f} GB resident, {peak:.1f} GB at most (building)"


def answered(segments: Sequence[Segment], asked: sounds.Asked) -> Answer:
    wall, cpu = time.perf_counter(), time.process_time()
    found = merge([one.search(asked, most=6) for one in segments], most=6)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Answer(found[0].subject, found[0].score, wall, cpu) if found else Answer(None, 0.0, wall, cpu)


def _told(questions: Sequence[Question], answers: Sequence[Answer]) -> Iterator[str]:
    pairs = list(zip(questions, answers, strict=True))
    for title, wanted in (("registered", True), ("strangers", False)):
        rows = [answer for question, answer in pairs if (question.subject is not None) is wanted]
        for kind in ("wall", "cpu"):
            middle, high = (1000 * np.quantile([getattr(a, kind) for a in rows], part) for part in (0.5, 0.95))
            yield f"{title:10} {kind:5} p50 {middle:6.1f} ms  p95 {high:6.1f} ms  ({len(rows)} questions)"
    right, asked = Counter[str](), Counter[str]()
    for question, answer in pairs:
        if question.subject is not None:
            asked[question.attack] += 1
            right[question.attack] += answer.best == question.subject and answer.score >= LEAST
    each = ", ".join(f"{attack} {right[attack] / count:.2f}" for attack, count in asked.items())
    yield f"recall at a score of {LEAST}: {right.total() / max(1, asked.total()):.3f} of {asked.total()} ({each})"
    yield f"highest of a wrong work {max(a.score for q, a in pairs if a.best != q.subject or not q.subject):.1f}"


def fill(pool: Sequence[Heard], works: int, dice: np.random.Generator) -> list[Heard]:
    """Works of a minute, each of passages of ten seconds from several recordings."""
    return [_made_up(pool, dice) for _ in range(works)]


def _made_up(pool: Sequence[Heard], dice: np.random.Generator) -> Heard:
    columns = round(PASSAGE * FRAMES_PER_SECOND / COLUMN)
    times, heights, strengths, sheets = [], [], [], []
    for number in range(round(SECONDS / PASSAGE)):
        one = pool[int(dice.integers(len(pool)))]
        start = int(dice.integers(max(1, len(one.sheet) - columns)))
        rows, bend = int(dice.integers(-TURNED, TURNED + 1)), 1 + float(dice.uniform(-BENT, BENT))
        part = one.peaks.within(start * COLUMN, (start + columns) * COLUMN)
        moved = (part.times - start * COLUMN) * bend + dice.normal(0, BLUR[0], len(part))
        times.append(moved.clip(0) + number * columns * COLUMN)
        heights.append(part.heights + 3 * rows + dice.normal(0, BLUR[1], len(part)))
        strengths.append(part.strengths * dice.uniform(0.7, 1.4, len(part)))
        sheets.append(_turned(one.sheet[start : start + columns], rows))
    t, h, s = (np.concatenate(parts).astype(np.float32) for parts in (times, heights, strengths))
    inside = np.flatnonzero((h >= 0) & (h < BANDS))
    order = inside[np.argsort(t[inside], kind="stable")]
    return Heard(Peaks(t[order], h[order], s[order]), np.concatenate(sheets))


def _turned(sheet: Sheet, rows: int) -> Sheet:
    """The same some rows higher, two rows a byte, so that an odd number is rounded."""
    return np.roll(sheet, rows // 2, axis=1)


def crowding(works: Sequence[Heard], questions: Sequence[Question]) -> float:
    """How many of these works' keys a stranger's triple meets at any pitch and tempo, of as many as there are."""
    keys = np.sort(np.concatenate([triples.keys(triples.of(one.peaks, partners=4, fan=2)) for one in works]))
    met: list[NDArray[np.int64]] = []
    for question in questions:
        if question.subject is None:
            marks = triples.of(question.asked.pieces[0].peaks, partners=10, fan=40)
            _, lows, highs = triples.ranges(marks, altered=True, widest=11.0)
            met.append(np.searchsorted(keys, highs, side="right") - np.searchsorted(keys, lows))
    return float(np.concatenate(met).mean()) / len(keys)
