"""`stylize` and `replay`: the engine on anyone's own files, with no account and no database."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import show
from core.errors import Invalid

if TYPE_CHECKING:
    from core.media import Picture
    from generation.engine import Asset, Engine, Exact, Media, Params, Rendering

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".heic", ".heif")
MAP_SUFFIXES = (".npz",)
OUT_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}

Styles = Annotated[
    list[Path],
    typer.Option("--style", metavar="PATH", help="a picture, or a folder of pictures, to learn from; repeat to mix"),
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="where to write the picture (.png, .jpg or .webp)")]


def stylize(  # noqa: PLR0913  # the parameters are the command's options
    *,
    style: Styles,
    content: Annotated[Path, typer.Option("--content", metavar="FILE", help="the picture to redraw")],
    out: Out,
    map: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="where to write the provenance map (.npz)")
    ] = None,
    strength: Annotated[
        float, typer.Option(min=0, max=1, metavar="0..1", help="0 stays near the content, 1 is bold")
    ] = 0.5,
    size: Annotated[
        int | None,
        typer.Option(min=64, max=2048, metavar="PIXELS", help="long side, at most twice the content's [default: 512]"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="another seed is another take")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False,
) -> None:
    """Redraw a picture in a style, and say whose picture each part came from."""
    from core.decode import picture
    from generation.engine import Exact

    _writable(out, OUT_SUFFIXES, keep=[content, *style])
    if map is not None:
        _writable(map, MAP_SUFFIXES, keep=[content, out, *style])
    engine = _engine()
    source = picture(content)
    params = {"strength": strength} | ({"size": size} if size is not None else {})
    learned = distinct(style)
    rendering, seconds = _draw(engine, learned, source, engine.Params(**params), seed)
    provenance = rendering.provenance
    if not isinstance(provenance, Exact):
        raise Invalid("this engine keeps no exact map")
    write_picture(out, rendering.media)
    if map is not None:
        _write(map, provenance.map)
    shares = sorted(provenance.shares, key=lambda share: -share.share)
    result = {
        "out": str(out),
        "seconds": round(seconds, 3),
        "engine": f"{engine.card.name} {engine.card.version}",
        "seed": seed,
        "shares": [{"asset": share.asset, "share": share.share} for share in shares],
        "largest_copy": round(provenance.largest_copy, 6),
    }
    if as_json:
        show.document(result)
        return
    show.out(f"{out}  ({rendering.media.width} × {rendering.media.height}, {seconds:.1f} s, {result['engine']})")
    _tell(provenance, size=size, made=rendering.media, learned=[asset.id for assets in learned for asset in assets])


def _draw(
    engine: Engine, learned: list[list[Asset]], source: Picture, params: Params, seed: int
) -> tuple[Rendering, float]:
    """The rendering, and how long the engine drew at it, in seconds."""
    from generation.engine import Ingredient, Request

    with show.progress("stylize") as bar:

        def report(step: int, of: int, stage: str, preview: object = None) -> None:
            bar(step, of, stage)

        prepared = [engine.prepare(assets, report=report) for assets in learned]
        started = time.perf_counter()
        styles = tuple(Ingredient(data) for data in prepared)
        request = Request(styles=styles, params=params, seed=seed, source=source)
        rendering = engine.render([request], report=report)[0]
        return rendering, time.perf_counter() - started


def _tell(provenance: Exact, *, size: int | None, made: Media, learned: list[str]) -> None:
    """The shares for people, and what they may wonder about."""
    shares = sorted(provenance.shares, key=lambda share: -share.share)
    for share in shares:
        show.out(f"  {show.percent(share.share):>12}  {share.asset}")
    show.out(f"largest piece taken over unchanged: {100 * provenance.largest_copy:.2f} % of the area")
    if size is not None and max(made.width, made.height) < size:
        show.note(f"note: {size} pixels were asked for; a work is at most twice as long as its content")
    unused = sorted(set(learned) - {share.asset for share in shares if share.share})
    if unused:
        show.note(f"note: not used this time: {', '.join(unused)}; another seed may draw from others")


def replay(
    map: Annotated[Path, typer.Argument(metavar="MAP", help="the provenance map that stylize wrote")],
    *,
    style: Annotated[
        list[Path],
        typer.Option("--style", "--voice", metavar="PATH", help="the styles that the work was made from"),
    ],
    out: Out,
    content: Annotated[
        Path | None, typer.Option("--content", metavar="FILE", help="the content, where the map needs it")
    ] = None,
) -> None:
    """Make the same bytes again from a provenance map and the assets it names."""
    from core.decode import picture
    from generation.engine import silent

    _writable(out, OUT_SUFFIXES, keep=[map, *style, *([content] if content is not None else [])])
    engine = _engine()
    data = _read(map)
    prepared = [engine.prepare(assets, report=silent) for assets in distinct(style)]
    media = engine.replay(data, prepared, picture(content) if content is not None else None)
    write_picture(out, media)
    show.out(f"{out}  ({media.width} × {media.height}, samples sha256 {media.sha256})")


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


def write_picture(path: Path, picture: Any) -> None:
    """Write a picture in the format its name asks for; PNG is exact, the others are for looking at."""
    from core import encode

    form = OUT_SUFFIXES[path.suffix.lower()]
    data = {"PNG": encode.png, "JPEG": encode.jpeg, "WEBP": encode.webp}[form](picture)
    _write(path, data)


def _engine() -> Any:
    from app import settings
    from generation.catalog import Catalog

    return Catalog(settings.load().engines).get("patchwork")


def _writable(path: Path, suffixes: Collection[str], *, keep: Sequence[Path]) -> None:
    """Refuse before the work, not after it; `keep`: files, and folders of files, that must not be written over."""
    if path.suffix.lower() not in suffixes:
        raise Invalid(f"cannot write {path.name!r}: give it a name that ends in {' or '.join(suffixes)}")
    for kept in keep:
        if path.absolute() == kept.absolute() or (path.exists() and _inside(path, kept)):
            raise Invalid(f"cannot write {path}: it is one of the files that this is made from; choose another name")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise Invalid(f"cannot write {path}: its folder does not exist or it is a folder itself")


def _inside(path: Path, kept: Path) -> bool:
    return path.samefile(kept) if not kept.is_dir() else path.resolve().parent == kept.resolve()


def _write(path: Path, data: bytes) -> None:
    """All or nothing: a reader never sees half a file."""
    partial = path.with_name(f".{path.name}.{hashlib.sha256(data).hexdigest()[:8]}.part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Invalid(f"cannot write {path}: {error.strerror}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot read {path}: {error.strerror}") from error
