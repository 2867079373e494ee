"""What the picture benchmarks restyle, and in whose style.

`PICTURES` names a folder with `art/` (one style a picture) and `photos/` in it. Without it there are our own demo
hands and the starters alone, and far fewer cells.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from app.demo import glass, strokes, wash, woodcut
from core import decode
from core.media import Picture
from generation import starters
from generation.engine import Area, Asset

VAR = Path("var/sheet")
SIZE = 768  # of the demo hands' pictures
WORKS = 3  # of each demo hand
HANDS = {"lindqvist": strokes, "okafor": woodcut, "carvalho": glass, "brandt": wash}
SHORT = {
    "hokusai_great_wave": "wave",
    "kandinsky_composition_vii": "kandinsky",
    "munch_the_scream": "scream",
    "turner_shipwreck": "turner",
    "van_gogh_starry_night": "starry",
}
KINDS = {
    "chicago": "building",
    "cornell": "building",
    "tubingen": "building",
    "china": "building",
    "golden_gate": "landscape",
    "sailboat": "sea",
    "flower": "flower",
    "hopper": "portrait",
}
LEFT_OUT: dict[str, tuple[Area, ...]] = {"wave": ((20_000, 60_000, 250_000, 130_000),)}  # title and signature


@dataclass(frozen=True)
class Content:
    """A picture to restyle; `kind` says what it shows."""

    name: str
    kind: str
    picture: Picture


@dataclass(frozen=True)
class Style:
    """A style with its assets."""

    name: str
    assets: tuple[Asset, ...]


def folder() -> Path | None:
    """The folder of pictures that the environment names, if it is there."""
    named = os.environ.get("PICTURES", "")
    return Path(named) if named and (Path(named) / "art").is_dir() and (Path(named) / "photos").is_dir() else None


def told() -> str:
    """One line on where the pictures come from."""
    if (found := folder()) is not None:
        return f"pictures: {found} and our demo hands"
    missing = os.environ.get("PICTURES", "")
    why = f"{missing} holds no art/ and photos/" if missing else "PICTURES names no folder"
    return f"pictures: our demo hands and the starters alone ({why}); the goals are set for the full set"


def contents(wanted: str = "") -> list[Content]:
    """Photographs, and a portrait where matplotlib is installed; of them those wanted. Raises ValueError."""
    if (found := folder()) is not None:
        files = _pictures(found / "photos")
    else:
        files = [starters.path(one.name) for one in starters.present() if one.medium == "picture"]
    if (portrait := _portrait()) is not None:
        files.append(portrait)
    named = {"hopper" if file.stem == "grace_hopper" else file.stem: file for file in files}
    return [
        Content(name, KINDS.get(name, "other"), decode.picture(named[name])) for name in _chosen(list(named), wanted)
    ]


def styles(wanted: str = "") -> list[Style]:
    """Paintings if there are any, then the demo hands; of them those wanted. Raises ValueError."""
    known = _paintings()
    names = _chosen([*sorted(known), *HANDS], wanted)
    return [_painting(name, known[name]) if name in known else _by_hand(name) for name in names]


def paintings() -> list[Style]:
    """Those of `styles` that are paintings: none without a folder of pictures."""
    return [_painting(name, file) for name, file in sorted(_paintings().items())]


def _paintings() -> dict[str, Path]:
    found = folder()
    files = _pictures(found / "art") if found is not None else []
    return {SHORT.get(file.stem) or re.sub(r"[^a-z0-9]+", "_", file.stem.lower()): file for file in files}


def _chosen(names: list[str], wanted: str) -> list[str]:
    """The names that hold one of the comma-separated words; all of them for none."""
    words = [word for word in wanted.split(",") if word]
    for word in words:
        if not any(word in name for name in names):
            raise ValueError(f"{word!r} is none of {', '.join(names)}")
    return [name for name in names if not words or any(word in name for word in words)]


def stamp(root: str) -> str:
    """A hash of all Python files under a folder of ours, so that what they made is made again when they change."""
    total = hashlib.sha256()
    for file in sorted(Path(root).rglob("*.py")):
        total.update(file.as_posix().encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _pictures(place: Path) -> list[Path]:
    return sorted(file for file in place.iterdir() if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"})


def _portrait() -> Path | None:
    """The portrait of Grace Hopper that matplotlib ships (public domain, NARA), found without importing it."""
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return None
    file = Path(package.origin).parent / "mpl-data" / "sample_data" / "grace_hopper.jpg"
    return file if file.is_file() else None


def _painting(name: str, file: Path) -> Style:
    return Style(name, (Asset(f"{name}-0", decode.picture(file), left_out=LEFT_OUT.get(name, ())),))


def _by_hand(name: str) -> Style:
    hand, place = HANDS[name], VAR / "hands" / stamp("app/demo")[:16]
    place.mkdir(parents=True, exist_ok=True)
    assets = []
    for seed, subject in enumerate(list(hand.SUBJECTS)[:WORKS]):
        file = place / f"{name}-{seed}.png"
        if not file.is_file():
            partial = file.with_suffix(".part")
            Image.fromarray(hand.paint(subject, seed=seed, size=SIZE).pixels).save(partial, "PNG")
            partial.replace(file)
        with Image.open(file) as image:
            assets.append(Asset(f"{name}-{seed}", Picture(np.array(image.convert("RGB")))))
    return Style(name, tuple(assets))
