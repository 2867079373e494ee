"""The two scripted hands that the contact sheets add to the demo's own."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from app.demo import glass, wash

HANDS = {glass.ARTIST: glass, wash.ARTIST: wash}
WORKS = [(artist, subject) for artist, hand in HANDS.items() for subject in hand.SUBJECTS]
SIZE = 160


@pytest.fixture(scope="module")
def painted() -> dict[tuple[str, str], np.ndarray]:
    """Each work once, small."""
    return {
        (artist, subject): HANDS[artist].paint(subject, seed=3, size=SIZE).pixels.astype(float)
        for artist, subject in WORKS
    }


@pytest.mark.parametrize("work", WORKS)
def test_every_subject_fills_its_sheet(painted: dict[tuple[str, str], np.ndarray], work: tuple[str, str]) -> None:
    pixels = painted[work]
    assert max(pixels.shape[:2]) == SIZE
    low, high = np.percentile(pixels.mean(2), (3, 97))
    assert high - low > 90
    quarters = [part for half in np.array_split(pixels, 2) for part in np.array_split(half, 2, axis=1)]
    assert min(part.std() for part in quarters) > 15  # no part was left empty


@pytest.mark.parametrize("artist", HANDS)
def test_same_seed_gives_the_same_pixels_and_another_seed_others(artist: str) -> None:
    hand = HANDS[artist]
    subject = next(iter(hand.SUBJECTS))
    first, again, other = (hand.paint(subject, seed=seed, size=96) for seed in (1, 1, 2))
    assert first.sha256 == again.sha256 != other.sha256


def test_no_two_works_are_alike(painted: dict[tuple[str, str], np.ndarray]) -> None:
    layouts = {}
    for work, pixels in painted.items():
        small = Image.fromarray(pixels.mean(2).astype(np.uint8)).resize((16, 16), Image.Resampling.BOX)
        tones = np.asarray(small, float)
        layouts[work] = (tones - tones.mean()) / tones.std()
    for a, b in combinations(WORKS, 2):
        assert np.mean(layouts[a] * layouts[b]) < 0.75, (a, b)


def test_glass_is_strong_color_and_lead_where_a_sketch_is_pale_paper(
    painted: dict[tuple[str, str], np.ndarray],
) -> None:
    dark, pale, strength = {}, {}, {}
    for artist in HANDS:
        pixels = np.concatenate([painted[work].reshape(-1, 3) for work in WORKS if work[0] == artist])
        luma = pixels.mean(1)
        dark[artist], pale[artist] = (luma < 50).mean(), (luma > 215).mean()
        strength[artist] = (pixels.max(1) - pixels.min(1)).mean()
    assert dark[glass.ARTIST] > 2 * dark[wash.ARTIST]
    assert pale[wash.ARTIST] > 2 * pale[glass.ARTIST]
    assert strength[glass.ARTIST] > 1.3 * strength[wash.ARTIST]
