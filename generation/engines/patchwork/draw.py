"""One request becomes one work: read the styles, redraw the content in their colors, search, blend, write the map.

The search runs on the device of the studio. What it is given is made on the CPU and moved once: the pack, and the
content in the style's colors (with faces, or a new work's layout). What it found comes back as whole numbers, and the
blend of those is the CPU's alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.media import Picture
from generation.engine import BadRequest, Rendering, Report, Request
from generation.engines.patchwork import blend, compose, faces, pyramid, remake, sketch, tiles
from generation.engines.patchwork.copies import largest_copy
from generation.engines.patchwork.device import alike
from generation.engines.patchwork.finish import finished
from generation.engines.patchwork.guard import Found
from generation.engines.patchwork.images import pixels_of, resize, shrunk, tensor_of
from generation.engines.patchwork.maps import check_places, used
from generation.engines.patchwork.materials import surfaces_of
from generation.engines.patchwork.pack import Pack, Shelf, pack_of
from generation.engines.patchwork.palette import mixed
from generation.engines.patchwork.params import PORTRAIT
from generation.engines.patchwork.plan import Plan, plan_of
from generation.engines.patchwork.search import Guidance
from generation.engines.patchwork.target import target_of

_PARTS = {"learning": (0, 240), "coloring": (240, 320), "matching": (320, 950), "blending": (950, 1000)}
_GUIDE = 1024  # pixels of the long side in which a preview's content is redrawn, at most


class Studio:
    """Draws works on a device, and keeps the style packs it used last."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._shelf = Shelf()

    def draw(self, requests: Sequence[Request], report: Report) -> list[Rendering]:
        """One work for each, one after the other, the same as if it were alone. Raises BadRequest, Cancelled.

        All are planned first. Those that draw from the same pack follow each other: it is built once, and held.
        """
        plans = [plan_of(request) for request in requests]
        sharing: dict[Hashable, list[int]] = {}
        for number, plan in enumerate(plans):
            sharing.setdefault(_pack_key(plan), []).append(number)
        made: dict[int, Rendering] = {}
        for numbers in sharing.values():
            pack: Pack | None = None
            for number in numbers:
                steps = _Steps(report, len(made), len(plans))
                pack = pack or self._pack(plans[number], steps)
                made[number] = self._drawn(plans[number], pack, steps)
        return [made[number] for number in range(len(plans))]

    def _drawn(self, plan: Plan, pack: Pack, steps: _Steps) -> Rendering:
        with torch.inference_mode(), alike(self._device):
            new = plan.composition
            found = _redrawn(plan, pack, steps) if new is None else _composed(plan, new, pack, steps)
        steps.enter("blending", len(blend.strips(found.field)))
        return finished(plan, pack, found, steps.tick)

    def _pack(self, plan: Plan, steps: _Steps) -> Pack:
        def make() -> Pack:
            count = len(plan.choice.assets) * (6 + len(plan.patches) * (1 + len(plan.choice.turns)))
            steps.enter("learning", count + 5 * len(plan.patches) + len(plan.styles))
            with torch.inference_mode(), alike(self._device):
                pack = pack_of(plan.styles, plan.choice, plan.patches, plan.recipe.guide, plan.halvings, steps.tick)
                return pack.on(self._device)

        return self._shelf.get(_pack_key(plan), make)


def _pack_key(plan: Plan) -> Hashable:
    """Equal for plans that draw from the same pack."""
    return tuple(s.key for s in plan.styles), plan.choice, plan.patches, plan.recipe.guide, plan.halvings


class _Steps:
    """Progress over the parts of a drawing, in thousandths of each of `works`, when `before` of them are done.

    Each call may raise Cancelled.
    """

    def __init__(self, report: Report, before: int, works: int) -> None:
        self._report, self._before, self._of_all = report, 1000 * before, 1000 * works
        self._stage, self._done, self._of = "learning", 0, 1

    def enter(self, stage: str, of: int) -> None:
        self._stage, self._done, self._of = stage, 0, max(1, of)
        self.advance(0)

    def tick(self) -> None:
        self.advance(1)

    def advance(self, by: int, preview: Picture | None = None) -> None:
        self._done = min(self._of, self._done + by)
        begin, end = _PARTS[self._stage]
        step = self._before + begin + (end - begin) * self._done // self._of
        self._report(step, self._of_all, self._stage, preview)

    def show(self, picture: Tensor) -> None:
        self.advance(0, Picture(pixels_of(picture)))


