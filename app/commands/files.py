"""Files that commands read pictures from and write works to: refused before the work, written whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from core.errors import Invalid

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif")
MAP_SUFFIXES = (".npz",)
OUT_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def distinct(styles: list[Path]) -> list[list[Any]]:
    """The assets of each style, named by file; by whole path where two files have one name."""
    from generation.engine import Asset

    found = [assets_in(path) for path in styles]
    names = [asset.id for assets in found for _, asset in assets]
    return [
        [asset if names.count(asset.id) == 1 else Asset(str(file), asset.media) for file, asset in assets]
        for assets in found
    ]


def assets_in(path: Path) -> list[Any]:
    """The files and assets at a path: one picture, or every picture in a folder, in the order of their names."""
    from core.decode import picture
    from generation.engine import Asset

    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
        if not files:
            raise Invalid(f"{path} holds no pictures ({', '.join(SUFFIXES)}); name a folder with the style's pictures")
    else:
        files = [path]
    return [(file, Asset(file.name, picture(file))) for file in files]


def marked(path: Path, height: int, width: int) -> Any:
    """Where a picture is light: bool [height, width], stretched over them."""
    import numpy as np

    from core.decode import picture

    light = picture(path).pixels @ np.array([0.299, 0.587, 0.114]) >= 128
    rows, columns = np.arange(height) * light.shape[0] // height, np.arange(width) * light.shape[1] // width
    return light[rows[:, None], columns[None]]


def write_picture(path: Path, picture: Any) -> None:
    """Write a picture in the format its name asks for; PNG is exact, the others are for looking at."""
    from core import encode

    form = OUT_SUFFIXES[path.suffix.lower()]
    data = {"PNG": encode.png, "JPEG": encode.jpeg, "WEBP": encode.webp}[form](picture)
    write(path, data)


def writable(path: Path, suffixes: Collection[str], *, keep: Sequence[Path]) -> None:
    """Refuse before the work, not after it; `keep`: files, and folders of files, that must not be written over."""
    if path.suffix.lower() not in suffixes:
        raise Invalid(f"cannot write {path.name!r}: give it a name that ends in {' or '.join(suffixes)}")
    for kept in keep:
        if path.absolute() == kept.absolute() or (path.exists() and _inside(path, kept)):
            raise Invalid(f"cannot write {path}: it is one of the files that this is made from; choose another name")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise Invalid(f"cannot write {path}: its folder does not exist or it is a folder itself")


def _inside(path: Path, kept: Path) -> bool:
    return kept.exists() and path.samefile(kept) if not kept.is_dir() else path.resolve().parent == kept.resolve()


def write(path: Path, data: bytes) -> None:
    """All or nothing: a reader never sees half a file."""
    partial = path.with_name(f".{path.name}.{hashlib.sha256(data).hexdigest()[:8]}.part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Invalid(f"cannot write {path}: {error.strerror}") from error


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot read {path}: {error.strerror}") from error
