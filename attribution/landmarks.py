"""Where a picture's texture stands out, and how it looks there: what a cut, turned or framed copy is found by.

A hash of the whole falls apart when much is cut off or the picture is turned. Landmarks are small: spots where detail
is strongest in its surroundings (extremes of a difference of Gaussians, as Lowe, "Distinctive image features from
scale-invariant keypoints", 2004), at several sizes, each with its own size and direction. Around each a patch is turned
upright, and the signs of its cosine transform are its 63 bits. What two pictures have in common is then one shift,
turn and scale that takes many spots of one to spots with nearly the same bits in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft, ndimage

from attribution.placement import Placement, Plane, Sheet, resized

LEVELS, STEP = 6, 2 ** (1 / 3)  # sizes of landmarks, each so much larger than the one before
MOST = 70  # landmarks of one size, the strongest
SMALLEST = 48  # pixels of the short side
INNER, OUTER, AROUND = 1.0, 1.6, 3.0  # pixels: the two blurs of a spot, and the one whose slope is its direction
LEAST_STRENGTH = 1.2  # gray levels
APART = 5  # pixels between two spots of one size
PATCH, SPACING = 16, 1.5  # samples a side, pixels between them
LOW = 8  # cosine coefficients a side
WORD = 24  # bits of the coarsest coefficients, looked up as they are
FARTHEST = 14  # bits between two looks of the same spot
NEAR = 0.03  # of the long side: how far a spot may lie from where the others put it
TURN, SCALE = 0.35, 0.3  # radians and log2 by which a spot's own direction and size may differ from the others'
LEAST = 6  # spots that agree


@dataclass(frozen=True, eq=False)
class Landmarks:
    """`places` float32 [n, 4]: x and y from the corner in parts of the long side, log2 of the size, direction in
    radians. `bits` uint64 [n]: how each looks."""

    places: NDArray[np.float32]
    bits: NDArray[np.uint64]

    @property
    def words(self) -> list[int]:
        """What they are looked up by, 24 bits each."""
        return sorted({int(word) for word in self.bits & np.uint64((1 << WORD) - 1)})


def of(sheet: Sheet) -> Landmarks:
    """The landmarks of a gray sheet, at most 420; some 60 ms. None where it is plain or very narrow."""
    found = [_level(sheet, STEP**level) for level in range(LEVELS)]
    return Landmarks(np.concatenate([places for places, _ in found]), np.concatenate([bits for _, bits in found]))


def pack(landmarks: Landmarks) -> bytes:
    """As they are stored: 24 bytes each."""
    return landmarks.places.astype("<f4").tobytes() + landmarks.bits.astype("<u8").tobytes()


def unpack(stored: bytes) -> Landmarks:
    count = len(stored) // 24
    places = np.frombuffer(stored, "<f4", 4 * count).reshape(count, 4)
    return Landmarks(places.astype(np.float32), np.frombuffer(stored, "<u8", offset=16 * count).astype(np.uint64))


def placed(asked: Landmarks, known: Landmarks, *, sizes: Sequence[float], mirrored: bool) -> Placement | None:
    """Where a known picture lies in the asked one, if enough landmarks of both agree on it.

    `sizes`: the long sides of the asked and the known sheet in pixels. `likeness` is the number that agree.
    """
    if min(len(asked.bits), len(known.bits)) < LEAST:
        return None
    apart = np.bitwise_count(asked.bits[:, None] ^ known.bits[None])
    nearest = apart.argmin(axis=1)
    same = np.flatnonzero(apart[np.arange(len(nearest)), nearest] <= FARTHEST)
    if same.size < LEAST:
        return None
    theirs, ours = asked.places[same], known.places[nearest[same]]
    agreeing = _agreeing(theirs, ours)
    if agreeing.sum() < LEAST:
        return None
    return Placement(_similar(ours[agreeing], theirs[agreeing], sizes), mirrored, float(agreeing.sum()), 1.0)


def _agreeing(theirs: NDArray[np.float32], ours: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which pairs agree with the one that most agree with."""
    turns, zooms = theirs[:, 3] - ours[:, 3], np.exp2(theirs[:, 2] - ours[:, 2])
    moved = _moved(ours, turns, zooms)  # [hypothesis, pair, 2], up to a shift
    shift = theirs[:, None, :2] - moved[np.arange(len(ours)), np.arange(len(ours))][:, None]
    off = np.abs(moved + shift - theirs[None, :, :2]).max(axis=2)
    turned = np.abs(np.angle(np.exp(1j * (turns[:, None] - turns[None]))))
    scaled = np.abs(np.log2(zooms)[:, None] - np.log2(zooms)[None])
    agree = (off < NEAR) & (turned < TURN) & (scaled < SCALE)
    return np.asarray(agree[agree.sum(axis=1).argmax()])


