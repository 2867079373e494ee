"""`stylize`, `compose` and `replay`: the engine on anyone's own files, with no account and no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import files, options, show
from app.commands.making import drawn, house_engine, maker_of, params_of, ranked
from core.errors import Invalid

if TYPE_CHECKING:
    from core.media import Picture
    from generation.engine import Asset, Engine, Exact, Rendering, Request


@dataclass(frozen=True)
class _Targets:
    """What to write, for one take."""

    out: Path
    map: Path | None
    sources: Path | None

    def take(self, number: int, of: int) -> _Targets:
        if of == 1:
            return self

        def numbered(path: Path) -> Path:
            return path.with_name(f"{path.stem}-{number}{path.suffix}")

        map, sources = (None if path is None else numbered(path) for path in (self.map, self.sources))
        return _Targets(numbered(self.out), map, sources)

    def check(self, keep: Sequence[Path]) -> None:
        files.writable(self.out, files.OUT_SUFFIXES, keep=keep)
        if self.map is not None:
            files.writable(self.map, files.MAP_SUFFIXES, keep=[self.out, *keep])
        if self.sources is not None:
            files.writable(self.sources, files.OUT_SUFFIXES, keep=[self.out, *keep])


def stylize(  # noqa: PLR0913  # the parameters are the command's options
    *,
    style: options.Styles,
    content: Annotated[Path, typer.Option("--content", metavar="FILE", help="the picture to redraw")],
    out: options.Out,
    map: options.MapOut = None,
    sources: options.Sources = None,
    weight: options.Weights = None,
    region: options.Regions = None,
    mask: options.Mask = None,
    rework: options.Rework = None,
    strength: options.Strength = None,
    structure: options.Structure = None,
    own_colors: options.OwnColors = None,
    wished_color: options.WishedColor = None,
    stroke_scale: options.StrokeScale = None,
    planes: options.Planes = False,
    faces: options.Faces = True,
    copy_cap: options.CopyCap = None,
    size: options.Size = None,
    seed: options.Seed = 0,
    takes: options.Takes = 1,
    device: options.Device = None,
    as_json: options.Json = False,
) -> None:
    """Redraw a picture in a style, and say whose picture each part came from."""
    from core.decode import picture

    targets = _Targets(out, map, sources)
    masks = [Path(one.partition("=")[2]) for one in region or ()] + [
        path for path in (mask, rework) if path is not None
    ]
    _check_targets(targets, takes, keep=[content, *style, *masks])
    source = picture(content)
    given = {
        "strength": strength,
        "structure": structure,
        "own_colors": own_colors,
        "wished_color": wished_color,
        "stroke_scale": stroke_scale,
        "palette": "planes" if planes else None,
        "portraits": None if faces else False,
        "copy_cap": copy_cap,
        "size": size,
    }
    job = _Job(style, weight, seed, takes, device, as_json)
    extra: dict[str, Any] = {"source": source}
    if rework is not None:
        extra["base"] = files.read(rework)
    if mask is not None:
        extra["mask"] = files.marked(mask, *_size_of(source, extra.get("base")))
    job.run("stylize", given, targets, regions=_regions(region or (), len(style)), **extra)


def compose(  # noqa: PLR0913  # the parameters are the command's options
    *,
    style: options.Styles,
    out: options.Out,
    map: options.MapOut = None,
    sources: options.Sources = None,
    weight: options.Weights = None,
    kind: options.Kind = "variation",
    shape: options.Shape = None,
    sketch: options.Sketch = None,
    colors: options.Colors = None,
    stroke_scale: options.StrokeScale = None,
    wished_color: options.WishedColor = None,
    copy_cap: options.CopyCap = None,
    size: options.Size = None,
    seed: options.Seed = 0,
    takes: options.Takes = 1,
    device: options.Device = None,
    as_json: options.Json = False,
) -> None:
    """Make a new work of a style's pictures alone: a variation, another shape, a texture or a seamless tile."""
    from core.decode import picture

    if sketch is not None and colors is not None:
        raise Invalid("give a sketch or a color map, not both")
    guide = sketch or colors
    targets = _Targets(out, map, sources)
    _check_targets(targets, takes, keep=[*style, *([guide] if guide is not None else [])])
    given = {
        "kind": kind,
        "shape": shape,
        "source_is": None if guide is None else "sketch" if sketch is not None else "colors",
        "stroke_scale": stroke_scale,
        "wished_color": wished_color,
        "copy_cap": copy_cap,
        "size": size,
    }
    _Job(style, weight, seed, takes, device, as_json).run(
        "compose", given, targets, source=None if guide is None else picture(guide)
    )


