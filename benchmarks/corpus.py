"""The corpus of the attribution benchmark: pictures and recordings, works and strangers, built outside the checkout.

    python -m benchmarks.corpus [--out FOLDER] [--debs FOLDER] [--only pictures|sounds]

`CORPUS` names the folder; without it the user's cache holds it. Debian packages are fetched by `apt-get download` (or
taken from --debs) and unpacked with `dpkg -x`, never installed. Nothing of it is ever committed or shipped.

A file's name is GROUP--PART: files of one group are of one picture, subject, book or folder of drawings, and never on
both sides.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

PICTURES = (
    "plasma-workspace-wallpapers",
    "gnome-backgrounds",
    "mate-backgrounds",
    "ukui-wallpapers",
    "tuxpaint-stamps-default",
    "wesnoth-1.16-data",
    "openclipart-png",
)
SOUNDS = ("fluid-soundfont-gm", "fluidsynth", "libchromaprint-tools")
SIDES = ("works", "strangers")
ABOUT = """The corpus of the attribution benchmark, made by `python -m benchmarks.corpus`. Not to be passed on: each
part has its package's own license (see usr/share/doc in `unpacked`).

pictures/works, pictures/strangers   JPEG of quality 95, long side at most 1600 px
sounds/works, sounds/strangers       FLAC, mono, 22,050 Hz, 60 to 90 s
hard/                                works of the house engine, beside the photographs they were made from
unpacked/, tools/                    the packages, unpacked

A name is GROUP--PART. Files of one group are of one picture, subject or book: never on both sides, and halves for a
calibration split by group (`benchmarks.corpus.group`).

"""


def folder() -> Path:
    """Where the corpus lies: `CORPUS`, or in the user's cache."""
    if named := os.environ.get("CORPUS"):
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "homage" / "corpus"


def files(medium: str, side: str, *, at: Path | None = None) -> list[Path]:
    """The works or strangers of a medium, by name. Raises FileNotFoundError where the corpus was not built."""
    place = (at or folder()) / medium / side
    found = sorted(file for file in place.glob("*") if file.suffix in {".jpg", ".png", ".flac"})
    if not found:
        raise FileNotFoundError(f"no {medium} in {place}: build them with `python -m benchmarks.corpus`")
    return found


def group(file: Path | str) -> str:
    """Of which picture, subject or book a file is a part."""
    return Path(file).stem.rsplit("--", 1)[0]


def half(file: Path | str) -> int:
    """0 or 1: to which half of a calibration a file belongs, one and the same for all of its group."""
    return _coin(group(file))


def half_of_composers(file: Path | str) -> int:
    """The same of recordings: one and the same for all of a composer or a book of tunes."""
    return _coin(group(file).split("-")[0])


def _coin(name: str) -> int:
    return hashlib.sha256(b"half" + name.encode()).digest()[0] & 1


def unpack(names: Sequence[str], debs: Path, root: Path) -> None:
    """Download what is missing in `debs`, and unpack it all under `root`. Raises RuntimeError."""
    debs.mkdir(parents=True, exist_ok=True)
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        mark = root / f".{name}"
        if mark.exists():
            continue
        if not (found := sorted(debs.glob(f"{name}_*.deb"))):
            done = subprocess.run(["apt-get", "download", name], cwd=debs, capture_output=True, text=True)
            found = sorted(debs.glob(f"{name}_*.deb"))
            if done.returncode or not found:
                raise RuntimeError(f"{name} cannot be downloaded ({done.stderr.strip()}): put its .deb into {debs}")
        subprocess.run(["dpkg", "-x", str(found[-1]), str(root)], check=True)
        mark.touch()


def needed(name: str) -> list[str]:
    """The package and whatever it needs that this machine lacks, as apt would install it."""
    command = ["apt-get", "install", "--simulate", "--no-install-recommends", name]
    told = subprocess.run(command, capture_output=True, text=True).stdout
    return [line.split()[1] for line in told.splitlines() if line.startswith("Inst ")] or [name]


def tell(out: Path) -> str:
    """Write the folder's README, with what is there by now, and return the counts."""
    lines = []
    for medium in ("pictures", "sounds"):
        for side in SIDES:
            names = [file.stem for file in sorted((out / medium / side).glob("*.*"))]
            kinds = Counter(name.split("-")[0] for name in names)
            what = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
            lines.append(f"{medium}/{side}: {len(names)} in {len({group(name) for name in names})} groups ({what})")
    text = "\n".join(lines) + "\n"
    (out / "README").write_text(ABOUT + text)
    return text


def main(arguments: Sequence[str]) -> None:
    from benchmarks import corpus_pictures, corpus_sounds

    parser = argparse.ArgumentParser(prog="benchmarks.corpus", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=folder())
    parser.add_argument("--debs", type=Path, help="a folder of .deb files; what is missing is downloaded into it")
    parser.add_argument("--only", choices=("pictures", "sounds"))
    asked = parser.parse_args(arguments)
    debs = asked.debs or asked.out / "debs"
    if asked.only != "sounds":
        unpack(PICTURES, debs, asked.out / "unpacked")
        corpus_pictures.build(asked.out)
    if asked.only != "pictures":
        unpack([one for name in SOUNDS for one in needed(name)], debs, asked.out / "unpacked")
        corpus_sounds.build(asked.out)
    sys.stdout.write(tell(asked.out))


if __name__ == "__main__":
    main(sys.argv[1:])
