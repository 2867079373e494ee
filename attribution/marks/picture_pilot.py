"""Finding a mark's pilot in a picture that was scaled, turned, mirrored or stretched, without the original.

A repeated tile shows as sharp lines in the spectrum of the whole picture. The pilot's lines are known: scales and
angles are tried until many of them are bright (compare Pereira & Pun, "Robust template matching for affine resistant
image watermarks", 2000). The tile that the best of them unfold to is then correlated with the pilot, for its shift.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from attribution.marks.picture_plan import PILOT_HIGH, TILE, Plan
from attribution.marks.picture_signal import Gray, folded

_SIDE: Final = 2048  # of the spectrum
_SCALES: Final = np.exp(np.arange(math.log(0.4), math.log(3.2), 0.006))
_ANGLE: Final = 0.35  # degrees
_KEPT: Final = 4  # best guesses that are refined, of each search
_MOVES: Final = np.array(  # scale, turn, stretch, shear, and each axis alone
    [[1, 0, 0, 1], [0, -1, 1, 0], [1, 0, 0, -1], [0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]], np.float64
).reshape(6, 2, 2)
_WAYS: Final = np.concatenate([_MOVES, -_MOVES])
_FINE: Final = 0.003  # parts of the picture's size: the first step of the last refinement
_LARGEST: Final = 5000  # pixels a side of a canonical frame that is still tried
_STRETCH: Final = 1.1  # the most that a map lengthens a frequency one way
_HIGHEST: Final = _STRETCH * PILOT_HIGH / TILE * _SIDE  # frequency at which a pilot lies at scale 1
_BLUR: Final = 31  # places of a spectrum that are a place's surroundings, a side
_AROUND: Final = 32  # places beyond the highest frequency: its surroundings, and as far as a guess climbs
_AT_ONCE: Final = 1 << 19  # places in a spectrum that are looked up at once

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sighting:
    """Where a pilot was seen: its strength in standard deviations, the variant, and the tile with the shift undone."""

    strength: float
    variant: int
    tile: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Guess:
    """A whitened picture, its 2x2 map from canonical pixels, and how the tile is turned then: 0 .. 7 (see `turned`)."""

    residual: Gray
    linear: Matrix
    way: int

    def tile(self) -> NDArray[np.float64] | None:
        """The tile it unfolds to, its shift unknown; None where it would be absurdly large."""
        tile = unfolded(self.residual, self.linear)
        return None if tile is None else turned(tile, self.way)


def turned(tile: NDArray[np.float64], way: int) -> NDArray[np.float64]:
    """A tile turned by so many quarters, and mirrored first from 4 on."""
    return np.rot90(tile[:, ::-1] if way >= 4 else tile, way % 4)


def spectrum(residual: Gray, *, least: float = 0.0) -> Gray:
    """Brightness of a picture's spectrum over its surroundings: [2n, n + 1], frequency 0 at row n, column 0.

    Of the 2048 frequencies a way, those where a pilot may lie if a canonical pixel has no fewer than `least` of the
    picture's, in length.
    """
    height, width = (min(side, _SIDE) for side in residual.shape)
    top, left = (residual.shape[0] - height) // 2, (residual.shape[1] - width) // 2
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    reach = min(_SIDE // 2, math.ceil(_HIGHEST / max(least, float(_SCALES[0]))) + _AROUND)
    rows = fft.rfft(residual[top : top + height, left : left + width] * window, _SIDE)[:, : reach + 1]
    values = fft.fft(rows, _SIDE, axis=0)
    bright = np.abs(np.concatenate([values[-reach:], values[:reach]]))
    bright = np.minimum(bright / (cv2.blur(bright, (_BLUR, _BLUR)) + 1e-6), np.float32(8))
    return np.asarray(bright * np.sqrt(bright))


def maps(
    bright: Gray,
    key: Plan,
    *,
    degrees: float,
    stretch: float = 1.0,
    sizes: tuple[float, float] = (0.0, math.inf),
    kept: int = _KEPT,
) -> list[Matrix]:
    """The likeliest linear maps from canonical pixels to the picture's, within ± `degrees`, the best first: 2x2.

    Mirrored ones too. `sizes`: from and to how many of the picture's pixels a canonical one may have, in length.
    """
    found: list[tuple[float, Matrix]] = []
    scales = _SCALES[np.clip(_SCALES, *sizes) == _SCALES]
    for mirror in (False, True):
        shape = np.diag([(-1 if mirror else 1) * math.sqrt(stretch), 1 / math.sqrt(stretch)])
        found += _grid(bright, key, shape, np.deg2rad(np.arange(-degrees, degrees, _ANGLE)), scales)
    found = sorted(found, key=lambda one: -one[0])[:kept]
    refined = sorted((_climbed(bright, key, guess) for _, guess in found), key=lambda one: -one[0])
    return [
        np.asarray(np.linalg.inv(guess).T, np.float64) for _, guess in refined
    ]  # frequencies map by A, places by its inverse transposed


def _grid(
    bright: Gray, key: Plan, shape: Matrix, angles: NDArray[np.float64], scales: NDArray[np.float64]
) -> list[tuple[float, Matrix]]:
    if not len(scales):
        return []
    lines = shape @ key.pilot.T / TILE * _SIDE
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    x, y = cos * lines[0] - sin * lines[1], sin * lines[0] + cos * lines[1]
    half = np.where(x < 0, -1, 1)  # the other half of the spectrum is its mirror image
    x, y = (np.asarray(z * half, np.float32) for z in (x, y))
    flat = np.append(bright.ravel(), np.float32(0))  # what lies outside is dark
    some = max(1, _AT_ONCE // x.size)
    parts = [_sums(flat, len(bright) // 2, x, y, scales[start : start + some]) for start in range(0, len(scales), some)]
    sums, found = np.concatenate(parts), []
    for _ in range(_KEPT):
        i, j = divmod(int(sums.argmax()), len(angles))
        turn = np.array([[cos[j, 0], -sin[j, 0]], [sin[j, 0], cos[j, 0]]])
        found.append((float(sums[i, j]), turn @ shape / scales[i]))
        sums[max(0, i - 3) : i + 4, max(0, j - 4) : j + 5] = -1
    return found


def _sums(flat: Gray, reach: int, x: Gray, y: Gray, scales: NDArray[np.float64]) -> Gray:
    """How bright the pilot's lines are together at each scale and angle; `x` and `y` [angles, lines] at scale 1."""
    by = (1 / scales).astype(np.float32)[:, None, None]
    column, row = (np.rint(z * by).astype(np.int32) for z in (x, y))
    place = (row + reach) * (reach + 1) + column
    place[(column > reach) | (np.abs(row) >= reach)] = -1
    return np.asarray(flat.take(place).sum(2))


