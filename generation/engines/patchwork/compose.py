"""New works from licensed pictures alone: a small layout first, then strokes over it, scale by scale.

The layout is a new picture made of patches of the styles (see `layout`). It guides the coarse scales of the same
search that redraws a content; toward the finest scale the guide fades, since it has nothing to say about strokes.
A work that wraps is searched with its edges continued by what lies opposite, and cut out of that. The layout is made on
the CPU, the strokes on the device that the pack's atlases are on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
import torch
from torch import Tensor

from generation.engines.patchwork.atlas import Tick
from generation.engines.patchwork.blend import Field
from generation.engines.patchwork.features import STRIDE, Lattice
from generation.engines.patchwork.guard import OFFERED, Found, Nodes, kept_below
from generation.engines.patchwork.images import resize, tensor_of
from generation.engines.patchwork.layout import Shaping, Source, laid_out, steps_ahead
from generation.engines.patchwork.pack import Pack
from generation.engines.patchwork.params import Recipe
from generation.engines.patchwork.pyramid import Seen, Steering, Step, enlarged, field_of
from generation.engines.patchwork.search import ROUNDS, Guidance, Search
from generation.engines.patchwork.tiles import KEY_STEP, Chosen, TileSize, tile, versions

Kind = Literal["variation", "retarget", "texture", "tile"]
_Number = TypeVar("_Number", int, float)

_LAYOUT_SIDE = 76  # a layout has the area of a square of this side, less when it has many sources
_LAYOUT_SHORTEST = 10
_MOST_SOURCES = 4  # assets that a layout is made of, or one of each style; the strokes come from all
_BASE = 4.0  # the base is that many times as present in a layout as another asset of its style
_FIRST = 100  # pixels of the long side from which on strokes are searched
_MARGIN = 4  # nodes
_ITERATIONS, _FRESH = (8, 7, 6, 5), (3, 2, 1)
_AGAIN = 4  # iterations when a piece is too large
_FADE = (1.0, 0.5, 0.25, 0.15)  # of the guide's weight, coarse to fine
_AIM = 0.85  # of the cap that a redrawn content aims at: a layout asks for larger pieces

_SHAPING: dict[Kind, Shaping] = {
    "variation": Shaping(coarsest=20, noise=0.6, complete=1.0, cap=0.1),
    "retarget": Shaping(coarsest=27, noise=0.05, complete=1.0, cap=0.3),
    "texture": Shaping(coarsest=56, noise=0.0, complete=0.3, cap=0.05),
    "tile": Shaping(coarsest=56, noise=0.0, complete=0.3, cap=0.05, wrap=True),
}


@dataclass(frozen=True)
class Composition:
    """What is to be made of a pack's assets.

    `chosen`: the assets, with tiles of the work's own size. `owners`: the ingredient of each. `weights`: of each
    ingredient, summing to 1. `base`: the asset whose arrangement a variation or a retarget begins with. A work of kind
    `tile` has whole strides as sides. `limit`: no copied piece is larger, as a fraction of the work. `halvings`: how
    many of the finest scales are left out.
    """

    kind: Kind
    height: int
    width: int
    chosen: tuple[Chosen, ...]
    owners: tuple[int, ...]
    weights: tuple[float, ...]
    base: int
    limit: float
    halvings: int = 0

    @property
    def wrap(self) -> bool:
        return self.kind == "tile"


def base_of(owners: Sequence[int], weights: Sequence[float], seed: int) -> int:
    """An asset drawn by the seed: of each ingredient as often as it weighs, of its assets alike."""
    each = np.array([weights[owner] / owners.count(owner) for owner in owners])
    return int(np.random.default_rng(seed).choice(len(owners), p=each / each.sum()))


def size_of(kind: Kind, ratio: float, size: int) -> tuple[int, int]:
    """Height and width of a work with `size` on its long side; `ratio`: width over height."""
    height, width = (size / ratio, float(size)) if ratio >= 1 else (float(size), size * ratio)
    step = STRIDE if kind == "tile" else 1
    return max(4 * STRIDE, round(height / step) * step), max(4 * STRIDE, round(width / step) * step)


def tile_side(height: int, width: int, base: TileSize) -> int:
    """Long side of the assets' tiles: the base gets the area of the work, whatever the shapes of both."""
    return round(math.sqrt(height * width * max(base.height, base.width) / min(base.height, base.width)))


def level_count(height: int, width: int) -> int:
    """3 at 512 pixels, 4 from 800 on."""
    return max(1, 1 + math.floor(math.log2(max(height, width) / _FIRST)))


def layout_steps(plan: Composition, guided: bool) -> int:
    """How often `layout_of` ticks."""
    return 1 + steps_ahead(_layout_sides(plan), _shaping(plan, guided))


def rounds_ahead(pack: Pack, plan: Composition) -> int:
    """Node rounds of a whole search: the measure of progress."""
    total = 0
    for level, atlas in enumerate(pack.atlases):
        height, width = (side + 2 * _edge(plan) for side in _sides_at(plan, len(pack.atlases) - 1 - level))
        total += Lattice(height, width, atlas.patch).nodes * ROUNDS * _of(_ITERATIONS, level)
    return total


