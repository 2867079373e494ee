"""Writing a picture's mark where the eye does not see it, as strong as a hard codec asks.

More of it goes where there is texture, less into flat, dark and very bright places. Then the mark is read back from a
small, coded copy of the picture, and coded bits that came out weak get more of the energy: the host is known, so
what it does to each bit can be met in advance (informed embedding: Cox, Miller & Bloom, "Digital Watermarking", ch. 5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from attribution.marks.picture_plan import LONG, TILE, Plan
from attribution.marks.picture_signal import Gray, coded_bits, folded, gray, shrunk, whitened
from core.media import Picture

LEAST: Final = TILE  # pixels of the canonical frame's short side
AREA: Final = 4 * TILE * TILE  # pixels of the canonical frame
PSNR: Final = 42.0  # dB, at least

_ENERGY: Final = 255**2 / 10 ** (PSNR / 10) - 1 / 12  # levels², beside the rounding's
_FLAT_AT: Final = 2.0  # levels of local deviation under which a place is flat
_FLAT: Final = 1.3  # levels, root mean square, that flat places get at most
_STRONGEST: Final = 2.0  # times the square root of the local deviation, where a picture is nearly all flat
_ROUNDS: Final = 4
_STRIP: Final = 256  # rows that are marked at once


def canonical(width: int, height: int) -> tuple[int, int]:
    """The size in the frame in which the mark has its pixels: long side at most 1024."""
    scale = min(1.0, LONG / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def written(picture: Picture, number: int, key: Plan) -> Picture:
    """The picture with this number in it, of at least 42 dB."""
    size = canonical(picture.width, picture.height)
    y = _canonical_gray(picture, size)
    mark = _mark(y, number, key)
    for _ in range(3):
        out = np.empty_like(picture.pixels)
        error = 0.0
        for top, pixels, strip in _strips(picture, mark):
            out[top : top + len(pixels)] = np.clip(np.rint(pixels + strip[..., None]), 0, 255).astype(np.uint8)
            error += float(np.sum((out[top : top + len(pixels)].astype(np.float32) - pixels) ** 2, dtype=np.float64))
        over = error / out.size / (_ENERGY + 1 / 12)
        if over <= 1:
            break
        mark *= np.float32(0.999 / np.sqrt(over))
    return Picture(out)


def _canonical_gray(picture: Picture, size: tuple[int, int]) -> Gray:
    if max(picture.width, picture.height) <= LONG:
        return gray(picture.pixels)
    return gray(np.asarray(cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA), np.uint8))


def _strips(picture: Picture, mark: Gray) -> Iterator[tuple[int, NDArray[np.float32], Gray]]:
    """The picture and its mark at full size, some rows at a time."""
    height, width = mark.shape
    across, down = width / picture.width, height / picture.height
    for top in range(0, picture.height, _STRIP):
        pixels = picture.pixels[top : top + _STRIP].astype(np.float32)
        back = np.array([[across, 0, across / 2 - 0.5], [0, down, (top + 0.5) * down - 0.5]])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        shape = (picture.width, len(pixels))
        strip = cv2.warpAffine(mark, back, shape, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        yield top, pixels, np.asarray(strip, np.float32)


def _mark(y: Gray, number: int, key: Plan) -> Gray:
    """What is to be added to the luma in the canonical frame."""
    mask, code, variant = _mask(y), key.code(number), key.variant(number)
    gain, best, margin = np.ones(len(code)), np.zeros_like(y), -np.inf
    for _ in range(_ROUNDS):
        tile = key.tile(code * gain, variant).astype(np.float32)
        mark = mask * np.tile(tile, [-(-side // TILE) for side in y.shape])[: y.shape[0], : y.shape[1]]
        says = coded_bits(_read_back(y + mark), key, variant) * code
        weakest = float(np.sort(says / (says.std() + 1e-12))[:30].mean())
        if weakest > margin:
            best, margin = mark, weakest
        gain = np.clip(gain * np.clip(1.6 - 0.6 * says / (says.mean() + 1e-9), 0.6, 1.7), 0.6, 1.6)
    return best


def _read_back(y: Gray) -> NDArray[np.float64]:
    """The tile that is left in a copy of 70 % the size, coded as JPEG of quality 45."""
    height, width = y.shape
    small = shrunk(y, max(1, round(0.7 * width)), max(1, round(0.7 * height)))
    coded = cv2.imencode(".jpg", np.clip(np.rint(small), 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 45])[1]
    return folded(whitened(shrunk(np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE)), width, height)))


def _mask(y: Gray) -> Gray:
    """The mark's root mean square at every pixel, in levels."""
    mean = cv2.GaussianBlur(y, (0, 0), 3)
    deviation = np.sqrt(np.maximum(cv2.GaussianBlur(y * y, (0, 0), 3) - mean * mean, 0))
    shape = (
        np.clip(np.sqrt(deviation + 1.2), 0.9, 5.0) * np.clip(mean / 60, 0.55, 1) * np.clip((260 - mean) / 60, 0.5, 1)
    )
    shape = cv2.GaussianBlur(shape, (0, 0), 2)
    flat = np.exp(-((deviation / (1.5 * _FLAT_AT)) ** 2))  # falls off softly
    mask = shape
    for _ in range(4):
        mask = mask * min(np.sqrt(_ENERGY / np.mean(mask * mask)), _STRONGEST / float((mask / shape).max()))
        quiet = mask[deviation < _FLAT_AT]
        over = np.sqrt(np.mean(quiet * quiet)) / _FLAT if quiet.size > y.size / 100 else 0.0
        if over > 1:
            mask = mask * (1 - flat * (1 - 1 / over))
    return np.asarray(mask, np.float32)
