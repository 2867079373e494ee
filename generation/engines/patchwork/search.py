"""One scale of the search: a field of nodes, each with its place in the atlas, made better round by round.

Candidates are what a node's neighbors copy, shifted along, and random keys of its own cell (Ashikhmin 2001; inverted
file as in product search). A field is kept as shifts: place less the node's own home, so neighbors that copy one
piece have equal numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor

from generation.engines.patchwork.atlas import Atlas, Tick
from generation.engines.patchwork.features import STRIDE, Lattice, appearance_basis, guide_basis
from generation.engines.patchwork.guides import guides_of
from generation.engines.patchwork.images import blur, box, nearest, step_smoothly
from generation.engines.patchwork.params import Recipe
from generation.engines.patchwork.tiles import KEY_STEP
from generation.engines.patchwork.vote import vote

ROUNDS = 4
_STEP = STRIDE // KEY_STEP  # keys between neighbor nodes
_UPDATED = 0.6  # part of the nodes that may change in one round: all at once would swing
_BLOCK = 4  # usage is counted in blocks of 4 x 4 keys
_MOST_PAIRS = 8_000_000  # of nodes and keys that are compared at once when a field begins
_CAP_COST, _STEER = 3.0, 5.0
_AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))


class Search:
    """The state of one scale. `field`: int32 [nodes], a key each; `distance`: [nodes], squared, per pixel."""

    def __init__(self, atlas: Atlas, target: Tensor, recipe: Recipe, dice: torch.Generator, tick: Tick) -> None:
        self.atlas, self.recipe, self.cap, self.dice, self.tick = atlas, recipe, recipe.copy_cap, dice, tick
        self.lattice = Lattice(int(target.shape[-2]), int(target.shape[-1]), atlas.patch)
        rows, columns = self.lattice.rows, self.lattice.columns
        y, x = torch.arange(rows, dtype=torch.int32), torch.arange(columns, dtype=torch.int32)
        self.home = ((y * _STEP)[:, None] * atlas.columns + (x * _STEP)[None]).reshape(-1)
        self.beside = {reach: _beside(rows, columns, reach) for reach in (1, 2)}
        self._look_at(target)
        keys = torch.arange(atlas.rows * atlas.columns, dtype=torch.int32)
        blocks = -(-atlas.columns // _BLOCK)
        row = torch.div(keys, atlas.columns, rounding_mode="floor")
        column = torch.div(keys - row * atlas.columns, _BLOCK, rounding_mode="floor")
        self.block = torch.div(row, _BLOCK, rounding_mode="floor") * blocks + column
        self.expected = max(1.0, _BLOCK**2 * self.lattice.nodes / len(atlas.keys))
        self.field = self.home
        self.distance = torch.zeros(self.lattice.nodes)
        self.scale = torch.zeros(())

    def _look_at(self, target: Tensor) -> None:
        """What guides each node, and how freely: loose in flat places, tight at contours."""
        recipe, atlas = self.recipe, self.atlas
        guides, edge = guides_of(target, self.tick)
        edge = self.lattice.sample(blur(edge, 1.5))
        self.guide = self.lattice.rows_of(guides, guide_basis() * recipe.guide) - atlas.mean_guide
        self.pull = recipe.loose + (recipe.tight - recipe.loose) * step_smoothly(edge, 0.03, 0.45)
        self.keep = 1.2 + (recipe.keep - 1.2) * (1 - step_smoothly(edge, 0.05, 0.4))
        self.flat = 1 - 0.85 * step_smoothly(edge, 0.05, 0.5)
        self.calm = 1 - step_smoothly(edge, 0.1, 0.5)
        self.guide_square = self.pull * self.guide.square().sum(1)
        pull = self.pull[:, None]
        self.guide_row = self.guide * pull
        self.cell_row = self.guide * pull.clamp_max(1)

    def begin(self) -> None:
        """A first field from the guides alone: a good match, drawn a little at random, upright where it is calm."""
        atlas = self.atlas
        table = atlas.table.index_select(0, atlas.keys)
        guide, squares = table[:, atlas.appearance_terms : -2].T.contiguous(), table[:, -1]
        odd = atlas.odd.index_select(0, atlas.keys) * self.recipe.upright

        def apart(nodes: Tensor) -> Tensor:
            pull = self.pull.index_select(0, nodes)[:, None]
            found = -2 * (self.guide_row.index_select(0, nodes) @ guide + pull * squares[None])
            return found.sub_(found.amin(1, keepdim=True))

        some = torch.linspace(0, self.lattice.nodes - 1, min(self.lattice.nodes, 64)).long()
        near = apart(some).reshape(-1)[:: max(1, len(some) * len(odd) // 100_000)].quantile(0.05)
        chosen = []
        for nodes in torch.arange(self.lattice.nodes).split_with_sizes(self._chunks(len(odd))):
            cost = apart(nodes)
            cost += near * (0.5 * torch.rand(cost.shape, generator=self.dice) + odd[None])
            chosen.append(atlas.keys.index_select(0, cost.argmin(1)))
            self.tick()
        self.field = torch.cat(chosen)

    def _chunks(self, keys: int) -> list[int]:
        """Node counts that keep a table of all keys for each node small."""
        most = max(1, _MOST_PAIRS // keys)
        full, rest = divmod(self.lattice.nodes, most)
        return [most] * full + [rest] * (rest > 0)

    def picture(self, passes: int) -> Tensor:
        """What the field votes for now, [1, 3, h, w]."""
        return vote(self.atlas, self.lattice, self.field, self.weights(), passes=passes, tick=self.tick)

    def weights(self) -> Tensor:
        """How much each node's patch counts: good matches more."""
        if not float(self.scale):
            return torch.ones(self.lattice.nodes)
        return 1 / (self.distance.clamp_min(0) + 0.3 * self.scale)

    def look(self, picture: Tensor) -> None:
        """Take the picture made so far as the query of the next rounds."""
        atlas, pull = self.atlas, self.pull[:, None]
        look = self.lattice.rows_of(picture, appearance_basis(atlas.patch)) - atlas.mean_appearance
        self.query = torch.cat([look, self.guide_row, torch.ones_like(pull), pull], 1)
        self.square = look.square().sum(1) + self.guide_square
        self.cell = nearest(torch.cat([look, self.cell_row], 1), atlas.cells.centers)
        self.tick()
        self.distance = self._distance(self.field)
        if not float(self.scale):
            self.settle()

    def settle(self) -> None:
        """The median distance becomes the unit that all preferences are measured in."""
        self.scale = self.distance.nan_to_num(0).median().clamp_min(1e-8)

    def round(self, number: int, fresh: int, prices: Tensor | None) -> None:
        """Offer every node its neighbors' pieces and `fresh` random keys; some nodes accept.

        `prices`: [ingredients], what a place of each costs, in units of the scale.
        """
        beside = self.beside[2 if number == 1 else 1]
        shift = self.field - self.home
        near = shift.index_select(0, beside.reshape(-1)).view(beside.shape)
        usage, capped = self._usage(), self._capped(shift)
        turn = self.recipe.upright * self.scale * self.calm
        bonus = self.recipe.coherence / len(beside) * self.scale * self.flat

        def cost(distance: Tensor, keys: Tensor) -> Tensor:
            total = distance + usage.index_select(0, self.block.index_select(0, keys))
            total += capped.index_select(0, keys - self.home + self._offset)
            total += turn * self.atlas.odd.index_select(0, keys)
            if prices is not None:
                total += self.scale * prices.index_select(0, self.atlas.style.index_select(0, keys))
            return total

        def agreeing(shift: Tensor) -> Tensor:
            return bonus * (near == shift).sum(0)

        best, distance = self.field, self.distance
        lowest = cost(distance, best) - agreeing(shift)
        for theirs in near:
            keys, fits = self._valid(theirs + self.home)
            apart = self._distance(keys)
            total = cost(apart, keys) - agreeing(theirs)
            better = fits & (total < lowest)
            best, distance = torch.where(better, keys, best), torch.where(better, apart, distance)
            lowest = torch.where(better, total, lowest)
        for _ in range(fresh):
            keys = self.atlas.cells.draw(self.cell, self._uniform())
            apart = self._distance(keys)
            total = cost(apart, keys) * self.keep
            better = total < lowest
            best, distance = torch.where(better, keys, best), torch.where(better, apart, distance)
            lowest = torch.where(better, total, lowest)
        changed = self._uniform() < _UPDATED
        self.field = torch.where(changed, best, self.field)
        self.distance = torch.where(changed, distance, self.distance)

    def shares(self, styles: int) -> Tensor:
        """Each ingredient's part of the picture, [styles]: a patch gives what it outweighs its neighbors by."""
        weights = self.weights().view(1, 1, self.lattice.rows, -1)
        given = (weights / box(weights, 1)).reshape(-1)
        of = self.atlas.style.index_select(0, self.field)
        return torch.bincount(of, given, minlength=styles) / given.sum()

    def _distance(self, keys: Tensor) -> Tensor:
        return self.square - 2 * torch.einsum("nd,nd->n", self.query, self.atlas.table.index_select(0, keys))

    def _valid(self, keys: Tensor) -> tuple[Tensor, Tensor]:
        last = self.atlas.rows * self.atlas.columns - 1
        inside = keys.clamp(0, last)
        fits = self.atlas.valid.index_select(0, inside) & (inside == keys)
        return torch.where(fits, inside, self.field), fits

    def _usage(self) -> Tensor:
        """What a block costs for being used, [blocks]: nearest neighbors else crowd on a few plain places."""
        used = torch.bincount(self.block.index_select(0, self.field), minlength=int(self.block[-1]) + 1)
        return used * (self.recipe.usage * self.scale / self.expected)

    @property
    def _offset(self) -> int:
        return int(self.home[-1])

    def _capped(self, shift: Tensor) -> Tensor:
        """What each shift costs for being copied by more than the cap's part of the nodes."""
        length = self._offset + self.atlas.rows * self.atlas.columns
        count = torch.bincount(shift + self._offset, minlength=length)
        over = count * (1 / (self.lattice.nodes * self.cap)) - 1
        return over.clamp_min_(0).mul_(_CAP_COST * self.scale)

    def _uniform(self) -> Tensor:
        return torch.rand(self.lattice.nodes, generator=self.dice)


def steered(prices: Tensor, shares: Tensor, wished: Tensor) -> Tensor:
    """Prices after one round: what is used too much becomes dearer."""
    return prices + _STEER / ROUNDS * (shares - wished)


def _beside(rows: int, columns: int, reach: int) -> Tensor:
    """Index of the eight neighbors `reach` away, [8, nodes]; beyond the edge the nearest node inside."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return torch.stack(
        [
            ((y + dy * reach).clamp(0, rows - 1) * columns + (x + dx * reach).clamp(0, columns - 1)).reshape(-1)
            for dy, dx in _AROUND
        ]
    )
