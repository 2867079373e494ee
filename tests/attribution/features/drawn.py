"""Pictures made for these tests, and what people do to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


@cache
def picture(seed: int, height: int = 300, width: int = 400) -> Gray:
    """Overlapping discs and quadrangles of many sizes."""
    rng = np.random.default_rng(seed)
    image = np.full((height, width), 128, np.uint8)
    for _ in range(250):
        middle = rng.integers(0, (width, height))
        radius, gray = int(min(60, 3 / rng.random() ** 0.8)), int(rng.integers(256))
        if rng.random() < 0.5:
            cv2.circle(image, (int(middle[0]), int(middle[1])), radius, gray, -1, cv2.LINE_AA)
        else:
            corners = middle + rng.integers(-radius, radius + 1, (4, 2))
            cv2.fillConvexPoly(image, corners.astype(np.int32), gray, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.7), np.uint8)


def turned(gray: Gray, degrees: float) -> Gray:
    height, width = gray.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(gray, matrix, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def scaled(gray: Gray, x: float, y: float) -> Gray:
    return np.asarray(cv2.resize(gray, None, fx=x, fy=y, interpolation=cv2.INTER_AREA), np.uint8)


def saved(gray: Gray, quality: int) -> Gray:
    written = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(written, cv2.IMREAD_GRAYSCALE), np.uint8)


def placed(gray: Gray, part: float) -> Gray:
    """On a larger ground, in which the picture has this part of the area."""
    ground = np.random.default_rng(7).integers(0, 255, (30, 40), dtype=np.uint8)
    size = round(gray.shape[1] / part**0.5), round(gray.shape[0] / part**0.5)
    out = np.asarray(cv2.resize(ground, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    top, left = (out.shape[0] - gray.shape[0]) // 3, (out.shape[1] - gray.shape[1]) // 3
    out[top : top + gray.shape[0], left : left + gray.shape[1]] = gray
    return out


def noisy(gray: Gray, level: float) -> Gray:
    noise = np.random.default_rng(5).standard_normal(gray.shape) * level
    return np.asarray((gray + noise).clip(0, 255), np.uint8)


def curve(gray: Gray, power: float) -> Gray:
    return np.asarray(255 * (gray / 255) ** power, np.uint8)


def blurred(gray: Gray, part: float) -> Gray:
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), part * max(gray.shape)), np.uint8)


def lines(gray: Gray) -> Gray:
    return np.asarray(cv2.divide(gray, blurred(gray, 0.006), scale=255), np.uint8)


ATTACKS: dict[str, Callable[[Gray], Gray]] = {
    "jpeg 30": lambda g: saved(g, 30),
    "half size": lambda g: scaled(g, 0.5, 0.5),
    "another aspect": lambda g: scaled(g, 1.05, 0.955),
    "half the area": lambda g: g[40:252, 60:342],
    "turned by 3 degrees": lambda g: turned(g, 3),
    "turned by 90 degrees": lambda g: np.ascontiguousarray(np.rot90(g)),
    "mirrored": lambda g: np.ascontiguousarray(g[:, ::-1]),
    "negative": lambda g: 255 - g,
    "framed": lambda g: np.pad(g, 75, constant_values=240),
    "noise": lambda g: noisy(g, 20),
    "gamma": lambda g: curve(g, 0.6),
    "blurred": lambda g: blurred(g, 0.006),
    "on another picture": lambda g: placed(g, 0.25),
    "line drawing": lines,
}
