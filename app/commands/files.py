"""Files that commands read media from and write works to: refused before the work, written whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import Invalid

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif")
MAP_SUFFIXES = (".npz",)
OUT_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
SOUND_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".aif", ".aiff", ".m4a", ".aac", ".webm", ".mka")
SOUND_MAP_SUFFIXES = (".map",)
SOUND_OUT_SUFFIXES = {".flac": "flac", ".wav": "wav", ".mp3": "mp3", ".opus": "opus", ".ogg": "opus"}


@dataclass(frozen=True)
class Kind:
    """What a style is made of: how people call it, and how its files' names end."""

    medium: Literal["picture", "sound"]
    plural: str
    suffixes: tuple[str, ...]

    def read(self, path: Path) -> Any:
        if self.medium == "picture":
            from core.decode import picture

            return picture(path)
        from core.decode_sound import sound

        return sound(path)

    @property
    def written(self) -> Collection[str]:
        """How the names of files end that works of this kind can be written to."""
        return OUT_SUFFIXES if self.medium == "picture" else SOUND_OUT_SUFFIXES

    def write(self, path: Path, media: Any, content: Path | None = None) -> None:
        """A work; `content`: what was sung or played anew in it, whose tags a recording keeps."""
        if self.medium == "picture":
            write_picture(path, media)
        else:
            write_sound(path, media, content)


PICTURES = Kind("picture", "pictures", SUFFIXES)
RECORDINGS = Kind("sound", "recordings", SOUND_SUFFIXES)


def distinct(styles: list[Path], kind: Kind = PICTURES) -> list[list[Any]]:
    """The assets of each style, named by file; by whole path where two files have one name."""
    from generation.engine import Asset

    found = [assets_in(path, kind) for path in styles]
    names = [asset.id for assets in found for _, asset in assets]
    return [
        [asset if names.count(asset.id) == 1 else Asset(str(file), asset.media) for file, asset in assets]
        for assets in found
    ]


def assets_in(path: Path, kind: Kind = PICTURES) -> list[Any]:
    """The files and assets at a path: one file, or every one of this kind in a folder, in the order of their names."""
    from generation.engine import Asset

    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in kind.suffixes and not p.name.startswith("."))
        if not files:
            raise Invalid(
                f"{path} holds no {kind.plural} ({', '.join(kind.suffixes)}); name a folder with the style's"
                f" {kind.plural}"
            )
    else:
        files = [path]
    return [(file, Asset(file.name, kind.read(file))) for file in files]


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


def write_sound(path: Path, sound: Any, content: Path | None = None) -> None:
    """Write a sound in the format its name asks for; FLAC and WAV are exact, the others are for listening.

    It keeps the tags of `content`, the recording that it is a version of, and says that Homage made it.
    """
    from core import encode_sound, tags

    kept = tags.of(content) if content is not None else tags.NONE
    with _whole(path) as partial, partial.open("w+b") as file:
        encode_sound.write(sound, file, SOUND_OUT_SUFFIXES[path.suffix.lower()], kept)  # type: ignore[arg-type]


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
    with _whole(path) as partial:
        partial.write_bytes(data)


def make_folder(path: Path) -> None:
    """Make it and those above it, where they are not there. Raises Invalid."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(f"cannot make the folder {path}: {error.strerror}; name another one") from error


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A place to write beside `path`, which it becomes once all is written."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise Invalid(f"cannot write {path}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot read {path}: {error.strerror}") from error
