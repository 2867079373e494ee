"""Pictures are found by their points after what people do to files, and told from others."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from attribution import placement
from attribution.features import agreement, pictures, points
from attribution.features.pictures import Arrays, Found
from attribution.features.points import Gray, Points
from attribution.features.unblurred import unblurred
from attribution.placement import Placement, laid, refined
from attribution.texture import agreement as agreement_of_texture
from core.media import Picture
from tests.attribution import made
from tests.attribution.features.drawn import ATTACKS, blurred, picture

pytestmark = pytest.mark.usefixtures("pictures_anew")
WORKS = 4
ENOUGH = 6.0


@cache
def works() -> tuple[Points, ...]:
    return tuple(points.of(picture(seed)) for seed in range(WORKS))


@cache
def tables() -> Arrays:
    return pictures.build(works())


def gray(picture: Picture) -> Gray:
    return np.asarray(Image.fromarray(picture.pixels).convert("L"), np.uint8)


def found(gray: Gray, arrays: Arrays | None = None) -> list[Found]:
    """What the first look that finds something finds."""
    for look in points.looks(gray):
        one = pictures.search(arrays or tables(), look)
        if one and one[0].score >= ENOUGH:
            return one
    return []


def test_points_are_stored_in_38_bytes_each() -> None:
    stored = points.pack(works()[0])
    assert len(stored) == 38 * len(works()[0]) <= 12_000
    again = points.unpack(stored)
    assert np.array_equal(again.codes, works()[0].codes)
    assert again.places.dtype == np.float32
    apart = np.abs(again.places - works()[0].places)
    apart[:, 3] = np.minimum(apart[:, 3], 2 * np.pi - apart[:, 3])
    assert (apart.max(axis=0) < (1e-4, 1e-4, 0.07, 0.02)).all()


def test_what_is_no_whole_number_of_points_is_refused() -> None:
    with pytest.raises(ValueError, match="39 bytes are no points"):
        points.unpack(bytes(39))


def test_points_are_the_same_each_time_and_for_any_layout_in_memory() -> None:
    again = points.of(np.asfortranarray(picture(0)))
    assert points.pack(again) == points.pack(works()[0])


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_copy_is_found(attack: str) -> None:
    seed = len(attack) % WORKS
    best = found(ATTACKS[attack](picture(seed)))
    assert best, f"picture {seed} is lost"
    assert best[0].position == seed


def test_a_blurred_picture_is_found_without_its_blur() -> None:
    plain, second = points.looks(blurred(picture(1), 0.0125))
    before, after = (pictures.search(tables(), look)[0] for look in (plain, second))
    assert (before.position, after.position) == (1, 1)
    assert after.score > 2 * before.score


def test_only_a_blurred_picture_is_taken_for_one() -> None:
    sharp, soft = (gray.astype(np.float32) for gray in (picture(1), blurred(picture(1), 0.01)))
    assert unblurred(sharp) is None
    assert unblurred(np.full((64, 96), 90, np.float32)) is None
    again = unblurred(soft)
    assert again is not None
    assert np.abs(again - sharp).mean() < 0.75 * np.abs(soft - sharp).mean()


def test_others_are_not() -> None:
    assert [found(picture(seed)) for seed in (100, 101)] == [[], []]


def test_where_a_cut_and_mirrored_copy_lies_is_told() -> None:
    gray = picture(2)[60:260, 100:340]  # 240 wide
    best = found(np.ascontiguousarray(gray[:, ::-1]))[0]
    assert (best.alignment.mirrored, best.alignment.negative) == (True, False)
    corner = best.alignment.matrix @ (0, 0, 1)  # the asked picture's upper left is the part's upper right
    assert corner * 400 == pytest.approx((340, 60), abs=4)
    assert best.alignment.inverse @ (*corner, 1) == pytest.approx((0, 0), abs=1e-6)
    here, there = best.alignment.boxes(gray.shape, (300, 400))
    assert there == pytest.approx((0.25, 0.2, 0.85, 0.87), abs=0.02)
    assert here == pytest.approx((0, 0, 1, 1), abs=0.02)


def test_a_negative_is_told() -> None:
    best = found(255 - picture(3))[0]
    assert (best.position, best.alignment.mirrored, best.alignment.negative) == (3, False, True)


def test_two_works_in_one_picture_are_both_found() -> None:
    both = np.concatenate([picture(0), picture(3)], axis=1)
    assert {one.position for one in found(both)[:2]} == {0, 3}


def test_segments_say_together_what_one_says() -> None:
    look = next(iter(points.looks(picture(3))))
    parts = [pictures.search(pictures.build(works()[at : at + 2]), look) for at in (0, 2)]
    best = pictures.merged(parts)[0]
    alone = pictures.search(tables(), look)[0]
    assert best.position == alone.position - 2
    assert best.score == pytest.approx(alone.score, rel=0.2)


def test_tables_in_mapped_files_answer_alike(tmp_path: Path) -> None:
    for name, array in tables().items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped = {name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in tables()}
    look = next(iter(points.looks(picture(3))))
    one, other = pictures.search(mapped, look), pictures.search(tables(), look)
    assert [(x.position, x.score) for x in one] == [(x.position, x.score) for x in other]


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 23), (40, 40)])
def test_plain_tiny_and_narrow_pictures_have_no_points_and_match_nothing(shape: tuple[int, int]) -> None:
    plain = np.full(shape, 90, np.uint8)
    assert len(points.of(plain)) == 0
    assert found(plain) == []
    assert points.unpack(points.pack(points.of(plain))).codes.shape == (0, 4)


def test_a_style_is_told_from_another_of_the_same_photograph() -> None:
    photograph, work, other = (gray(x) for x in (made.photograph(), made.stylized(1), made.stylized(2)))
    known = points.of(work, photograph)
    assert 0.05 < known.own.mean() < 0.95
    assert np.array_equal(points.unpack(points.pack(known)).own, known.own)
    arrays = pictures.build([known])
    copy = found(ATTACKS["jpeg 30"](work), arrays)[0].alignment
    assert copy.own_score >= ENOUGH
    for stranger in (photograph, other):
        assert all(one.alignment.own_score < ENOUGH / 2 for one in found(stranger, arrays))


def test_where_a_copy_lies_is_where_its_texture_is_compared() -> None:
    work = gray(made.stylized(1))
    cut = np.ascontiguousarray(np.rot90(work[60:300, 90:400])[:, ::-1])
    best = found(cut, pictures.build([points.of(work)]))[0].alignment
    start = Placement(best.placed(cut.shape, work.shape), best.mirrored, best.score, 1.0)
    place = refined(placement.Asked(cut), work, start, close=True)
    assert place is not None
    assert agreement_of_texture(*laid(placement.Asked(cut), place, work.shape), work, None).score > 0.9


def test_two_pictures_are_compared_without_tables() -> None:
    look = next(iter(points.looks(picture(1)[:, ::-1])))
    one = agreement.between(look, works()[1])
    assert one is not None
    assert one.mirrored
    assert one.score >= ENOUGH
    assert agreement.between(look, works()[2]) is None


def test_works_without_points_stand_in_the_tables_and_are_never_found() -> None:
    nothing = points.of(np.zeros((50, 50), np.uint8))
    assert found(picture(0), pictures.build([])) == []
    assert found(picture(0), pictures.build([nothing])) == []
    arrays = pictures.build([nothing, works()[0], nothing, nothing, works()[1], nothing])
    assert [found(picture(seed), arrays)[0].position for seed in (0, 1)] == [1, 4]


def test_an_agreement_by_chance_scores_little_and_more_agreements_more() -> None:
    scores = [agreement.score(100, agreeing) for agreeing in range(5, 60)]
    assert scores[0] < 3
    assert scores == sorted(scores)
    assert agreement.score(1000, 4) == 0
    assert np.isfinite(agreement.score(4000, 4000))
