"""What of a picture guides the search, the same for content and assets: its surfaces, directions, edges and relief."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from generation.engines.patchwork.images import blur, box, enlarge, guided, halve, luma, quantile, slopes

CHANNELS = 7  # 3 even color, 2 direction, 1 edge strength, 1 local contrast
_RADIUS, _EPS = 2, 0.003
_CHROMA = 1.5  # a wrong hue is worse than a wrong light: meadow in the sky
_HALF_SIZE_FROM = 256  # larger pictures are smoothed at half size


def guides_of(picture: Tensor, tick: Callable[[], None] = lambda: None) -> tuple[Tensor, Tensor]:
    """[1, 3, h, w] -> guides [1, 7, h, w] and edge strength [1, 1, h, w] in 0..1."""
    light = luma(picture)
    direction, edge = _direction(light)
    tick()
    even = _even(picture)
    gray = luma(even)
    even = gray + _CHROMA * (even - gray)
    tick()
    return torch.cat([even, 0.25 * direction, 0.35 * edge, 0.15 * _relief(light)], 1), edge


def turned(guides: Tensor, quarter: int) -> Tensor:
    """Guides of a picture turned by quarter turns: under an odd one the doubled angle's cosine and sine change sign."""
    out = torch.rot90(guides, quarter, (2, 3)).clone()
    if quarter % 2:
        out[:, 3:5] *= -1
    return out


def _even(picture: Tensor) -> Tensor:
    """Color without texture: two passes of a self-guided filter."""
    if min(picture.shape[-2:]) < _HALF_SIZE_FROM:
        for _ in range(2):
            slope, offset = guided(picture, _RADIUS, _EPS)
            picture = slope * luma(picture) + offset
        return picture.clamp(0, 1)
    half = halve(picture)
    slope, offset = guided(half, _RADIUS, _EPS)
    half = slope * luma(half) + offset
    coefficients = torch.cat([*guided(half, _RADIUS, _EPS), half], 1)
    slope, offset, full = enlarge(coefficients, *picture.shape[-2:]).split_with_sizes((3, 3, 3), 1)
    return (slope * luma(full) + offset).clamp(0, 1)


def _direction(light: Tensor) -> tuple[Tensor, Tensor]:
    """Structure tensor: the doubled angle times edge strength [1, 2, h, w], and edge strength [1, 1, h, w]."""
    x, y = slopes(blur(light, 1.0))
    xx, yy, xy = blur(torch.cat([x * x, y * y, x * y], 1), 2.0).chunk(3, 1)
    power = (xx + yy).clamp_min(0)
    edge = power.sqrt()
    edge = (edge / quantile(edge, 0.97).clamp_min(1e-4)).clamp(0, 1)
    angle = torch.cat([xx - yy, 2 * xy], 1) / (power + 1e-5)
    return angle * edge, edge


def _relief(light: Tensor) -> Tensor:
    """Luma against its surroundings, -0.5 to 0.5."""
    if min(light.shape[-2:]) >= _HALF_SIZE_FROM:
        small = box(halve(torch.cat([light, light * light], 1), 4), 2)
        mean, square = enlarge(small, *light.shape[-2:]).chunk(2, 1)
    else:
        mean, square = box(torch.cat([light, light * light], 1), 8).chunk(2, 1)
    deviation = (square - mean * mean).clamp_min(0).sqrt()
    return ((light - mean) / (deviation + 0.02)).clamp(-2.5, 2.5) / 5
