"""A picture's points: spots that stand out, each with a code of 256 bits of how it looks, its place, size and angle.

Spots and their descriptors are SIFT's (Lowe, "Distinctive image features from scale-invariant keypoints", 2004), as
RootSIFT (Arandjelović and Zisserman, "Three things everyone should know to improve object retrieval", 2012). Less the
mean of made pictures and turned by a fixed random rotation, their signs are the codes: two looks of one spot differ in
few bits, as in random hyperplane hashing (Charikar, 2002). A mirrored or a negative picture only permutes a SIFT
descriptor, so both are asked for without a second look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from attribution.features.unblurred import unblurred

Pixels = TypeVar("Pixels", NDArray[np.uint8], NDArray[np.float32])
Gray = NDArray[np.uint8]  # [height, width]
Codes = NDArray[np.uint64]  # [points, 4]
Places = NDArray[np.float32]  # [points, 4]: x and y in parts of the long side, log2 of the size in the same, radians

SIDE, DRAWN_SIDE = 512, 384  # long side in pixels at which points are taken for storing
MOST, DRAWN = 192, 64  # points stored of the picture, and of its line drawing
ASKED_SIDE, ASKED = 640, 400  # the first look at an asked picture: pixels and points
CLOSER_SIDE, CLOSER = 1280, 900  # the closer one
UNBLURRED_SIDE, UNBLURRED = 448, 600  # the one at a blurred picture without its blur
SMALLEST, LEAST_SIDE = 24, 384  # pixels: of the short side, below which there are no points; enlarged to
EXPLAINED = 84  # bits of a code by which a photograph may differ from what was made from it
CONTRAST, FAINT = 0.006, 0.0015  # of spots, and of those in flat pictures
BITS = 256
GRID, SIZES = 6, 5  # places a side, and octaves of size, over which points are spread
LINE = 0.007  # of the long side: blur that a line drawing is divided by
PLACE, STEPS = 8192, 8  # units of a stored place: parts of the long side; steps of size an octave
LOWEST = -12.0  # log2 of the least size that is stored
POINT = 38  # bytes stored


@dataclass(frozen=True, eq=False)
class Points:
    """What is stored of a picture. `codes` uint64 [n, 4]; `places` float32 [n, 4]: x and y from the corner in parts of
    the long side, log2 of the spot's diameter in the same, its direction in radians. `own` bool [n]: which do not look
    as the photograph that the picture was made from does there; all of them where none is told."""

    codes: Codes
    places: Places
    own: NDArray[np.bool_] = field(default_factory=lambda: np.ones(0, np.bool_))

    def __post_init__(self) -> None:
        if not len(self.own):
            object.__setattr__(self, "own", np.ones(len(self.codes), np.bool_))

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, eq=False)
class Asked:
    """One look at a picture that is searched for. `descriptors` uint8 [n, 128] are SIFT's, `places` as in `Points`."""

    descriptors: NDArray[np.uint8]
    places: Places

    def __len__(self) -> int:
        return len(self.places)

    def as_if(self, *, mirrored: bool = False, negative: bool = False) -> Sight:
        """What would be seen had the asked picture been mirrored, or its light reversed, before."""
        places = self.places.copy()
        if negative:
            places[:, 3] += np.pi
        if mirrored:
            places[:, 0] *= -1
            places[:, 3] = np.pi - places[:, 3]
        projected = _projected(self.descriptors[:, order(mirrored, negative)])
        return Sight(projected, places, mirrored, negative)


@dataclass(frozen=True, eq=False)
class Sight:
    """A look with its codes. `projected` float32 [n, 256]: their signs are the bits, and those near 0 the least sure.

    `places` as in `Points`, but x counts to the left where `mirrored`.
    """

    projected: NDArray[np.float32]
    places: Places
    mirrored: bool
    negative: bool

    @cached_property
    def codes(self) -> Codes:
        return _signs(self.projected)


