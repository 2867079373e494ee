"""Outlines: the content's contours drawn in the style's own line color and as densely as the style draws them."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from scipy import ndimage
from torch import Tensor

from generation.engines.patchwork.images import blur, box, largest_around, quantile, slopes, ycc

_STRENGTH, _LEAST_LENGTH, _MOST = 0.9, 0.06, 0.06
_RADIUS = 1  # lines are 3 pixels wide


def draw_outlines(target: Tensor, content: Tensor, density: float, color: Tensor) -> Tensor:
    """Draw contours of the content over the target, covering about `density` of it. `color`: [3] RGB."""
    ridge, strength = _ridges(content)
    if not bool(ridge.any()):
        return target
    score = _scores(ridge, strength)
    count = max(1, int(min(density / (2 * _RADIUS + 1), _MOST) * score.numel()))
    enough = max(float(score.reshape(-1).topk(min(count, score.numel())).values[-1]), 1e-6)
    drawn = _long_enough(score, enough, _LEAST_LENGTH * max(target.shape[-2:]))
    soft = blur(largest_around(drawn, _RADIUS), 0.6) * _STRENGTH
    return target * (1 - soft) + color.view(1, 3, 1, 1) * soft


def _ridges(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Where the color gradient is largest across itself (bool), and the gradient's strength; both [1, 1, h, w]."""
    smooth = blur(ycc(picture) * torch.tensor([1, 1.5, 1.5]).view(1, 3, 1, 1), 1.5)
    gradients = [slopes(plane) for plane in smooth.chunk(3, 1)]
    xx, yy, xy = (
        blur(torch.stack([a * b for a, b in pairs]).sum(0), 0.7)
        for pairs in ([(x, x) for x, _ in gradients], [(y, y) for _, y in gradients], gradients)
    )
    strength = (xx + yy).clamp_min(0).sqrt()
    across = 0.5 * torch.atan2(2 * xy, xx - yy)[0, 0]
    height, width = strength.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    ridge = strength > 1e-4
    for side in (-1, 1):
        at_x = (x + side * across.cos()) * (2 / max(1, width - 1)) - 1
        at_y = (y + side * across.sin()) * (2 / max(1, height - 1)) - 1
        beside = F.grid_sample(strength, torch.stack([at_x, at_y], -1)[None], align_corners=True, padding_mode="border")
        ridge &= strength >= beside
    return ridge, strength


def _scores(ridge: Tensor, strength: Tensor) -> Tensor:
    """Strength against the surroundings; less where ridges crowd (foliage, waves), 0 off the ridges."""
    relative = strength / (0.5 * box(strength, 24) + strength.mean())
    crowd = box((ridge & (strength > 0.5 * strength.mean())).float(), 6)
    strong = quantile(strength[ridge], 0.85)
    kept = ridge & (strength > 0.5 * strong)
    return torch.where(kept, relative * (1 - crowd / 0.3).clamp_min(0.1), 0)


def _long_enough(score: Tensor, enough: float, length: float) -> Tensor:
    """Lines that hold a pixel above `enough` and go on above 0.6 of it for at least `length` pixels, [1, 1, h, w]."""
    scores = score[0, 0].numpy()
    labels, count = ndimage.label(scores > 0.6 * enough, np.ones((3, 3)))
    sizes = np.bincount(labels.reshape(-1), minlength=count + 1)
    kept = np.zeros(count + 1, bool)
    kept[np.unique(labels[scores > enough])] = True
    kept &= sizes >= length
    kept[0] = False
    return torch.from_numpy(kept[labels]).float()[None, None]
