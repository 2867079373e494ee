"""Decoding: any honest file gives an upright sRGB picture and nothing else, within limits checked beforehand."""

from __future__ import annotations

import time
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from core import decode, encode
from core.decode import Limits, TooLarge, Undecodable
from core.media import Picture
from tests.core import pictures
from tests.core.pictures import RED, SECRETS, WHITE, chunk, corners, exif, png, quarters, saved, small_rows, zeros

Read = Callable[[bytes], Picture]
UPRIGHT = ["red", "green", "blue", "white"]
# What a picture must look like when it was stored with this orientation (EXIF 2.32, tag 274), read row by row.
TURNED = {
    1: ["red", "green", "blue", "white"],
    2: ["green", "red", "white", "blue"],
    3: ["white", "blue", "green", "red"],
    4: ["blue", "white", "red", "green"],
    5: ["red", "blue", "green", "white"],
    6: ["blue", "red", "white", "green"],
    7: ["white", "green", "blue", "red"],
    8: ["green", "white", "red", "blue"],
}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Decoding without the jail, which other tests look after: as fast as it is without a process for each file."""

    def read(data: bytes) -> Picture:
        path = tmp_path / "picture"
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in the jail, where nobody hears them
            found = decode.raw(path, str(decode.DEFAULT.pixels), str(decode.DEFAULT.side))
        height, width = np.frombuffer(found[:8], "<u4")
        return Picture(np.frombuffer(found[8:], np.uint8).reshape(height, width, 3))

    return read


def near(picture: Picture, expected: tuple[int, int, int], *, by: int = 0, at: tuple[int, int] = (3, 3)) -> bool:
    return bool(np.abs(picture.pixels[at].astype(int) - np.array(expected)).max() <= by)


def refusal(data: bytes, *, limits: Limits = decode.DEFAULT, kind: type[Undecodable] = Undecodable) -> str:
    """The one line with which these bytes are refused."""
    start = time.monotonic()
    with pytest.raises(Undecodable) as refused:
        decode.picture_of(data, limits=limits)
    assert type(refused.value) is kind
    assert "\n" not in refused.value.message
    assert time.monotonic() - start < limits.seconds + 5
    return refused.value.message


@pytest.mark.parametrize(
    ("form", "options", "by"),
    [
        ("PNG", {}, 0),
        ("PNG", {"optimize": True}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 90}, 8),
        ("JPEG", {"quality": 95, "subsampling": 0}, 6),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 6),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_deflate"}, 0),
        ("BMP", {}, 0),
        ("GIF", {}, 0),
    ],
    ids=str,
)
def test_each_format_gives_the_same_picture(form: str, options: dict[str, object], by: int, read: Read) -> None:
    picture = read(saved(quarters(), form, **options))
    assert (picture.width, picture.height) == (48, 32)
    assert corners(picture) == UPRIGHT
    assert near(picture, RED, by=by)


def test_a_heic_of_a_phone_is_read_and_turned() -> None:
    plain, turned = (decode.picture_of(data) for data in (pictures.HEIC, pictures.HEIC_TURNED))
    assert (plain.width, plain.height) == (64, 32)
    assert corners(plain) == ["red", "white", "white", "white"]
    assert (turned.width, turned.height) == (32, 64)
    assert corners(turned) == ["white", "red", "white", "white"]


@pytest.mark.parametrize("orientation", TURNED)
def test_exif_orientation_is_applied(orientation: int, read: Read) -> None:
    picture = read(saved(quarters(), "JPEG", quality=95, exif=exif(orientation)))
    assert corners(picture) == TURNED[orientation]
    assert (picture.width, picture.height) == ((48, 32) if orientation < 5 else (32, 48))


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_orientation_is_applied_once_in_every_format(form: str, read: Read) -> None:
    assert corners(read(saved(quarters(), form, exif=exif(6)))) == TURNED[6]


def test_orientation_in_xmp_counts_where_exif_says_nothing(read: Read) -> None:
    assert corners(read(saved(quarters(), "JPEG", quality=95, xmp=pictures.xmp(8)))) == TURNED[8]


@pytest.mark.parametrize("note", [b"junk", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"])
def test_a_damaged_note_turns_nothing_and_spoils_nothing(note: bytes, read: Read) -> None:
    assert corners(read(saved(quarters(), "JPEG", quality=95, exif=b"Exif\0\0" + note))) == UPRIGHT


def test_an_orientation_that_does_not_exist_turns_nothing(read: Read) -> None:
    assert corners(read(saved(quarters(), "JPEG", quality=95, exif=exif(9)))) == UPRIGHT


def test_nothing_private_survives(read: Read) -> None:
    noted = PngImagePlugin.PngInfo()
    noted.add_text("Author", "Ada Secret")
    noted.add_itxt("Comment", "hidden note GPSVersion 47.5001 Nikon")
    for data in (
        saved(quarters(), "PNG", pnginfo=noted, exif=exif()),
        saved(quarters(), "JPEG", exif=exif(), xmp=pictures.xmp(), comment=b"hidden note"),
        saved(quarters(), "WEBP", exif=exif(), xmp=pictures.xmp()),
        saved(quarters(), "TIFF", exif=exif()),
    ):
        assert any(secret in data for secret in SECRETS)
        picture = read(data)
        for form in (encode.png, encode.jpeg, encode.webp):
            assert not any(secret in form(picture) for secret in SECRETS)
            assert not any(mark in form(picture) for mark in (b"Exif", b"eXIf", b"EXIF", b"xmpmeta", b"iTXt", b"tEXt"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_a_color_profile_is_applied(form: str, read: Read) -> None:
    options = {"PNG": {}, "JPEG": {"quality": 95}, "WEBP": {"lossless": True}, "TIFF": {}}[form]
    picture = read(saved(quarters(), form, icc_profile=pictures.swapped_profile(), **options))
    assert corners(picture) == ["blue", "green", "red", "white"]


def test_the_srgb_profile_changes_nothing(read: Read) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(read(saved(quarters(), "PNG", icc_profile=profile)), RED, by=1)


def test_a_profile_is_applied_below_transparency(read: Read) -> None:
    image = quarters().convert("RGBA")
    image.putalpha(255)
    assert corners(read(saved(image, "PNG", icc_profile=pictures.swapped_profile())))[0] == "blue"


@pytest.mark.parametrize("profile", [b"junk", bytes(200), pictures.swapped_profile()[:150]], ids=len)
def test_a_profile_that_cannot_be_used_is_ignored(profile: bytes, read: Read) -> None:
    assert near(read(saved(quarters(), "PNG", icc_profile=profile)), RED)
    assert corners(read(saved(Image.new("L", (8, 8), 255), "PNG", icc_profile=profile))) == ["white"] * 4


def test_cmyk_becomes_the_colors_it_means(read: Read) -> None:
    picture = read(saved(quarters().convert("CMYK"), "JPEG", quality=95))
    assert corners(picture) == UPRIGHT
    assert corners(read(saved(quarters().convert("CMYK"), "TIFF"))) == UPRIGHT


def test_lab_becomes_the_colors_it_means(read: Read) -> None:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    image = ImageCms.profileToProfile(quarters(), srgb, lab, outputMode="LAB")
    assert image is not None
    assert near(read(saved(image, "TIFF")), RED, by=4)


def test_transparent_samples_lie_on_white(read: Read) -> None:
    clear = quarters().convert("RGBA")
    clear.putalpha(Image.new("L", clear.size, 0))
    half = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    gray = Image.new("LA", (8, 8), (0, 0))
    assert (read(saved(clear, "PNG")).pixels == 255).all()
    assert near(read(saved(half, "PNG")), (127, 127, 127), by=1)
    assert (read(saved(gray, "PNG")).pixels == 255).all()


def test_a_palette_with_transparency_lies_on_white(read: Read) -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([*RED, 0, 0, 255])
    image.paste(1, (4, 0, 8, 8))
    for form in ("PNG", "GIF"):
        picture = read(saved(image, form, transparency=1))
        assert near(picture, RED)
        assert near(picture, WHITE, at=(3, 6))
        assert near(read(saved(image, form)), (0, 0, 255), at=(3, 6))


def test_one_color_may_be_transparent_without_a_palette(read: Read) -> None:
    image = quarters()
    assert near(read(saved(image, "PNG", transparency=RED)), WHITE)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_of_gray_become_eight_by_rounding(form: str, read: Read) -> None:
    ramp = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(16, 16)
    picture = read(saved(Image.fromarray(ramp), form))
    assert (picture.pixels[..., 1].ravel() == np.arange(256)).all()


def test_sixteen_bits_of_color_become_eight(read: Read) -> None:
    rows = zlib.compress(b"".join(b"\0" + bytes([220, 7, 30, 7, 30, 7]) * 4 for _ in range(4)))
    assert near(read(png(4, 4, rows, depth=16)), RED)


def test_black_and_white_floats_and_other_depths_are_read(read: Read) -> None:
    bits = Image.new("1", (16, 16), 1)
    assert (read(saved(bits, "PNG")).pixels == 255).all()
    real = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    assert near(read(saved(Image.fromarray(real), "TIFF")), (255, 255, 255), at=(15, 15))
    real[0, 0] = np.nan
    assert near(read(saved(Image.fromarray(real * 3000), "TIFF")), (0, 0, 0), at=(0, 0))
    whole = np.full((16, 16), 65535, np.int32)
    assert (read(saved(Image.fromarray(whole), "TIFF")).pixels == 255).all()


def test_a_name_does_not_make_a_format(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(saved(quarters(), "JPEG", quality=95))
    assert corners(decode.picture(path)) == UPRIGHT


def test_a_photo_with_a_preview_inside_is_the_photo(read: Read) -> None:
    data = saved(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
    picture = read(data)
    assert (picture.width, picture.height, corners(picture)) == (48, 32, UPRIGHT)


def test_one_frame_is_no_animation(read: Read) -> None:
    for form in ("GIF", "WEBP", "PNG"):
        assert corners(read(saved(quarters(), form, save_all=True))) == UPRIGHT


def test_a_picture_of_one_sample_is_a_picture(read: Read) -> None:
    assert read(saved(Image.new("RGB", (1, 1), RED), "PNG")).pixels.tolist() == [[list(RED)]]


def test_two_may_be_decoded_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(quarters(), "PNG"))
    held = [decode.Decoding(path) for _ in range(3)]
    assert [corners(one.result()) for one in held] == [UPRIGHT] * 3


def test_a_small_file_that_would_swell_is_refused_by_its_header() -> None:
    data = png(30_000, 30_000, zeros(60 << 20))
    assert len(data) < 100_000
    message = refusal(data, kind=TooLarge)
    assert "it would decode to 30000 × 30000 pixels, the limit is 64 megapixels" in message


@pytest.mark.parametrize(
    "data",
    [
        png(60_000, 10, small_rows()),
        png(2**31 - 1, 2**31 - 1, small_rows()),
        b"GIF89a" + b"\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08\0",
        pictures.webp_head(16_383, 16_383),
        saved(Image.new("1", (8_192, 8_192)), "TIFF", compression="group4"),
        saved(Image.new("L", (8_192, 8_192)), "JPEG"),
    ],
    ids=["long", "giant", "gif", "webp", "tiff", "jpeg"],
)
def test_huge_sizes_are_refused_before_decoding(data: bytes) -> None:
    assert "megapixels and 30000 a side; save it smaller" in refusal(data, kind=TooLarge)


def test_limits_of_the_caller_hold() -> None:
    data = saved(quarters(), "PNG")
    assert "the limit is 0.001 megapixels" in refusal(data, limits=Limits(pixels=1000), kind=TooLarge)
    assert "and 40 a side" in refusal(data, limits=Limits(side=40), kind=TooLarge)
    assert "MiB, the limit is" in refusal(data, limits=Limits(bytes=100), kind=TooLarge)
    assert "longer than 0.01 s" in refusal(data, limits=Limits(seconds=0.01))
    assert decode.picture_of(data, limits=Limits(pixels=48 * 32, side=48)).width == 48


@pytest.mark.parametrize(
    "bomb",
    [
        chunk(b"zTXt", b"Comment\0\0" + zeros(300 << 20)),
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros(300 << 20)),
        chunk(b"iCCP", b"profile\0\0" + zeros(300 << 20)),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
def test_a_bomb_in_a_side_chunk_is_refused(bomb: bytes) -> None:
    assert "unpacks to far too much" in refusal(png(4, 4, small_rows(), bomb), kind=TooLarge)


def test_many_texts_are_refused() -> None:
    text = zeros(1_000_000)
    texts = [chunk(b"zTXt", b"c%d\0\0" % i + text) for i in range(70)]
    assert "unpacks to far too much" in refusal(png(4, 4, small_rows(), *texts), kind=TooLarge)


def test_more_samples_than_promised_do_no_harm() -> None:
    assert decode.picture_of(png(4, 4, zeros(50 << 20))).width == 4


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "I;16", "P", "LAB"])
def test_the_largest_allowed_picture_is_read_within_the_limits(mode: str) -> None:
    data = saved(Image.new(mode, (8000, 8000)), "TIFF" if mode in ("CMYK", "LAB") else "PNG", compression="tiff_lzw")
    assert decode.picture_of(data, limits=Limits(seconds=60)).height == 8000
