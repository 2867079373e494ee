"""patchwork: preparing a style, rendering, replaying and measuring, by size; the limit is one core's arithmetic."""

from __future__ import annotations

import resource
from collections.abc import Iterator

from app.demo import cast, strokes
from benchmarks.timing import best
from core import decode
from generation import starters
from generation.catalog import Catalog
from generation.engine import Asset, Exact, Ingredient, Request, as_picture, silent

SIZES = (512, 768, 1024)


def run() -> Iterator[str]:
    engine = Catalog(("patchwork",)).get("patchwork")
    source = decode.picture(starters.path("china"))
    subjects = list(strokes.SUBJECTS)[:3]
    assets = [Asset(name, strokes.paint(name, seed=n, size=cast.SIZE)) for n, name in enumerate(subjects)]
    prepared = engine.prepare(assets, report=silent)
    yield f"{'size':>6} {'render s':>9} {'cpu s':>7} {'s/Mpx':>7} {'replay s':>9} {'render/replay':>14}"
    first = 0.0
    for size in SIZES:
        request = Request((Ingredient(prepared),), engine.Params.model_validate({"size": size}), seed=1, source=source)
        made = best(lambda request=request: engine.render([request], report=silent)[0], runs=2)  # type: ignore[misc]
        provenance = made.result.provenance
        assert isinstance(provenance, Exact)
        map = provenance.map
        again = best(lambda map=map: engine.replay(map, [prepared]), runs=2)  # type: ignore[misc]
        assert again.result.sha256 == made.result.media.sha256
        picture = as_picture(made.result.media)
        area = picture.width * picture.height / 1e6
        first = first or made.cpu / area
        yield (
            f"{size:>6} {made.wall:>9.2f} {made.cpu:>7.2f} {made.cpu / area:>7.2f} {again.wall:>9.2f}"
            f" {made.cpu / again.cpu:>14.1f}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"peak memory of this process {peak:.0f} MiB; the card says {engine.card.memory_mb} MB"