def _moved(points: NDArray[np.float32], turns: NDArray[np.float32], zooms: NDArray[np.float32]) -> NDArray[np.float32]:
    cos, sin = (zooms * np.cos(turns))[:, None], (zooms * np.sin(turns))[:, None]
    x, y = points[None, :, 0], points[None, :, 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=2)


def _similar(ours: NDArray[np.float32], theirs: NDArray[np.float32], sizes: Sequence[float]) -> NDArray[np.float64]:
    """The turn, scale and shift that take our spots to theirs by least squares, from our sheet's pixels to theirs."""
    a, b = (points[:, 0] + 1j * points[:, 1] for points in (ours.astype(np.float64), theirs.astype(np.float64)))
    from_, to = a.mean(), b.mean()
    turn = np.vdot(a - from_, b - to) / max(float(np.vdot(a - from_, a - from_).real), 1e-9)
    shift = (to - turn * from_) * sizes[0]
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]]) * (sizes[0] / sizes[1])
    return np.concatenate([linear, [[shift.real], [shift.imag]]], axis=1)


def _level(sheet: Sheet, shrink: float) -> tuple[NDArray[np.float32], NDArray[np.uint64]]:
    image: Plane = np.asarray(resized(Image.fromarray(sheet), 1 / shrink), np.float32)
    if min(image.shape) < SMALLEST:
        return np.empty((0, 4), np.float32), np.empty(0, np.uint64)
    inner = ndimage.gaussian_filter(image, INNER)
    strength = np.abs(inner - ndimage.gaussian_filter(image, OUTER))
    peak = (strength == ndimage.maximum_filter(strength, APART)) & (strength > LEAST_STRENGTH)
    rows, columns = np.nonzero(peak)
    kept = np.argsort(-strength[rows, columns], kind="stable")[:MOST]
    rows, columns = rows[kept], columns[kept]
    wide = ndimage.gaussian_filter(image, AROUND)
    down, right = np.gradient(wide)
    angles = np.arctan2(down[rows, columns], right[rows, columns])
    side = max(image.shape)
    size = np.full(len(rows), np.log2(max(sheet.shape) / side))
    size -= np.log2(max(sheet.shape))  # in parts of the long side, as places are
    places = np.stack([(columns + 0.5) / side, (rows + 0.5) / side, size, angles], axis=1)
    return places.astype(np.float32), _bits(inner, rows, columns, angles)


def _bits(image: Plane, rows: NDArray[np.int64], columns: NDArray[np.int64], angles: Plane) -> NDArray[np.uint64]:
    """The signs of the low cosine coefficients of the patches, the coarsest first."""
    line = (np.arange(PATCH) - (PATCH - 1) / 2) * SPACING
    y, x = np.meshgrid(line, line, indexing="ij")
    cos, sin = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    at = (rows[:, None, None] + sin * x + cos * y, columns[:, None, None] + cos * x - sin * y)
    patches = ndimage.map_coordinates(image, at, order=1, mode="nearest")
    spectra = fft.dctn(patches, axes=(1, 2), norm="ortho")[:, :LOW, :LOW].reshape(-1, LOW * LOW)
    coarse = np.argsort(np.add.outer(np.arange(LOW), np.arange(LOW)).ravel(), kind="stable")[1:]
    signs = (spectra[:, coarse] > 0).astype(np.uint64)
    return np.asarray((signs << np.arange(len(coarse), dtype=np.uint64)).sum(axis=1), np.uint64)
