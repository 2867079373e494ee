"""Small picture arithmetic on torch tensors [1, c, h, w], colors 0 to 1. Nothing here reaches a sample of the work.

Each function computes on the device that its tensors are on.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 # the name everyone knows
from numpy.typing import NDArray
from torch import Tensor

# rows: luma, blue difference, red difference (ITU-R BT.601)
YCC = torch.tensor([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
RGB = torch.linalg.inv(YCC)
_FINE = 2.0**24  # parts of one that sums are counted in


def tensor_of(pixels: NDArray[np.uint8]) -> Tensor:
    """uint8 [h, w, 3] to float [1, 3, h, w] in 0..1."""
    return torch.from_numpy(pixels.transpose(2, 0, 1).astype(np.float32))[None] / 255


def pixels_of(picture: Tensor) -> NDArray[np.uint8]:
    """float [1, 3, h, w] to uint8 [h, w, 3]."""
    whole = (picture[0].clamp(0, 1) * 255).round().to(torch.uint8)
    return np.ascontiguousarray(whole.permute(1, 2, 0).cpu().numpy())


def ycc(picture: Tensor) -> Tensor:
    return torch.einsum("kc,bchw->bkhw", YCC.to(picture.device), picture)


def rgb(picture: Tensor) -> Tensor:
    return torch.einsum("kc,bchw->bkhw", RGB.to(picture.device), picture)


def luma(picture: Tensor) -> Tensor:
    """[1, 1, h, w]"""
    return torch.einsum("kc,bchw->bkhw", YCC[:1].to(picture.device), picture)


def resize(picture: Tensor, height: int, width: int) -> Tensor:
    """Antialiased bicubic, kept in 0..1."""
    if picture.shape[-2:] == (height, width):
        return picture
    return F.interpolate(picture, size=(height, width), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


def enlarge(picture: Tensor, height: int, width: int) -> Tensor:
    """Bilinear; for smooth fields that may leave 0..1."""
    return F.interpolate(picture, size=(height, width), mode="bilinear", align_corners=False)


def laid(labels: Tensor, height: int, width: int) -> Tensor:
    """Labels [y, x] at another size, each place taking the nearest one's."""
    rows, columns = labels.shape
    y = torch.arange(height, device=labels.device) * rows // height
    x = torch.arange(width, device=labels.device) * columns // width
    return labels[y[:, None], x[None]]


def halve(picture: Tensor, by: int = 2) -> Tensor:
    """Mean over by x by blocks; a last partial block counts what it has."""
    return F.avg_pool2d(picture, by, ceil_mode=True, count_include_pad=False)


def blur(picture: Tensor, sigma: float) -> Tensor:
    """Gaussian, edges repeated."""
    radius = int(3 * sigma + 0.5)
    steps = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernel = torch.exp(-steps * steps / (2 * sigma * sigma))
    return _separable(picture, (kernel / kernel.sum()).tolist())


def _separable(picture: Tensor, kernel: list[float]) -> Tensor:
    """Convolve both ways with a symmetric kernel: shifted sums are many times faster here than torch's conv2d."""
    radius = len(kernel) // 2
    for axis, pad in ((3, (radius, radius, 0, 0)), (2, (0, 0, radius, radius))):
        length = picture.shape[axis]
        wide = F.pad(picture, pad, mode="replicate")
        picture = wide.narrow(axis, radius, length) * kernel[radius]
        for step, weight in enumerate(kernel[:radius]):
            picture.add_(wide.narrow(axis, step, length), alpha=weight)
            picture.add_(wide.narrow(axis, 2 * radius - step, length), alpha=weight)
    return picture


def box(picture: Tensor, radius: int) -> Tensor:
    """Mean over a square of side 2 radius + 1, edges repeated. Wide boxes are summed up in float64."""
    if radius > 4:
        return _wide_box(picture, radius)
    side = 2 * radius + 1
    return _separable(picture, [1 / side] * side)


def _wide_box(picture: Tensor, radius: int) -> Tensor:
    side = 2 * radius + 1
    for axis, pad in ((3, (radius + 1, radius, 0, 0)), (2, (0, 0, radius + 1, radius))):
        length = picture.shape[axis]
        sums = F.pad(picture, pad, mode="replicate").double().cumsum(axis)
        picture = ((sums.narrow(axis, side, length) - sums.narrow(axis, 0, length)) / side).float()
    return picture


def tent(picture: Tensor, radius: int) -> Tensor:
    """Two boxes: a cheap bell."""
    return box(box(picture, radius), radius)


