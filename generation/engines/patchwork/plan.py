"""A request checked and laid out: sizes, weights, assets and what is kept, before anything costly begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.media import Picture
from generation.engine import BadRequest, Ingredient, Request, as_picture
from generation.engines.patchwork import blend, compose, maps, paint, pyramid, style, tiles
from generation.engines.patchwork.compose import Composition
from generation.engines.patchwork.faces import LONG_SIDE, Box, faces_of
from generation.engines.patchwork.features import STRIDE
from generation.engines.patchwork.maps import Map
from generation.engines.patchwork.params import (
    LARGEST,
    PREVIEW,
    PREVIEWED_WHOLE,
    PatchworkParams,
    PreviewParams,
    Recipe,
    recipe_of,
)
from generation.engines.patchwork.style import Style
from generation.engines.patchwork.tiles import Choice, Chosen, TileSize

Bools = NDArray[np.bool_]

MOST_STYLES = 8
SHORTEST = 16  # pixels on the short side of a content and of a work
_MOST_SAMPLES = 8
_REGION_SIDE = 1024  # nodes lie four pixels apart, so regions need be no finer
_FEWEST = 4  # nodes of a piece that is no piece yet
LARGEST_GROWTH = 2  # a content drawn larger than this has nothing to say


@dataclass(frozen=True, eq=False)
class Plan:
    """A request that can be drawn.

    `inside`: bool [h, w], the pixels that are rendered where the rest is the source's; None is all. `repaint`: bool
    [h, w], what of the earlier work `base` is painted anew. `regions`: where each style may be used; empty: anywhere.
    `weights` sum to 1. `faces`: found in the source, in its pixels. `composition`: what a new work is, where no content
    is redrawn. `limit`: no copied piece may be larger, as a fraction of the work; the licenses' own is `max_copy`.
    `halvings`: how many of the finest scales are left out, as in a preview; `patches` and `limit` are without them.
    """

    source: Picture | None
    height: int
    width: int
    params: PatchworkParams
    recipe: Recipe
    patches: tuple[int, ...]
    styles: tuple[Style, ...]
    weights: tuple[float, ...]
    regions: tuple[Bools, ...]
    choice: Choice
    seed: int
    limit: float
    max_copy: float
    inside: Bools | None = None
    base: Map | None = None
    repaint: Bools | None = None
    faces: tuple[Box, ...] = ()
    composition: Composition | None = None
    halvings: int = 0


def plan_of(request: Request) -> Plan:
    """Raises BadRequest saying what does not fit."""
    params = request.params
    if not isinstance(params, PatchworkParams):
        raise BadRequest(f"patchwork takes its own parameters, not {type(params).__name__}")
    if not 0 <= request.seed < 2**32:
        raise BadRequest("a seed is a whole number from 0 to 4,294,967,295")
    styles = _styles(request.styles)
    total = sum(ingredient.weight for ingredient in request.styles)
    weights = tuple(ingredient.weight / total for ingredient in request.styles)
    recipe = recipe_of(params, most_copy=request.max_copy)
    base = None if request.base is None else _base(request)
    new = base is None and (request.source is None or params.source_is != "picture")
    if new:
        return _new_work(request, params, recipe, styles, weights)
    height, width = _size(request, params, base)
    patches = pyramid.patches_for(recipe, pyramid.level_count(height, width))
    if base is not None:
        patches = (*patches[:-1], base.header.patch)
    halvings = 0 if base is not None or request.mask is not None else _halvings(params, height, width)
    patches = patches[: len(patches) - halvings]
    regions = _regions(request.styles, height, width)
    choice = _choice(styles, params, request, (height, width), 2 * max(patches) + 4, base)
    return Plan(
        source=_source(request),
        height=height,
        width=width,
        params=params,
        recipe=recipe,
        patches=patches,
        styles=styles,
        weights=_wished(weights, regions),
        regions=regions,
        choice=choice,
        seed=request.seed,
        limit=_limit(request, params, pyramid.sides_at(height, width, halvings), patches[-1]),
        max_copy=request.max_copy,
        inside=request.mask if base is None else base.inside,
        base=base,
        repaint=None if base is None else request.mask,
        halvings=halvings,
        faces=_faces(request, params, max(height, width)),
    )


def _source(request: Request) -> Picture | None:
    return None if request.source is None else as_picture(request.source)


def _faces(request: Request, params: PatchworkParams, long_side: int) -> tuple[Box, ...]:
    """Those of the source, looked for no closer than a work of this size could show them."""
    source = _source(request)
    if source is None or not params.portraits:
        return ()
    return tuple(faces_of(source.pixels, min(LONG_SIDE, 2 * long_side)))


def _new_work(
    request: Request, params: PatchworkParams, recipe: Recipe, styles: tuple[Style, ...], weights: tuple[float, ...]
) -> Plan:
    """A work that is no content redrawn. The asset whose arrangement it begins with gets the area of the work."""
    source = _source(request)
    if request.mask is not None or any(one.region is not None for one in request.styles):
        raise BadRequest("a new work is made as a whole; leave out mask and regions, or give a picture to redraw")
    if source is not None and min(source.height, source.width) < SHORTEST:
        raise BadRequest(f"the {params.source_is} need at least {SHORTEST} pixels on the short side; give a larger one")
    least = 2 * max(recipe.patches) + 4
    paints = _paints(styles, params, source)
    first = tiles.choose([s.assets for s in styles], params.size, least, request.seed, paints)
    owners = tuple(one.style for one in first.assets)
    begins = compose.base_of(owners, weights, request.seed)
    size = first.assets[begins].size
    ratio = params.ratio or _own_ratio(params, source, size)
    height, width = compose.size_of(params.kind, ratio, params.size)
    patches = pyramid.patches_for(recipe, compose.level_count(height, width))
    halvings = _halvings(params, height, width)
    patches = patches[: len(patches) - halvings]
    long_side = max(least, round(compose.tile_side(height, width, size) * params.stroke_scale))
    chosen = tiles.fitting(first.assets, [s.assets for s in styles], long_side, least)
    limit = _limit(request, params, pyramid.sides_at(height, width, halvings), patches[-1])
    return Plan(
        source=source,
        height=height,
        width=width,
        params=params,
        recipe=recipe,
        patches=patches,
        styles=styles,
        weights=weights,
        regions=(),
        choice=Choice(chosen, (0,)),
        seed=request.seed,
        limit=limit,
        max_copy=request.max_copy,
        composition=compose.Composition(params.kind, height, width, chosen, owners, weights, begins, limit, halvings),
        halvings=halvings,
    )


def _own_ratio(params: PatchworkParams, source: Picture | None, begins: TileSize) -> float:
    if source is not None:
        return source.width / source.height
    return begins.width / begins.height if params.kind in ("variation", "retarget") else 1.0


def _halvings(params: PatchworkParams, height: int, width: int) -> int:
    """How many of a work's finest scales are left out: none of them, unless a preview of it is wished."""
    long, short = max(height, width), min(height, width)
    if not isinstance(params, PreviewParams) or long <= PREVIEWED_WHOLE:
        return 0
    return min(max(1, math.ceil(math.log2(long / PREVIEW))), math.floor(math.log2(short / SHORTEST)))


