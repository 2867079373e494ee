"""Pictures to start from without one's own: two that scikit-learn ships, found in its folder without importing it.

Their licenses and sources are those of the README beside them (Creative Commons Attribution 2.0). For the flower it
names one account and links another; the photograph is on the linked one, so that one is credited.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from core.errors import NotFound

SIZE = (640, 427)  # of both, in pixels


class NoPhotograph(NotFound):
    """There is no such picture to start from."""


@dataclass(frozen=True)
class Starter:
    """A picture that anyone may start from, as its photographer's license asks: with the credit."""

    name: str
    title: str
    credit: str
    width: int = SIZE[0]
    height: int = SIZE[1]


STARTERS = (
    Starter(
        "china",
        "The Summer Palace in Beijing",
        "danielbuechele, flickr.com/photos/danielbuechele/6061409035, CC BY 2.0",
    ),
    Starter("flower", "A dahlia", "vultilion, flickr.com/photos/vultilion/6056698931, CC BY 2.0"),
)


def find(name: str) -> Starter:
    """Raises NoPhotograph."""
    for starter in STARTERS:
        if starter.name == name:
            return starter
    known = " and ".join(starter.name for starter in STARTERS)
    raise NoPhotograph(f"there is no starter {name[:40]!r}; there are {known}", name=name[:40])


def present() -> tuple[Starter, ...]:
    """The starters whose files are on this machine."""
    return tuple(starter for starter in STARTERS if _folder() is not None and _file(starter.name).is_file())


def path(name: str) -> Path:
    """The file of a starter. Raises NoPhotograph."""
    find(name)
    if _folder() is None:
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
    return (_folder() or Path()) / f"{name}.jpg"


def _folder() -> Path | None:
    package = find_spec("sklearn")
    return None if package is None or package.origin is None else Path(package.origin).parent / "datasets" / "images"
