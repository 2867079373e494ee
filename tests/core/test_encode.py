"""Encoding: no metadata, the same bytes for the same picture, sizes that fit."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core import encode
from core.media import Picture
from tests.fakes import texture

FORMS = {"PNG": encode.png, "JPEG": encode.jpeg, "WEBP": encode.webp}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_picture_gives_the_same_bytes_and_nothing_else(form: str) -> None:
    data = FORMS[form](texture(1))
    assert data == FORMS[form](Picture(texture(1).pixels.copy()))
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.mode, image.size) == (form, "RGB", (128, 96))
        said = set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
        assert said <= {"timestamp", "duration"}
        assert not image.getexif()


@settings(max_examples=25)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_png_is_lossless(height: int, width: int, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    with Image.open(io.BytesIO(encode.png(Picture(pixels)))) as image:
        assert np.array_equal(np.asarray(image), pixels)


def test_lossy_forms_stay_close_and_quality_costs_bytes() -> None:
    picture = encode.resize(texture(2), 512)
    for form in (encode.jpeg, encode.webp):
        with Image.open(io.BytesIO(form(picture, quality=92))) as image:
            off = np.abs(np.asarray(image, np.int32) - picture.pixels.astype(np.int32))
        assert off.mean() < 4
        assert len(form(picture, quality=40)) < len(form(picture, quality=92))


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 400))
def test_resize_gives_the_long_side_and_keeps_the_shape(height: int, width: int, side: int) -> None:
    made = encode.resize(Picture(np.zeros((height, width, 3), np.uint8)), side)
    assert max(made.height, made.width) == side
    short = min(height, width) * side / max(height, width)
    assert abs(min(made.height, made.width) - max(1.0, short)) <= 0.5 + 1e-9


def test_resizing_to_its_own_size_is_the_same_picture() -> None:
    picture = texture(3)
    assert encode.resize(picture, 128) is picture


def test_an_even_area_stays_even_at_any_size() -> None:
    picture = Picture(np.full((90, 60, 3), (10, 120, 250), np.uint8))
    for side in (1, 7, 89, 91, 400):
        assert (encode.resize(picture, side).pixels == (10, 120, 250)).all()
