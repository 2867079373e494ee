"""The photographs of the demo: two that scikit-learn ships, found in its folder without importing it.

Their licenses and sources are those of the README beside them (Creative Commons Attribution 2.0). For the flower it
names one account and links another; the photograph is on the linked one, so that one is credited.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from core.errors import NotFound

CREDITS = {
    "china": "danielbuechele, flickr.com/photos/danielbuechele/6061409035, CC BY 2.0",
    "flower": "vultilion, flickr.com/photos/vultilion/6056698931, CC BY 2.0",
}


class NoPhotograph(NotFound):
    """The demo's photograph is not there."""


def photograph(name: str) -> tuple[Path, str]:
    """The file and the credit of "china" or "flower". Raises NoPhotograph."""
    if name not in CREDITS:
        known = " and ".join(CREDITS)
        raise NoPhotograph(f"there is no demo photograph {name!r}; there are {known}", name=name)
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise NoPhotograph(
            "the demo's photographs come with scikit-learn, which is not installed; run: pip install scikit-learn",
            name=name,
        )
    path = Path(package.origin).parent / "datasets" / "images" / f"{name}.jpg"
    if not path.is_file():
        raise NoPhotograph(
            f"this scikit-learn has no {path}; run: pip install --force-reinstall scikit-learn", name=name
        )
    return path, CREDITS[name]
