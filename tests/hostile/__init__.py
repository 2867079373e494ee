"""Files made to harm, or harmed: over two hundred, made by script, each with the name that its sender gave it.

`corpus()` has those that are judged within seconds together; `heavy()` those that are as large, decoded, as is allowed.
"""

from __future__ import annotations

from pathlib import Path

from tests.hostile import boxes, damage, images, recordings


def corpus() -> dict[str, bytes]:
    """File names and contents; the same in every run."""
    made = [*images.files(), *recordings.files(), *boxes.files(), *damage.files()]
    named = dict(made)
    assert len(named) == len(made), sorted(name for name, _ in made if [n for n, _ in made].count(name) > 1)
    return named


def heavy() -> dict[str, bytes]:
    return dict([*images.heavy(), *recordings.heavy()])


def laid_out(files: dict[str, bytes], folder: Path) -> list[Path]:
    """The same as files of a folder."""
    paths = []
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return paths
