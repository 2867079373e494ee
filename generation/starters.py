"""What to start from without something of one's own: two pictures that scikit-learn ships, and a line sung by nobody.

The pictures are found in its folder without importing it. Their licenses and sources are those of the README beside
them (Creative Commons Attribution 2.0). For the flower it names one account and links another; the photograph is on
the linked one, so that one is credited. The sung line is the house's own, computed by `app.demo.singing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from core.errors import NotFound

SUNG = Path(__file__).parent / "line.flac"
SUNG_MS = 12_222  # of it
SIZE = (640, 427)  # of both, in pixels


class NoPhotograph(NotFound):
    """There is no such picture or recording to start from."""


@dataclass(frozen=True)
class Starter:
    """A picture or a recording that anyone may start from, as its maker's license asks: with the credit."""

    name: str
    title: str
    credit: str
    width: int | None = SIZE[0]
    height: int | None = SIZE[1]
    duration_ms: int | None = None

    @property
    def medium(self) -> Literal["picture", "sound"]:
        return "picture" if self.duration_ms is None else "sound"


STARTERS = (
    Starter(
        "china",
        "The Summer Palace in Beijing",
        "danielbuechele, flickr.com/photos/danielbuechele/6061409035, CC BY 2.0",
    ),
    Starter("flower", "A dahlia", "vultilion, flickr.com/photos/vultilion/6056698931, CC BY 2.0"),
    Starter("line", "A sung line", "computed by Homage, CC0", width=None, height=None, duration_ms=SUNG_MS),
)


def find(name: str) -> Starter:
    """Raises NoPhotograph."""
    for starter in STARTERS:
        if starter.name == name:
            return starter
    known = ", ".join(starter.name for starter in STARTERS)
    raise NoPhotograph(f"there is no starter {name[:40]!r}; there are {known}", name=name[:40])


def present() -> tuple[Starter, ...]:
    """The starters whose files are on this machine."""
    return tuple(starter for starter in STARTERS if _file(starter.name).is_file())


def path(name: str) -> Path:
    """The file of a starter. Raises NoPhotograph."""
    if find(name).medium == "picture" and _folder() is None:
        raise NoPhotograph(
            "the starters come with scikit-learn, which is not installed here; run: pip install scikit-learn", name=name
        )
    file = _file(name)
    if not file.is_file():
        raise NoPhotograph(
            f"this scikit-learn has no {file}; run: pip install --force-reinstall scikit-learn", name=name
        )
    return file


def _file(name: str) -> Path:
    if find(name).medium == "sound":
        return SUNG
    return (_folder() or Path()) / f"{name}.jpg"


def _folder() -> Path | None:
    package = find_spec("sklearn")
    return None if package is None or package.origin is None else Path(package.origin).parent / "datasets" / "images"