def _climbed(bright: Gray, key: Plan, guess: Matrix) -> tuple[float, Matrix]:
    """The map uphill of a guess, where the pilot's lines are brightest."""
    lines = key.pilot.T / TILE * _SIDE

    def scored(tried: Matrix) -> NDArray[np.float64]:
        places = tried @ lines  # [maps, 2, lines]
        places *= np.where(places[:, :1] < 0, -1, 1)
        x, y = places[:, 0].astype(np.float32), (places[:, 1] + len(bright) // 2).astype(np.float32)
        return np.asarray(cv2.remap(bright, x, y, cv2.INTER_LINEAR).sum(1), np.float64)

    best, step = float(scored(guess[None])[0]), 0.004
    while step > 1e-4:
        tries = guess @ (np.eye(2) + step * _WAYS)
        scores = scored(tries)
        top = int(np.argmax(scores))
        if scores[top] > best + 1e-6:
            guess, best = tries[top], float(scores[top])
        else:
            step /= 2
    return best, guess


def unfolded(residual: Gray, linear: Matrix) -> NDArray[np.float64] | None:
    """The tile of a picture whose map from canonical pixels is this, its shift unknown; None if absurdly large."""
    back = np.linalg.inv(linear)
    height, width = residual.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ back.T
    low = corners.min(0)
    across, down = (-(-(int(side) + 1) // TILE) * TILE for side in np.ceil(corners.max(0) - low))
    if max(across, down) > _LARGEST:
        return None
    laid = cv2.warpAffine(residual, np.c_[back, -low], (across, down), flags=cv2.INTER_LINEAR)
    outline = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]) @ back.T - low
    seen = cv2.fillConvexPoly(np.zeros((down, across), np.uint8), np.rint(outline).astype(np.int32), 1)
    return folded(np.asarray(laid, np.float32), np.asarray(seen, np.uint8))


def refined(guess: Guess, key: Plan) -> Sighting | None:
    """The pilot after small changes of the map, uphill of its strength: spectral lines tell it to some pixels only."""
    tile = guess.tile()
    best = None if tile is None else sighted(tile, key)
    step = _FINE
    while best is not None and step > _FINE / 10:
        found = False
        for move in _MOVES[:4]:
            for way in (step, -step):
                tried = Guess(guess.residual, guess.linear @ (np.eye(2) + way * move), guess.way)
                tile = tried.tile()
                sight = None if tile is None else sighted(tile, key)
                if sight is not None and sight.strength > best.strength:
                    guess, best, found = tried, sight, True
                    break
        step = step if found else step / 2
    return best


def sighted(tile: NDArray[np.float64], key: Plan, *, within: int = TILE) -> Sighting:
    """The pilot's best place in a tile, its shift at most `within` pixels a way."""
    correlation = fft.irfft2(fft.rfft2(tile.astype(np.float32)) * key.templates, s=(TILE, TILE))
    noise = float(correlation.std()) + 1e-12
    if within < TILE // 2:
        far = np.ones(TILE, bool)
        far[: within + 1] = far[TILE - within :] = False
        correlation[:, far] = correlation[:, :, far] = -np.inf
    variant, y, x = (int(i) for i in np.unravel_index(int(correlation.argmax()), correlation.shape))
    shifted = np.roll(tile, (-y, -x), (0, 1))
    return Sighting(float(correlation[variant, y, x]) / noise, variant, shifted)
