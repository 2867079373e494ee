"""Hard strangers: photographs whose stylised works are registered, asked themselves and in two other styles.

Such a picture is composed like the work, and must never be named as it. The works are made by the house engine once and
kept in the corpus's folder, `hard/PHOTOGRAPH__STYLE.png` beside `hard/PHOTOGRAPH.png`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from attribution import confidence
from benchmarks import asking, attacks, corpus, finders
from benchmarks.asking import Plan
from benchmarks.calibration import SURE
from benchmarks.cells import ENGINE, Wish, engine, request
from benchmarks.finders import gray, picture
from benchmarks.pictures import contents, paintings, styles
from core.media import Picture
from generation.engine import as_picture, silent

PHOTOGRAPHS, STYLES, SIZE = 64, 3, 512
TOGETHER = 12  # photographs, so that what is made by then is of use
PHOTOGRAPHED = re.compile(
    r"mate-(Garden|Dune|Wood|Aqua|TwoWings|Storm|GreenMeadow|RainDrops|Blinds|FreshFlower|LadyBird|YellowFlower|Elephants)"
    r"|plasma-(BytheWater|ColorfulCups|EveningGlow|FallenLeaf|OneStandsOut|Kite|MilkyWay)|gnome-wood"
)


@dataclass(frozen=True)
class Case:
    """A photograph, the work that is registered, and its siblings in other styles."""

    photograph: Path
    work: Path
    siblings: tuple[Path, ...]


def photographs() -> dict[str, Path]:
    """Names and files: photographs of the corpus, at most five of one, and those that `PICTURES` or the house has."""
    found: dict[str, Path] = {}
    place = corpus.folder() / "hard"
    place.mkdir(exist_ok=True)
    for content in contents():
        file = place / f"{content.name}.png"
        if not file.exists():
            Image.fromarray(content.picture.pixels).save(file)
        found[content.name] = file
    every = [file for side in corpus.SIDES for file in corpus.files("pictures", side) if PHOTOGRAPHED.match(file.stem)]
    groups: dict[str, list[Path]] = {}
    for file in every:
        groups.setdefault(corpus.group(file), []).append(file)
    for number in range(5):  # one of each before a second of any
        for files in groups.values():
            if number < len(files):
                found[files[number].stem.replace("--", "-")] = files[number]
    return {name: found[name] for name in list(found)[:PHOTOGRAPHS]}


def make() -> None:
    """Whatever is missing: some photographs at a time, each style once for all of them."""
    place, wish = corpus.folder() / "hard", Wish({"size": SIZE})
    made, known, files = engine(), paintings() or styles(), photographs()
    prepared: dict[str, bytes] = {}
    names = list(files)
    for first in range(0, len(names), TOGETHER):
        for number, style in enumerate(known):
            for turn in range(first, min(first + TOGETHER, len(names))):
                out = place / f"{names[turn]}__{style.name}.png"
                if (number - turn) % len(known) >= STYLES or out.exists():
                    continue
                if style.name not in prepared:
                    prepared[style.name] = made.prepare(style.assets, report=silent)
                wanted = request(picture(files[names[turn]]), [(prepared[style.name], 1)], wish, made)
                part = out.with_suffix(".part")
                Image.fromarray(as_picture(made.render([wanted], report=silent)[0].media).pixels).save(part, "PNG")
                part.replace(out)
        sys.stdout.write(f"{ENGINE} made the works of {min(first + TOGETHER, len(names))} photographs\n")
        sys.stdout.flush()


def cases() -> list[Case]:
    """Those of which every work is there: the first style by name is registered, the others are asked."""
    found = []
    for name, file in photographs().items():
        works = sorted((corpus.folder() / "hard").glob(f"{name}__*.png"))
        if len(works) >= STYLES:
            found.append(Case(file, works[0], tuple(works[1:])))
    return found


COPIED = ("none", "jpeg 30", "half size", "cut to 50 %", "mirrored", "social", "gray", "contrast")


def run(plan: Plan) -> Iterator[str]:
    """What points say of hard strangers and of copies: with all points, and with the work's own ones alone."""
    found = cases()[: 8 if plan.quick else None]
    if not found:
        raise FileNotFoundError("no stylised works in the corpus: make them with `python -m benchmarks.hard`")
    tables, first = _registered(found)
    foreign, sure, copies = [], 0, []
    for position, case in enumerate(found):
        for file in (case.photograph, *case.siblings):
            score, own = _asked(tables, picture(file), first + position)
            foreign.append((own, score, file.stem, case.work.stem))
            sure += confidence.of_points(own, first + len(found)) >= SURE
        for name in COPIED:
            attacked = Picture(attacks.PICTURES[name](picture(case.work).pixels, asking.seeded(name, case.work.stem)))
            copies.append(_asked(tables, attacked, first + position))
    yield f"{len(found)} works registered with their photographs among {first} others; {len(foreign)} hard strangers"
    scores, owns = [np.array([one[part] for one in foreign]) for part in (1, 0)]
    yield f"{'':34}{'all points':>12}{'own points':>12}"
    for title, at in (("strangers, median", 0.5), ("strangers, 90th of 100", 0.9), ("strangers, highest", 1.0)):
        yield f"{title:34}{np.quantile(scores, at):12.2f}{np.quantile(owns, at):12.2f}"
    ours = np.array(copies)
    for part, title in ((0.01, "copies, lowest of 100"), (0.1, "copies, lowest tenth"), (0.5, "copies, median")):
        yield f"{title:34}{np.quantile(ours[:, 0], part):12.2f}{np.quantile(ours[:, 1], part):12.2f}"
    above = float((ours[:, 1] > owns.max()).mean())
    yield f"copies whose own points score more than any stranger's: {above:.3f} of {len(copies)}"
    yield f"strangers named at {SURE} or more by own points: {sure}"
    highest = sorted(foreign, reverse=True)[:5]
    yield "highest: " + "; ".join(
        f"{asked} as {work} {own:.1f} (all {score:.1f})" for own, score, asked, work in highest
    )


def _registered(found: Sequence[Case]) -> tuple[dict[str, Any], int]:
    """The tables of corpus works, none of which shows one of these photographs, and behind them of the cases' works."""
    from attribution.features import pictures, points

    shown = {corpus.group(case.photograph) for case in found}
    files = [file for file in corpus.files("pictures", "works") if corpus.group(file) not in shown]
    known = [points.unpack(one) for one in finders.House().kept(files)]
    known += [points.of(gray(picture(case.work)), gray(picture(case.photograph))) for case in found]
    return pictures.build(known), len(files)


def _asked(tables: dict[str, Any], asked: Picture, position: int) -> tuple[float, float]:
    """The score and the own score of the work at a position."""
    from attribution.features import pictures, points

    best = (0.0, 0.0)
    for look in points.looks(gray(asked)):
        for one in pictures.search(tables, look):
            if one.position == position:
                best = max(best, (float(one.alignment.score), float(one.alignment.own_score)))
        if best[0] >= pictures.SURE:
            break
    return best


if __name__ == "__main__":
    make()
