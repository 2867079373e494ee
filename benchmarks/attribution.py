"""How well works are found again, with peers in the same run: `make bench-attribution`, or

    python -m benchmarks.attribution [--only pictures,sounds,marks,hard,texture,confidence,times] [--works 120]
        [--quick] [--jobs 1] [--minutes 60]

The corpus must have been built (`python -m benchmarks.corpus`). Answers are kept in its folder, so that a run goes on
where another was cut short; a change of the fingerprints' code asks anew.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command line does
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import cv2

from benchmarks import (
    asking,
    attacks,
    attacks_sounds,
    attribution_times,
    calibration,
    corpus,
    finders,
    hard,
    marking,
    texture,
)
from benchmarks.asking import Asked, Plan
from benchmarks.finders import Media

QUICK = ("none", "jpeg 30", "cut to 50 %", "mirrored", "phone screenshot", "line drawing", "collage 15 %", "blur 6")
QUICK_SOUNDS = ("none", "mp3 64", "noise 10 dB", "tempo +5 %", "pitch +1", "voice -5 dB")
ROUNDS = 4  # questions about each stranger that a tail is fitted on
HIGHEST = 8  # strangers that a table shows

Parts = Sequence[tuple[str, Iterable[str]]]


def pictures(plan: Plan) -> Iterator[str]:
    """Recall by attack, house and peers."""
    index, others = corpus.files("pictures", "works"), corpus.files("pictures", "strangers")
    names = QUICK if plan.quick else tuple(attacks.PICTURES)
    works = asking.chosen(asking.large(index), plan.works)
    asked = asking.questions(works, asking.chosen(others, plan.strangers), names)
    known = asking.ask(finders.of_pictures(), index, asked, asking.attacked_picture, plan=plan)
    # As `verify` does it: points are asked where the screen finds no copy.
    house = [one if one.score else other for one, other in zip(known["screen"], known["points"], strict=True)]
    yield from _table({"house": house, **known}, index, _parts(names, attacks.PUBLIC, attacks.OWN))


def sounds(plan: Plan) -> Iterator[str]:
    """The same of ten seconds of recordings."""
    index, clean, attacked = _recordings()
    names = QUICK_SOUNDS if plan.quick else tuple(attacks_sounds.SOUNDS)
    asked = asking.questions(asking.chosen(index, plan.works), clean[: plan.strangers], names)
    known = asking.ask(finders.of_sounds(), index, asked, attacked, plan=plan)
    yield from _table(known, index, _parts(names, attacks_sounds.PUBLIC, attacks_sounds.OWN))


def _recordings() -> tuple[list[Path], list[Path], Callable[[Path, str], Media]]:
    """The works; strangers, but for those that are laid over others; and how they are attacked."""
    index, others = corpus.files("sounds", "works"), corpus.files("sounds", "strangers")
    beside = asking.beside(others)

    def attacked(file: Path, name: str) -> Media:
        return asking.attacked_sound(file, name, beside)

    return index, asking.chosen(others, len(others))[: -asking.LAID_OVER], attacked


def _parts(names: Sequence[str], public: Iterable[str], own: Iterable[str]) -> Parts:
    return [(title, [one for one in part if one in names]) for title, part in (("public", public), ("own", own))]


def _table(known: Mapping[str, list[Asked]], index: Sequence[Path], parts: Parts) -> Iterator[str]:
    least = {name: asking.threshold(answers) for name, answers in known.items()}
    ours = next(iter(known.values()))
    copies, strangers = [one for one in ours if not one.stranger], [one for one in ours if one.stranger]
    yield f"{len(index)} works, {len({one.file for one in copies})} of them asked {len(copies)} times; "
    yield f"{len(strangers)} strangers; recall at 0 false"
    yield f"{'':24}{'asked':>7}" + "".join(f"{name:>13}" for name in known)
    for title, names in parts:
        yield from _rows(known, least, title, names)
    yield f"{'highest stranger':31}" + "".join(f"{least[name]:13.2f}" for name in known)
    wrong = {
        name: sum(not one.right and not one.stranger and one.score > least[name] for one in found)
        for name, found in known.items()
    }
    yield f"{'another work named':31}" + "".join(f"{wrong[name]:13}" for name in known)
    highest = sorted(strangers, key=lambda one: -one.score)[:HIGHEST]
    yield "highest strangers, as which work:"
    for one in highest:
        yield f"  {one.score:6.1f}  {one.file} ({one.attack})  {one.first}"


def _rows(
    known: Mapping[str, list[Asked]], least: Mapping[str, float], title: str, names: Iterable[str]
) -> Iterator[str]:
    strict = {name: asking.recall(answers, names, least[name]) for name, answers in known.items()}
    loose = {name: asking.recall(found, names, asking.threshold(found, 0.01)) for name, found in known.items()}
    first = next(iter(strict.values()))
    for attack, (_, count) in first.items():
        yield f"{attack:24}{count:7}" + "".join(f"{strict[name][attack][0]:13.3f}" for name in known)
    for told, table in ((f"mean, {title}", strict), ("  at 1 % false", loose)):
        means = [sum(part for part, _ in one.values()) / max(1, len(one)) for one in table.values()]
        yield f"{told:31}" + "".join(f"{mean:13.3f}" for mean in means)


def marks(plan: Plan) -> Iterator[str]:
    """Both media's marks."""
    yield from marking.pictures(plan)
    yield from marking.sounds(plan)


def sure(plan: Plan) -> Iterator[str]:
    """How well confidence is calibrated, from the answers of `pictures` and `sounds` and more strangers."""
    index, others = corpus.files("pictures", "works"), corpus.files("pictures", "strangers")
    more = asking.foreign(asking.chosen(others, plan.strangers), tuple(attacks.PICTURES), ROUNDS)
    asking.ask([finders.House()], index, more, asking.attacked_picture, plan=plan)
    yield f"pictures, {len(index)} works"
    yield from calibration.calibrated(asking.given(finders.House(), index), len(index))
    index, clean, attacked = _recordings()
    more = asking.foreign(clean[: plan.strangers], tuple(attacks_sounds.SOUNDS), ROUNDS)
    asking.ask([finders.HouseSounds()], index, more, attacked, plan=plan)
    yield f"recordings, {len(index)} works; the logarithm of the score"
    answers = asking.given(finders.HouseSounds(), index)
    yield from calibration.calibrated(answers, len(index), scale=logarithm, half=corpus.half_of_composers)


def logarithm(score: float) -> float:
    return math.log(max(score, 1e-9))


PARTS = {
    "pictures": pictures,
    "sounds": sounds,
    "marks": marks,
    "hard": hard.run,
    "texture": texture.run,
    "confidence": sure,
    "times": attribution_times.run,
}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.attribution", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas")
    parser.add_argument("--works", type=int, default=120, help="works that every attack is made on")
    parser.add_argument("--quick", action="store_true", help="few attacks on 12 works and 60 strangers")
    parser.add_argument("--jobs", type=int, default=1, help="processes that ask")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which a part asks nothing new")
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    full = Plan(works=asked.works, jobs=asked.jobs, seconds=asked.minutes * 60)
    plan = Plan(works=12, strangers=60, quick=True, jobs=asked.jobs) if asked.quick else full
    for name in asked.only.split(","):
        sys.stdout.write(f"\n{name}\n")
        for line in PARTS[name](plan):
            sys.stdout.write(f"  {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
