"""Where an asset holds things that would be recognized, rather than its maker's hand: dear to copy, never whole.

Faces; lettering and other small busy things in a quiet place (seals, windows, masts); forms that stand out among
strokes (heads, figures); frames; and what looks like nothing else in the style, such as the one moon or the one boat.
What occurs all over is the hand.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from generation.engines.patchwork.atlas import Tick
from generation.engines.patchwork.faces import faces_of, focus_of
from generation.engines.patchwork.images import (
    blur,
    enlarge,
    halve,
    largest_around,
    luma,
    pixels_of,
    resize,
    slopes,
    step_smoothly,
    ycc,
)

_FORM = 0.7  # what a form counts, which may be a stroke's turn after all
_HEAD, _FAINT = 2.5, 5e-5  # cells; below this strokes are no strokes
_STANDING_OUT, _SELDOM = (0.9, 1.7), (0.6, 0.9)  # standard deviations; rarity
ALONE = 0.35  # the most that mere rarity counts: a rare color must stay within reach
_LONG_SIDE, _CELL = 512, 4  # marks are looked for at this size, kept in cells of 4 x 4 pixels
_LARGEST = 8  # cells: what is wider than twice this is no mark but the picture's own texture
_SEEN, _SURE, _QUIET, _BUSY = 0.025, 0.05, 0.008, 0.02  # luma steps a pixel
_RARE_SIDE, _WINDOW = 192, 24  # rarity: at this size, by what is around a place in about this many pixels
_COMMON, _RARE = 1.1, 1.6  # distance to the most similar other place, over that of most places
_MOST = 0.75  # of the places
_OTHERS = 2048  # places of a style's other assets that each is compared with
_FACE_SIDE = 640  # painted faces are larger than a crowd's; more costs more than it finds
_FRAME_SIDE, _FRAME_DEPTH = 256, 0.06  # frames: at this size, at most this part of a side deep
_LINE, _STRAIGHT = 0.02, 0.85  # luma steps a pixel; part of the side along which a frame's edge is seen


def things_of(pictures: Sequence[Tensor], styles: Sequence[int], tick: Tick) -> list[Tensor]:
    """Assets, each [1, 3, h, w], and the style of each -> for each [1, 1, h, w] in 0..1: how much of a thing is there.

    Only faces, marks and frames reach 1; what is merely rare ends at ALONE.
    """
    surroundings = []
    for picture in pictures:
        surroundings.append(_surroundings(picture))
        tick()
    found = []
    for index, picture in enumerate(pictures):
        height, width = picture.shape[-2:]
        kin = [i for i, style in enumerate(styles) if style == styles[index] and i != index]
        rarity = _rarity(*surroundings[index], [surroundings[i][0] for i in kin])
        tick()
        lesser, more = _slants(picture)
        rare = ALONE * blur(largest_around(step_smoothly(rarity, _COMMON, _RARE), 1), 1.0)
        every = [_marks(lesser), _FORM * _forms(lesser, more, rarity), rare]
        every = [enlarge(one, height, width) for one in every]
        tick()
        faces = focus_of(faces_of(pixels_of(picture), _FACE_SIDE), height, width)
        found.append(torch.stack([*every, _frames(picture), faces]).amax(0))
        tick()
    return found


def _slants(picture: Tensor) -> tuple[Tensor, Tensor]:
    """The smaller eigenvalue of the structure tensor and the mean of both, each [1, 1, h, w] at up to 512 pixels.

    Where strokes run one way, as along a plain edge, the smaller one is near zero.
    """
    x, y = slopes(blur(luma(_within(picture, _LONG_SIDE)), 0.7))
    xx, yy, xy = blur(torch.cat([x * x, y * y, x * y], 1), 3.0).chunk(3, 1)
    both = xx + yy
    return ((both - ((xx - yy).square() + 4 * xy * xy).sqrt()) / 2).clamp_min(0), both / 2


def _marks(lesser: Tensor) -> Tensor:
    """Lettering and other small busy things in a quiet place, in cells.

    Lettering runs in many directions at once. An opening keeps what is large, so the rest is what stands alone.
    """
    busy = halve(lesser.sqrt(), _CELL)
    around = largest_around(-largest_around(-busy, _LARGEST), _LARGEST)
    alone = step_smoothly(busy - around, _SEEN, _SURE) * (1 - step_smoothly(blur(around, 4.0), _QUIET, _BUSY))
    return largest_around(alone, 1)


def _forms(lesser: Tensor, more: Tensor, rarity: Tensor) -> Tensor:
    """Heads, figures, houses among strokes, in cells: where strokes stop running along each other, and not so often.

    Compared with the asset's own strokes: a picture of nothing but such places has no forms that stand out.
    """
    round_ = blur(halve(lesser / (more + _FAINT), _CELL), _HEAD)
    apart = round_ - blur(round_, 3 * _HEAD)
    scores = [(plane - plane.mean()) / plane.std().clamp_min(1e-3) for plane in (round_, apart)]
    seen = step_smoothly(torch.minimum(*scores), *_STANDING_OUT)
    return blur(largest_around(seen, 2), 1.0) * step_smoothly(enlarge(rarity, *seen.shape[-2:]), *_SELDOM)


def _frames(picture: Tensor) -> Tensor:
    """Straight edges along a side, and all that lies outside of them: [1, 3, h, w] -> [1, 1, h, w], 0 or 1."""
    height, width = picture.shape[-2:]
    light = blur(luma(_within(picture, _FRAME_SIDE)), 0.7)
    out = torch.zeros(1, 1, height, width)
    for quarter in range(4):
        across, _ = slopes(torch.rot90(light, quarter, (2, 3)))  # the left side of the turned picture
        deep = max(3, round(_FRAME_DEPTH * across.shape[-1]))
        near = across[0, 0, :, 1 : deep + 1]
        seen = [largest_around((sign * near > _LINE).float()[None, None], 1).mean((0, 1, 2)) for sign in (1, -1)]
        straight = torch.maximum(*seen) > _STRAIGHT
        outside = straight.float().flip(0).cumsum(0).flip(0) > 0  # from the border to the innermost edge
        turned = torch.zeros_like(torch.rot90(out, quarter, (2, 3)))
        columns = (torch.arange(turned.shape[-1]) * across.shape[-1] / turned.shape[-1]).long()
        wide = torch.cat([outside[:1], outside, torch.zeros(across.shape[-1], dtype=torch.bool)])
        turned[0, 0, :, wide[columns]] = 1
        out = torch.maximum(out, torch.rot90(turned, -quarter, (2, 3)))
    return out


def _surroundings(picture: Tensor) -> tuple[Tensor, tuple[int, int]]:
    """What is around each fourth pixel, however arranged: colors, their spread, and strokes by direction.

    [1, 3, h, w] -> [places, 11] and the rows and columns of places.
    """
    colors = ycc(_within(picture, _RARE_SIDE)) * torch.tensor([1.0, 2.0, 2.0]).view(1, 3, 1, 1)
    x, y = slopes(blur(colors[:, :1], 0.7))
    steep = (x * x + y * y + 1e-8).sqrt()
    level, slant = 4 * (x * x - y * y) / steep, 8 * x * y / steep
    spread = 2 * (colors - blur(colors, 2.0)).abs()
    strokes = [6 * steep, level.clamp_min(0), (-level).clamp_min(0), slant.clamp_min(0), (-slant).clamp_min(0)]
    around = blur(halve(torch.cat([colors, spread, *strokes], 1), _CELL), _WINDOW / 4 / _CELL)
    return around[0].reshape(around.shape[1], -1).T.contiguous(), (around.shape[2], around.shape[3])


def _rarity(rows: Tensor, shape: tuple[int, int], others: Sequence[Tensor]) -> Tensor:
    """How unlike anything farther away each place is: [places, d] -> [1, 1, rows, columns], 1 for the usual."""
    y, x = torch.meshgrid(torch.arange(shape[0]), torch.arange(shape[1]), indexing="ij")
    y, x, away = y.reshape(-1), x.reshape(-1), _WINDOW // _CELL
    near = ((y[:, None] - y[None]).abs() < away) & ((x[:, None] - x[None]).abs() < away)
    mean = rows.mean(0)
    least = _apart(rows - mean, rows - mean).masked_fill_(near, torch.inf).amin(1)
    if others:
        pool = torch.cat(list(others))
        pool = pool[:: max(1, len(pool) // _OTHERS)]
        least = torch.minimum(least, _apart(rows - mean, pool - mean).amin(1))
    least = least.clamp(0, 1e6).sqrt()
    usual = least.kthvalue(max(1, int(_MOST * len(least)))).values.clamp_min(0.01)
    return (least / usual).view(1, 1, *shape)


def _apart(rows: Tensor, others: Tensor) -> Tensor:
    """Squared distances, [n, m]."""
    squares = rows.square().sum(1)[:, None] + others.square().sum(1)[None]
    return torch.addmm(squares, rows, others.T, alpha=-2)


def _within(picture: Tensor, side: int) -> Tensor:
    """No longer than `side`."""
    height, width = picture.shape[-2:]
    scale = min(1.0, side / max(height, width))
    return resize(picture, max(1, round(height * scale)), max(1, round(width * scale)))