def of(gray: Gray, content: Gray | None = None) -> Points:
    """The points of a gray picture, at most 256, for storing; none where it is plain or narrower than 24 pixels.

    `content`: the photograph that the picture was made from, in the same frame at any size. A point of which the
    photograph shows as much is not the picture's own.
    """
    codes, places, own = [], [], []
    for side, sight, most in ((SIDE, np.asarray, MOST), (DRAWN_SIDE, drawing, DRAWN)):
        sheet = _resized(gray, side)
        spots = _spots(sight(sheet), most)
        seen = _described(sight(sheet), spots)
        codes.append(_signs(_projected(seen.descriptors)))
        places.append(seen.places)
        explained = np.zeros(len(seen), np.bool_)
        if content is not None:
            theirs = _described(sight(_framed(content, sheet)), spots)
            apart = np.bitwise_count(_signs(_projected(theirs.descriptors)) ^ codes[-1]).sum(axis=1)
            explained = apart <= EXPLAINED
        own.append(~explained)
    return Points(np.concatenate(codes), np.concatenate(places), np.concatenate(own))


def looks(gray: Gray) -> Iterator[Asked]:
    """What to search for a picture by, the cheapest and surest first; each is worked out once it is come to.

    A blurred picture shows nothing more from closer by: it is looked at without its blur instead.
    """
    yield _seen(_resized(gray, ASKED_SIDE), ASKED)
    clear = sharp(gray)
    yield _seen(_resized(gray, CLOSER_SIDE), CLOSER) if clear is None else _seen(clear, UNBLURRED)


def sharp(gray: Gray) -> Gray | None:
    """A blurred picture without its blur, small; None where it is sharp, or too plain to say."""
    return unblurred(_resized(gray.astype(np.float32), UNBLURRED_SIDE))


def drawing(gray: Gray) -> Gray:
    """The picture as lines: divided by its blur, so that only what is darker than its surroundings is left."""
    import cv2

    if min(gray.shape) < SMALLEST:
        return gray
    blurred = cv2.GaussianBlur(gray, (0, 0), max(1.0, LINE * max(gray.shape)))
    return np.asarray(cv2.divide(gray, blurred, scale=255), np.uint8)


def pack(points: Points) -> bytes:
    """As they are stored, 38 bytes each: the code, then the rest in 6."""
    return points.codes.astype("<u8").tobytes() + quantized(points).astype("<u2").tobytes()


def unpack(stored: bytes) -> Points:
    """Raises ValueError where the bytes are no whole number of points."""
    count, rest = divmod(len(stored), POINT)
    if rest:
        raise ValueError(
            f"{len(stored)} bytes are no points, which take {POINT} each; compute them anew from the picture"
        )
    codes = np.frombuffer(stored, "<u8", 4 * count).reshape(count, 4)
    places = np.frombuffer(stored, "<u2", 3 * count, 32 * count).reshape(count, 3).astype(np.uint16)
    return Points(codes.astype(np.uint64), restored(places), owned(places))


def quantized(points: Points) -> NDArray[np.uint16]:
    """uint16 [n, 3] of places and `own`: x and y to 1/8192 of the long side; then from the highest bit 7 bits of the
    size to 1/8 octave, whether it is the picture's own, and 8 bits of the direction."""
    places = points.places
    at = np.clip(np.rint(places[:, :2] * PLACE), 0, 65535)
    size = np.clip(np.rint((places[:, 2] - LOWEST) * STEPS), 0, 127)
    turn = np.rint(places[:, 3] * (256 / (2 * np.pi))) % 256
    return np.column_stack([at, size * 512 + points.own * 256 + turn]).astype(np.uint16)


def restored(stored: NDArray[np.uint16]) -> Places:
    """The places that were quantized."""
    size, turn = stored[:, 2] >> 9, stored[:, 2] & 255
    at = stored[:, :2].astype(np.float32) / PLACE
    return np.column_stack([at, size / np.float32(STEPS) + LOWEST, turn * (2 * np.pi / 256)]).astype(np.float32)


