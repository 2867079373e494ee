"""Where one picture lies on another: cut, resized, mirrored, a little turned.

First a small version is tried at a handful of scales by correlation (one Fourier transform each); then an affine map is
refined by Gauss-Newton steps, inverse compositional (Baker and Matthews, "Lucas-Kanade 20 years on", 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Sheet = NDArray[np.uint8]  # gray [height, width]
Plane = NDArray[np.float32]  # [height, width]
Matrix = NDArray[np.float64]  # [2, 3]
Covered = NDArray[np.bool_]  # [height, width]

SMALL = 64  # long side for the first look
FRAME = 144  # of the Fourier transforms: holds both, side by side
SCALES = tuple(0.96**k for k in range(-3, 9))  # long side of the asked picture in long sides of the other
LEVELS = ((SMALL, 8), (256, 5))  # long side, steps
LEAST_OVERLAP = 0.4  # of the other's area


@dataclass(frozen=True, eq=False)
class Placement:
    """`matrix` takes a point of the work's sheet to the asked sheet (both measured from their corners).

    `likeness`: how far the compositions agree there, -1 to 1. `overlap`: part of the work's area that is covered.
    """

    matrix: Matrix
    mirrored: bool
    likeness: float
    overlap: float


@dataclass(frozen=True, eq=False)
class Asked:
    """A picture that is compared with many: what does not depend on the other is worked out once."""

    sheet: Sheet

    @cached_property
    def looks(self) -> list[_Look]:
        """The small versions to try."""
        return [_Look.of(self.turned(mirrored), mirrored, scale) for mirrored in (False, True) for scale in SCALES]

    def turned(self, mirrored: bool) -> Sheet:
        return np.ascontiguousarray(self.sheet[:, ::-1]) if mirrored else self.sheet


@dataclass(frozen=True, eq=False)
class _Look:
    """One small version of the asked picture, transformed. `ratio`: its long side in the sheet's."""

    mirrored: bool
    ratio: float
    energy: float
    spectrum: NDArray[np.complex64]
    extent: NDArray[np.complex64]

    @classmethod
    def of(cls, sheet: Sheet, mirrored: bool, scale: float) -> _Look:
        small = shrunk(sheet, scale * SMALL / max(sheet.shape))
        seen = detail(small)
        spectrum, extent = (np.conj(np.fft.rfft2(x, (FRAME, FRAME))) for x in (seen, np.ones_like(seen)))
        return cls(mirrored, max(small.shape) / max(sheet.shape), float((seen**2).sum()), spectrum, extent)


def roughly(asked: Asked, work: Sheet) -> Placement:
    """The best of all scales and shifts, mirrored or not; `likeness` is comparable between works."""
    small = shrunk(work, SMALL / max(work.shape))
    ours = detail(small)
    spectrum, energy = (np.fft.rfft2(x, (FRAME, FRAME)) for x in (ours, ours**2))
    least = 0.25 * float((ours**2).sum())  # a sliver of overlap agrees with anything
    best = Placement(np.eye(2, 3), False, -1.0, 0.0)
    for look in asked.looks:
        joint = np.fft.irfft2(spectrum * look.spectrum, (FRAME, FRAME))
        under = np.fft.irfft2(energy * look.extent, (FRAME, FRAME))
        likeness = joint / np.sqrt(np.maximum(under, least) * max(look.energy, 1e-6) + 1e-9)
        at = np.unravel_index(np.argmax(likeness), likeness.shape)
        if likeness[at] > best.likeness:
            dy, dx = (int(v) if v < FRAME // 2 else int(v) - FRAME for v in at)
            shift = np.array([[1.0, 0.0, -dx], [0.0, 1.0, -dy]])
            matrix = _between(shift, max(small.shape) / max(work.shape), look.ratio)
            best = Placement(matrix, look.mirrored, float(likeness[at]), 1.0)
    return best


def everywhere(asked: Asked, work: Sheet) -> Placement:
    """The asked picture spread over all of the work."""
    (height, width), (tall, wide) = work.shape, asked.sheet.shape
    return Placement(np.array([[wide / width, 0.0, 0.0], [0.0, tall / height, 0.0]]), False, 0.0, 1.0)


def refined(asked: Asked, work: Sheet, start: Placement, *, close: bool = False) -> Placement | None:
    """The placement to a part of a pixel, or None when the two turn out to overlap too little.

    `close`: it is known to a few pixels, so a look at the small versions would rather lead away.
    """
    theirs = asked.turned(start.mirrored)
    found: Placement | None = start
    for side, steps in LEVELS[1:] if close else LEVELS:
        if found is not None:
            found = _climb(theirs, work, found, side, steps)
    return found


def laid(asked: Asked, placement: Placement, shape: tuple[int, int]) -> tuple[Plane, Covered]:
    """The asked picture in the work's frame, and where it covers it."""
    return _warp(asked.turned(placement.mirrored).astype(np.float32), placement.matrix, shape)


def detail(image: Plane) -> Plane:
    """Light taken out, contrast evened: what is left is where things are."""
    high = image - _light(image)
    contrast: Plane = np.sqrt(np.maximum(_light(high**2), 0)) + 4
    out: Plane = high / contrast
    return out


def slopes(image: Plane) -> tuple[Plane, Plane]:
    """How the image rises downward and to the right."""
    down, right = np.gradient(image)
    return np.asarray(down, np.float32), np.asarray(right, np.float32)


def shrunk(image: Sheet, scale: float) -> Plane:
    """The sheet at this scale, never larger than it is."""
    return np.asarray(resized(Image.fromarray(image), scale), np.float32)


def resized(image: Image.Image, scale: float) -> Image.Image:
    """The image at this scale, never larger than it is."""
    size = max(8, round(image.width * scale)), max(8, round(image.height * scale))
    if scale >= 1 or size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS)


