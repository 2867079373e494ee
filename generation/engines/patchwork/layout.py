"""A small new picture made of patches of the styles: the layout of a composed work, before any stroke is laid.

Every place of the styles is compared with every node, since there are few of either at this size. A place's distances
are divided by its least one, so that every part of a style is wanted somewhere and plain patches do not win
everywhere: Granot, Feinstein, Shocher, Bagon, Irani, "Drop the GAN", 2022.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from generation.engine import BadRequest
from generation.engines.patchwork.features import cosines
from generation.engines.patchwork.images import resize, rgb, ycc

Tick = Callable[[], None]

PATCH = 7
_GROWTH = 1.35
_ITERATIONS = 6
_TERMS = (16, 6, 6)  # of a patch's cosine transform: luma, blue, red difference
_CHROMA = torch.tensor([1.0, 2.0, 2.0]).view(1, 3, 1, 1)  # hue decides more than light here
_GREY = torch.tensor([0.0, 0.5, 0.5]).view(1, 3, 1, 1)
_SPARSE_FROM = 900  # pixels from which on only every second one, both ways, has a node
_FALLOFF = 0.35  # a patch's weight falls off from its center as a Gaussian of this part of its side
_CAP_COST, _STEER = 4.0, 0.5
_LEAST_UNIT = 2e-4  # squared color difference that nobody sees


@dataclass(frozen=True)
class Shaping:
    """How a layout comes about.

    `coarsest`: side of the first scale, in pixels, of a square as large as it: small ones keep the arrangement of what
    it starts from. `noise`: added to that, in color units. `complete`: how little it matters that a place is used at
    all; towards 0 every place must be. `cap`: nodes that one unchanged piece may take, as a part of all. `wrap`: the
    edges continue on the opposite sides. `guide`: how much the start is held on to, 0 to 1, fading with the scales.
    """

    coarsest: float
    noise: float
    complete: float
    cap: float
    wrap: bool = False
    guide: float = 0.0


@dataclass(frozen=True, eq=False)
class Source:
    """A picture to compose from: `picture` [1, 3, h, w] RGB; `barred` [1, 1, h, w], 1 where nothing is taken.

    `wished`: its part of the layout; those of all sources sum to 1.
    """

    picture: Tensor
    barred: Tensor
    wished: float


def laid_out(
    sources: Sequence[Source], start: Tensor, shape: tuple[int, int], how: Shaping, dice: torch.Generator, tick: Tick
) -> Tensor:
    """A new picture [1, 3, height, width] of `shape`.

    `start`: what it begins as, [1, 3, h, w] RGB of any size. `sources` have the scale of the finished layout. `tick`
    is called `steps_ahead` times.
    """
    scales = _scales(shape, how)
    begun = _weighed(start)
    picture = resize(begun, *_sides(shape, scales[0], how.wrap))
    picture = picture + how.noise * torch.randn(picture.shape, generator=dice)
    prices = torch.zeros(len(sources))
    wished = torch.tensor([source.wished for source in sources])
    for place, scale in enumerate(scales):
        picture = resize(picture.clamp(0, 1), *_sides(shape, scale, how.wrap))
        keys = _keys_of(sources, scale)
        held = resize(begun, *picture.shape[-2:])
        for _ in range(_ITERATIONS):
            looked = torch.lerp(picture, held, how.guide * (1 - place / len(scales)))
            nodes = _Nodes(looked, how.wrap)
            chosen = _chosen(nodes, keys, how, prices)
            picture = nodes.voted(keys.patches.index_select(0, chosen))
            shares = torch.bincount(keys.of[chosen], minlength=len(sources)) / len(chosen)
            prices = prices + _STEER * (shares - wished)
            tick()
    return rgb((picture - _GREY) / _CHROMA).clamp(0, 1)


def steps_ahead(shape: tuple[int, int], how: Shaping) -> int:
    return len(_scales(shape, how)) * _ITERATIONS


def _weighed(picture: Tensor) -> Tensor:
    return ycc(picture) * _CHROMA + _GREY


def _scales(shape: tuple[int, int], how: Shaping) -> list[float]:
    """Fractions of the finished size, coarse to fine, ending at 1."""
    least = min(1.0, max(how.coarsest / math.sqrt(shape[0] * shape[1]), (PATCH + 2) / min(shape)))
    count = math.ceil(math.log(1 / least) / math.log(_GROWTH))
    return [max(least, _GROWTH**-step) for step in range(count, -1, -1)]


def _sides(shape: tuple[int, int], scale: float, wrap: bool) -> tuple[int, int]:
    height, width = (max(PATCH + 1, round(side * scale)) for side in shape)
    return (height + height % 2, width + width % 2) if wrap else (height, width)


@dataclass(frozen=True, eq=False)
class _Keys:
    """All places of the sources at one scale.

    `patches` [keys, 3 * PATCH * PATCH]; `looks` [keys, d + 2]: for a product with those of nodes; `of` [keys]: the
    source; `at` [keys, 2]; `side`: the longest of any source.
    """

    patches: Tensor
    looks: Tensor
    of: Tensor
    at: Tensor
    side: int


def _keys_of(sources: Sequence[Source], scale: float) -> _Keys:
    rows, of, at, side = [], [], [], 1
    free = [bool((source.barred < 0.5).any()) for source in sources]
    if not any(free):
        raise BadRequest("all of the style is left out; leave something of it to paint with")
    for index, source in enumerate(sources):
        sides = [max(PATCH + 1, round(length * scale)) for length in source.picture.shape[-2:]]
        barred = F.max_pool2d(resize(source.barred, *sides), PATCH, 1).reshape(-1) > 0.5
        if bool(barred.all()) and free[index]:  # at so small a size bars reach everywhere; strokes keep to them exactly
            barred = F.avg_pool2d(resize(source.barred, *sides), PATCH, 1).reshape(-1)
            barred = barred > barred.min()
        kept = (~barred).nonzero()[:, 0]
        across = sides[1] - PATCH + 1
        rows.append(F.unfold(_weighed(resize(source.picture, *sides)), PATCH)[0].T.index_select(0, kept))
        of.append(torch.full_like(kept, index))
        at.append(torch.stack([torch.div(kept, across, rounding_mode="floor"), kept % across], 1))
        side = max(side, *sides)
    patches = torch.cat(rows)
    looks = patches @ _basis().T
    square = looks.square().sum(1, keepdim=True)
    return _Keys(
        patches, torch.cat([-2 * looks, square, torch.ones_like(square)], 1), torch.cat(of), torch.cat(at), side
    )


@lru_cache
def _basis() -> Tensor:
    """[d, 3 * PATCH * PATCH]; a squared difference of looks is about that of a color."""
    return cosines(PATCH, _TERMS).reshape(sum(_TERMS), -1) / (PATCH * math.sqrt(3))


class _Nodes:
    """Patches over a picture [1, 3, h, w], one from each or every second pixel on, both ways; `looks` [n, d + 2]."""

    def __init__(self, picture: Tensor, wrap: bool) -> None:
        self.height, self.width = picture.shape[-2:]
        self.wrap = wrap
        self.stride = 2 if self.height * self.width > _SPARSE_FROM else 1
        if wrap:
            self.lattice = (self.height // self.stride, self.width // self.stride)
        else:
            self.lattice = (-(-(self.height - PATCH) // self.stride) + 1, -(-(self.width - PATCH) // self.stride) + 1)
        down, right = (a - b for a, b in zip(self.area, (self.height, self.width), strict=True))
        wide = F.pad(picture, (0, right, 0, down), mode="circular" if wrap else "replicate")
        looks = F.unfold(wide, PATCH, stride=self.stride)[0].T @ _basis().T
        square = looks.square().sum(1, keepdim=True)
        self.looks = torch.cat([looks, torch.ones_like(square), square], 1)

    @property
    def area(self) -> tuple[int, int]:
        """Height and width of what the patches cover."""
        return ((self.lattice[0] - 1) * self.stride + PATCH, (self.lattice[1] - 1) * self.stride + PATCH)

    def voted(self, patches: Tensor) -> Tensor:
        """The mean of the patches [n, 3 * PATCH * PATCH] over each pixel, those near to their center counting more."""
        steps = torch.arange(PATCH) - PATCH // 2
        fall = torch.exp(-((steps / (_FALLOFF * PATCH)) ** 2) / 2)
        window = (fall[:, None] * fall[None]).reshape(-1)
        weights = window[:, None].expand(-1, len(patches))
        both = torch.cat([patches.T * window.repeat(3)[:, None], weights])[None]
        summed = F.fold(both, self.area, PATCH, stride=self.stride)
        if self.wrap:
            summed = self._wrapped(summed)
        return (summed[:, :3] / summed[:, 3:])[..., : self.height, : self.width]

    def _wrapped(self, area: Tensor) -> Tensor:
        """What reaches beyond an edge is added where the picture begins again."""
        y, x = torch.arange(area.shape[-2]) % self.height, torch.arange(area.shape[-1]) % self.width
        tall = torch.zeros(*area.shape[:2], self.height, area.shape[-1]).index_add_(2, y, area)
        return torch.zeros(*area.shape[:2], self.height, self.width).index_add_(3, x, tall)


def _chosen(nodes: _Nodes, keys: _Keys, how: Shaping, prices: Tensor) -> Tensor:
    """The place that each node takes, [n]."""
    apart = (nodes.looks @ keys.looks.T).clamp_min_(0)
    unit = apart.amin(1).median().clamp_min(_LEAST_UNIT)
    apart /= (apart.amin(0) + how.complete * unit)[None]
    lowest, first = apart.min(1)
    unit = lowest.median()
    if len(prices) > 1:
        apart += (prices * unit).index_select(0, keys.of)[None]
        first = apart.argmin(1)
    crowded = _make_dearer(apart, first, nodes, keys, how.cap, _CAP_COST * unit)
    return apart.argmin(1) if crowded else first


def _make_dearer(apart: Tensor, first: Tensor, nodes: _Nodes, keys: _Keys, cap: float, unit: Tensor) -> bool:
    """Raise the cost of going on with a piece that takes more than its part of the nodes already; whether any does."""
    rows, columns = nodes.lattice
    span = 2 * (keys.side + max(nodes.area))  # so wide that places of two rows never meet
    y = (torch.arange(rows) * nodes.stride)[:, None].expand(rows, columns).reshape(-1)
    x = (torch.arange(columns) * nodes.stride)[None].expand(rows, columns).reshape(-1)
    home = y * span + x
    place = (keys.of * span + keys.at[:, 0]) * span + keys.at[:, 1]
    shift, count = torch.unique(place[first] - home, return_counts=True)
    over = count / (len(home) * cap) - 1
    for piece, excess in zip(shift[over > 0].tolist(), over[over > 0].tolist(), strict=True):
        wanted = home + piece
        found = torch.searchsorted(place, wanted).clamp_max(len(place) - 1)
        fits = (place[found] == wanted).nonzero()[:, 0]
        apart[fits, found[fits]] += unit * excess
    return bool((over > 0).any())
