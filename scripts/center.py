"""Writes attribution/features/center.npy: the mean descriptor of made pictures, which codes of pictures are taken from.

Overlapping shapes of all sizes and grays ("dead leaves") have the edges and the contrast of pictures at large (Lee,
Mumford and Huang, "Occlusion models for natural images", 2001), so that no one's pictures are needed. The file is
part of every stored code: a change of it is a new version of the fingerprint. usage: python scripts/center.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from attribution.features import points

OUT = Path(points.__file__).with_name("center.npy")
PICTURES, SIDE, SHAPES = 24, 256, 400


def leaves(rng: np.random.RandomState) -> NDArray[np.uint8]:
    """A picture of discs and quadrangles over each other, slightly out of focus."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    for _ in range(SHAPES):
        middle = rng.randint(0, SIDE, 2)
        radius, gray = int(min(80, 3 / rng.random_sample() ** 0.8)), int(rng.randint(0, 256))
        if rng.random_sample() < 0.5:
            cv2.circle(image, (int(middle[0]), int(middle[1])), radius, gray, -1, cv2.LINE_AA)
        else:
            corners = middle + rng.randint(-radius, radius + 1, (4, 2))
            cv2.fillConvexPoly(image, corners.astype(np.int32), gray, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.7), np.uint8)


def center() -> NDArray[np.float32]:
    """[128]; the same for a picture, its mirror image and its negative, which only change the numbers' places."""
    rng = np.random.RandomState(1)
    seen = [next(points.looks(leaves(rng))).descriptors for _ in range(PICTURES)]
    mean = points.root(np.concatenate(seen)).mean(axis=0)
    every = [mean[points.order(mirrored, negative)] for mirrored in (False, True) for negative in (False, True)]
    return np.mean(every, axis=0).astype(np.float32)


if __name__ == "__main__":
    np.save(OUT, center())
