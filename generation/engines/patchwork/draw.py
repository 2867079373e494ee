"""One request becomes one work: read the styles, redraw the content in their colors, search, blend, write the map."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.media import Picture
from core.shares import WHOLE
from generation.engine import BadRequest, Exact, Rendering, Report, Request, Share
from generation.engines.patchwork import blend, compose, faces, pyramid, remake, sketch
from generation.engines.patchwork.copies import largest_copy
from generation.engines.patchwork.guard import Found
from generation.engines.patchwork.images import pixels_of, resize, shrunk, tensor_of
from generation.engines.patchwork.maps import Header, Map, write_map
from generation.engines.patchwork.pack import Pack, Shelf, pack_of
from generation.engines.patchwork.palette import mixed
from generation.engines.patchwork.params import PORTRAIT
from generation.engines.patchwork.plan import Plan, plan_of
from generation.engines.patchwork.remake import shares_of
from generation.engines.patchwork.search import Guidance
from generation.engines.patchwork.target import target_of

_PARTS = {"learning": (0, 240), "coloring": (240, 320), "matching": (320, 950), "blending": (950, 1000)}
NOT_LOOKED = "no faces were looked for: dlib-bin is not installed; install homage[engines]"
_CLOSE = 0.05  # a mix whose shares lie within this of the asked weights needs no word


class Studio:
    """Draws works and keeps the style packs it used last."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    def draw(self, request: Request, report: Report) -> Rendering:
        """Raises BadRequest, Cancelled."""
        plan = plan_of(request)
        steps = _Steps(report)
        with torch.inference_mode(), _one_thread():
            pack = self._pack(plan, steps)
            new = plan.composition
            found = _redrawn(plan, pack, steps) if new is None else _composed(plan, new, pack, steps)
        steps.enter("blending", len(blend.strips(found.field)))
        return _finished(plan, pack, found, steps)

    def _pack(self, plan: Plan, steps: _Steps) -> Pack:
        key = (tuple(s.key for s in plan.styles), plan.choice, plan.patches, plan.recipe.guide)

        def make() -> Pack:
            count = len(plan.choice.assets) * (6 + len(plan.patches) * (1 + len(plan.choice.turns)))
            steps.enter("learning", count + 5 * len(plan.patches) + len(plan.styles))
            return pack_of(plan.styles, plan.choice, plan.patches, plan.recipe.guide, steps.tick)

        return self._shelf.get(key, make)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums come out alike at any load, so one seed is one work; more workers use more cores better than threads do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Steps:
    """Progress in thousandths over the parts of a drawing; each call may raise Cancelled."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stage, self._done, self._of = "learning", 0, 1

    def enter(self, stage: str, of: int) -> None:
        self._stage, self._done, self._of = stage, 0, max(1, of)
        self.advance(0)

    def tick(self) -> None:
        self.advance(1)

    def advance(self, by: int, preview: Picture | None = None) -> None:
        self._done = min(self._of, self._done + by)
        begin, end = _PARTS[self._stage]
        self._report(begin + (end - begin) * self._done // self._of, 1000, self._stage, preview)

    def show(self, picture: Tensor) -> None:
        self.advance(0, Picture(pixels_of(picture)))


def _redrawn(plan: Plan, pack: Pack, steps: _Steps) -> Found:
    """A content searched for. Faces are colored quietly and held tightly, whatever the rest does."""
    source = plan.source
    content = _content(plan)
    dice = torch.Generator().manual_seed(plan.seed)
    steps.enter("coloring", 16)
    palette = mixed(pack.palettes, plan.weights, dice)
    target = target_of(content, palette, plan.recipe.coloring, dice, steps.tick)
    focus = None
    if plan.faces and source is not None:
        focus = faces.focus_of(faces.scaled(plan.faces, plan.height / source.height), plan.height, plan.width)
        quiet = replace(PORTRAIT, own=plan.recipe.coloring.own)
        target = torch.lerp(target, target_of(content, palette, quiet, dice, steps.tick), focus)
    regions = torch.from_numpy(np.stack(plan.regions)).float()[:, None] if plan.regions else None
    steps.enter("matching", pyramid.rounds_ahead(pack, plan.height, plan.width))
    pinned, limit = _pinned(plan), plan.limit
    if pinned is not None:  # what stays may be as large as it is, if the licenses say so
        limit = max(limit, min(plan.max_copy, largest_copy(pinned.field, pack.sheet)))
    task = pyramid.Task(pack, Guidance(target, focus, regions), plan.recipe, plan.weights, plan.seed, limit, pinned)
    return pyramid.searched(task, step=steps.advance, seen=steps.show)


def _content(plan: Plan) -> Tensor:
    """What is redrawn, in the work's size. An earlier work that was composed is its own content."""
    if plan.source is not None:
        return resize(tensor_of(plan.source.pixels), plan.height, plan.width)
    assert plan.base is not None
    return tensor_of(remake.replay(plan.base, [one.data for one in plan.styles], None).pixels)