@dataclass(frozen=True)
class _Job:
    """One call of the engine from the command line."""

    style: list[Path]
    weight: list[int] | None
    seed: int
    takes: int
    device: str | None
    as_json: bool

    def run(
        self,
        title: str,
        given: dict[str, Any],
        targets: _Targets,
        *,
        regions: dict[int, Path] | None = None,
        **rest: Any,
    ) -> None:
        from generation.engine import Ingredient, Request, silent

        engine = house_engine("patchwork", self.device)
        params = params_of(engine, given)
        learned = files.distinct(self.style)
        weights = self.weight or [1] * len(learned)
        if len(weights) != len(learned):
            raise Invalid(f"{len(learned)} styles are given and {len(weights)} weights; give one for each or none")
        prepared = [engine.prepare(assets, report=silent) for assets in learned]
        areas = {number: files.marked(path, *_AREA) for number, path in (regions or {}).items()}
        styles = tuple(Ingredient(data, weights[n], areas.get(n + 1)) for n, data in enumerate(prepared))
        results = []
        for number in range(1, self.takes + 1):
            request = Request(styles, params, (self.seed + number - 1) % 2**32, **rest)
            rendering, seconds = drawn(title, engine, request)
            results.append(self._write(engine, request, rendering, seconds, learned, targets.take(number, self.takes)))
        if self.as_json:
            show.document(results[0] if self.takes == 1 else results)

    def _write(
        self,
        engine: Engine,
        request: Request,
        rendering: Rendering,
        seconds: float,
        learned: list[list[Asset]],
        targets: _Targets,
    ) -> dict[str, Any]:
        from generation.engine import Exact, as_picture

        made, provenance = as_picture(rendering.media), rendering.provenance
        if not isinstance(provenance, Exact):
            raise Invalid("this engine keeps no exact map")
        assets = [asset for group in learned for asset in group]
        files.write_picture(targets.out, made)
        if targets.map is not None:
            files.write(targets.map, provenance.map)
        if targets.sources is not None:
            files.write_picture(targets.sources, _sources(engine, provenance, assets, made))
        if not self.as_json:
            name = f"{engine.card.name} {engine.card.version}"
            show.out(f"{targets.out}  ({made.width} × {made.height}, {seconds:.1f} s, {name})")
            _tell(provenance, rendering, request, made, learned=[asset.id for asset in assets])
        return {
            "out": str(targets.out),
            "seconds": round(seconds, 3),
            "engine": f"{engine.card.name} {engine.card.version}",
            "seed": request.seed,
            "shares": [{"asset": share.asset, "share": share.share} for share in ranked(provenance.shares)],
            "largest_copy": round(provenance.largest_copy, 6),
            "facts": rendering.facts,
        }


_AREA = (1024, 1024)  # regions are stretched over the work anyway


def _check_targets(targets: _Targets, takes: int, *, keep: Sequence[Path]) -> None:
    for number in range(1, takes + 1):
        targets.take(number, takes).check(keep)


def _regions(asked: Sequence[str], styles: int) -> dict[int, Path]:
    found = {}
    for one in asked:
        number, _, path = one.partition("=")
        if not number.isdecimal() or not 1 <= int(number) <= styles or not path:
            raise Invalid(
                f"--region {one!r}: say which style and where, such as 1=left.png; styles count from 1 to {styles}"
            )
        found[int(number)] = Path(path)
    return found


def _size_of(source: Picture, base: bytes | None) -> tuple[int, int]:
    """Height and width of what a mask lies on."""
    if base is None:
        return source.height, source.width
    from generation.engines.patchwork.maps import read_map

    header = read_map(base).header
    return header.height, header.width


def _sources(engine: Engine, provenance: Exact, assets: list[Asset], made: Picture) -> Picture:
    """The work in one color for each asset, with a legend."""
    from app.demo import sheets
    from core import encode
    from generation.engine import as_picture

    pictures = {asset.id: as_picture(asset.media) for asset in assets}
    used = [share for share in ranked(provenance.shares) if share.share > 0]
    entries = [
        sheets.Entry(
            share.asset,
            share.asset,
            "",
            share.share,
            sheets.color_of(number),
            encode.resize(pictures[share.asset], min(480, max(pictures[share.asset].pixels.shape[:2]))),
        )
        for number, share in enumerate(used)
    ]
    field = engine.field(provenance.map, [share.asset for share in used])
    return sheets.provenance_map(field, entries, over=made)


def _tell(provenance: Exact, rendering: Rendering, request: Request, made: Picture, *, learned: list[str]) -> None:
    """The shares for people, and what they may wonder about."""
    shares = ranked(provenance.shares)
    for share in shares:
        show.out(f"  {show.percent(share.share):>12}  {share.asset}")
    show.out(f"largest piece taken over unchanged: {100 * provenance.largest_copy:.2f} % of the area")
    asked = getattr(request.params, "size", 0)
    if request.mask is None and request.source is not None and max(made.width, made.height) < asked - 8:
        show.note(f"note: {asked} pixels were asked for; a work is at most twice as long as its content")
    unused = sorted(set(learned) - {share.asset for share in shares if share.share})
    if unused:
        show.note(f"note: not used this time: {', '.join(unused)}; another seed may draw from others")
    found = rendering.facts.get("faces", 0)
    if isinstance(found, str):
        show.note(f"note: {found}")
    elif found:
        show.note(f"note: {found} face{'s' if found > 1 else ''} found, and painted finer and closer to the content")
    if "mix_reason" in rendering.facts:
        show.note(f"note: {rendering.facts['mix_reason']}")


def replay(
    map: Annotated[Path, typer.Argument(metavar="MAP", help="the provenance map that the work was written with")],
    *,
    style: Annotated[
        list[Path],
        typer.Option(
            "--style", "--voice", "--catalogue", metavar="PATH", help="the styles that the work was made from"
        ),
    ],
    out: options.Out,
    content: Annotated[
        Path | None, typer.Option("--content", metavar="FILE", help="the content, where the map needs it")
    ] = None,
) -> None:
    """Make the same bytes again from a provenance map and the assets it names."""
    from generation.engine import silent

    data = files.read(map)
    name = maker_of(data)
    engine = house_engine(name)
    kind = files.PICTURES if engine.card.medium == "picture" else files.RECORDINGS
    files.writable(out, kind.written, keep=[map, *style, *([content] if content is not None else [])])
    prepared = [engine.prepare(assets, report=silent) for assets in files.distinct(style, kind)]
    media = engine.replay(data, prepared, kind.read(content) if content is not None else None)
    kind.write(out, media, content)
    size = f"{media.width} × {media.height}" if kind is files.PICTURES else f"{media.seconds:.2f} s"
    show.out(f"{out}  ({size}, samples sha256 {media.sha256})")