def owned(stored: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Which of the quantized points are their picture's own."""
    return np.asarray(stored[:, 2] >> 8 & 1, np.bool_)


def _seen(gray: Gray, most: int) -> Asked:
    return _described(gray, _spots(gray, most))


def _spots(gray: Gray, most: int) -> list[Any]:
    """The spots of a sheet, strong ones and such as are spread over places and sizes."""
    if min(gray.shape) < SMALLEST:
        return []
    spots = list(_sift().detect(gray, None))
    if len(spots) < most // 2:  # flat
        spots = list(_sift(FAINT).detect(gray, None))
    return [spots[i] for i in _chosen(spots, gray.shape, most)] if len(spots) > most else spots


def _described(gray: Gray, spots: list[Any]) -> Asked:
    """How the sheet looks at these spots."""
    if not spots:
        return Asked(np.empty((0, 128), np.uint8), np.empty((0, 4), np.float32))
    _, descriptors = _sift().compute(gray, spots)
    side = float(max(gray.shape))
    rows = [(*spot.pt, spot.size, spot.angle) for spot in spots]
    x, y, size, angle = np.array(rows, np.float32).T
    places = np.column_stack([(x + 0.5) / side, (y + 0.5) / side, np.log2(size / side), np.radians(angle)])
    return Asked(np.asarray(descriptors, np.uint8), places.astype(np.float32))


def _chosen(spots: list[Any], shape: tuple[int, ...], most: int) -> NDArray[np.int64]:
    """Half the strongest, large ones preferred; the others in turn from each place and octave, the strongest first."""
    x, y, size, strength = np.array([(*spot.pt, spot.size, spot.response) for spot in spots]).T
    row, column = (np.minimum(at * GRID // side, GRID - 1) for at, side in ((y, shape[0]), (x, shape[1])))
    octave = np.clip(np.floor(np.log2(size / 2)), 0, SIZES - 1)
    cell = ((row * GRID + column) * SIZES + octave).astype(int)
    best = np.argsort(-strength * np.sqrt(size), kind="stable")[: most // 2]
    order = np.lexsort((-strength, cell))
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    turn = np.empty(len(spots), int)
    turn[order] = np.arange(len(spots)) - np.repeat(starts, np.diff(starts, append=len(spots)))
    rest = np.setdiff1d(np.arange(len(spots)), best)
    rest = rest[np.lexsort((-strength[rest], turn[rest]))][: most - len(best)]
    return np.concatenate([best, rest])


def _resized(gray: Pixels, side: int) -> Pixels:
    """With at most this long side, and at least 384 pixels: small drawings have too few spots as they are."""
    import cv2

    scale = min(side / max(gray.shape), max(1.0, LEAST_SIDE / max(gray.shape)))
    if scale == 1 or min(gray.shape) < SMALLEST:
        return np.ascontiguousarray(gray)
    height, width = (max(1, round(length * scale)) for length in gray.shape)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cast(Pixels, cv2.resize(gray, (width, height), interpolation=way))


def _framed(gray: Gray, sheet: Gray) -> Gray:
    """At another sheet's size."""
    import cv2

    return np.asarray(cv2.resize(gray, (sheet.shape[1], sheet.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)


def root(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """RootSIFT [n, 128]: unit vectors whose products compare histograms by Hellinger's distance."""
    values = descriptors.astype(np.float32)
    return np.asarray(np.sqrt(values / (values.sum(axis=1, keepdims=True) + 1e-6)), np.float32)


def _projected(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray((root(descriptors) - _center()) @ _rotation(), np.float32)


def _signs(projected: NDArray[np.float32]) -> Codes:
    """Bit i of word w is the sign of number 64 w + i."""
    return np.packbits(projected > 0, axis=1, bitorder="little").view("<u8").astype(np.uint64).reshape(-1, BITS // 64)


@cache
def order(mirrored: bool, negative: bool) -> NDArray[np.int64]:
    """How the 4 rows, 4 columns and 8 directions of a descriptor change places.

    Mirrored across the spot's own direction, rows and senses of turning are reversed; in a negative that direction
    points the other way, so the grid is turned by half a turn.
    """
    grid = np.arange(128).reshape(4, 4, 8)
    if mirrored:
        grid = grid[::-1][:, :, -np.arange(8) % 8]
    return (grid[::-1, ::-1] if negative else grid).reshape(-1)


@cache
def _sift(contrast: float = CONTRAST) -> Any:
    """SIFT's own contrast threshold, 0.04, finds nothing in flat art."""
    import cv2

    return cv2.SIFT.create(4000, contrastThreshold=contrast, edgeThreshold=12)


@cache
def _center() -> NDArray[np.float32]:
    """[128]: the mean of RootSIFT over made pictures; see scripts/center.py."""
    with resources.files("attribution.features").joinpath("center.npy").open("rb") as file:
        return np.asarray(np.load(file), np.float32)


@cache
def _rotation() -> NDArray[np.float32]:
    """[128, 256]: two random rotations. RandomState's stream is frozen; positive diagonals make the factors unique."""
    parts = []
    for seed in (20240229, 20240230):
        q, r = np.linalg.qr(np.random.RandomState(seed).standard_normal((128, 128)))
        parts.append(q * np.sign(np.diag(r)))
    return np.concatenate(parts, axis=1).astype(np.float32)
