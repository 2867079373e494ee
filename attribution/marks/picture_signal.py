"""Getting a picture's mark out of its host: whitening, folding into one tile, and what each coded bit then says.

The host is most of what a reader hears. It is strong at some frequencies and places and weak at others, so every piece
of the picture is divided by its own smoothed spectrum before its tiles are summed; that is close to the matched filter
for colored noise (Kay, "Fundamentals of Statistical Signal Processing", vol. 2, section 4.4).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from attribution.marks.payload import CODED
from attribution.marks.picture_plan import TILE, Plan

_BLOCK: Final = 32  # pixels of a side of the pieces that are whitened
_POWER: Final = 1.2  # 1 whitens; 2 would be right if the mark were as strong everywhere, which its mask prevents
_FLOOR: Final = 2.0  # levels² a pixel that are never taken for host: rounding, and what codecs leave of flat places
_CLIP: Final = 3.0  # times the root mean square
_MOST: Final = 50.0  # sums of more tiles than this count as so many

Gray = NDArray[np.float32]


def gray(pixels: NDArray[np.uint8]) -> Gray:
    """Luma, 0 .. 255: [height, width]."""
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)


def shrunk(y: NDArray[np.floating], width: int, height: int) -> Gray:
    """The picture at this size."""
    way = cv2.INTER_AREA if width < y.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(y.astype(np.float32, copy=False), (width, height), interpolation=way))


def whitened(y: Gray) -> Gray:
    """What stays when the host's local spectrum is flattened: same shape, about as loud everywhere."""
    half = _BLOCK // 2
    height, width = (-(-(side + _BLOCK) // _BLOCK) * _BLOCK for side in y.shape)
    below, right = height - y.shape[0], width - y.shape[1]
    edges: Gray = np.pad(y, ((half, below), (half, right)), mode="symmetric")
    out = np.zeros_like(edges)
    for top in (0, half):
        for left in (0, half):
            place = slice(top, top + height), slice(left, left + width)
            out[place] += _flattened(edges[place])
    out = out[half : half + y.shape[0], half : half + y.shape[1]]
    limit = _CLIP * float(np.sqrt(np.mean(out * out)) + 1e-9)
    return np.asarray(np.clip(out, -limit, limit))


def _flattened(y: Gray) -> Gray:
    """One of four layers of blocks under a window whose squares sum to one over the layers."""
    height, width = y.shape
    window = np.sin(np.pi * (np.arange(_BLOCK, dtype=np.float32) + 0.5) / _BLOCK)
    window = np.outer(window, window)
    blocks = y.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).transpose(0, 2, 1, 3)
    spectra = fft.rfft2((blocks - blocks.mean((2, 3), keepdims=True)) * window)
    power = spectra.real**2 + spectra.imag**2
    modes = ("nearest", "nearest", "wrap", "nearest")
    power = ndimage.uniform_filter(power, (1, 1, 3, 3), mode=modes) / (_BLOCK * _BLOCK / 4)
    spectra *= (power + _FLOOR) ** np.float32(-_POWER / 2)
    back = fft.irfft2(spectra, s=(_BLOCK, _BLOCK)) * window
    return np.asarray(back.transpose(0, 2, 1, 3).reshape(height, width))


def folded(residual: Gray, seen: Gray | NDArray[np.uint8] | None = None) -> NDArray[np.float64]:
    """All tiles summed into one, fair to how often each of its pixels was seen: [128, 128].

    `seen`: 1 where there is picture, 0 where there is none; everywhere by default.
    """
    count = _total(np.ones(residual.shape, np.uint8) if seen is None else seen)
    return _total(residual) / np.maximum(count, 1) * np.sqrt(np.minimum(count, _MOST))


def _total(z: Gray | NDArray[np.uint8]) -> NDArray[np.float64]:
    below, right = (-side % TILE for side in z.shape)
    whole = np.pad(z, ((0, below), (0, right))) if below or right else z
    tiles = whole.reshape(whole.shape[0] // TILE, TILE, whole.shape[1] // TILE, TILE)
    return np.asarray(tiles.sum(0, dtype=np.float32).sum(1), np.float64)


def coded_bits(tile: NDArray[np.float64], key: Plan, variant: int, *, weighed: bool = False) -> NDArray[np.float64]:
    """What each coded bit says in a tile whose shift is undone: [282], of any scale.

    `weighed`: each frequency counts as far as the pilot shows that the mark is left there; after a blur, say. Where all
    are left, the estimate costs more than it brings.
    """
    spectrum = np.fft.fft2(tile)
    values = spectrum[key.lines[:, 1] % TILE, key.lines[:, 0] % TILE]
    chips = np.concatenate([values.real, values.imag]) * key.signs[variant]
    chips = np.clip(chips / (np.abs(chips).mean() + 1e-12), -3, 3)
    if weighed:
        pilot = spectrum[key.pilot[:, 1] % TILE, key.pilot[:, 0] % TILE] * np.conj(key.phases[variant])
        chips *= np.tile(_left(key, values, pilot.real), 2)
    return np.asarray(np.bincount(key.owner, chips, CODED))


def _left(key: Plan, values: NDArray[np.complex128], pilot: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signal over noise power at each line, smooth in the frequency, 1 at best: [n]."""
    radius, known = np.hypot(*key.lines.T), np.hypot(*key.pilot.T)
    near = np.exp(-0.5 * ((radius[:, None] - known) / 2.5) ** 2)
    among = np.exp(-0.5 * ((radius[:, None] - radius) / 1.5) ** 2)
    signal = np.maximum(near @ pilot / near.sum(1), 0.1 * np.abs(pilot).mean())
    left = signal / (among @ np.abs(values) ** 2 / among.sum(1) + 1e-12)
    return np.asarray(left / left.max())


def agreement(tile: NDArray[np.float64], key: Plan, variant: int, number: int) -> float:
    """By how many standard deviations a tile says just this number, its shift undone."""
    soft = coded_bits(tile, key, variant)
    return float(soft @ key.code(number) / (np.sqrt(soft @ soft) + 1e-12))