def _composed(plan: Plan, new: compose.Composition, pack: Pack, steps: _Steps) -> Found:
    """A new work: its layout first, after the fan's rough wish where there is one, then the strokes."""
    dice = torch.Generator().manual_seed(plan.seed)
    steps.enter("coloring", 8 + compose.layout_steps(new, plan.source is not None))
    guide = None
    if plan.source is not None:
        wish, palette = tensor_of(plan.source.pixels), mixed(pack.palettes, plan.weights, dice)
        if plan.params.source_is == "sketch":
            guide = sketch.sketch(wish, palette)
        else:
            guide = sketch.color_map(wish, palette, plan.recipe.coloring, dice, steps.tick)
    layout = compose.layout_of(pack, new, dice, steps.tick, guide)
    steps.enter("matching", compose.rounds_ahead(pack, new))
    return compose.composed(pack, layout, new, plan.recipe, plan.seed, step=steps.advance, seen=steps.show)


def _pinned(plan: Plan) -> pyramid.Pinned | None:
    """A node may change where all of its patch is painted anew: so nothing outside of the mask does."""
    if plan.base is None or plan.repaint is None:
        return None
    paint = plan.repaint if plan.inside is None else plan.repaint & plan.inside
    field = plan.base.field
    free = shrunk(torch.from_numpy(paint), field.patch // 2)
    rows, columns = field.places.shape
    y, x = np.arange(rows) * field.stride, np.arange(columns) * field.stride
    at = free[np.minimum(y, plan.height - 1)][:, np.minimum(x, plan.width - 1)]
    if not bool(at.any()):
        raise BadRequest(f"the part to paint is too thin for a stroke; mark one at least {2 * field.patch} pixels wide")
    return pyramid.Pinned(field, at.reshape(-1))


def _finished(plan: Plan, pack: Pack, found: Found, steps: _Steps) -> Rendering:
    tables = pyramid.tables_for(found.field.patch) if plan.base is None else plan.base.tables
    blended = blend.blend(found.field, pack.sheet, tables, plan.inside, tick=steps.tick)
    shares = shares_of([asset.id for asset in pack.assets], blended)
    header = _header(plan, pack, found, tables.shift, shares)
    places, weights = found.field.places.astype(np.int32), found.field.weights.astype(np.uint16)
    data = write_map(Map(header, places, weights, blended.owner, tables, plan.inside))
    pixels = blended.pixels
    if plan.inside is not None:
        assert plan.source is not None
        pixels = np.where(plan.inside[..., None], pixels, plan.source.pixels)
    return Rendering(
        media=Picture(pixels),
        provenance=Exact(map=data, shares=shares, largest_copy=found.largest_copy),
        facts={"redone_for_copy_cap": found.retries} | _faces(plan) | _mix_reason(plan, pack, shares),
    )


def _header(plan: Plan, pack: Pack, found: Found, shift: int, shares: tuple[Share, ...]) -> Header:
    listed = [
        {
            "id": asset.id,
            "sha256": asset.sha256,
            "tile_height": one.size.height,
            "tile_width": one.size.width,
            "tile_sha256": tile_hash,
            "share": share.share,
            "paints": [list(paint) for paint in one.paints],
        }
        for asset, one, tile_hash, share in zip(pack.assets, pack.choice.assets, pack.sheet.hashes, shares, strict=True)
    ]
    return Header.model_validate(
        {
            "height": plan.height,
            "width": plan.width,
            "patch": found.field.patch,
            "stride": found.field.stride,
            "turns": list(pack.choice.turns),
            "shift": shift,
            "seed": plan.seed,
            "source": None if plan.source is None else plan.source.sha256,
            "source_needed": plan.inside is not None,
            "wrap": found.field.wrap,
            "assets": listed,
        }
    )


def _faces(plan: Plan) -> dict[str, int | str]:
    if plan.composition is not None or not plan.params.portraits:
        return {}
    return {"faces": len(plan.faces) if faces.can_look() else NOT_LOOKED}


def _mix_reason(plan: Plan, pack: Pack, shares: tuple[Share, ...]) -> dict[str, int | str]:
    """Why a mix did not come out as asked, in words; nothing where it did."""
    given = [0.0] * len(plan.styles)
    for one, share in zip(pack.choice.assets, shares, strict=True):
        given[one.style] += share.share / WHOLE
    off = [part - wish for part, wish in zip(given, plan.weights, strict=True)]
    if plan.base is not None or max(map(abs, off)) <= _CLOSE:
        return {}
    most, least = off.index(max(off)), off.index(min(off))
    return {
        "mix_reason": f"style {most + 1} gave {100 * given[most]:.0f} % instead of {100 * plan.weights[most]:.0f} %,"
        f" style {least + 1} {100 * given[least]:.0f} % instead of {100 * plan.weights[least]:.0f} %:"
        " little of what the latter holds looks like this picture, and pieces may not be copied over and over"
    }
