"""Decoded media as plain values. Decoding lives in `core.decode`, so that a value never depends on a file format."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


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
