"""From a finished field to a rendering: the blend, the shares, the map, and what is worth saying."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.media import Picture
from core.shares import WHOLE
from generation.engine import Exact, Rendering, Share
from generation.engines.patchwork import blend, faces, pyramid, tiles
from generation.engines.patchwork.atlas import Tick
from generation.engines.patchwork.guard import Found
from generation.engines.patchwork.maps import Header, Map, write_map
from generation.engines.patchwork.pack import Pack
from generation.engines.patchwork.plan import Plan
from generation.engines.patchwork.remake import shares_of

NOT_LOOKED = "no faces were looked for: dlib-bin is not installed; install homage[engines]"
_CLOSE = 0.05  # a mix whose shares lie within this of the asked weights needs no word


def finished(plan: Plan, pack: Pack, found: Found, tick: Tick) -> Rendering:
    """Blend a field and write its map, which names what nodes copy from and nothing else."""
    tables = pyramid.tables_for(found.field.patch) if plan.base is None else plan.base.tables
    named = sorted({int(owner) for owner in np.unique(pack.sheet.owners[pack.sheet.tile_at(found.field.places)])})
    sheet, moved = tiles.only(pack.sheet, named, found.field.places)
    field = replace(found.field, places=moved)
    blended = blend.blend(field, sheet, tables, plan.inside, tick=tick)
    shares = shares_of([pack.assets[number].id for number in named], blended)
    header = _header(plan, pack, field, tables.shift, dict(zip(named, shares, strict=True)))
    places, weights = field.places.astype(np.int32), field.weights.astype(np.uint16)
    data = write_map(Map(header, places, weights, blended.owner, tables, plan.inside))
    pixels = blended.pixels
    if plan.inside is not None:
        assert plan.source is not None
        pixels = np.where(plan.inside[..., None], pixels, plan.source.pixels)
    return Rendering(
        media=Picture(pixels),
        provenance=Exact(map=data, shares=shares, largest_copy=found.largest_copy),
        facts={"redone_for_copy_cap": found.retries}
        | _faces(plan)
        | _mix_reason(plan, pack, dict(zip(named, shares, strict=True))),
    )


def _header(plan: Plan, pack: Pack, field: blend.Field, shift: int, shares: dict[int, Share]) -> Header:
    listed = [
        {
            "id": pack.assets[number].id,
            "sha256": pack.assets[number].sha256,
            "tile_height": pack.choice.assets[number].size.height,
            "tile_width": pack.choice.assets[number].size.width,
            "tile_sha256": pack.sheet.hashes[number],
            "share": share.share,
            "paints": [list(paint) for paint in pack.choice.assets[number].paints],
        }
        for number, share in shares.items()
    ]
    return Header.model_validate(
        {
            "height": field.height,
            "width": field.width,
            "patch": field.patch,
            "stride": field.stride,
            "turns": list(pack.choice.turns),
            "shift": shift,
            "seed": plan.seed,
            "source": None if plan.source is None else plan.source.sha256,
            "source_needed": plan.inside is not None,
            "composed": plan.composition is not None or (plan.base is not None and plan.base.header.composed),
            "wrap": field.wrap,
            "assets": listed,
        }
    )


def _faces(plan: Plan) -> dict[str, int | str]:
    if plan.composition is not None or not plan.params.portraits:
        return {}
    return {"faces": len(plan.faces) if faces.can_look() else NOT_LOOKED}


def _mix_reason(plan: Plan, pack: Pack, shares: dict[int, Share]) -> dict[str, int | str]:
    """Why a mix did not come out as asked, in words; nothing where it did."""
    given = [0.0] * len(plan.styles)
    for number, share in shares.items():
        given[pack.choice.assets[number].style] += share.share / WHOLE
    off = [part - wish for part, wish in zip(given, plan.weights, strict=True)]
    if plan.base is not None or max(map(abs, off)) <= _CLOSE:
        return {}
    most, least = off.index(max(off)), off.index(min(off))
    return {
        "mix_reason": f"style {most + 1} gave {100 * given[most]:.0f} % instead of {100 * plan.weights[most]:.0f} %,"
        f" style {least + 1} {100 * given[least]:.0f} % instead of {100 * plan.weights[least]:.0f} %:"
        " little of what the latter holds looks like this picture, and pieces may not be copied over and over"
    }