def _climb(theirs: Sheet, work: Sheet, start: Placement, side: int, steps: int) -> Placement | None:
    small = shrunk(work, side / max(work.shape))
    ours_ratio = max(small.shape) / max(work.shape)
    zoom = float(np.sqrt(abs(np.linalg.det(start.matrix[:, :2]))))
    seen = shrunk(theirs, min(1.0, ours_ratio / max(zoom, 1e-3)))
    ratio = max(seen.shape) / max(theirs.shape)
    ours, seen = detail(small), detail(seen)
    matrix = _between(start.matrix, 1 / ours_ratio, 1 / ratio)
    rise = _rises(ours)
    target = ours.reshape(-1)
    for _ in range(steps):
        laid_over, covered = _warp(seen, matrix, ours.shape)
        inside = covered.reshape(-1)
        if inside.mean() < LEAST_OVERLAP:
            return None
        a = np.where(inside, laid_over.reshape(-1), 0)
        gain = float(a @ target) / max(float(a @ a), 1e-6)
        error = np.where(inside, (gain * a - target).clip(-1.5, 1.5), 0)
        used = rise * inside
        step = np.linalg.solve((used @ rise.T).astype(np.float64) + 1e-3 * np.eye(6), used @ error)
        change = np.eye(3)
        change[:2] += step.reshape(2, 3)
        matrix = matrix @ np.linalg.inv(change) if abs(np.linalg.det(change)) > 0.1 else matrix
    laid_over, covered = _warp(seen, matrix, ours.shape)
    if covered.mean() < LEAST_OVERLAP:
        return None
    a, b = laid_over[covered], ours[covered]
    likeness = float(a @ b) / np.sqrt(max(float(a @ a) * float(b @ b), 1e-6))
    return Placement(_between(matrix, ours_ratio, ratio), start.mirrored, float(likeness), float(covered.mean()))


def _rises(image: Plane) -> NDArray[np.float32]:
    """[6, pixels]: how the image changes with each number of the affine map."""
    dy, dx = slopes(image)
    y, x = (v.astype(np.float32) + 0.5 for v in np.mgrid[: image.shape[0], : image.shape[1]])
    return np.stack([dx * x, dx * y, dx, dy * x, dy * y, dy]).reshape(6, -1)


def _between(matrix: Matrix, ours: float, theirs: float) -> Matrix:
    """A map between two shrunk pictures, as one between the pictures (`ours`, `theirs`: their ratios of size)."""
    return np.concatenate([matrix[:, :2] * (ours / theirs), matrix[:, 2:] / theirs], axis=1)


def _warp(image: Plane, matrix: Matrix, shape: tuple[int, ...]) -> tuple[Plane, Covered]:
    height, width = int(shape[0]), int(shape[1])
    data = tuple(float(x) for x in matrix.reshape(-1))
    out = Image.fromarray(image).transform((width, height), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)
    y, x = np.arange(height)[:, None] + 0.5, np.arange(width)[None] + 0.5
    u, v = (row[0] * x + row[1] * y + row[2] for row in matrix)
    covered = (u >= 1) & (u <= image.shape[1] - 1) & (v >= 1) & (v <= image.shape[0] - 1)
    return np.asarray(out, np.float32), covered


def _light(image: Plane) -> Plane:
    """The image without detail, by way of a twelfth of its size."""
    whole = Image.fromarray(image)
    part = max(4, max(image.shape) // 12)
    cells = max(2, round(image.shape[1] / part)), max(2, round(image.shape[0] / part))
    coarse = whole.resize(cells, Image.Resampling.BILINEAR)
    return np.asarray(coarse.resize(whole.size, Image.Resampling.BICUBIC), np.float32)
