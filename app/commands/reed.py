"""`reed`: an instrument or a voice is learned from anyone's own recordings and plays a melody; no account needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import files, options, show, sound
from app.commands.making import drawn, params_of, ranked
from core.errors import Invalid

if TYPE_CHECKING:
    from generation.engine import Asset, Engine, Estimate, Ingredient, Rendering

_SUFFIX = ".reed"


def reed(  # noqa: PLR0913  # the parameters are the command's options
    *,
    catalogue: options.Catalogues,
    content: Annotated[Path, typer.Option("--content", metavar="FILE", help="the melody: one voice or instrument")],
    out: options.SoundOut,
    learned: Annotated[
        Path | None,
        typer.Option(
            "--learned", metavar="FILE", help="what was learned (.reed): read where the file is, else written there"
        ),
    ] = None,
    weight: options.Weights = None,
    transpose: Annotated[
        str,
        typer.Option(metavar="auto|keep|N", help="by octaves into its range, as it is, or by N semitones (-24 to 24)"),
    ] = "auto",
    noise: Annotated[
        float | None,
        typer.Option(min=0, max=1, metavar="0..1", help="how much breath or bow is heard beside the tone [default: 1]"),
    ] = None,
    excerpt: Annotated[
        str | None, typer.Option(metavar="FROM-TO", help="only this part of it, in seconds, such as 12-27")
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, max=20_000, metavar="N", help="steps of training; 700 take about a minute [default: 700]"),
    ] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Learn an instrument or a voice from recordings alone, play a melody on it, and estimate whose sound it is."""
    from core.decode_sound import sound as decoded
    from generation.engine import Estimate, Request, as_sound
    from generation.engines.reed import STEPS, Reed

    files.writable(out, files.SOUND_OUT_SUFFIXES, keep=[content, *catalogue])
    if learned is not None:
        files.writable(learned, (_SUFFIX,), keep=[out, content, *catalogue])
        if len(catalogue) > 1:
            raise Invalid("--learned keeps one catalogue; leave it out, or give one --catalogue")
    engine: Any = Reed(steps or STEPS)
    params = params_of(engine, {"noise": noise, **sound.pitch_of(transpose), **sound.part_of(excerpt)})
    source = decoded(content)
    styles = _prepared(engine, files.distinct(catalogue, files.RECORDINGS), weight, learned)
    rendering, took = drawn("reed", engine, Request(styles, params, seed, source=source))
    if not isinstance(rendering.provenance, Estimate):
        raise Invalid("this engine does not estimate")
    files.write_sound(out, as_sound(rendering.media))
    _tell(engine, out, rendering, rendering.provenance, seed, took, as_json)


def _prepared(
    engine: Any, given: list[list[Asset]], weight: list[int] | None, learned: Path | None
) -> tuple[Ingredient, ...]:
    """The styles of the request, trained or read."""
    from generation.engine import Ingredient

    weights = sound.weights_for(given, weight, "catalogues")
    if learned is not None and learned.exists():
        kept = files.read(learned)
        if not engine.has_learned(kept, given[0]):
            raise Invalid(f"{learned} was learned from other recordings or in other steps; name another file")
        return (Ingredient(kept, weights[0]),)
    with show.progress("reed") as bar:

        def report(step: int, of: int, stage: str, preview: object = None) -> None:
            bar(step, of, stage)

        styles = tuple(
            Ingredient(engine.prepare(assets, report=report), part) for assets, part in zip(given, weights, strict=True)
        )
    if learned is not None:
        files.write(learned, styles[0].prepared)
    return styles


def _tell(
    engine: Engine,
    out: Path,
    rendering: Rendering,
    provenance: Estimate,
    seed: int,
    took: float,
    as_json: bool,
) -> None:
    from generation.engine import as_sound

    name = f"{engine.card.name} {engine.card.version}"
    if as_json:
        show.document(
            {
                "out": str(out),
                "seconds": round(took, 3),
                "engine": name,
                "seed": seed,
                "provenance": "estimate",
                "method": provenance.method,
                "interval": provenance.interval,
                "shares": [{"asset": share.asset, "share": share.share} for share in ranked(provenance.shares)],
                "facts": rendering.facts,
            }
        )
        return
    show.out(f"{out}  ({as_sound(rendering.media).seconds:.2f} s of sound, made in {took:.1f} s, {name})")
    for share in ranked(provenance.shares):
        show.out(f"  {show.percent(share.share):>12}  {share.asset}")
    show.out(f"estimated, ± {provenance.interval / 10_000:.0f} points each; {provenance.method}")
