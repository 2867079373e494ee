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

from PIL import Image

from benchmarks import corpus
from benchmarks.cells import ENGINE, Wish, engine, request
from benchmarks.finders import picture
from benchmarks.pictures import contents, styles
from generation.engine import as_picture, silent

PHOTOGRAPHS, STYLES, SIZE = 64, 3, 512
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
    for number in range(5):
        for side in corpus.SIDES:
            groups: dict[str, list[Path]] = {}
            for file in corpus.files("pictures", side):
                if PHOTOGRAPHED.match(file.stem):
                    groups.setdefault(corpus.group(file), []).append(file)
            for group, files in groups.items():
                if number < len(files) and len(found) < PHOTOGRAPHS:
                    found[files[number].stem.replace("--", "-")] = files[number]
    return {name: found[name] for name in list(found)[:PHOTOGRAPHS]}


def make() -> None:
    """Whatever is missing, style by style."""
    place, wish = corpus.folder() / "hard", Wish({"size": SIZE})
    made, known, files = engine(), styles(), photographs()
    for number, style in enumerate(known):
        prepared = b""
        for turn, (name, file) in enumerate(files.items()):
            out = place / f"{name}__{style.name}.png"
            if (number - turn) % len(known) >= STYLES or out.exists():
                continue
            prepared = prepared or made.prepare(style.assets, report=silent)
            done = made.render([request(picture(file), [(prepared, 1)], wish, made)], report=silent)[0]
            part = out.with_suffix(".part")
            Image.fromarray(as_picture(done.media).pixels).save(part, "PNG")
            part.replace(out)
        sys.stdout.write(f"{ENGINE} made {style.name}\n")
        sys.stdout.flush()


def cases() -> list[Case]:
    """Those of which every work is there: the first style by name is registered, the others are asked."""
    found = []
    for name, file in photographs().items():
        works = sorted((corpus.folder() / "hard").glob(f"{name}__*.png"))
        if len(works) >= STYLES:
            found.append(Case(file, works[0], tuple(works[1:])))
    return found


if __name__ == "__main__":
    make()
