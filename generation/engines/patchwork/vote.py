"""What a field of patches votes for, in float: the search looks at it between steps; the work itself is `blend`."""

from __future__ import annotations

import torch
from torch import Tensor

from generation.engines.patchwork.atlas import Atlas, Tick
from generation.engines.patchwork.features import STRIDE, Lattice
from generation.engines.patchwork.tiles import KEY_STEP

FALLOFF = 0.3  # a patch's weight falls off from its center as a Gaussian of this part of its side
SPREAD = 0.05  # patches whose color lies this far from the mean count 0.6 as much
LEAST = 1e-4
_STRIP_NODES, _STRIP_NODES_FAR = 4_000, 65_536  # on a CPU for its cache, elsewhere for few and large steps


def vote(atlas: Atlas, lattice: Lattice, field: Tensor, weights: Tensor, *, passes: int, tick: Tick) -> Tensor:
    """Mean of the patches over each pixel, [1, 3, h, w]; `passes` times reweighed against outliers.

    A pixel depends on the patches over it alone, so the picture is made in strips, whose height changes nothing.
    """
    out = torch.empty(1, 3, lattice.height, lattice.width, device=weights.device)
    most = _STRIP_NODES if weights.is_cpu else _STRIP_NODES_FAR
    step = max(8, most // lattice.columns) * STRIDE
    for top in range(0, lattice.height, step):
        bottom = min(top + step, lattice.height)
        strip = _Strip(atlas, lattice, field, weights, top, bottom)
        mean = strip.mean(None)
        for _ in range(passes):
            mean = strip.mean(mean)
        out[0, :, top:bottom] = strip.cut(mean).permute(2, 0, 1)
        tick()
    return out


class _Strip:
    """The patches over some rows of a picture, on an area that holds them whole.

    A patch is cut into blocks of STRIDE x STRIDE pixels. The same block of all patches covers the area once, so the
    area is summed up in a few layers, each one gather, instead of patch by patch.
    """

    def __init__(self, atlas: Atlas, lattice: Lattice, field: Tensor, weights: Tensor, top: int, bottom: int) -> None:
        patch, radius, device = lattice.patch, lattice.patch // 2, weights.device
        first = max(0, -(-(top - radius) // STRIDE))
        last = min(lattice.rows - 1, (bottom - 1 + radius) // STRIDE)
        nodes = slice(first * lattice.columns, (last + 1) * lattice.columns)
        shape = (last + 1 - first, 1, lattice.columns, 1)
        self._atlas, self._shape = atlas, shape
        self._width = atlas.columns * KEY_STEP
        row = torch.div(field[nodes], atlas.columns, rounding_mode="floor")
        center = row * (KEY_STEP * self._width) + (field[nodes] - row * atlas.columns) * KEY_STEP
        self._corner = (center - radius * (self._width + 1)).view(shape)
        self._weights = weights[nodes].view(shape)
        steps = torch.arange(patch, device=device) - radius
        self._fall = torch.exp(-((steps / (FALLOFF * patch)) ** 2) / 2)
        self._layers = -(-patch // STRIDE)
        self._colors: dict[tuple[int, int], Tensor] = {}
        self._exponent = torch.full((4,), -1 / (2 * (255 * SPREAD) ** 2), device=device)
        above = top - (first * STRIDE - radius)
        self._rows, self._columns = slice(above, above + bottom - top), slice(radius, radius + lattice.width)

    def mean(self, before: Tensor | None) -> Tensor:
        """Weighted mean over the area [R, STRIDE, C, STRIDE, 4], 0..255; the last channel is 255 where a patch lies.

        Patches far from the mean `before` count less.
        """
        rows, columns, more = self._shape[0], self._shape[2], self._layers - 1
        area = torch.zeros(rows + more, STRIDE, columns + more, STRIDE, 4, device=self._weights.device)
        for down in range(self._layers):
            for right in range(self._layers):
                colors, weight = self._layer(down, right)
                where = (
                    slice(down, down + rows),
                    slice(colors.shape[1]),
                    slice(right, right + columns),
                    slice(colors.shape[3]),
                )
                if before is not None:
                    apart = (colors - before[where]).square_().view(-1, 4) @ self._exponent
                    weight = weight * apart.exp_().add_(LEAST).view(weight.shape)
                area[where].addcmul_(colors, weight[..., None])
        return area * (255 / area[..., 3:].clamp_min(1e-9))

    def cut(self, area: Tensor) -> Tensor:
        """The strip's own pixels, [rows, width, 3]."""
        flat = area.reshape(area.shape[0] * STRIDE, area.shape[2] * STRIDE, 4)
        return flat[self._rows, self._columns, :3] / 255

    def _layer(self, down: int, right: int) -> tuple[Tensor, Tensor]:
        """One block of every patch: colors [rows, y, columns, x, 4] in 0..255 and weights [rows, y, columns, x]."""
        fall_y, fall_x = (self._fall[STRIDE * at : STRIDE * (at + 1)] for at in (down, right))
        if (down, right) not in self._colors:
            y, x = (torch.arange(len(fall), device=fall.device, dtype=torch.int32) for fall in (fall_y, fall_x))
            start = STRIDE * (down * self._width + right)
            place = self._corner + (start + y * self._width)[None, :, None, None] + x
            packed = self._atlas.pixels.index_select(0, place.reshape(-1))
            self._colors[down, right] = packed.view(torch.uint8).view(*place.shape, 4).float()
        return self._colors[down, right], self._weights * fall_y[None, :, None, None] * fall_x