def layout_of(pack: Pack, plan: Composition, dice: torch.Generator, tick: Tick, guide: Tensor | None = None) -> Tensor:
    """The small new picture that a work follows, [1, 3, h, w].

    `guide` [1, 3, h, w]: a picture in the styles' colors whose large forms are followed, see `sketch`.
    """
    sides = _layout_sides(plan)
    scale = math.sqrt(sides[0] * sides[1] / (plan.height * plan.width))
    drawn = _drawn(plan, dice)
    wished = _wished(plan, drawn)
    sources = [_source(pack, at, scale, plan.chosen[at], part) for at, part in zip(drawn, wished, strict=True)]
    tick()
    if guide is not None:
        start = guide
    elif plan.kind == "variation":
        start = _seen_otherwise(sources[0].picture, dice)
    elif plan.kind == "retarget":
        start = sources[0].picture
    else:
        pool = torch.cat([source.picture.reshape(3, -1) for source in sources], 1)
        start = pool[:, torch.randint(pool.shape[1], (sides[0] * sides[1],), generator=dice)].reshape(1, 3, *sides)
    return laid_out(sources, start, sides, _shaping(plan, guide is not None), dice, tick)


def _drawn(plan: Composition, dice: torch.Generator) -> list[int]:
    """Assets for a layout: the base, then one of each ingredient in turn."""
    order = torch.randperm(len(plan.owners), generator=dice).tolist()
    order.sort(key=lambda at: at != plan.base)
    turn = {at: [plan.owners[a] for a in order[:place]].count(plan.owners[at]) for place, at in enumerate(order)}
    return sorted(order, key=lambda at: (turn[at], order.index(at)))[: _source_count(plan)]


def _source_count(plan: Composition) -> int:
    return min(len(plan.owners), max(_MOST_SOURCES, len(plan.weights)))


def _seen_otherwise(picture: Tensor, dice: torch.Generator) -> Tensor:
    """A part of a picture, or its mirror image: another arrangement of the same things."""
    kept, down, right, mirrored = torch.rand(4, generator=dice).tolist()
    height, width = picture.shape[-2:]
    rows, columns = (max(1, round(side * (0.65 + 0.25 * kept))) for side in (height, width))
    top, left = round(down * (height - rows)), round(right * (width - columns))
    part = picture[..., top : top + rows, left : left + columns]
    return part.flip(3) if mirrored < 0.5 else part


def _wished(plan: Composition, drawn: Sequence[int]) -> list[float]:
    """The part of a layout that each drawn asset should have: as its ingredient weighs, the base above its fellows."""
    base = 1.0 if plan.kind in ("texture", "tile") else _BASE
    counts = {at: base if at == plan.base else 1.0 for at in drawn}
    parts = []
    for at in drawn:
        fellows = sum(count for other, count in counts.items() if plan.owners[other] == plan.owners[at])
        parts.append(plan.weights[plan.owners[at]] * counts[at] / fellows)
    return [part / sum(parts) for part in parts]


def _shaping(plan: Composition, guided: bool) -> Shaping:
    how = _SHAPING[plan.kind]
    return replace(how, coarsest=32, noise=0.1, complete=2.0, guide=0.8) if guided else how


def _layout_sides(plan: Composition) -> tuple[int, int]:
    side = _LAYOUT_SIDE * math.sqrt(min(1.0, _MOST_SOURCES / _source_count(plan)))
    scale = min(1.0, side / math.sqrt(plan.height * plan.width))
    return max(_LAYOUT_SHORTEST, round(plan.height * scale)), max(_LAYOUT_SHORTEST, round(plan.width * scale))


