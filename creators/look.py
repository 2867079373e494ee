"""Pure: how a picture looks, in numbers: the colors it is made of, and the texture of its patches at three scales.

Nothing here knows what is depicted, and no weights were learned: a look is statistics of the samples, taken after the
picture was brought to one size, so that it stays nearly the same when a file is resized or saved anew. Two parts:

- palette: quantiles of the colors seen from several directions of color space; their mean difference is a sliced
  Wasserstein distance, the least work that turns one palette into the other;
- texture: for each scale the energy of the cosine transform of small patches, by fineness and direction, how unevenly
  it is spread, and how much of it is color.

A photograph has no hand. What it is nearest to is the style whose colors, contrast and grain differ least from its
own, in which it therefore has to change least.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft

from core.media import Picture

Look = NDArray[np.float32]

SCALES = 3
PATCH = 8
SIDE = 256  # the one size, of the long side
LEAST = PATCH << (SCALES - 1)  # of the short side: one patch at the coarsest scale
DIRECTIONS = 12
QUANTILES = 12
PALETTE = DIRECTIONS * QUANTILES
FINE, WAYS, LEVELS = 4, 3, 8  # groups of coefficients by fineness and by direction; quantiles of busyness
PER_SCALE = 2 * FINE * WAYS + 2 * FINE + LEVELS
LENGTH = PALETTE + SCALES * PER_SCALE
FLAT, FLAT_DETAIL = 0.04, 0.02  # of full range: colors that differ less, detail that is weaker
FAINT = 2e-3  # energy that counts as none
PALETTE_WEIGHT, TEXTURE_WEIGHT = 4.0, 1.0
NEAREST = 2


def of(picture: Picture) -> Look:
    """A picture's look, float32 [LENGTH]; some 20 ms, and more for a very large picture."""
    planes = _opponent(_sized(picture))
    parts = [_palette(planes)]
    for _ in range(SCALES):
        parts.append(_texture(planes))
        planes = _halved(planes)
    return np.asarray(np.concatenate(parts), np.float32)


def distances(asked: Look, known: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of a look from each of `known` [n, LENGTH]; 0 is the same look, strangers differ by about 1."""
    apart = known - asked
    palette = np.abs(apart[:, :PALETTE]).mean(axis=1)
    texture = np.abs(apart[:, PALETTE:]).mean(axis=1)
    return np.asarray(PALETTE_WEIGHT * palette + TEXTURE_WEIGHT * texture, np.float32)


def distance(asked: Look, works: NDArray[np.float32]) -> float:
    """From a look to a style with these works."""
    return to_style(distances(asked, works))


def to_style(apart: NDArray[np.float32]) -> float:
    """The mean distance to the few nearest of a style's works, so that one odd work neither makes nor breaks it."""
    return float(np.sort(apart)[:NEAREST].mean())


def flat(look: Look) -> bool:
    """Whether the picture is nearly one color throughout, without even fine lines in it."""
    colors = look[:PALETTE].reshape(DIRECTIONS, QUANTILES)
    busiest = look[-1]  # of the coarsest scale, in which lines are widest
    return bool(np.ptp(colors, axis=1).max() < FLAT and busiest < np.log(FLAT_DETAIL))


def pack(look: Look) -> bytes:
    """A look as it is stored."""
    return look.astype("<f4").tobytes()


def unpack(stored: Sequence[bytes]) -> NDArray[np.float32]:
    """Stored looks, float32 [n, LENGTH]."""
    return np.frombuffer(b"".join(stored), "<f4").reshape(len(stored), LENGTH)


def _sized(picture: Picture) -> NDArray[np.float32]:
    scale = SIDE / max(picture.width, picture.height)
    size = max(LEAST, round(picture.width * scale)), max(LEAST, round(picture.height * scale))
    image = Image.fromarray(picture.pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(image, np.float32) / np.float32(255)


def _opponent(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """[3, rows, columns]: light, red against green, yellow against blue."""
    red, green, blue = np.moveaxis(pixels, 2, 0)
    return np.stack([(red + green + blue) / 3, red - green, (red + green) / 2 - blue])


def _palette(planes: NDArray[np.float32]) -> Look:
    seen = _directions() @ planes.reshape(3, -1)
    return np.asarray(np.quantile(seen, _steps(QUANTILES), axis=1).T.ravel(), np.float32)


def _directions() -> NDArray[np.float32]:
    """Unit vectors spread evenly over half of the sphere (a Fibonacci lattice)."""
    index = np.arange(DIRECTIONS) + 0.5
    height, turn = index / DIRECTIONS, np.pi * (1 + 5**0.5) * index
    flat = np.sqrt(1 - height**2)
    return np.stack([height, flat * np.cos(turn), flat * np.sin(turn)], axis=1).astype(np.float32)


def _texture(planes: NDArray[np.float32]) -> Look:
    spectra = np.abs(fft.dctn(_patches(planes), axes=(-2, -1), norm="ortho"))
    light, color = spectra[0], spectra[1:]
    fine, way = _groups()
    groups = [light[:, (fine == band) & (way == turn)] for band in range(FINE) for turn in range(WAYS)]
    means = np.array([group.mean() for group in groups])
    peaks = np.array([np.sqrt((group**2).mean()) for group in groups])
    hues = np.array([plane[:, fine == band].mean() for plane in color for band in range(FINE)])
    busy = np.quantile(light[:, fine >= 0].mean(axis=1), _steps(LEVELS))
    logs = [np.log(values + FAINT) for values in (means, hues, busy)]
    return np.asarray(np.concatenate([*logs[:2], np.log((peaks + FAINT) / (means + FAINT)), logs[2]]), np.float32)


def _patches(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """[planes, patches, PATCH, PATCH], half overlapping."""
    windows = np.lib.stride_tricks.sliding_window_view(planes, (PATCH, PATCH), axis=(1, 2))
    cut = windows[:, :: PATCH // 2, :: PATCH // 2]
    return cut.reshape(len(planes), -1, PATCH, PATCH)


def _groups() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each coefficient: its fineness 0 to 3, or -1 for the mean; its way: 0 across, 1 along, 2 between."""
    rows, columns = np.mgrid[:PATCH, :PATCH]
    fine = np.digitize(rows + columns, (3, 6, 10))
    fine[0, 0] = -1
    way = np.where(rows > 2 * columns, 0, np.where(columns > 2 * rows, 1, 2))
    return fine, way


def _steps(count: int) -> NDArray[np.float64]:
    """The middles of `count` equal parts of 0 to 1."""
    return (np.arange(count) + 0.5) / count


def _halved(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Half the size, by the mean of two by two; an odd last line is left out."""
    rows, columns = planes.shape[1] // 2, planes.shape[2] // 2
    whole = planes[:, : 2 * rows, : 2 * columns]
    return np.asarray(whole.reshape(3, rows, 2, columns, 2).mean(axis=(2, 4)), np.float32)
