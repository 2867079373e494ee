"""The look of a picture: its hand is found again in works that were never seen, whatever was done to the file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from app.demo import strokes, woodcut
from core import decode, encode
from core.media import Picture
from creators import look
from tests.fakes import texture

pytestmark = pytest.mark.usefixtures("pictures_anew")
SIZE = 256
HANDS = (strokes, woodcut)


@cache
def painted(hand: int, number: int, seed: int) -> Picture:
    of = HANDS[hand]
    return of.paint(tuple(of.SUBJECTS)[number], seed=seed, size=SIZE)


@cache
def known() -> list[np.ndarray]:
    """Of each hand, the looks of its first two subjects."""
    return [np.stack([look.of(painted(hand, n, n)) for n in range(2)]) for hand in range(len(HANDS))]


def held_out() -> Iterator[tuple[int, Picture]]:
    """Other subjects, with other seeds."""
    for hand, of in enumerate(HANDS):
        for number in range(len(of.SUBJECTS) - 3, len(of.SUBJECTS)):
            yield hand, painted(hand, number, 100 + number)


def nearest(picture: Picture, works: list[np.ndarray]) -> int:
    asked = look.of(picture)
    return int(np.argmin([look.distance(asked, of) for of in works]))


def resaved(picture: Picture) -> Picture:
    return decode.picture_of(encode.jpeg(encode.resize(picture, SIZE * 2 // 3), quality=60))


@pytest.mark.parametrize("change", [lambda p: p, resaved], ids=["as painted", "smaller, JPEG 60"])
def test_subjects_never_seen_find_their_own_hand_first(change) -> None:  # type: ignore[no-untyped-def]
    works = known()
    found = [hand == nearest(change(picture), works) for hand, picture in held_out()]
    assert len(found) == 6
    assert np.mean(found) >= 0.8


def test_a_picture_is_nearest_to_itself_also_when_saved_anew() -> None:
    pictures = [painted(hand, number, number) for hand in range(2) for number in range(2)]
    looks = np.stack([look.of(picture) for picture in pictures])
    for number, picture in enumerate(pictures):
        assert look.distances(look.of(picture), looks)[number] == 0
        again = look.distances(look.of(resaved(picture)), looks)
        assert int(np.argmin(again)) == number


def test_a_photograph_is_nearest_to_the_style_with_its_colors() -> None:
    """One scene in the light of the oils' harbor at dusk, and printed in ink on the woodcuts' paper."""
    works = known()
    oils, woodcuts = (painted(hand, 0, 0).pixels.reshape(-1, 3) for hand in range(2))
    scene = texture(7, height=192, width=256).pixels.astype(float).mean(axis=2)
    assert nearest(in_colors_of(scene, oils), works) == 0
    assert nearest(in_colors_of(scene, woodcuts), works) == 1


def in_colors_of(gray: np.ndarray, colors: np.ndarray) -> Picture:
    """A gray scene whose dark and light places take the dark and light colors of another picture."""
    order = colors[np.argsort(colors.astype(int).sum(axis=1), kind="stable")]
    ranks = gray.ravel().argsort(kind="stable").argsort(kind="stable")
    return Picture(order[ranks * len(order) // len(ranks)].reshape(*gray.shape, 3))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 900), (700, 3), (40, 40), (300, 301)])
def test_every_picture_has_a_finite_look(height: int, width: int) -> None:
    picture = Picture(np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8))
    found = look.of(picture)
    assert found.shape == (look.LENGTH,)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_one_color_throughout_is_flat_and_thin_lines_are_not() -> None:
    paper = np.full((400, 300, 3), 250, np.uint8)
    assert look.flat(look.of(Picture(paper.copy())))
    dusty = np.clip(paper + np.random.default_rng(1).normal(0, 1, paper.shape), 0, 255).astype(np.uint8)
    assert look.flat(look.of(Picture(dusty)))
    paper[100:104, 40:260] = 20
    paper[200:300, 150:153] = 20
    assert not look.flat(look.of(Picture(paper)))
    assert not look.flat(look.of(painted(1, 0, 0)))


def test_looks_are_stored_and_read_again() -> None:
    looks = [look.of(texture(seed)) for seed in range(3)]
    assert (look.unpack([look.pack(x) for x in looks]) == np.stack(looks)).all()
    assert look.unpack([]).shape == (0, look.LENGTH)
