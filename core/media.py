"""Decoded media as plain values. Decoding lives in `core.decode`, so that a value never depends on a file format."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_PIECE = 1 << 20  # frames of a sound that are read at once


@dataclass(frozen=True, eq=False)
class Picture:
    """An upright sRGB picture without alpha: `pixels` is uint8 [height, width, 3], read-only."""

    pixels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or len(shape) != 3 or shape[2] != 3 or 0 in shape:
            raise ValueError(f"a picture is uint8 [height, width, 3], not {self.pixels.dtype} {shape}")
        self.pixels.flags.writeable = False

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @cached_property
    def sha256(self) -> str:
        """Hash of the samples (not of any file): SHA-256 over `height width` in ASCII and the RGB bytes."""
        head = f"{self.height} {self.width}\n".encode()
        return hashlib.sha256(head + self.pixels.tobytes()).hexdigest()


@dataclass(frozen=True, eq=False)
class Sound:
    """A mono or stereo recording: `samples` is float32 [frames, channels], read-only and finite, full scale ±1.

    `rate`: frames per second. A long recording's samples may lie in a mapped file: read them in pieces.
    """

    samples: NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        shape = self.samples.shape
        if self.samples.dtype != np.float32 or len(shape) != 2 or shape[1] not in (1, 2) or not shape[0]:
            raise ValueError(f"a sound is float32 [frames, 1 or 2 channels], not {self.samples.dtype} {shape}")
        if self.rate < 1:
            raise ValueError(f"a sound has frames per second, not {self.rate}")
        self.samples.flags.writeable = False

    @property
    def frames(self) -> int:
        return int(self.samples.shape[0])

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        return self.frames / self.rate

    @property
    def milliseconds(self) -> int:
        """How long it lasts, at least one."""
        return max(1, round(1000 * self.seconds))

    def part(self, begin: float, length: float) -> Sound:
        """These seconds of it, or as many of them as there are, at least one frame."""
        first = min(int(begin * self.rate), self.frames - 1)
        return Sound(self.samples[first : first + max(1, int(length * self.rate))], self.rate)

    @cached_property
    def sha256(self) -> str:
        """Hash of the samples (not of any file): SHA-256 over `rate channels frames` and the float32 samples."""
        digest = hashlib.sha256(f"{self.rate} {self.channels} {self.frames}\n".encode())
        for first in range(0, self.frames, _PIECE):
            digest.update(np.ascontiguousarray(self.samples[first : first + _PIECE], "<f4").data)
        return digest.hexdigest()


Media = Picture | Sound


def extent(media: Media) -> dict[str, int]:
    """How large a picture is or how long a recording lasts, as rows of the database call it."""
    if isinstance(media, Picture):
        return {"width": media.width, "height": media.height}
    return {"duration_ms": media.milliseconds}
