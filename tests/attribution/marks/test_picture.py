"""A picture's mark: unseen, read back after what people do to files, and never read where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from attribution.marks import picture, picture_pilot, picture_signal
from attribution.marks.secrets import Key
from core.errors import Invalid
from core.media import Picture
from tests.attribution.made import cut, image, reopened, saved, smaller, stylized

KEY = Key("2026Q4", "picture", b"k" * 32)
OTHER = Key("2026Q3", "picture", b"o" * 32)
NUMBER, OTHER_NUMBER = 0x123456789ABCDEF, 0xFEDCBA987654321


@cache
def work() -> Picture:
    return stylized(1)


@cache
def marked() -> Picture:
    return picture.write(work(), NUMBER, KEY)


@cache
def original() -> np.ndarray:
    return picture.opened(picture.reference(work()))


def psnr(one: Picture, other: Picture) -> float:
    return float(10 * np.log10(255**2 / np.mean((one.pixels.astype(float) - other.pixels) ** 2)))


def even(width: int, height: int, level: int = 120) -> Picture:
    """A nearly flat picture: a slope of light with a little grain."""
    grain = np.random.default_rng(0).normal(0, 0.6, (height, width))
    light = level + 30 * np.linspace(-1, 1, width) + grain
    return Picture(np.repeat(light[..., None], 3, axis=2).clip(0, 255).astype(np.uint8))


def of(picture: Image.Image) -> Picture:
    return Picture(np.array(picture.convert("RGB")))


ATTACKS: dict[str, Callable[[Picture], Picture]] = {
    "jpeg 30": lambda p: reopened(saved(image(p), "JPEG", quality=30)),
    "half size": lambda p: of(smaller(p, 0.5)),
    "half the area": lambda p: of(cut(p, 0.7)),
    "mirrored": lambda p: Picture(p.pixels[:, ::-1].copy()),
    "a quarter turn": lambda p: Picture(np.rot90(p.pixels).copy()),
    "turned by 3 degrees, jpeg": lambda p: reopened(
        saved(image(p).rotate(3, Image.Resampling.BICUBIC), "JPEG", quality=80)
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_number_is_read_by_the_key_alone(attack: str) -> None:
    reading = picture.read(ATTACKS[attack](marked()), [OTHER, KEY])
    assert (reading.number, reading.epoch) == (NUMBER, "2026Q4")
    assert reading.strength > 5


def test_a_stretched_copy_is_read_on_request() -> None:
    stretched = of(image(marked()).resize((round(1.1 * marked().width), marked().height)))
    assert picture.read(stretched, [KEY], deep=True).number == NUMBER


def test_the_original_helps_where_little_is_left() -> None:
    left = reopened(saved(cut(marked(), 0.5), "JPEG", quality=15))
    assert picture.read(left, [KEY]).number is None
    corner = np.array([[1, 0, (work().width - 256) // 4 + 3], [0, 1, (work().height - 171) // 4 - 3]])
    assert picture.read_informed(left, original(), corner, [KEY]).number == NUMBER


def test_a_number_that_cannot_be_read_is_confirmed() -> None:
    ruined = reopened(saved(cut(marked(), 0.6), "JPEG", quality=8))
    corner = np.array([[1, 0, (work().width - 307) // 4], [0, 1, (work().height - 205) // 4]])
    assert picture.read_informed(ruined, original(), corner, [KEY]).number is None
    assert picture.confirm(ruined, original(), corner, NUMBER, KEY) > picture.CONFIRMED
    assert picture.confirm(ruined, original(), corner, NUMBER + 1, KEY) < 5


def test_an_unmarked_picture_says_nothing() -> None:
    reading = picture.read(work(), [KEY])
    assert (reading.number, reading.epoch) == (None, None)
    assert reading.strength < 5.7


def test_another_key_reads_nothing() -> None:
    reading = picture.read(marked(), [OTHER])
    assert (reading.number, reading.epoch) == (None, None)
    assert reading.strength < 5.7


def test_the_mark_is_not_seen() -> None:
    assert psnr(marked(), work()) >= 42
    assert marked().pixels.shape == work().pixels.shape


def test_flat_places_get_little() -> None:
    flat = even(512, 384)
    change = picture.write(flat, NUMBER, KEY).pixels.astype(float) - flat.pixels
    assert 0.8 < np.sqrt(np.mean(change**2)) < 1.6


def test_the_same_again_gives_the_same_pixels_and_another_number_others() -> None:
    assert np.array_equal(picture.write(work(), NUMBER, KEY).pixels, marked().pixels)
    assert not np.array_equal(picture.write(work(), NUMBER + 1, KEY).pixels, marked().pixels)


def test_a_gray_picture_stays_gray() -> None:
    pixels = picture.write(even(300, 230), NUMBER, KEY).pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert np.array_equal(pixels[..., 0], pixels[..., 2])


@pytest.mark.parametrize(("width", "height"), [(401, 303), (1601, 301), (640, 129)])
def test_odd_sizes_are_marked(width: int, height: int) -> None:
    seen = image(work()).resize((width, height))
    out = picture.write(of(seen), NUMBER, KEY)
    assert (out.width, out.height) == (width, height)
    assert picture.read(out, [KEY]).number == NUMBER


@pytest.mark.parametrize(("width", "height"), [(1, 1), (127, 600), (200, 200), (3000, 300)])
def test_too_small_a_picture_is_refused_and_reads_as_unmarked(width: int, height: int) -> None:
    assert not picture.fits(even(width, height))
    with pytest.raises(picture.Unmarkable, match="too small or too narrow for a mark"):
        picture.write(even(width, height), NUMBER, KEY)


def test_the_smallest_file_reads_as_unmarked() -> None:
    assert picture.read(even(1, 1), [KEY]).number is None


def test_of_two_marks_each_is_read_with_its_key() -> None:
    twice = picture.write(marked(), 77, OTHER)
    assert picture.read(twice, [KEY]).number == NUMBER
    assert picture.read(twice, [OTHER]).number == 77


def test_many_works_of_one_key_do_not_show_the_pilot() -> None:
    plan = picture.plan(KEY.secret)
    average = np.mean([plan.tile(plan.code(n), plan.variant(n)) for n in range(1, 401)], axis=0)
    assert {plan.variant(n) for n in range(1, 50)} == {0, 1, 2, 3}
    assert average.std() < 0.12  # one of 400, not the pilot's share of .65
    assert np.abs(plan.phases.sum(0)).max() < 1e-9


def test_what_is_no_reference_is_said() -> None:
    for data in (b"", b"nothing"):
        with pytest.raises(Invalid, match="no reference"):
            picture.opened(data)


def test_a_spectrum_is_the_same_where_less_of_it_is_worked_out() -> None:
    residual = picture_signal.whitened(picture_signal.gray(marked().pixels))
    whole, part = picture_pilot.spectrum(residual), picture_pilot.spectrum(residual, least=1.0)
    reach, seen = len(whole) // 2, len(part) // 2 - 16  # surroundings are cut off at a part's border
    assert seen < reach / 2
    assert np.allclose(part[16:-16, :seen], whole[reach - seen : reach + seen, :seen], atol=1e-4)


def test_beside_the_original_a_number_is_read_or_the_known_one_confirmed() -> None:
    """Of alignments the first that fits is taken; no other number is confirmed, and nothing in what has no mark."""
    original = picture.opened(picture.reference(work()))
    copy = reopened(saved(smaller(marked(), 0.7), "JPEG", quality=70))
    wrong, right = np.array([[0.1, 0, 900], [0, 0.1, 900]]), np.array([[1 / 0.7, 0, 0], [0, 1 / 0.7, 0]])
    asked: list[str] = []

    def ways() -> Iterator[NDArray[np.float64] | None]:
        for name, way in (("wrong", wrong), ("right", right), ("never", None)):
            asked.append(name)
            yield way

    reading, sigmas = picture.read_or_confirm(copy, original, ways(), [KEY], NUMBER)
    assert (reading.number, sigmas, asked) == (NUMBER, 0.0, ["wrong", "right"])
    faint = reopened(saved(smaller(marked(), 0.7), "JPEG", quality=8))
    reading, sigmas = picture.read_or_confirm(faint, original, [right], [KEY], NUMBER)
    assert reading.number is None
    assert sigmas > picture.CONFIRMED
    for never, number in ((faint, OTHER_NUMBER), (reopened(saved(smaller(work(), 0.7))), NUMBER)):
        reading, sigmas = picture.read_or_confirm(never, original, [right], [KEY], number)
        assert reading.number is None
        assert sigmas < picture.CONFIRMED