def largest_around(picture: Tensor, radius: int) -> Tensor:
    """Maximum over a square of side 2 radius + 1."""
    for kernel, pad in (((1, 2 * radius + 1), (0, radius)), ((2 * radius + 1, 1), (radius, 0))):
        picture = F.max_pool2d(picture, kernel, 1, pad)
    return picture


def chunks(values: Tensor, most: int) -> list[Tensor]:
    """The values in parts of at most `most`."""
    return [values[start : start + most] for start in range(0, len(values), most)]


def shrunk(area: Tensor, radius: int) -> Tensor:
    """The pixels of a bool area [h, w] whose square of side 2 radius + 1 lies in it; beyond the edge all does."""
    outside = (~area).float()[None, None]
    return largest_around(outside, radius)[0, 0] == 0


def slopes(plane: Tensor) -> tuple[Tensor, Tensor]:
    """Sobel gradient (x, y) of [1, 1, h, w], per pixel."""
    padded = F.pad(plane, (1, 1, 1, 1), mode="replicate")
    across = padded[..., 2:] - padded[..., :-2]
    down = padded[..., 2:, :] - padded[..., :-2, :]
    x = (across[..., :-2, :] + 2 * across[..., 1:-1, :] + across[..., 2:, :]) / 8
    y = (down[..., :-2] + 2 * down[..., 1:-1] + down[..., 2:]) / 8
    return x, y


def step_smoothly(values: Tensor, low: float, high: float) -> Tensor:
    """0 below `low`, 1 above `high`, with level ends in between."""
    part = ((values - low) / (high - low)).clamp(0, 1)
    return part * part * (3 - 2 * part)


def quantile(values: Tensor, at: float, most: int = 50_000) -> Tensor:
    """Quantile of at most `most` evenly spaced values."""
    flat = values.reshape(-1)
    some = flat[:: max(1, math.ceil(flat.numel() / most))]
    return some.kthvalue(min(some.numel(), 1 + int(at * some.numel()))).values


def guided(picture: Tensor, radius: int, eps: float) -> tuple[Tensor, Tensor]:
    """Coefficients (slope, offset) of the picture's self-guided filter by its luma: He, Sun, Tang, 2010.

    The filtered picture is slope * luma + offset: surfaces become even, edges stay.
    """
    light = luma(picture)
    mean = tent(torch.cat([light, light * light, picture, picture * light], 1), radius)
    light_mean, light_square, colors, products = mean.split_with_sizes((1, 1, 3, 3), 1)
    slope = (products - light_mean * colors) / (light_square - light_mean * light_mean + eps)
    slope, offset = tent(torch.cat([slope, colors - slope * light_mean], 1), radius).split_with_sizes((3, 3), 1)
    return slope, offset


def nearest(rows: Tensor, centers: Tensor, block: int = 16384) -> Tensor:
    """Index of the nearest center for each row: [n, d], [k, d] -> int64 [n]."""
    half = 0.5 * (centers * centers).sum(1)
    out = []
    for some in chunks(rows, block):
        scores = torch.addmm(half[None], some, centers.T, beta=-1)
        if scores.is_cpu:  # numpy's is several times faster there
            out.append(torch.from_numpy(scores.numpy().argmax(1)))
        else:
            out.append(scores.argmax(1))
    return torch.cat(out)


def counts(values: Tensor, below: int) -> Tensor:
    """How often each whole number below `below` is there, int64 [below]."""
    if values.is_cpu:
        return torch.bincount(values, minlength=below)
    ones = torch.ones_like(values, dtype=torch.int64)  # a GPU's bincount makes the host wait
    return torch.zeros(below, dtype=torch.int64, device=values.device).index_add_(0, values, ones)


def totals(labels: Tensor, values: Tensor, below: int) -> Tensor:
    """The sum of the values, all small, under each label below `below`, float [below]; the same each time."""
    if values.is_cpu:
        return torch.bincount(labels, values, minlength=below)
    whole = (values.double() * _FINE).round()  # a GPU adds in any order, which whole numbers do not feel
    sums = torch.zeros(below, dtype=torch.float64, device=values.device).index_add_(0, labels, whole)
    return (sums / _FINE).float()


def means_by(labels: Tensor, rows: Tensor, instead: Tensor) -> Tensor:
    """Mean of the rows under each label; a label without rows keeps its row of `instead` [k, d]."""
    count = torch.bincount(labels, minlength=len(instead))[:, None]
    sums = torch.zeros_like(instead).index_add_(0, labels, rows)
    return torch.where(count > 0, sums / count.clamp_min(1), instead)
