"""A sound as a picture: its waveform, small enough for a card or a page."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from core.media import Picture, Sound

SMALL = (512, 192)  # width and height of one on a card or in a list
INK, PAPER = (32, 32, 38), (250, 248, 243)


def waveform(sound: Sound, width: int, height: int, *, colors: NDArray[np.uint8] | None = None) -> Picture:
    """Lowest and highest sample of each column, of all channels. `colors`: uint8 [width, 3], else ink."""
    low, high = peaks(sound, width)
    top = max(0.05, float(np.abs([low, high]).max()))
    middle = (height - 1) / 2
    first = np.floor(middle - high / top * middle).astype(int)
    last = np.ceil(middle - low / top * middle).astype(int)
    rows = np.arange(height)[:, None]
    inside = (rows >= first) & (rows <= last)
    ink = np.broadcast_to(np.array(INK, np.uint8), (width, 3)) if colors is None else colors
    return Picture(np.where(inside[..., None], ink[None], np.array(PAPER, np.uint8)).astype(np.uint8))


def peaks(sound: Sound, columns: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Lowest and highest sample in each of `columns` equal parts, each [columns]; short sounds repeat samples."""
    edges = np.linspace(0, sound.frames, columns + 1).astype(np.int64)
    parts = [sound.samples[min(a, sound.frames - 1) : max(a + 1, b)] for a, b in itertools.pairwise(edges)]
    return np.array([part.min() for part in parts]), np.array([part.max() for part in parts])
