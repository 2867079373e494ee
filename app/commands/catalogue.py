"""`mosaic` and `extend`: the house engine for instruments on anyone's own recordings, with no account or database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import files, options, sound
from app.commands.making import drawn, house_engine, params_of
from core.errors import Invalid

if TYPE_CHECKING:
    from core.media import Sound


def mosaic(  # noqa: PLR0913  # the parameters are the command's options
    *,
    catalogue: options.Catalogues,
    content: Annotated[Path, typer.Option("--content", metavar="FILE", help="the recording to rebuild")],
    out: options.SoundOut,
    map: options.SoundMapOut = None,
    lane: options.Lane = None,
    weight: options.Weights = None,
    voices: Annotated[
        int | None, typer.Option(min=1, max=6, metavar="1..6", help="passages that may sound at once [default: 6]")
    ] = None,
    transpose: Annotated[
        bool, typer.Option("--transpose/--no-transpose", help="play passages higher or lower to meet the notes")
    ] = True,
    excerpt: Annotated[
        str | None, typer.Option(metavar="FROM-TO", help="only this part of it, in seconds, such as 12-27")
    ] = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Rebuild a recording from a catalogue's own passages, and say whose recording each moment came from."""
    from core.decode_sound import sound as decoded

    targets = sound.Targets(out, map, lane, content)
    targets.check(keep=catalogue)
    given = {"voices": voices, "transpose": transpose, **sound.part_of(excerpt)}
    source = decoded(content)
    _make("mosaic", targets, catalogue, weight, given, source=source, seed=seed, as_json=as_json)


def extend(  # noqa: PLR0913  # the parameters are the command's options
    *,
    catalogue: options.Catalogues,
    seconds: Annotated[float, typer.Option(min=1, max=1800, metavar="N", help="how long the recording shall last")],
    out: options.SoundOut,
    map: options.SoundMapOut = None,
    lane: options.Lane = None,
    weight: options.Weights = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Continue a texture or a loop without a seam, to any length, from its own passages."""
    targets = sound.Targets(out, map, lane)
    targets.check(keep=catalogue)
    _make("extend", targets, catalogue, weight, {"seconds": seconds}, source=None, seed=seed, as_json=as_json)


def _make(  # noqa: PLR0913  # what both commands were given
    title: str,
    targets: sound.Targets,
    catalogue: list[Path],
    weight: list[int] | None,
    given: dict[str, Any],
    *,
    source: Sound | None,
    seed: int,
    as_json: bool,
) -> None:
    from generation.engine import Exact, Request, as_sound

    engine = house_engine("mosaic")
    params = params_of(engine, given)
    learned = files.distinct(catalogue, files.RECORDINGS)
    styles = sound.prepared(engine, learned, weight, "catalogues")
    rendering, took = drawn(title, engine, Request(styles, params, seed, source=source))
    provenance, made = rendering.provenance, as_sound(rendering.media)
    if not isinstance(provenance, Exact):
        raise Invalid("this engine keeps no exact map")
    targets.write(engine, made, provenance, [asset for group in learned for asset in group], made)
    sound.tell(engine, targets.out, rendering, provenance, seed, took, as_json)
