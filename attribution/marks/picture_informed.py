"""Laying a copy over the unmarked picture it came from and taking that away: what is left is the mark, and damage.

Codecs, crops and small sizes then cost little, since the host no longer drowns the mark. The unmarked picture is kept
gray, with a long side of at most 1024 pixels, which is the frame that the mark lives in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from attribution.marks.picture_signal import Gray, folded, whitened

_NEIGHBORHOOD: Final = 10.0  # pixels, deviation of the window in which the copy's tone is fitted to the reference's
_MATCHED: Final = 12  # pairs of points that must agree on a homography
_RATIO: Final = 0.8  # of a match's distance to the next best one's (Lowe, 2004)
_BLOCK: Final = 128  # pixels of a side of the blocks whose shifts refine an alignment
_EMPTY: Final = 1.5  # levels of deviation under which a block shows no shift
_AGREED, _SURE = 5, 0.3  # blocks, and parts of them, that must agree

Matrix = NDArray[np.float64]
Codes = NDArray[Any]


def alignments(y: Gray, reference: Gray, known: Matrix | None, *, registering: bool = True) -> Iterator[Matrix]:
    """Homographies from a copy's pixels to the reference's, 3x3, the likeliest first.

    What is `known` already, or else the whole picture, made exact; what points in both agree on, the copy mirrored too,
    if `registering`, which takes a second; the whole picture, scaled.
    """
    guess = known if known is not None else _scaled(y, reference)
    refined = None if guess is None else _refined(y, reference, guess)
    if refined is not None:
        yield refined
    if not registering:
        return
    registered = _registered(y, reference)
    if registered is not None:
        yield registered
    scaled = _scaled(y, reference)
    if scaled is not None:
        yield scaled


def tiles(y: Gray, reference: Gray, homography: Matrix) -> Iterator[NDArray[np.float64]]:
    """The copy's tile in the mark's own frame, by two views of it: without the host, with it, and both together."""
    size = reference.shape[1], reference.shape[0]
    warped, seen = _warped(y, homography, size)
    removed = folded(whitened(_without_host(warped, reference, seen)) * seen, seen)
    yield removed
    left = folded(whitened(warped * seen + reference * (1 - seen)) * seen, seen)
    yield left
    yield removed / (removed.std() + 1e-9) + 0.5 * left / (left.std() + 1e-9)


def _warped(y: Gray, homography: Matrix, size: tuple[int, int]) -> tuple[Gray, Gray]:
    warped = cv2.warpPerspective(y, homography, size, flags=cv2.INTER_CUBIC)
    seen = cv2.warpPerspective(np.ones_like(y), homography, size, flags=cv2.INTER_LINEAR) > 0.99
    return np.asarray(warped), cv2.erode(seen.astype(np.uint8), np.ones((5, 5))).astype(np.float32)


def _without_host(warped: Gray, reference: Gray, seen: Gray) -> Gray:
    """The copy minus what a local change of brightness and contrast makes of the reference."""

    def near(z: Gray) -> Gray:
        return np.asarray(cv2.GaussianBlur(z, (0, 0), _NEIGHBORHOOD))

    count = near(seen) + 1e-3
    mean, mean_reference = near(warped * seen) / count, near(reference * seen) / count
    copy, host = (warped - mean) * seen, (reference - mean_reference) * seen
    slope = np.clip(near(host * copy) / (near(host * host) + 4.0), -2, 3)
    return np.asarray((copy - slope * host) * seen)


def _registered(y: Gray, reference: Gray) -> Matrix | None:
    """By SIFT and RANSAC, plain and mirrored, whichever more points agree on."""
    sift = cv2.SIFT.create(2000, contrastThreshold=0.006, edgeThreshold=12)
    known, codes = sift.detectAndCompute(reference.astype(np.uint8), None)
    flip = np.array([[-1.0, 0, y.shape[1] - 1], [0, 1, 0], [0, 0, 1]])
    best, most = None, _MATCHED - 1
    for before in (np.eye(3), flip):
        seen = np.ascontiguousarray(y[:, ::-1] if before is flip else y).astype(np.uint8)
        points, asked = sift.detectAndCompute(seen, None)
        found = _agreed(points, asked, known, codes)
        if found is not None and found[1] > most:
            best, most = found[0] @ before, found[1]
        if most > 100:
            break
    return best


def _agreed(
    points: Sequence[cv2.KeyPoint], asked: Codes | None, known: Sequence[cv2.KeyPoint], codes: Codes | None
) -> tuple[Matrix, int] | None:
    if asked is None or codes is None or min(len(asked), len(codes)) < _MATCHED:
        return None
    pairs = cv2.BFMatcher().knnMatch(asked, codes, k=2)
    near = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    if len(near) < _MATCHED:
        return None
    source = np.array([points[match.queryIdx].pt for match in near], np.float32)
    target = np.array([known[match.trainIdx].pt for match in near], np.float32)
    homography, inliers = cv2.findHomography(source, target, cv2.RANSAC, 2.0, maxIters=3000)
    return None if homography is None else (np.asarray(homography, np.float64), int(inliers.sum()))


def _scaled(y: Gray, reference: Gray) -> Matrix | None:
    """The whole picture laid over the reference, if the sides are in the same proportion."""
    across, down = (known / side for known, side in zip(reference.shape[::-1], y.shape[::-1], strict=True))
    if abs(across / down - 1) > 0.03:
        return None
    return np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5], [0, 0, 1]])


def _refined(y: Gray, reference: Gray, guess: Matrix) -> Matrix | None:
    """Better by the shifts of blocks with something in them; None where those do not agree."""
    host = _detail(reference)
    for tolerance, apart in ((2.0, _BLOCK), (1.0, _BLOCK // 2)):
        warped, seen = _warped(y, guess, (reference.shape[1], reference.shape[0]))
        places, shifts = _shifts(_detail(warped) * seen, host, seen, apart)
        if len(places) < _AGREED and apart == _BLOCK:
            places, shifts = _shifts(_detail(warped) * seen, host, seen, _BLOCK // 2)
        if len(places) < _AGREED:
            return None
        better, agree = cv2.estimateAffine2D(places, places + shifts, ransacReprojThreshold=tolerance, maxIters=2000)
        if better is None or agree.sum() < max(_AGREED, _SURE * len(places)):
            return None
        guess = np.vstack([better, [0, 0, 1]]) @ guess
    return guess


def _detail(y: Gray) -> Gray:
    return np.asarray(y - cv2.GaussianBlur(y, (0, 0), 4))


def _shifts(copy: Gray, host: Gray, seen: Gray, apart: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where blocks of the copy, so far `apart`, lie in the host: centers [n, 2] and their ways [n, 2], in pixels."""
    window = np.outer(np.hanning(_BLOCK), np.hanning(_BLOCK)).astype(np.float32)
    places, shifts = [], []
    for top in range(0, host.shape[0] - _BLOCK + 1, apart):
        for left in range(0, host.shape[1] - _BLOCK + 1, apart):
            block = slice(top, top + _BLOCK), slice(left, left + _BLOCK)
            if seen[block].mean() > 0.8 and host[block].std() > _EMPTY:
                pair = copy[block].copy(), host[block].copy()  # OpenCV multiplies the window into what it is given
                shift, response = cv2.phaseCorrelate(*pair, window)
                if response > 0.1 and max(map(abs, shift)) < _BLOCK / 3:
                    places.append((left + _BLOCK / 2, top + _BLOCK / 2))
                    shifts.append(shift)
    return np.array(places, np.float32).reshape(-1, 2), np.array(shifts, np.float32).reshape(-1, 2)
