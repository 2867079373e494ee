"""Asks works and strangers after attacks, keeps every answer, and works out how many are found at no false answer.

Answers lie in the corpus's folder by finder and version, a line each: a run that was cut short goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import attacks, attacks_sounds, corpus
from benchmarks.attacks_sounds import Beside
from benchmarks.finders import Finder, Media, picture, sound, stamp
from core.media import Picture, Sound

SECONDS = 10.0  # of a recording that are asked
LAID_OVER = 12  # strangers that are other music, and are not asked
LEAST = 256  # px of the short side of pictures that attacks are made on
MARGIN = 1.25  # more of it is attacked, so that ten are left of one played faster


ATTACKS = stamp(attacks, attacks_sounds)  # as they were when this process began
Question = tuple[Path, str, bool]  # a file, an attack, whether it is a stranger


@dataclass(frozen=True)
class Plan:
    """How much is asked, by how many processes, for how long: any beginning of the mixed questions is a fair sample.

    `quick`: few attacks.
    """

    works: int = 120
    strangers: int | None = None
    quick: bool = False
    jobs: int = 1
    seconds: float = math.inf


@dataclass(frozen=True)
class Asked:
    """An answer: was the work that was asked the first (`right`), with which score, and the best score of another."""

    file: str
    attack: str
    stranger: bool
    right: bool
    score: float
    other: float
    first: str


def seeded(*words: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256("/".join(words).encode()).digest()[:8], "big"))


def chosen(files: Sequence[Path], count: int | None) -> list[Path]:
    """The same ones always, the first ones of a longer choice."""
    order = sorted(files, key=lambda file: hashlib.sha256(b"asked" + file.stem.encode()).digest())
    return order[:count]


def large(files: Sequence[Path]) -> list[Path]:
    """Pictures of at least 256 pixels a side: smaller ones stand in the index and among strangers only."""
    found = []
    for file in files:
        with Image.open(file) as image:
            if min(image.size) >= LEAST:
                found.append(file)
    return found


def attacked_picture(file: Path, attack: str) -> Picture:
    return Picture(attacks.PICTURES[attack](picture(file).pixels, seeded(attack, file.stem)))


def attacked_sound(file: Path, attack: str, beside: Beside) -> Sound:
    """Ten seconds from anywhere in a recording, attacked."""
    whole, r = sound(file), seeded(attack, file.stem)
    count = round(SECONDS * MARGIN * whole.rate)
    start = int(r.integers(max(1, whole.frames - count)))
    x = whole.samples[start : start + count].mean(1)
    if attack == "5 s of it":
        x = x[: round(SECONDS * whole.rate)]
    y = attacks_sounds.SOUNDS[attack](np.ascontiguousarray(x), whole.rate, r, beside)
    y = y[: round(SECONDS * whole.rate)] / max(1.0, float(np.abs(y).max()))
    return Sound(np.ascontiguousarray(y[:, None], np.float32), whole.rate)


def beside(strangers: Sequence[Path], rate: int = 22_050) -> Beside:
    """Voices, and other music: the last strangers, which are not asked themselves."""
    music = [sound(file).samples.mean(1) for file in chosen(strangers, len(strangers))[-LAID_OVER:]]
    return Beside(attacks_sounds.voices(rate), music)


def questions(works: Sequence[Path], strangers: Sequence[Path], names: Sequence[str]) -> list[Question]:
    """All attacks on each work, one of them on each stranger, well mixed."""
    every = [(work, name, False) for work in works for name in names] + foreign(strangers, names, 1)
    random.Random(3).shuffle(every)
    return every


def foreign(strangers: Sequence[Path], names: Sequence[str], rounds: int) -> list[Question]:
    """Each stranger so many times: a third of the questions as it is, the others after an ordinary attack."""
    ordinary = [name for name in names if name not in attacks.HARD | attacks_sounds.HARD]
    every = {
        (stranger, "none" if (number + turn) % 3 == 0 else ordinary[(number + 7 * turn) % len(ordinary)], True)
        for number, stranger in enumerate(strangers)
        for turn in range(rounds)
    }
    return sorted(every)


def ask(
    finders: Sequence[Finder],
    works: Sequence[Path],
    asked: Sequence[Question],
    attack: Callable[[Path, str], Media],
    *,
    plan: Plan,
) -> dict[str, list[Asked]]:
    """Each question to each finder; what was answered before is read, and the attack made only where it is needed.

    In the end the answers of each finder to those questions that all of them answered.
    """
    for finder in finders:
        finder.learn(works)
    context = multiprocessing.get_context("fork")  # so that what was learned is not learned again
    asking = (finders, works)
    parts = [asked[number :: plan.jobs] for number in range(plan.jobs)]
    running = [context.Process(target=_fill, args=(*asking, part, attack, plan.seconds)) for part in parts[1:]]
    for process in running:
        process.start()
    _fill(*asking, parts[0], attack, plan.seconds)
    for process in running:
        process.join()
        if process.exitcode:
            raise RuntimeError("a process that asked has failed: its error is above")
    books = {finder.name: _Book(finder, works) for finder in finders}
    done = [(file, name) for file, name, _ in asked if all(book.get(file, name) for book in books.values())]
    return {name: [one for question in done if (one := book.get(*question))] for name, book in books.items()}


def _fill(
    finders: Sequence[Finder],
    works: Sequence[Path],
    asked: Iterable[Question],
    attack: Callable[[Path, str], Media],
    seconds: float,
) -> None:
    position = {work.stem: number for number, work in enumerate(works)}
    books = {finder.name: _Book(finder, works) for finder in finders}
    end = time.monotonic() + seconds
    for question in asked:
        unknown = [finder for finder in finders if books[finder.name].get(*question[:2]) is None]
        if not unknown:
            continue
        if time.monotonic() > end:
            return
        made = attack(*question[:2])
        for finder in unknown:
            books[finder.name].put(_judged(finder, made, works, question, position.get(question[0].stem, -1)))


def _judged(finder: Finder, made: Media, works: Sequence[Path], question: Question, position: int) -> Asked:
    file, name, stranger = question
    found = finder.ask(made)
    first, score = found[0] if found else (-1, 0.0)
    right = not stranger and first == position
    other = max((one for at, one in found if stranger or at != position), default=0.0)
    told = works[first].stem if found else ""
    return Asked(file.stem, name, stranger, right, float(score), float(other), told)


def given(finder: Finder, works: Sequence[Path]) -> list[Asked]:
    """All answers that a finder of this version has given about these works so far."""
    return _Book(finder, works).all()


class _Book:
    """The answers of one finder, of one version, about one set of works."""

    def __init__(self, finder: Finder, works: Sequence[Path]) -> None:
        version = getattr(finder, "version", "1") + ATTACKS
        index = hashlib.sha256("\n".join([version, *(work.stem for work in works)]).encode()).hexdigest()[:16]
        place = corpus.folder() / "answers"
        place.mkdir(exist_ok=True)
        medium = works[0].parent.parent.name
        self._file = place / f"{medium}-{finder.name.replace(' ', '-')}-{index}.jsonl"
        self._known: dict[tuple[str, str], Asked] = {}
        if self._file.exists():
            for line in self._file.read_text().splitlines():
                one = Asked(**json.loads(line))
                self._known[one.file, one.attack] = one

    def get(self, file: Path, attack: str) -> Asked | None:
        return self._known.get((file.stem, attack))

    def all(self) -> list[Asked]:
        return list(self._known.values())

    def put(self, one: Asked) -> None:
        self._known[one.file, one.attack] = one
        with self._file.open("a") as book:
            book.write(json.dumps(asdict(one)) + "\n")


def threshold(answers: Iterable[Asked], false: float = 0.0) -> float:
    """The score that at most this part of the strangers exceeds; a wrong work named for ours is a miss."""
    scores = sorted((one.score for one in answers if one.stranger), reverse=True)
    return scores[int(false * len(scores))] if scores else 0.0


def recall(answers: Sequence[Asked], names: Iterable[str], least: float) -> Mapping[str, tuple[float, int]]:
    """By attack: the part of works that are first with more than `least`, and of how many."""
    told = {}
    for name in names:
        ours = [one for one in answers if not one.stranger and one.attack == name]
        if ours:
            told[name] = (sum(one.right and one.score > least for one in ours) / len(ours), len(ours))
    return told
