"""Pictures of the corpus: wallpapers in disjoint tiles, stamps, portraits, clip art, and our own painters' works.

Flat tiles and near-copies are left out: by perceptual hash where a picture is whole, by hand where it is known to come
in several colors.
"""

from __future__ import annotations

import hashlib
import io
import random
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image

from benchmarks.corpus import SIDES, tell
from benchmarks.pictures import HANDS

WORKS, STRANGERS = 1040, 720
LONG = 1600  # px of the long side, at most
TILE = 800  # px, the least side of a tile
MOST_TILES = 20  # of one wallpaper
LEAST = {"wesnoth": 256, "tuxpaint": 80, "openclipart": 256}  # px of the short side
FIFTH = 0.2  # at most so much of either side is clip art
TOO_LARGE = 24_000_000  # pixels of a drawing, all of them flat
DETAIL = 0.025  # bytes a pixel that a JPEG of quality 75 needs at least: below there is nothing to see
NEAR = 8  # bits of 64 by which two whole pictures' hashes differ at least
SEEDS, PAINTED = 24, 512  # pictures and pixels of each subject by our own painters
# One picture in several colors or sizes; drawings of one repeated pattern are not cut: each tile would be the next.
SAME = (
    (re.compile(r"gnome-(\w+)-[dl]$"), r"gnome-\1"),
    (re.compile(r"mate-Ubuntu-Mate-.*"), "mate-Ubuntu-Mate"),
    (re.compile(r"mate-(MATE-Stripes-.*|Stripes|Float-into-MATE|GreenTraditional)"), "mate-Logo"),
    (re.compile(r"mate-Elephants.*"), "mate-Elephants"),
)
# Drawings that share parts: translated, mirrored, lines alone; letters; icons of one theme, on the same sheet of paper;
# what lies in two folders, and what was drawn over another (found among the highest strangers, and looked at).
TWIN = re.compile(
    r"/l10n/|_mirror\.|_outline\.|/alphabets/|/computer/icons/|/buildings/homes/|/undead/zombie|gryphon_rider|aiga_"
    r"|etiquette_printer|lcd_monitor|_benji?_"
)
# Strangers that hold the very drawing of a work from another folder or package: found among the highest, looked at.
DRAWN_TWICE = {
    "openclipart-png_signs_and_symbols--buses_and_bikes",
    "openclipart-png_computer--home13",
    "openclipart-png_food--crawfish1_ganson",
    "openclipart-png_transportation_vehicles--hummer_01",
    "openclipart-png_food_desserts--pink_cake_gabrielle_now_r",
    "tuxpaint-stamps_clothes_hats--propeller_hat",
    "openclipart-png_transportation_vehicles--cycle_route",
    "wesnoth-portraits_dwarves--gryphon_rider",
    "openclipart-png_signs_and_symbols_flags_oceania_australia--australia_queensland",
}
PATTERNS = {"gnome-pixels", "gnome-truchet", "gnome-grid", "gnome-symbolic", "gnome-wood", "mate-Logo"}


@dataclass(frozen=True)
class Source:
    """A file to take pictures from; `group` names the picture it shows, or the folder of drawings it is from.

    Drawings of one folder come in series, with parts that are the same in all of them.
    """

    group: str
    file: Path
    part: str = "0"


def build(out: Path) -> None:
    """Fill `pictures/works` and `pictures/strangers`; what is there already stays."""
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = None
    for side in SIDES:
        (out / "pictures" / side).mkdir(parents=True, exist_ok=True)
    hashes = np.zeros((0, 64), bool)
    counts, room = dict.fromkeys(SIDES, 0), {"works": WORKS, "strangers": STRANGERS}
    for kind in ("whole", "tiles", "clips", "own"):  # our own painters take longest
        clips = dict.fromkeys(SIDES, 0)
        for source in _sources(out / "unpacked", kind):
            side = _side(source.group)
            if counts[side] >= room[side] or (kind == "clips" and clips[side] >= FIFTH * room[side]):
                continue
            made, hashes = _take(source, kind, out / "pictures" / side, hashes)
            counts[side] += made
            clips[side] += made
        sys.stdout.write(f"pictures after {kind}: {counts}\n")
        sys.stdout.flush()
        tell(out)


def _side(name: str) -> str:
    number = int.from_bytes(hashlib.sha256(b"side" + name.encode()).digest()[:4], "big") / 2**32
    return "works" if number < WORKS / (WORKS + STRANGERS) else "strangers"


