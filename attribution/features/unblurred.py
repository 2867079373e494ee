"""A blurred picture made sharp again, as far as its rounding to whole gray levels lets it be.

Edges and textures of all kinds fall off with frequency by much the same power law; a Gaussian blur makes the fall
steeper, by its own width, until nothing but rounding is left. That width is read off the spectrum, and taken back by
Wiener's filter ("Extrapolation, interpolation, and smoothing of stationary time series", 1949).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]  # [height, width]

LEAST = 0.004  # width of a blur, in parts of the long side, from which on it is taken back
GAIN = 16.0  # by which the filter raises a frequency at most
FALL = 2.5  # power by which the spectrum of a sharp picture falls with frequency
RINGS = 64  # of equal width, over which the spectrum is averaged
FIRST, FEWEST = 2, 4  # rings: the lowest that is looked at, and how many there must be
ROUNDING = 8  # rings of the highest frequencies, where a blurred picture has nothing but rounding
ABOVE = 100.0  # times what is there, down to which a ring is the picture's own


def unblurred(gray: Plane) -> NDArray[np.uint8] | None:
    """The picture, gray levels 0 to 255, without its blur; None where it is sharp, or too plain to say."""
    from scipy import fft

    waves = np.asarray(fft.dctn(gray, norm="ortho"), np.float32)  # of the picture and its mirror images: no rim
    down, along = (np.square(np.arange(n, dtype=np.float32) / (2 * n)) for n in gray.shape)  # (waves per pixel)^2
    width = _width(waves, np.sqrt(down[:, None] + along))
    if width < LEAST * max(gray.shape):
        return None
    down, along = (np.exp(-2 * (np.pi * width) ** 2 * squared) for squared in (down, along))
    left = down[:, None] * along  # by the blur
    waves *= left / (np.square(left) + np.float32(1 / (2 * GAIN) ** 2))
    return np.asarray(np.rint(fft.idctn(waves, norm="ortho")).clip(0, 255), np.uint8)


def _width(waves: Plane, frequency: Plane) -> float:
    """The blur's standard deviation in pixels, 0 where there is none or where it cannot be told."""
    ring = np.minimum(frequency * (2 * RINGS), RINGS).astype(np.int32).ravel()
    power = np.bincount(ring, np.square(waves).ravel())[:RINGS] / np.maximum(np.bincount(ring)[:RINGS], 1)
    own = power[FIRST:] > ABOVE * np.median(power[-ROUNDING:])
    stop = FIRST + (len(own) if own.all() else int(np.argmin(own)))
    if stop < FIRST + FEWEST:
        return 0.0
    middle = (np.arange(FIRST, stop) + 0.5) / (2 * RINGS)
    fall = np.log(power[FIRST:stop]) + FALL * np.log(middle)
    slope = np.polyfit(np.square(middle), fall, 1)[0]
    return float(np.sqrt(max(0.0, -slope))) / (2 * np.pi)