def _redrawn(plan: Plan, pack: Pack, steps: _Steps) -> Found:
    """A content searched for. Faces are colored quietly and held tightly, whatever the rest does."""
    source = plan.source
    height, width = _guide_size(plan)
    content = _content(plan, height, width)
    dice = torch.Generator().manual_seed(plan.seed)
    steps.enter("coloring", 16)
    palette = mixed(pack.palettes, plan.weights, dice)
    match = pack.materials.match(surfaces_of(content), pack.colors)
    target = target_of(content, palette, plan.recipe.coloring, dice, steps.tick, match.likely)
    focus = None
    if plan.faces and source is not None:
        focus = faces.focus_of(faces.scaled(plan.faces, height / source.height), height, width)
        quiet = replace(PORTRAIT, own=plan.recipe.coloring.own)
        target = torch.lerp(target, target_of(content, palette, quiet, dice, steps.tick, match.likely), focus)
    regions = torch.from_numpy(np.stack(plan.regions)) if plan.regions else None
    last = len(plan.patches) - 1 + plan.halvings
    sides = [pyramid.sides_at(plan.height, plan.width, last - level) for level in range(len(plan.patches))]
    steps.enter("matching", pyramid.rounds_ahead(pack, sides))
    pinned, limit = _pinned(plan, pack), plan.limit
    if pinned is not None:  # what stays may be as large as it is, if the licenses say so
        limit = max(limit, min(plan.max_copy, largest_copy(pinned.field, pack.sheet)))
    guidance = Guidance(target, focus, regions, match)
    task = pyramid.Task(pack, sides, guidance, plan.recipe, plan.weights, plan.seed, limit, pinned)
    return pyramid.searched(task, step=steps.advance, seen=steps.show)


def _guide_size(plan: Plan) -> tuple[int, int]:
    """Height and width in which the content is redrawn: the work's, since what the search finds hangs on it."""
    by = max(1.0, max(plan.height, plan.width) / _GUIDE) if plan.halvings else 1.0
    return max(1, round(plan.height / by)), max(1, round(plan.width / by))


def _content(plan: Plan, height: int, width: int) -> Tensor:
    """What is redrawn, in this size. An earlier work that is no content redrawn is its own content."""
    if plan.source is not None and not (plan.base is not None and plan.base.header.composed):
        return resize(tensor_of(plan.source.pixels), height, width)
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


def _pinned(plan: Plan, pack: Pack) -> pyramid.Pinned | None:
    """A node may change where all of its patch is painted anew: so nothing outside of the mask does.

    Raises BadRequest where the mask is too thin, or the earlier work does not fit its styles any more.
    """
    if plan.base is None or plan.repaint is None:
        return None
    paint = plan.repaint if plan.inside is None else plan.repaint & plan.inside
    if not paint.any():
        raise BadRequest(
            "the earlier work was painted in a part only, and the mask lies beside it; mark what it painted"
        )
    field = plan.base.field
    free = shrunk(torch.from_numpy(paint), field.patch // 2)
    rows, columns = field.places.shape
    y, x = np.arange(rows) * field.stride, np.arange(columns) * field.stride
    at = free[np.minimum(y, plan.height - 1)][:, np.minimum(x, plan.width - 1)]
    if not bool(at.any()):
        raise BadRequest(f"the part to paint is too thin for a stroke; mark one at least {2 * field.patch} pixels wide")
    before = remake.sheet_of(plan.base, [one.data for one in plan.styles])
    check_places(field, before)
    kept, places = tiles.only(before, used(plan.base), field.places)
    assert (kept.starts == pack.sheet.starts[: len(kept.starts)]).all()  # they come first on the new sheet
    return pyramid.Pinned(replace(field, places=places), at.reshape(-1))