def _source(pack: Pack, index: int, scale: float, whole: Chosen, wished: float) -> Source:
    """An asset's upright tile, reduced. A preview's is reduced from the same tile as the work's."""
    picture = tensor_of(versions(tile(pack.assets[index].pixels, whole.size), whole.paints)[0])
    height, width = (max(_LAYOUT_SHORTEST, round(side * scale)) for side in picture.shape[-2:])
    size, first, atlas = pack.choice.assets[index].size, _first_tile(pack, index), pack.atlases[-1]
    rows, columns = -(-size.height // KEY_STEP), -(-size.width // KEY_STEP)
    valid = atlas.valid.view(atlas.rows, atlas.columns)[int(atlas.tops[first]) :][:rows, :columns].cpu()
    edge = atlas.patch // 2 // KEY_STEP + 1  # no patch fits at an edge, which bars nothing
    inner = valid[edge : rows - edge, edge : columns - edge].float()
    return Source(resize(picture, height, width), 1 - resize(inner[None, None], height, width), wished)


def _first_tile(pack: Pack, index: int) -> int:
    """The place of an asset's upright tile among all tiles."""
    return len(pack.choice.turns) * sum(max(1, len(one.paints)) for one in pack.choice.assets[:index])


def composed(
    pack: Pack, layout: Tensor, plan: Composition, recipe: Recipe, seed: int, *, step: Step, seen: Seen
) -> Found:
    """Strokes over a layout [1, 3, h, w]; `step` and `seen` as in `pyramid.searched`. Raises BadRequest."""
    steering = Steering(torch.tensor(plan.weights).to(pack.device))
    scale, picture = None, layout.to(pack.device)
    for level in range(len(pack.atlases)):
        before, scale = scale, _Scale(pack, plan, recipe, level, picture, seed, step)
        scale.begin(before)
        picture = scale.improved(steering, step)
        seen(picture)
    assert scale is not None
    return kept_below(_Finishing(scale, pack, steering, step), pack, plan.limit)


class _Scale:
    """One scale of a composition: a search whose nodes beyond an edge repeat those inside when the work wraps."""

    def __init__(
        self, pack: Pack, plan: Composition, recipe: Recipe, level: int, guide: Tensor, seed: int, step: Step
    ) -> None:
        self.level, self.edge, self.margin = level, _edge(plan), _edge(plan) // STRIDE
        fade = _of(_FADE, level)
        faded = replace(recipe, loose=recipe.loose * fade, tight=recipe.tight * fade, copy_cap=recipe.copy_cap * _AIM)
        self.wide = _continued(resize(guide, *_sides_at(plan, len(pack.atlases) - 1 - level)), self.edge)
        dice = torch.Generator().manual_seed(seed * 64 + level)
        self.search = Search(pack.atlases[level], Guidance(self.wide), faded, dice, lambda: step(0))
        rows, columns = (
            (torch.arange(count, device=pack.device) - self.margin) % (count - 2 * self.margin) + self.margin
            for count in (self.search.lattice.rows, self.search.lattice.columns)
        )
        self.same = (rows[:, None] * self.search.lattice.columns + columns[None]).reshape(-1)

    def begin(self, last: _Scale | None) -> None:
        if last is None:
            self.search.begin()
            self.repeat()
            self.wide = self.search.picture(0)
        else:
            self.search.field = enlarged(last.search, self.search, self.margin)
            self.repeat()

    def improved(self, steering: Steering, step: Step) -> Tensor:
        """The iterations of this scale; the picture, without what lies beyond its edges."""
        iterations = _of(_ITERATIONS, self.level)
        for iteration in range(iterations):
            self.iterate(steering, step, 1 if iteration >= iterations - 2 else 0)
        height, width = self.wide.shape[-2:]
        return self.wide[..., self.edge : height - self.edge, self.edge : width - self.edge]

    def iterate(self, steering: Steering, step: Step, passes: int) -> None:
        """Look at the picture, let every node choose some times, vote."""
        search = self.search
        search.look(self.wide)
        for number in range(ROUNDS):
            search.round(number, _of(_FRESH, self.level), steering.prices)
            self.repeat()
            steering.after(search)
            step(search.lattice.nodes)
        search.settle()
        self.wide = search.picture(passes)

    def repeat(self) -> None:
        if self.margin:
            self.search.field = self.search.field.index_select(0, self.same)
            self.search.distance = self.search.distance.index_select(0, self.same)

    def field(self, pack: Pack) -> Field:
        """In whole numbers, without what lies beyond the edges."""
        field = field_of(self.search, pack)
        if not self.margin:
            return field
        inside = (slice(self.margin, -self.margin),) * 2
        return Field(
            height=field.height - 2 * self.edge,
            width=field.width - 2 * self.edge,
            patch=field.patch,
            stride=field.stride,
            places=field.places[inside],
            weights=field.weights[inside],
            wrap=True,
        )


class _Finishing:
    """The finest scale, as the guard sees it."""

    def __init__(self, scale: _Scale, pack: Pack, steering: Steering, step: Step) -> None:
        self.search, self._scale, self._pack, self._steering, self._step = scale.search, scale, pack, steering, step

    def field(self) -> Field:
        return self._scale.field(self._pack)

    def again(self) -> None:
        for _ in range(_AGAIN):
            self._scale.iterate(self._steering, self._step, 1)

    def cut(self, nodes: Nodes) -> None:
        wide = np.pad(nodes, self._scale.margin, mode="wrap") if self._scale.margin else nodes
        self.search.replace(torch.from_numpy(np.flatnonzero(wide)).to(self.search.device), OFFERED)
        self._scale.repeat()


def _edge(plan: Composition) -> int:
    """Pixels that a work is continued by on each side while it is searched."""
    return _MARGIN * STRIDE if plan.wrap else 0


def _sides_at(plan: Composition, halvings: int) -> tuple[int, int]:
    step = STRIDE if plan.wrap else 1
    by = step * 2 ** (halvings + plan.halvings)
    height, width = (max(1, round(side / by)) * step for side in (plan.height, plan.width))
    return height, width


def _continued(picture: Tensor, by: int) -> Tensor:
    """With what lies opposite beyond each edge."""
    y, x = (torch.arange(-by, side + by, device=picture.device) % side for side in picture.shape[-2:])
    return picture.index_select(2, y).index_select(3, x) if by else picture


def _of(values: Sequence[_Number], level: int) -> _Number:
    return values[min(level, len(values) - 1)]
