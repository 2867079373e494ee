"""The demo's two scripted hands and its photographs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.demo import strokes, woodcut
from core.media import Picture

HANDS = {strokes.ARTIST: strokes, woodcut.ARTIST: woodcut}
WORKS = [(artist, subject) for artist, hand in HANDS.items() for subject in hand.SUBJECTS]
SIZE = 192
Paint = Callable[[str, str], Picture]


@pytest.fixture(scope="module")
def painted() -> Paint:
    """Each work once, small."""
    done: dict[tuple[str, str], Picture] = {}

    def get(artist: str, subject: str) -> Picture:
        if (artist, subject) not in done:
            done[artist, subject] = HANDS[artist].paint(subject, seed=3, size=SIZE)
        return done[artist, subject]

    return get


def gray(picture: Picture) -> NDArray[np.float64]:
    return np.asarray(Image.fromarray(picture.pixels).convert("L"), float)


def layout(picture: Picture) -> NDArray[np.float64]:
    small = Image.fromarray(picture.pixels).convert("L").resize((16, 16), Image.Resampling.BOX)
    tones = np.asarray(small, float)
    return np.asarray((tones - tones.mean()) / tones.std())


@pytest.mark.parametrize(("artist", "subject"), WORKS)
def test_every_subject_fills_its_sheet_with_lights_and_darks(painted: Paint, artist: str, subject: str) -> None:
    picture = painted(artist, subject)
    assert max(picture.width, picture.height) == SIZE
    tones = gray(picture)
    low, high = np.percentile(tones, (5, 95))
    assert high - low > 90
    quarters = [part for half in np.array_split(tones, 2) for part in np.array_split(half, 2, axis=1)]
    assert min(part.std() for part in quarters) > 8  # no part was left empty


def test_each_hand_has_enough_works_to_learn_from() -> None:
    assert all(4 <= len(hand.SUBJECTS) <= 8 for hand in HANDS.values())


@pytest.mark.parametrize("artist", HANDS)
def test_same_seed_gives_the_same_pixels_and_another_seed_others(artist: str) -> None:
    hand = HANDS[artist]
    subject = next(iter(hand.SUBJECTS))
    first, again, other = (hand.paint(subject, seed=seed, size=96) for seed in (1, 1, 2))
    assert first.sha256 == again.sha256 != other.sha256


def test_no_two_works_are_alike(painted: Paint) -> None:
    layouts = {work: layout(painted(*work)) for work in WORKS}
    for a, b in combinations(WORKS, 2):
        assert np.mean(layouts[a] * layouts[b]) < 0.75, (a, b)


def test_a_print_is_ink_and_paper_where_an_oil_is_neither(painted: Paint) -> None:
    ends = {}
    for artist, hand in HANDS.items():
        tones = np.concatenate([gray(painted(artist, subject)).ravel() for subject in hand.SUBJECTS])
        ends[artist] = ((tones < 45) | (tones > 220)).mean()
    assert ends[woodcut.ARTIST] > 0.3
    assert ends[strokes.ARTIST] < 0.15
