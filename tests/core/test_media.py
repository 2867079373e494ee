"""A picture: eight bits, three channels, not to be written to; its hash means its samples."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from core.media import Picture


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 0, 3), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
)
def test_only_eight_bit_rgb_with_samples_is_a_picture(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a picture is uint8"):
        Picture(pixels)


def test_samples_cannot_be_changed() -> None:
    picture = Picture(np.zeros((2, 3, 3), np.uint8))
    assert (picture.height, picture.width) == (2, 3)
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0, 0, 0] = 1


def test_the_hash_is_of_the_samples_and_their_shape() -> None:
    pixels = np.arange(2 * 6 * 3, dtype=np.uint8).reshape(2, 6, 3)
    one = Picture(pixels.copy())
    assert one.sha256 == Picture(np.asfortranarray(pixels)).sha256
    assert one.sha256 != Picture(pixels.reshape(6, 2, 3).copy()).sha256
    assert one.sha256 != Picture(pixels + np.uint8(1)).sha256
    assert one.sha256 == hashlib.sha256(b"2 6\n" + pixels.tobytes()).hexdigest()
