"""Whether two pictures share their very texture, once what a third one explains is taken out of both.

A stylized work keeps its photograph's composition, so composition proves nothing. Here a picture is laid over a work,
both are split into bands of fine detail, and in every small block whatever the photograph can explain (its own detail,
its slopes, its edges) is removed from both by least squares. What is left of the two either agrees, because one was
copied from the other, or it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Sheet = NDArray[np.uint8]  # gray [height, width]
Plane = NDArray[np.float32]  # [height, width]

SIDE = 256  # long side of a sheet: half of the smallest work's, so that half-size copies still fill it
BLOCK = 32
SCALES = tuple(1.12 * 0.965**k for k in range(14))  # long side of the asked picture in long sides of the work
LEVELS = ((64, 10), (128, 6), (256, 5))  # long side, steps: coarse to fine
LEAST_OVERLAP = 0.4  # of the work's area
SIGMAS = (0.7, 1.4, 2.8, 5.6)
LEAST_DETAIL = 1.0  # variance (gray levels squared) of a block's remaining detail that is more than codec noise
LEAST_BLOCKS = 6


@dataclass(frozen=True)
class Placement:
    """Where an asked picture lies on a work: `matrix` takes the work's sheet to the asked picture's own pixels."""

    matrix: NDArray[np.float64]  # [2, 3], for pixel centers
    mirrored: bool
    likeness: float  # of the compositions, -1 to 1
    overlap: float  # part of the work's area that the asked picture covers


@dataclass(frozen=True)
class Agreement:
    """How far two pictures' unexplained texture agrees: `score` -1 to 1, from `blocks` blocks with detail in them."""

    score: float
    blocks: int


NOTHING = Agreement(0.0, 0)


def sheet_of(pixels: NDArray[np.uint8], side: int = SIDE) -> Sheet:
    """A gray sheet with at most this long side."""
    gray = Image.fromarray(pixels).convert("L")
    return np.asarray(_resized(gray, side / max(gray.size)), np.uint8)


def place(asked: Sheet, work: Sheet) -> Placement | None:
    """Lay the asked picture over the work: mirrored or not, at any of `SCALES`, then refined to a part of a pixel."""
    found = max(
        (_coarse(asked[:, ::-1] if mirrored else asked, work, mirrored) for mirrored in (False, True)),
        key=lambda x: x.likeness,
    )
    return _refine(asked[:, ::-1] if found.mirrored else asked, work, found)


def lay(asked: Sheet, placement: Placement, shape: tuple[int, int]) -> tuple[Plane, NDArray[np.bool_]]:
    """The asked picture in the work's frame, and where it covers it."""
    if placement.mirrored:
        asked = asked[:, ::-1]
    return _warp(asked.astype(np.float32), placement.matrix, shape)


def agreement(asked: Plane, covered: NDArray[np.bool_], work: Sheet, content: Sheet | None) -> Agreement:
    """The agreement of two pictures in one frame, beyond what `content` explains."""
    blocks = _blocks(covered.astype(np.float32)).min(axis=1) > 0
    if blocks.sum() < LEAST_BLOCKS:
        return NOTHING
    theirs = np.stack([_blocks(x)[blocks] for x in _bands(asked)], -1)
    ours = np.stack([_blocks(x)[blocks] for x in _bands(work.astype(np.float32))], -1)
    known = [np.ones_like(ours[..., 0])]
    if content is not None:
        known += [_blocks(x)[blocks] for x in _explanations(content.astype(np.float32))]
    basis = np.stack(known, -1)
    return _compare(_unexplained(theirs, basis), _unexplained(ours, basis))


def _compare(theirs: Plane, ours: Plane) -> Agreement:
    """Correlation in every block and band, weighed by the work's own detail there."""
    power = (ours**2).mean(axis=1)
    detailed = power.sum(axis=1) > LEAST_DETAIL
    if detailed.sum() < LEAST_BLOCKS:
        return NOTHING
    theirs, ours = theirs[detailed], ours[detailed]
    joint = (theirs * ours).sum(axis=1)
    size = np.sqrt((theirs**2).sum(axis=1) * (ours**2).sum(axis=1)) + 1e-3
    return Agreement(joint / size, int(detailed.sum()))


def _unexplained(values: Plane, basis: Plane) -> Plane:
    """What least squares on `basis` leaves, block by block. values [blocks, pixels, bands], basis [.., terms]."""
    turned = basis.transpose(0, 2, 1)
    gram = turned @ basis
    gram += np.eye(gram.shape[1]) * (1e-4 * np.trace(gram, axis1=1, axis2=2)[:, None, None] / gram.shape[1])
    return values - basis @ np.linalg.solve(gram, turned @ values)


def _bands(image: Plane) -> list[Plane]:
    levels = [_blur(image, sigma) for sigma in SIGMAS]
    return [a - b for a, b in zip(levels, levels[1:])]


def _explanations(content: Plane) -> list[Plane]:
    """What a painter follows: detail, slopes (which also stand for a shift by part of a pixel), edges, light."""
    out = []
    smooth = [_blur(content, s) for s in SIGMAS]
    out += [a - b for a, b in zip(smooth, smooth[1:])]
    out.append(smooth[-1])
    for s in smooth[:3:1]:
        dy, dx = np.gradient(s)
        out += [dy, dx, np.hypot(dx, dy)]
    return [x.astype(np.float32) for x in out]


