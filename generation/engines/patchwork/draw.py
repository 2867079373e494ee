"""One request becomes one work: read the styles, redraw the content in their colors, search, blend, write the map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.media import Picture
from generation.engine import BadRequest, Exact, Ingredient, Rendering, Report, Request
from generation.engines.patchwork import blend, pyramid, style, tiles
from generation.engines.patchwork.images import pixels_of, resize, tensor_of
from generation.engines.patchwork.maps import Header, Map, write_map
from generation.engines.patchwork.pack import Pack, Shelf, pack_of
from generation.engines.patchwork.palette import mixed
from generation.engines.patchwork.params import PatchworkParams, Recipe, recipe_of
from generation.engines.patchwork.remake import shares_of
from generation.engines.patchwork.style import Style
from generation.engines.patchwork.target import target_of

MOST_STYLES = 8
SHORTEST = 16  # pixels on the short side of a content and of a work
LARGEST_GROWTH = 2  # a content drawn larger than this has nothing to say

_PARTS = {"learning": (0, 240), "coloring": (240, 320), "matching": (320, 950), "blending": (950, 1000)}


class Studio:
    """Draws works and keeps the style packs it used last."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    def draw(self, request: Request, report: Report) -> Rendering:
        """Raises BadRequest, Cancelled."""
        plan = _plan(request)
        steps = _Steps(report)
        with torch.inference_mode(), _one_thread():
            pack = self._pack(plan, steps)
            found = _searched(plan, pack, steps)
        steps.enter("blending", len(blend.strips(found.field)))
        return _finished(plan, pack, found, steps)

    def _pack(self, plan: _Plan, steps: _Steps) -> Pack:
        key = (tuple(s.key for s in plan.styles), plan.choice, plan.patches, plan.recipe.guide)

        def make() -> Pack:
            count = len(plan.choice.assets) * (2 + len(plan.patches) * (1 + len(plan.choice.turns)))
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


@dataclass(frozen=True, eq=False)
class _Plan:
    """A request that can be drawn."""

    source: Picture
    height: int
    width: int
    recipe: Recipe
    patches: tuple[int, ...]
    styles: tuple[Style, ...]
    weights: tuple[float, ...]  # sum to 1
    choice: tiles.Choice
    seed: int
    max_copy: float


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


def _plan(request: Request) -> _Plan:
    params, source = request.params, request.source
    if not isinstance(params, PatchworkParams):
        raise BadRequest(f"patchwork takes its own parameters, not {type(params).__name__}")
    if source is None:
        raise BadRequest("patchwork redraws a picture and cannot compose without one yet; give a content")
    if request.mask is not None or any(ingredient.region is not None for ingredient in request.styles):
        raise BadRequest("patchwork draws the whole picture and takes no mask or region yet; leave them out")
    if not 0 <= request.seed < 2**32:
        raise BadRequest("a seed is a whole number from 0 to 4,294,967,295")
    height, width = _size(source, params.size)
    recipe = recipe_of(params, most_copy=request.max_copy)
    patches = pyramid.patches_for(recipe, pyramid.level_count(height, width))
    styles = _styles(request.styles)
    total = sum(ingredient.weight for ingredient in request.styles)
    return _Plan(
        source=source,
        height=height,
        width=width,
        recipe=recipe,
        patches=patches,
        styles=styles,
        weights=tuple(ingredient.weight / total for ingredient in request.styles),
        choice=tiles.choose([s.assets for s in styles], max(height, width), 2 * max(patches) + 4, request.seed),
        seed=request.seed,
        max_copy=request.max_copy,
    )


def _size(source: Picture, wished: int) -> tuple[int, int]:
    """Height and width of the work."""
    long = min(wished, LARGEST_GROWTH * max(source.height, source.width))
    scale = long / max(source.height, source.width)
    height, width = max(1, round(source.height * scale)), max(1, round(source.width * scale))
    if min(source.height, source.width, height, width) < SHORTEST:
        raise BadRequest(
            f"the content is {source.width}x{source.height} pixels, the work would be {width}x{height};"
            f" both need at least {SHORTEST} on the short side: crop the content or give a larger one"
        )
    return height, width


def _styles(ingredients: Sequence[Ingredient]) -> tuple[Style, ...]:
    if not 1 <= len(ingredients) <= MOST_STYLES:
        raise BadRequest(f"a work has 1 to {MOST_STYLES} styles, this one has {len(ingredients)}")
    if any(ingredient.weight <= 0 for ingredient in ingredients):
        raise BadRequest("a style's weight is above 0; leave out a style that is not wanted")
    styles = tuple(style.unpack(ingredient.prepared) for ingredient in ingredients)
    ids = [asset.id for s in styles for asset in s.assets]
    if len(set(ids)) != len(ids):
        raise BadRequest("two of the styles hold the same asset; give each asset in one style only")
    return styles


def _searched(plan: _Plan, pack: Pack, steps: _Steps) -> pyramid.Found:
    content = tensor_of(plan.source.pixels)
    content = resize(content, plan.height, plan.width)
    dice = torch.Generator().manual_seed(plan.seed)
    steps.enter("coloring", 8)
    palette = mixed(pack.palettes, plan.weights, dice)
    target = target_of(content, palette, plan.recipe.coloring, dice, steps.tick)
    steps.enter("matching", pyramid.rounds_ahead(pack, plan.height, plan.width))
    found = pyramid.searched(
        pack,
        target,
        plan.recipe,
        plan.weights,
        plan.seed,
        step=steps.advance,
        seen=steps.show,
    )
    if found.largest_copy > plan.max_copy:
        raise BadRequest(
            f"one unchanged piece would be {100 * found.largest_copy:.2f} % of the work, the licenses allow"
            f" {100 * plan.max_copy:.2f} %; try another seed, a lower strength or a larger size",
            largest_copy=found.largest_copy,
        )
    return found


def _finished(plan: _Plan, pack: Pack, found: pyramid.Found, steps: _Steps) -> Rendering:
    tables = pyramid.tables_for(found.field.patch)
    blended = blend.blend(found.field, pack.sheet, tables, tick=steps.tick)
    shares = shares_of([asset.id for asset in pack.assets], blended)
    listed = [
        {
            "id": asset.id,
            "sha256": asset.sha256,
            "tile_height": size.height,
            "tile_width": size.width,
            "tile_sha256": tile_hash,
            "share": share.share,
        }
        for asset, size, tile_hash, share in zip(pack.assets, pack.sizes, pack.sheet.hashes, shares, strict=True)
    ]
    header = Header.model_validate(
        {
            "height": plan.height,
            "width": plan.width,
            "patch": found.field.patch,
            "stride": found.field.stride,
            "turns": list(pack.turns),
            "shift": tables.shift,
            "seed": plan.seed,
            "source": plan.source.sha256,
            "source_needed": False,
            "assets": listed,
        }
    )
    places, weights = found.field.places.astype(np.int32), found.field.weights.astype(np.uint16)
    data = write_map(Map(header, places, weights, blended.owner, tables, None))
    return Rendering(
        media=Picture(blended.pixels),
        provenance=Exact(map=data, shares=shares, largest_copy=found.largest_copy),
        facts={"redone_for_copy_cap": found.retries},
    )