def _limit(request: Request, params: PatchworkParams, sides: tuple[int, int], patch: int) -> float:
    """A few nodes are no piece yet, except to a license that says so."""
    nodes = math.prod(blend.nodes_along(side, patch, STRIDE) for side in sides)
    if request.max_copy * nodes < 1:
        raise BadRequest(
            f"{100 * request.max_copy:.4f} % of the work is allowed to be one unchanged piece, which is less than a"
            " single stroke; make a larger work, or ask for another license"
        )
    return min(request.max_copy, max(params.copy_cap, _FEWEST / nodes))


def _base(request: Request) -> Map:
    """The earlier work's map. Raises BadRequest where it is not of this source, or nothing of it is to be painted."""
    assert request.base is not None
    base = maps.read_map(request.base)
    header = base.header
    if request.mask is None:
        raise BadRequest("say which part of the earlier work is painted anew: give a mask")
    if header.source != (request.source.sha256 if request.source else None):
        raise BadRequest("the earlier work was made from another content; give the same file")
    if header.wrap:
        raise BadRequest("a seamless tile is painted as a whole; order another one")
    if request.mask.shape != (header.height, header.width):
        raise BadRequest(f"the mask must have the earlier work's size of {header.width}x{header.height} pixels")
    return base


def _size(request: Request, params: PatchworkParams, base: Map | None) -> tuple[int, int]:
    """Height and width of the work."""
    source, mask = _source(request), request.mask
    if base is not None:
        return base.header.height, base.header.width
    assert source is not None
    if mask is not None:
        return _masked_size(source, mask)
    long = min(params.size, LARGEST_GROWTH * max(source.height, source.width))
    scale = long / max(source.height, source.width)
    height, width = max(1, round(source.height * scale)), max(1, round(source.width * scale))
    if min(source.height, source.width, height, width) < SHORTEST:
        raise BadRequest(
            f"the content is {source.width}x{source.height} pixels, the work would be {width}x{height};"
            f" both need at least {SHORTEST} on the short side: crop the content or give a larger one"
        )
    return height, width