def _coarse(asked: Sheet, work: Sheet, mirrored: bool) -> Placement:
    side = LEVELS[0][0]
    ours = _detail(_shrunk(work, side / max(work.shape)))
    frame = 2 * side + 16
    spectrum, energy = np.fft.rfft2(ours, (frame, frame)), np.fft.rfft2(ours**2, (frame, frame))
    best = Placement(np.eye(2, 3), mirrored, -1.0, 0.0)
    for scale in SCALES:
        k = scale * side / max(asked.shape)
        small = _shrunk(asked, k)
        theirs = _detail(small)
        joint = np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(theirs, (frame, frame))), (frame, frame))
        ones = np.conj(np.fft.rfft2(np.ones_like(theirs), (frame, frame)))
        under = np.fft.irfft2(energy * ones, (frame, frame))
        likeness = joint / np.sqrt(np.maximum(under, 0.25 * (ours**2).sum()) * max((theirs**2).sum(), 1e-6))
        at = np.unravel_index(np.argmax(likeness), likeness.shape)
        value = float(likeness[at])
        if value > best.likeness:
            dy, dx = (int(v) if v < frame // 2 else int(v) - frame for v in at)
            matrix = np.array([[1.0, 0, -dx], [0, 1.0, -dy]])
            best = Placement(_rescaled(matrix, side / max(work.shape), _ratio(small, asked)), mirrored, value, 1.0)
    return best


def _ratio(small: Plane, asked: Sheet) -> float:
    return max(small.shape) / max(asked.shape)


def _rescaled(matrix: NDArray[np.float64], from_scale: float, to_scale: float) -> NDArray[np.float64]:
    """A matrix between shrunk pictures as one between the pictures; both are scaled about their corners."""
    out = np.array(matrix)
    # corner coordinates: u_q = A u_w + t ; w_small = fs * w ; q_small = ts * q
    out[:, :2] = matrix[:, :2] * from_scale / to_scale
    out[:, 2] = matrix[:, 2] / to_scale
    return out


def _refine(asked: Sheet, work: Sheet, start: Placement) -> Placement | None:
    """Gauss-Newton on an affine map (inverse compositional: Baker and Matthews, 2004), coarse to fine."""
    matrix, likeness, overlap = start.matrix, start.likeness, 1.0
    for side, steps in LEVELS:
        ws = min(1.0, side / max(work.shape))
        zoom = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
        small = _shrunk(work, ws)
        ws = _ratio(small, work)
        theirs = _shrunk(asked, min(1.0, ws / zoom))
        qs = _ratio(theirs, asked)
        local = _rescaled(matrix, 1 / ws, 1 / qs)
        ours, theirs = _detail(small), _detail(theirs)
        dy, dx = np.gradient(ours)
        y, x = np.mgrid[: ours.shape[0], : ours.shape[1]].astype(np.float32) + 0.5
        slopes = np.stack([dx * x, dx * y, dx, dy * x, dy * y, dy], -1).reshape(-1, 6).astype(np.float64)
        for _ in range(steps):
            seen, covered = _warp(theirs, local, ours.shape)
            overlap = float(covered.mean())
            if overlap < LEAST_OVERLAP:
                return None
            inside = covered.reshape(-1)
            a, b = seen.reshape(-1)[inside], ours.reshape(-1)[inside]
            gain = float(a @ b / max(a @ a, 1e-6))
            error = (gain * a - b).clip(-1.5, 1.5)
            used = slopes[inside]
            step = np.linalg.lstsq(used.T @ used + 1e-3 * np.eye(6), used.T @ error, rcond=None)[0]
            delta = np.eye(3)
            delta[:2] += step.reshape(2, 3)
            local = (np.vstack([local, [0, 0, 1]]) @ np.linalg.inv(delta))[:2]
        seen, covered = _warp(theirs, local, ours.shape)
        a, b = seen[covered], ours[covered]
        likeness = float(a @ b / np.sqrt(max(float(a @ a) * float(b @ b), 1e-6)))
        matrix = _rescaled(local, ws, qs)
    return Placement(matrix, start.mirrored, likeness, overlap)


def _detail(image: Plane) -> Plane:
    """Light taken out, contrast evened: what is left is where things are."""
    sigma = max(2.0, 0.06 * max(image.shape))
    high = image - _blur(image, sigma)
    return high / (np.sqrt(_blur(high**2, sigma)) + 4.0)


def _shrunk(image: Sheet, scale: float) -> Plane:
    return np.asarray(_resized(Image.fromarray(image), scale), np.float32)


def _resized(image: Image.Image, scale: float) -> Image.Image:
    size = max(8, round(image.width * scale)), max(8, round(image.height * scale))
    if scale >= 1 or size == image.size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS)


def _warp(image: Plane, matrix: NDArray[np.float64], shape: tuple[int, ...]) -> tuple[Plane, NDArray[np.bool_]]:
    height, width = int(shape[0]), int(shape[1])
    whole = Image.fromarray(image)
    out = whole.transform((width, height), Image.Transform.AFFINE, tuple(matrix.reshape(-1)), Image.Resampling.BICUBIC)
    y, x = np.mgrid[:height, :width] + 0.5
    u = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    v = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    covered = (u >= 1) & (u <= image.shape[1] - 1) & (v >= 1) & (v <= image.shape[0] - 1)
    return np.asarray(out, np.float32), covered


def _blur(image: Plane, sigma: float) -> Plane:
    radius = max(1, round(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2).astype(np.float32)
    kernel /= kernel.sum()
    for axis in (0, 1):
        padded = np.pad(image, [(radius, radius) if a == axis else (0, 0) for a in (0, 1)], mode="symmetric" )
        length = image.shape[axis]
        image = sum(k * np.take(padded, range(i, i + length), axis=axis) for i, k in enumerate(kernel))
    return image.astype(np.float32)


def _blocks(image: Plane) -> Plane:
    """[blocks, pixels]; the remainder at the far edges is left out."""
    rows, columns = image.shape[0] // BLOCK, image.shape[1] // BLOCK
    cut = image[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return cut.transpose(0, 2, 1, 3).reshape(rows * columns, BLOCK * BLOCK)