def _sources(root: Path, kind: str) -> Iterator[Source]:
    if kind == "own":
        for hand, module in sorted(HANDS.items()):
            for subject in module.SUBJECTS:
                yield Source("own-" + _word(f"{hand}_{subject}"), Path(hand) / subject)
    elif kind == "tiles":
        yield from _wallpapers(root)
    else:
        packages = ("wesnoth", "tuxpaint") if kind == "whole" else ("openclipart",)
        found = [one for package in packages for one in _drawings(root, package)]
        random.Random(7).shuffle(found)
        yield from found


def _wallpapers(root: Path) -> Iterator[Source]:
    """The largest file of each wallpaper."""
    share, largest = root / "usr/share", dict[str, tuple[int, Path]]()
    named = [(f"plasma-{file.parents[2].name}", file) for file in (share / "wallpapers").glob("*/contents/images/*.*")]
    for place, name in (("gnome", "gnome"), ("mate/*", "mate"), (".", "ukui")):
        named += [(f"{name}-{file.stem}", file) for file in (share / "backgrounds").glob(f"{place}/*.*")]
    for name, file in sorted(named):
        if file.suffix not in {".png", ".jpg", ".webp"}:
            continue
        group = name
        for pattern, into in SAME:
            group = pattern.sub(into, group)
        with Image.open(file) as image:
            area = image.size[0] * image.size[1]
        if area > largest.get(group, (0, file))[0]:
            largest[group] = (area, file)
    yield from (Source(group, file) for group, (_, file) in sorted(largest.items()))


def _drawings(root: Path, package: str) -> Iterator[Source]:
    share = root / "usr/share"
    images = share / "games/wesnoth/1.16/data/core/images"
    places = {
        "wesnoth": [images / "portraits", images / "story"],
        "tuxpaint": [share / "tuxpaint/stamps"],
        "openclipart": [share / "openclipart/png"],
    }[package]
    for place in places:
        for file in sorted(place.rglob("*")):
            if file.suffix not in {".png", ".jpg", ".webp"} or TWIN.search(file.as_posix()):
                continue
            with Image.open(file) as image:
                width, height = image.size
            if min(width, height) >= LEAST[package] and width * height <= TOO_LARGE:
                folder = _word(file.parent.relative_to(place.parent).as_posix())
                yield Source(f"{package}-{folder}", file, _word(file.stem))


def _take(source: Source, kind: str, place: Path, hashes: np.ndarray) -> tuple[int, np.ndarray]:
    """Write what can be used of a source; returns how many there are now, and the hashes of all whole pictures."""
    made = 0
    for part, image in _parts(source, kind):
        if _bytes(image) < DETAIL * image.size[0] * image.size[1]:
            continue
        if kind != "tiles":
            bits = imagehash.phash(image).hash.reshape(1, 64)
            if kind != "own" and len(hashes) and int((hashes != bits).sum(1).min()) < NEAR:
                continue
            hashes = np.concatenate([hashes, bits])
        file = place / f"{source.group}--{part}.jpg"
        if not file.exists() and file.stem not in DRAWN_TWICE:  # counted all the same: the others stay as they are
            image.save(file, "JPEG", quality=95, subsampling=0)
        made += 1
    return made, hashes


def _bytes(image: Image.Image) -> int:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=75)
    return len(buffer.getvalue())


def _parts(source: Source, kind: str) -> Iterator[tuple[str, Image.Image]]:
    if kind == "own":
        hand, subject = source.file.parts
        for seed in range(SEEDS):
            yield str(seed), Image.fromarray(HANDS[hand].paint(subject, seed=100 + seed, size=PAINTED).pixels)
        return
    with Image.open(source.file) as image:
        flat = _flat(image, source.group)
    if kind != "tiles" or source.group in PATTERNS:
        flat.thumbnail((LONG, LONG), Image.Resampling.LANCZOS)
        yield source.part, flat
        return
    columns, rows = max(1, flat.width // TILE), max(1, flat.height // TILE)
    cells = [(column, row) for row in range(rows) for column in range(columns)]
    random.Random(source.group).shuffle(cells)
    for column, row in cells[:MOST_TILES]:
        box = [flat.width * column // columns, flat.height * row // rows]
        box += [flat.width * (column + 1) // columns, flat.height * (row + 1) // rows]
        tile = flat.crop((box[0], box[1], box[2], box[3]))
        tile.thumbnail((LONG, LONG), Image.Resampling.LANCZOS)
        yield f"{row}{column}", tile


def _flat(image: Image.Image, name: str) -> Image.Image:
    """Without transparency: on one color, which the name decides."""
    if image.mode not in {"RGBA", "P", "LA"}:
        return image.convert("RGB")
    color = tuple(random.Random(name).choices(range(40, 256), k=3))
    ground = Image.new("RGBA", image.size, (*color, 255))
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", text)
