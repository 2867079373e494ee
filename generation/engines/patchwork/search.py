"""One scale of the search: a field of nodes, each with its place in the atlas, made better round by round.

Candidates are what a node's neighbors copy, shifted along, and random keys of its own cell (Ashikhmin 2001; inverted
file as in product search). A field is kept as shifts: place less the node's own home, so neighbors that copy one
piece have equal numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from generation.engines.patchwork.atlas import BLOCK, BUSY_AROUND, Atlas, Tick
from generation.engines.patchwork.features import STRIDE, Lattice, appearance_basis, guide_basis
from generation.engines.patchwork.guides import guides_of
from generation.engines.patchwork.images import blur, box, chunks, counts, laid, nearest, resize, step_smoothly, totals
from generation.engines.patchwork.materials import Match
from generation.engines.patchwork.params import Recipe
from generation.engines.patchwork.things import ALONE
from generation.engines.patchwork.tiles import KEY_STEP
from generation.engines.patchwork.vote import vote

ROUNDS = 4
_STEP = STRIDE // KEY_STEP  # keys between neighbor nodes
_UPDATED = 0.6  # part of the nodes that may change in one round: all at once would swing
_MOST_PAIRS = 8_000_000  # of nodes and keys that are compared at once when a field begins
_MOST_NODES = 65_536  # that are offered something at once
_SHIFTS = (32_749, 262_139)  # entries of the table of shifts, for few nodes and for many: primes
_FEW_NODES = 16_384
_CAP_COST, _STEER = 3.0, 8.0
_DEAR = 3.0  # a thing is that much more out of place than a turned stroke where the content is calm
_EVER = 0.3  # part of that price which stays at contours, but not in faces: there it serves
_SOONER = 4.0  # and the cap on copies is that much lower in it: strokes are taken from it, never all of it
_BUSY, _CALMEST = 2.0, 0.6  # the busier places of a style are dear where the content is calmer than most of it
_FOREIGN = 0.7  # a material that belongs elsewhere, such as meadow in the sky, costs up to this part of a thing
_AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1))


@dataclass(frozen=True, eq=False)
class Guidance:
    """What steers a search: `target` [1, 3, h, w] in 0..1.

    `focus`: [1, 1, h, w], 1 where the content must stay readable, such as a face. `regions`: bool [styles, y, x], laid
    over the picture whatever its size: where an ingredient may be used; every place is some ingredient's.
    `match`: which materials belong where.
    """

    target: Tensor
    focus: Tensor | None = None
    regions: Tensor | None = None
    match: Match | None = None

    def at(self, height: int, width: int) -> Guidance:
        """The same at another size; regions stay as they are."""
        focus = None if self.focus is None else resize(self.focus, height, width)
        return Guidance(resize(self.target, height, width), focus, self.regions, self.match)

    def on(self, device: torch.device) -> Guidance:
        """The same on a device."""
        focus, regions = (None if one is None else one.to(device) for one in (self.focus, self.regions))
        return Guidance(self.target.to(device), focus, regions, self.match)


class Search:
    """The state of one scale. `field`: int32 [nodes], a key each; `distance`: [nodes], squared, per pixel.

    `free`: bool [nodes], those that may change. All of it is on the atlas's device, and so is the guidance given. A
    round makes the host wait three times: for how many nodes are drawn, how many candidates fit, how many are better.
    """

    def __init__(self, atlas: Atlas, guidance: Guidance, recipe: Recipe, dice: torch.Generator, tick: Tick) -> None:
        self.atlas, self.recipe, self.cap, self.dice, self.tick = atlas, recipe, recipe.copy_cap, dice, tick
        height, width = guidance.target.shape[-2:]
        self.lattice = Lattice(int(height), int(width), atlas.patch)
        self.device = atlas.table.device
        rows, columns = self.lattice.rows, self.lattice.columns
        y, x = (torch.arange(count, dtype=torch.int32, device=self.device) for count in (rows, columns))
        self.home = ((y * _STEP)[:, None] * atlas.columns + (x * _STEP)[None]).reshape(-1)
        self.beside = {reach: _beside(rows, columns, reach, self.device) for reach in (1, 2)}
        self.expected = max(1.0, BLOCK**2 * self.lattice.nodes / len(atlas.keys))
        self._look_at(guidance)
        self.barred = None if guidance.regions is None else self._forbidden(guidance.regions)
        self.match = None if guidance.match is None else self._places(guidance.match)
        self.field = self.home
        self.distance = torch.zeros(self.lattice.nodes, device=self.device)
        self.scale = torch.zeros((), device=self.device)
        self.settled = False  # whether there is a scale
        self.free = torch.ones(self.lattice.nodes, dtype=torch.bool, device=self.device)
        order = torch.arange(len(_AROUND), device=self.device)
        self._later = (order[:, None] < order[None])[..., None]  # [j, k, 1]: candidate j comes before k

    def _forbidden(self, regions: Tensor) -> Tensor:
        """What each ingredient costs each node beyond measure, [nodes * styles]: nothing where it may be used."""
        y, x = (
            (torch.arange(count, device=self.device) * STRIDE * cells // side).clamp_max(cells - 1)
            for count, side, cells in zip(
                (self.lattice.rows, self.lattice.columns),
                (self.lattice.height, self.lattice.width),
                regions.shape[1:],
                strict=True,
            )
        )
        inside = regions[:, y[:, None], x[None]].flatten(1).T
        return torch.where(inside, 0.0, torch.inf).reshape(-1)

    def _places(self, match: Match) -> tuple[Tensor, Tensor]:
        """Where each node's row begins, [nodes], in what each material costs on each surface, row by row."""
        lattice = self.lattice
        labels = laid(match.labels, lattice.height, lattice.width).float()[None, None]
        begins = lattice.sample(labels).int() * match.prices.shape[1]
        return begins.to(self.device), match.prices.reshape(-1).to(self.device)

    def _look_at(self, guidance: Guidance) -> None:
        """What guides each node, and how freely: loose in flat places, tight at contours and where one focuses."""
        recipe, atlas = self.recipe, self.atlas
        guides, edge = guides_of(guidance.target, self.tick)
        around = self.lattice.sample(blur(edge, BUSY_AROUND))
        edge = self.lattice.sample(blur(edge, 1.5))
        self.guide = self.lattice.rows_of(guides, guide_basis() * recipe.guide) - atlas.mean_guide
        self.pull = recipe.loose + (recipe.tight - recipe.loose) * step_smoothly(edge, 0.03, 0.45)
        self.keep = 1.2 + (recipe.keep - 1.2) * (1 - step_smoothly(edge, 0.05, 0.4))
        self.flat = 1 - 0.85 * step_smoothly(edge, 0.05, 0.5)
        self.calm = 1 - step_smoothly(edge, 0.1, 0.5)
        self.strange = torch.ones_like(edge)
        rank = around.argsort().argsort() / len(around)
        self.bustle = _CALMEST + (1 - _CALMEST) * rank
        if guidance.focus is not None:
            focus = self.lattice.sample(guidance.focus)
            self.pull += focus * (2.5 - 0.3 * self.pull)
            self.keep += focus * (1.2 - self.keep)
            self.flat *= 1 - 0.8 * focus
            self.calm *= 1 - focus
            self.strange -= focus
            self.bustle += focus * (1 - self.bustle)
        self.dear = _DEAR * (_EVER + (1 - _EVER) * self.calm) * self.strange
        self.guide_square = self.pull * self.guide.square().sum(1)
        pull = self.pull[:, None]
        self.guide_row = self.guide * pull
        self.cell_row = self.guide * pull.clamp_max(1)

    def begin(self) -> None:
        """A first field from the guides alone: a good match, drawn a little at random, upright where it is calm."""
        atlas = self.atlas
        table = atlas.table.index_select(0, atlas.keys)
        guide, squares = table[:, atlas.appearance_terms : -2].T.contiguous(), table[:, -1]
        odd = atlas.odd.index_select(0, atlas.keys)
        material = odd[:, 3].int()
        odd = odd @ _prices(self.device) * self.recipe.upright

        def apart(nodes: Tensor) -> Tensor:
            pull = self.pull.index_select(0, nodes)[:, None]
            found = -2 * (self.guide_row.index_select(0, nodes) @ guide + pull * squares[None])
            return found.sub_(found.amin(1, keepdim=True))

        every = torch.arange(self.lattice.nodes, device=self.device)
        some = every[:: max(1, self.lattice.nodes // 64)]
        near = apart(some).reshape(-1)[:: max(1, len(some) * len(odd) // 100_000)].quantile(0.05)
        style = atlas.style.index_select(0, atlas.keys)
        chosen = []
        for nodes in chunks(every, max(1, _MOST_PAIRS // len(odd))):
            cost = apart(nodes)
            cost += near * (0.5 * self.draw(cost.numel()).view(cost.shape) + odd[None])
            if self.match is not None:
                begins, foreign = self.match
                at = begins.index_select(0, nodes)[:, None] + material[None]
                cost += foreign.index_select(0, at.view(-1)).view(at.shape) * (
                    near * _FOREIGN * _DEAR * self.recipe.upright
                )
            if self.barred is not None:
                cost += self.barred.view(self.lattice.nodes, -1).index_select(0, nodes).index_select(1, style)
            chosen.append(atlas.keys.index_select(0, cost.argmin(1)))
            self.tick()
        self.field = torch.cat(chosen)

    def picture(self, passes: int) -> Tensor:
        """What the field votes for now, [1, 3, h, w]."""
        return vote(self.atlas, self.lattice, self.field, self.weights(), passes=passes, tick=self.tick)

    def weights(self) -> Tensor:
        """How much each node's patch counts: good matches more."""
        if not self.settled:
            return torch.ones(self.lattice.nodes, device=self.device)
        return 1 / (self.distance.clamp_min(0) + 0.3 * self.scale)

    def look(self, picture: Tensor, *, cells: bool = True) -> None:
        """Take the picture made so far as the query of the next rounds. `cells`: sort the nodes into them again."""
        atlas, pull = self.atlas, self.pull[:, None]
        look = self.lattice.rows_of(picture, appearance_basis(atlas.patch)) - atlas.mean_appearance
        self.query = torch.cat([look, self.guide_row, torch.ones_like(pull), pull], 1)
        self.square = look.square().sum(1) + self.guide_square
        if cells:
            self.cell = nearest(torch.cat([look, self.cell_row], 1), atlas.cells.centers)
        self.tick()
        self.distance = self._all_distances()
        if not self.settled:
            self.settle()

    def settle(self) -> None:
        """The median distance becomes the unit that all preferences are measured in."""
        self.scale = self.distance.nan_to_num(0).median().clamp_min(1e-8)
        self.settled = True

    def round(self, number: int, fresh: int, prices: Tensor | None) -> None:
        """Offer some nodes their neighbors' pieces and `fresh` random keys each; who finds a better one takes it.

        `prices`: [ingredients], what a place of each costs, in units of the scale.
        """
        costs = _Costs(self, prices)
        nodes = (self.draw(self.lattice.nodes) < _UPDATED).logical_and_(self.free).nonzero()[:, 0]
        for some in chunks(nodes, _MOST_NODES):
            self._offer(some, self.beside[2 if number == 1 else 1], fresh, costs)

    def _offer(self, nodes: Tensor, beside: Tensor, fresh: int, costs: _Costs) -> None:
        """Each candidate that is new to its node is weighed once, all of them in one gather."""
        home, own = self.home.index_select(0, nodes), costs.shift.index_select(0, nodes)
        near = costs.shift.index_select(0, beside.index_select(1, nodes).reshape(-1)).view(len(beside), -1)
        same = near[:, None] == near[None]
        offered, fits = self._valid(near + home)
        fits &= (near != own) & ~(same & self._later).any(0)
        cell = self.cell.index_select(0, nodes)
        drawn = [self.atlas.cells.draw(cell, self.draw(len(nodes))) for _ in range(fresh)]
        keys = torch.cat([offered, torch.stack(drawn)])
        fits = torch.cat([fits, torch.ones(fresh, len(nodes), dtype=torch.bool, device=fits.device)])
        pairs = fits.view(-1).nonzero()[:, 0]
        key = keys.view(-1).index_select(0, pairs)
        which = pairs % len(nodes)
        node = nodes.index_select(0, which)
        apart = self._distance(node, key)
        bonus = costs.bonus.index_select(0, nodes)
        agreeing = torch.cat([bonus * same.sum(0), torch.zeros(fresh, len(nodes), device=bonus.device)])
        cost = costs.of(node, key, apart, agreeing.view(-1).index_select(0, pairs))
        new = pairs >= offered.numel()
        cost = torch.where(new, cost * self.keep.index_select(0, node), cost)
        total = torch.full((keys.numel(),), torch.inf, device=cost.device).index_copy_(0, pairs, cost)
        distance = torch.empty(keys.numel(), device=cost.device).index_copy_(0, pairs, apart)
        lowest, best = total.view(keys.shape).min(0)
        here, held = self.field.index_select(0, nodes), self.distance.index_select(0, nodes)
        now = costs.of(nodes, here, held, bonus * (near == own).sum(0))
        better = (lowest < now).nonzero()[:, 0]
        place = best.index_select(0, better) * len(nodes) + better
        won = nodes.index_select(0, better)
        self.field.index_copy_(0, won, keys.view(-1).index_select(0, place))
        self.distance.index_copy_(0, won, distance.index_select(0, place))

    def shares(self, styles: int) -> Tensor:
        """Each ingredient's part of the picture, [styles]: a patch gives what it outweighs its neighbors by."""
        weights = self.weights().view(1, 1, self.lattice.rows, -1)
        given = (weights / box(weights, 1)).reshape(-1)
        of = self.atlas.style.index_select(0, self.field)
        return totals(of, given, styles) / given.sum()

    def replace(self, nodes: Tensor, offered: int) -> None:
        """Give some nodes the best of a few random keys of their cells, whatever they have now."""
        keys = torch.stack(
            [self.atlas.cells.draw(self.cell.index_select(0, nodes), self.draw(len(nodes))) for _ in range(offered)]
        )
        apart = torch.stack([self._distance(nodes, some) for some in keys])
        if self.barred is not None:
            apart += torch.stack([self.forbidden(nodes, some) for some in keys])
        lowest, best = apart.min(0)
        found = lowest.isfinite().nonzero()[:, 0]
        self.field.index_copy_(0, nodes[found], keys.gather(0, best[None])[0][found])
        self.distance.index_copy_(0, nodes[found], lowest[found])

    def forbidden(self, nodes: Tensor, keys: Tensor) -> Tensor:
        """Infinite where a key's ingredient may not be used at its node, else 0."""
        assert self.barred is not None
        return self.barred.index_select(
            0, nodes * (len(self.barred) // self.lattice.nodes) + self.atlas.style.index_select(0, keys)
        )

    def _distance(self, nodes: Tensor, keys: Tensor) -> Tensor:
        rows = self.query.index_select(0, nodes)
        near = torch.einsum("nd,nd->n", rows, self.atlas.table.index_select(0, keys))
        return self.square.index_select(0, nodes).sub_(near, alpha=2)

    def _all_distances(self) -> Tensor:
        nodes = torch.arange(self.lattice.nodes, device=self.field.device)
        return torch.cat(
            [self._distance(some, self.field.index_select(0, some)) for some in chunks(nodes, _MOST_NODES)]
        )

    def _valid(self, keys: Tensor) -> tuple[Tensor, Tensor]:
        """Keys brought into range, and whether they were places to copy from."""
        inside = keys.clamp(0, self.atlas.rows * self.atlas.columns - 1)
        fits = self.atlas.valid.index_select(0, inside.view(-1)).view(keys.shape)
        return inside, fits & (inside == keys)

    def draw(self, count: int) -> Tensor:
        """Random numbers from 0 to 1: the CPU's on every device, or a seed would be another work on each."""
        drawn = torch.rand(count, generator=self.dice, pin_memory=self.device.type == "cuda")
        return drawn.to(self.device, non_blocking=True)  # pinned, so that the host need not wait for it


class _Costs:
    """What a place costs a node beside its distance, in one round."""

    def __init__(self, search: Search, prices: Tensor | None) -> None:
        self.search, recipe, scale, atlas = search, search.recipe, search.scale, search.atlas
        self.shift = search.field - search.home
        used = counts(atlas.block.index_select(0, search.field), atlas.blocks)
        self.usage = used * (recipe.usage * scale / search.expected)  # else plain places serve everyone
        scene = atlas.scene.index_select(0, search.field) - search.home
        self.entries = _SHIFTS[search.lattice.nodes > _FEW_NODES]
        count = counts(self._hashed(scene), self.entries)
        self.copies = count * (1 / (search.lattice.nodes * search.cap))
        self.capped = _CAP_COST * scale
        self.odd = recipe.upright * scale * torch.stack([search.calm, search.dear], 1)
        self.busy = _BUSY * scale
        self.bonus = recipe.coherence / len(_AROUND) * scale * search.flat
        self.prices = None if prices is None else scale * prices

    def _hashed(self, shift: Tensor) -> Tensor:
        """Shifts in a table that fits the cache; that two of many thousands share an entry does no harm."""
        return shift.remainder(self.entries)

    def of(self, nodes: Tensor, keys: Tensor, distance: Tensor, bonus: Tensor) -> Tensor:
        """`bonus`: for going on with what the neighbors copy; there is none in a thing."""
        search, atlas = self.search, self.search.atlas
        total = distance + self.usage.index_select(0, atlas.block.index_select(0, keys))
        odd = atlas.odd.index_select(0, keys)
        price = self.odd.index_select(0, nodes)
        total += torch.einsum("nk,nk->n", price, odd[:, :2])
        total += (odd[:, 2] - search.bustle.index_select(0, nodes)).clamp_min_(0) * self.busy
        rare = (odd[:, 1] * (1 / ALONE)).clamp_max_(1) * search.strange.index_select(0, nodes)
        scene = atlas.scene.index_select(0, keys) - search.home.index_select(0, nodes)
        copies = self.copies.index_select(0, self._hashed(scene))
        total += (copies * (1 + _SOONER * rare) - 1).clamp_min_(0) * self.capped
        total -= bonus * (1 - rare)
        if self.prices is not None:
            total += self.prices.index_select(0, atlas.style.index_select(0, keys))
        if search.match is not None:
            begins, foreign = search.match
            at = begins.index_select(0, nodes) + odd[:, 3].int()
            total += foreign.index_select(0, at) * price[:, 1] * _FOREIGN
        if search.barred is not None:
            total += search.forbidden(nodes, keys)
        return total


def _prices(device: torch.device) -> Tensor:
    """Of a turned stroke, of a thing, of bustle, which is nothing before there is a picture; no price is a number's."""
    return torch.tensor([1, _DEAR, 0, 0]).to(device)


def steered(prices: Tensor, shares: Tensor, wished: Tensor) -> Tensor:
    """Prices after one round: what is used too much becomes dearer."""
    return prices + _STEER / ROUNDS * (shares - wished)


def _beside(rows: int, columns: int, reach: int, device: torch.device) -> Tensor:
    """Index of the eight neighbors `reach` away, [8, nodes]; beyond the edge the nearest node inside."""
    y, x = torch.meshgrid(*(torch.arange(count, device=device) for count in (rows, columns)), indexing="ij")
    return torch.stack(
        [
            ((y + dy * reach).clamp(0, rows - 1) * columns + (x + dx * reach).clamp(0, columns - 1)).reshape(-1)
            for dy, dx in _AROUND
        ]
    )
