"""What is noticed of pictures: frames, lettering, blur, emptiness, copies, strangers; and what is left in peace."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from app.demo import strokes, woodcut
from attribution import fingerprint
from core.media import Picture
from creators import areas, inspection, look
from creators.areas import BadArea
from tests.fakes import texture

pytestmark = pytest.mark.usefixtures("pictures_anew")
INK = (20, 20, 30)


@cache
def painted(hand: str, number: int) -> Picture:
    maker = {"oil": strokes, "wood": woodcut}[hand]
    return maker.paint(list(maker.SUBJECTS)[number], seed=number, size=448)


def image(picture: Picture) -> Image.Image:
    return Image.fromarray(picture.pixels)


def picture(image: Image.Image) -> Picture:
    return Picture(np.array(image))


def codes(picture: Picture, *, sure: bool = False) -> list[str]:
    return [x.code for x in inspection.of(picture) if x.code not in ("small", "tiny") and (x.sure or not sure)]


def framed(work: Picture, margins: tuple[int, int, int, int], color: str) -> Picture:
    """`margins`: pixels at the top, left, bottom, right."""
    top, left, bottom, right = margins
    out = Image.new("RGB", (work.width + left + right, work.height + top + bottom), color)
    out.paste(image(work), (left, top))
    return picture(out)


@pytest.mark.parametrize("hand", ["oil", "wood"])
@pytest.mark.parametrize("color", ["white", "#281e14"])
def test_a_frame_is_found_to_a_hundredth_of_the_side(hand: str, color: str) -> None:
    margins = (30, 30, 30, 30)
    work = framed(painted(hand, 1), margins, color)
    found = [x for x in inspection.of(work) if x.code == "frame"]
    assert [x.sure for x in found] == [True] * 4
    top, left, bottom, right = (work.height, work.width, work.height, work.width)
    wanted = [30 / top, 30 / left, 1 - 30 / bottom, 1 - 30 / right]
    inner = [max(x.area[2] for x in found if x.area and x.area[2] < 500_000)]
    inner += [max(x.area[3] for x in found if x.area and x.area[3] < 500_000)]
    inner += [min(x.area[0] for x in found if x.area and x.area[0] > 500_000)]
    inner += [min(x.area[1] for x in found if x.area and x.area[1] > 500_000)]
    assert np.abs(np.array(inner) / 1e6 - wanted).max() < 0.012


def test_bars_at_two_sides_are_found() -> None:
    found = [x.area for x in inspection.of(framed(painted("oil", 1), (0, 60, 0, 60), "black")) if x.sure]
    assert [area[2] - area[0] for area in found if area] == [1_000_000] * 2


@pytest.mark.parametrize("at", [(0.72, 0.92), (0.05, 0.04)])
def test_a_signature_on_quiet_ground_is_left_out(at: tuple[float, float]) -> None:
    ground = np.random.default_rng(1).normal(190, 6, (480, 640, 3)).clip(0, 255).astype(np.uint8)
    work = Image.fromarray(ground).filter(ImageFilter.GaussianBlur(1))
    work.paste(image(painted("oil", 1)).resize((380, 300)), (130, 90))
    plain = picture(work)
    box = ImageDraw.Draw(work)
    place = at[0] * 640, at[1] * 480
    font = ImageFont.load_default(20)
    box.text(place, "A. Marsh 26", fill=INK, font=font)
    left, top, right, bottom = box.textbbox(place, "A. Marsh 26", font=font)
    assert "lettering" not in codes(plain)
    (found,) = inspection.left_out(x for x in inspection.of(picture(work)) if x.code == "lettering")
    assert found[0] <= top / 480 * 1e6
    assert found[1] <= left / 640 * 1e6
    assert found[2] >= bottom / 480 * 1e6
    assert found[3] >= right / 640 * 1e6
    assert (found[2] - found[0]) * (found[3] - found[1]) < 3e10


@pytest.mark.parametrize("hand", ["oil", "wood"])
@pytest.mark.parametrize("number", range(2))
def test_nothing_of_an_unframed_unsigned_work_is_left_out(hand: str, number: int) -> None:
    assert codes(painted(hand, number), sure=True) == []


def test_an_enlarged_or_blurred_picture_is_called_soft() -> None:
    sharp = image(painted("wood", 2)).resize((640, 512), Image.Resampling.LANCZOS)
    assert inspection.sharpness(painted("wood", 2)) == 1.0
    enlarged = image(painted("wood", 2)).resize((1344, 1074), Image.Resampling.BICUBIC)
    assert inspection.sharpness(picture(enlarged)) >= 2.0
    assert codes(picture(enlarged)) == ["soft"]
    assert codes(picture(sharp.filter(ImageFilter.GaussianBlur(2)))) == ["soft"]


@pytest.mark.parametrize("side", [1, 2, 7, 40])
def test_tiny_and_narrow_pictures_are_no_errors(side: int) -> None:
    pixels = texture(1, height=side, width=600).pixels
    for turned in (pixels, np.ascontiguousarray(np.rot90(pixels))):
        assert all(x.do for x in inspection.of(Picture(turned)))


def test_a_finding_comes_back_as_it_was_stored() -> None:
    for finding in inspection.of(framed(painted("oil", 1), (30, 30, 30, 30), "white")):
        assert inspection.read(finding.document()) == finding


def test_copies_are_named_and_others_are_not() -> None:
    works = [painted("oil", 0), painted("oil", 1), painted("wood", 0)]
    works.append(picture(image(works[1]).crop((30, 60, 330, 400)).transpose(Image.Transpose.ROTATE_90)))
    works.append(works[2])
    assert inspection.copies([fingerprint.of(work) for work in works]) == [(1, 3), (2, 4)]


def test_a_stranger_among_the_works_of_one_hand_is_named() -> None:
    own = [look.of(painted("wood", number)) for number in range(4)]
    assert inspection.of_set(own) == ()
    (found,) = inspection.of_set([*own, look.of(painted("oil", 0))])
    assert (found.code, found.works) == ("odd", (4,))
    assert [x.code for x in inspection.of_set(own[:2])] == ["few"]


def test_an_area_that_covers_the_picture_piece_by_piece_is_refused() -> None:
    halves = [(0, 0, 1_000_000, 500_000), (0, 450_000, 1_000_000, 900_000)]
    assert areas.checked([*halves[:1], halves[0]]) == (halves[0],)
    with pytest.raises(BadArea, match="less than 20 %"):
        areas.checked(halves)
