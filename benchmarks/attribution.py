"""How well works are found again, with peers in the same run: `make bench-attribution`, or

    python -m benchmarks.attribution [--only pictures,sounds,marks,hard,confidence] [--works 120] [--quick]

The corpus must have been built (`python -m benchmarks.corpus`). Answers are kept in its folder, so that a run goes on
where another was cut short; a change of the fingerprints' code asks anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the command line does
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from benchmarks import asking, attacks, attacks_sounds, corpus, finders
from benchmarks.asking import Asked
from benchmarks.finders import Media

QUICK = ("none", "jpeg 30", "cut to 50 %", "mirrored", "phone screenshot", "line drawing", "collage 15 %", "blur 6")
QUICK_SOUNDS = ("none", "mp3 64", "noise 10 dB", "tempo +5 %", "pitch +1", "voice -5 dB")
HIGHEST = 8  # strangers that a table shows


def pictures(works: int, *, quick: bool = False, strangers: int | None = None) -> Iterator[str]:
    """Recall by attack, house and peers."""
    index, others = corpus.files("pictures", "works"), corpus.files("pictures", "strangers")
    names = [name for name in attacks.PICTURES if not quick or name in QUICK]
    asked = asking.questions(asking.chosen(index, works), asking.chosen(others, strangers or len(others)), names)
    known = asking.ask(finders.of_pictures(), index, asked, asking.attacked_picture)
    parts = (("public", attacks.PUBLIC), ("own", attacks.OWN))
    yield from _table(known, index, [(title, [one for one in part if one in names]) for title, part in parts])


def sounds(works: int, *, quick: bool = False, strangers: int | None = None) -> Iterator[str]:
    """The same of ten seconds of recordings."""
    index, others = corpus.files("sounds", "works"), corpus.files("sounds", "strangers")
    names = [name for name in attacks_sounds.SOUNDS if not quick or name in QUICK_SOUNDS]
    clean = asking.chosen(others, len(others))[:-12]  # the last are other music in an attack
    asked = asking.questions(asking.chosen(index, works), clean[: strangers or len(clean)], names)
    beside = asking.beside(others)

    def attacked(file: Path, name: str) -> Media:
        return asking.attacked_sound(file, name, beside)

    known = asking.ask(finders.of_sounds(), index, asked, attacked)
    parts = (("public", attacks_sounds.PUBLIC), ("own", attacks_sounds.OWN))
    yield from _table(known, index, [(title, [one for one in part if one in names]) for title, part in parts])


def _table(
    known: dict[str, list[Asked]], index: Sequence[Path], parts: Sequence[tuple[str, Sequence[str]]]
) -> Iterator[str]:
    least = {name: asking.threshold(answers) for name, answers in known.items()}
    ours = next(iter(known.values()))
    strangers = sum(one.stranger for one in ours)
    asked = len({one.file for one in ours if not one.stranger})
    yield f"{asked} of {len(index)} works asked, {strangers} strangers; recall at 0 false"
    yield f"{'':24}" + "".join(f"{name:>13}" for name in known)
    for title, names in parts:
        tables = {name: asking.recall(answers, names, least[name]) for name, answers in known.items()}
        for attack in names:
            yield f"{attack:24}" + "".join(f"{tables[name].get(attack, (0, 0))[0]:13.3f}" for name in known)
        means = {name: sum(one[0] for one in table.values()) / max(1, len(table)) for name, table in tables.items()}
        yield f"{'mean, ' + title:24}" + "".join(f"{means[name]:13.3f}" for name in known)
        loose = {name: asking.recall(answers, names, asking.threshold(answers, 0.01)) for name, answers in known.items()}
        rows = {name: sum(one[0] for one in table.values()) / max(1, len(table)) for name, table in loose.items()}
        yield f"{'  at 1 % false':24}" + "".join(f"{rows[name]:13.3f}" for name in known)
    yield f"{'highest stranger':24}" + "".join(f"{least[name]:13.2f}" for name in known)
    wrong = {name: sum(not one.stranger and one.other > least[name] for one in answers) for name, answers in known.items()}
    yield f"{'another work above it':24}" + "".join(f"{wrong[name]:13}" for name in known)
    highest = sorted((one for one in ours if one.stranger), key=lambda one: -one.score)[:HIGHEST]
    yield "highest strangers: " + "; ".join(f"{one.file} ({one.attack}) as {one.first} {one.score:.1f}" for one in highest)


PARTS = {"pictures": pictures, "sounds": sounds}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.attribution", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas")
    parser.add_argument("--works", type=int, default=120, help="works that every attack is made on")
    parser.add_argument("--quick", action="store_true", help="few attacks on 12 works and 60 strangers")
    asked = parser.parse_args(arguments)
    for name in asked.only.split(","):
        sys.stdout.write(f"\n{name}\n")
        lines = PARTS[name](12 if asked.quick else asked.works, quick=asked.quick, strangers=60 if asked.quick else None)
        for line in lines:
            sys.stdout.write(f"  {line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