def _masked_size(source: Picture, mask: Bools) -> tuple[int, int]:
    height, width = source.height, source.width
    if mask.shape != (height, width):
        raise BadRequest(f"the mask is {mask.shape[1]}x{mask.shape[0]} pixels, its content {width}x{height}")
    if not mask.any():
        raise BadRequest("the mask is empty; mark what is to be painted")
    if max(height, width) > LARGEST or min(height, width) < SHORTEST:
        raise BadRequest(
            f"a part of a {width}x{height} picture cannot be painted: its sides must be {SHORTEST} to {LARGEST:,}"
            " pixels; scale it first"
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
    if len({asset.sha256 for s in styles for asset in s.assets}) != len(ids):
        raise BadRequest("two of the styles hold the same picture under two names; give it in one style only")
    return styles


def _regions(ingredients: Sequence[Ingredient], height: int, width: int) -> tuple[Bools, ...]:
    """Where each style may be used, on a grid of the work's shape; everywhere where no style would be."""
    if all(ingredient.region is None for ingredient in ingredients):
        return ()
    scale = min(1.0, _REGION_SIDE / max(height, width))
    height, width = max(1, round(height * scale)), max(1, round(width * scale))
    regions = [
        np.ones((height, width), bool) if one.region is None else _stretched(one.region, height, width)
        for one in ingredients
    ]
    nobodys = ~np.logical_or.reduce(regions)
    return tuple(region | nobodys for region in regions)


def _stretched(region: Bools, height: int, width: int) -> Bools:
    rows = np.arange(height) * region.shape[0] // height
    columns = np.arange(width) * region.shape[1] // width
    return np.asarray(region[rows[:, None], columns[None]])


def _wished(weights: Sequence[float], regions: Sequence[Bools]) -> tuple[float, ...]:
    """Each style's part of the work: where several may be used, they divide the place by their weights."""
    if not regions:
        return tuple(weights)
    among = sum(region * weight for region, weight in zip(regions, weights, strict=True))
    return tuple(float((region * weight / among).mean()) for region, weight in zip(regions, weights, strict=True))


def _choice(
    styles: Sequence[Style],
    params: PatchworkParams,
    request: Request,
    size: tuple[int, int],
    least: int,
    base: Map | None,
) -> Choice:
    """What the work draws from. A part that is painted anew draws from the very tiles of the earlier work first."""
    long_side = max(least, round(max(size) * params.stroke_scale))
    paints = _paints(styles, params, _source(request))
    chosen = tiles.choose([s.assets for s in styles], long_side, least, request.seed, paints)
    if base is None:
        return chosen
    kept = _kept(styles, base)
    had = {(one.style, one.asset) for one in kept}
    shown = {one.style for one in kept}
    room = tiles.MOST_KEYS // len(base.header.turns)
    more: list[Chosen] = []
    for one in sorted(chosen.assets, key=lambda one: one.style in shown):
        if (one.style, one.asset) not in had and tiles.keys([*kept, *more, one]) <= room:
            more.append(one)
    if {one.style for one in (*kept, *more)} != set(range(len(styles))):
        raise BadRequest("the earlier work draws from so much that another style finds no room; paint in its own style")
    return Choice((*kept, *more), tuple(base.header.turns))


def _paints(styles: Sequence[Style], params: PatchworkParams, source: Picture | None) -> list[tuple[tiles.Paint, ...]]:
    """The colors that each style's tiles are there in."""
    if not params.own_colors and not params.wished_color:
        return [()] * len(styles)
    content = None if source is None else source.pixels
    return [paint.mixtures(_samples(s), content, params.own_colors, params.wished_color) for s in styles]


def _samples(of: Style) -> list[NDArray[np.uint8]]:
    """Some of a style's assets, for their colors."""
    return [asset.pixels for asset in of.assets[:: max(1, len(of.assets) // _MOST_SAMPLES)]]


def _kept(styles: Sequence[Style], base: Map) -> list[Chosen]:
    where = {asset.sha256: (s, a) for s, one in enumerate(styles) for a, asset in enumerate(one.assets)}
    named = {(asset.id, asset.sha256): (s, a) for s, one in enumerate(styles) for a, asset in enumerate(one.assets)}
    kept = []
    for asset in (base.header.assets[number] for number in maps.used(base)):
        if asset.sha256 not in where:
            raise BadRequest(
                f"the earlier work draws from asset {asset.id}, which the given styles do not hold; give its style",
                asset=asset.id,
            )
        s, a = named.get((asset.id, asset.sha256), where[asset.sha256])
        paints = tuple(tuple(one) for one in asset.paints)
        kept.append(Chosen(s, a, TileSize(asset.tile_height, asset.tile_width), paints))
    return kept
