"""The benchmark's measures of a restyled picture, on pictures whose answer is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from app.demo import glass, woodcut
from benchmarks import metrics


def noise(seed: int, *, cell: int = 4, side: int = 160) -> Tensor:
    """Colored noise [1, 3, side, side] in cells of some pixels."""
    dice = torch.Generator().manual_seed(seed)
    small = torch.rand(1, 3, side // cell, side // cell, generator=dice)
    return metrics.resized(small, side, side)


def test_a_picture_agrees_with_itself_and_not_with_another() -> None:
    edge, luma = metrics.agreement(noise(1), noise(1))
    assert (edge, luma) == (pytest.approx(1, abs=1e-4), pytest.approx(1, abs=1e-4))
    edge, luma = metrics.agreement(noise(1), noise(2))
    assert abs(edge) < 0.2
    assert abs(luma) < 0.2


def test_one_color_agrees_with_nothing() -> None:
    assert metrics.agreement(torch.full((1, 3, 64, 64), 0.5), noise(1)) == (0.0, 0.0)


def test_a_work_is_nearer_to_its_own_hand_than_to_another() -> None:
    works = {
        hand: [metrics.tensor(hand.paint(subject, seed=1, size=160)) for subject in list(hand.SUBJECTS)[:3]]
        for hand in (glass, woodcut)
    }
    styles = {hand: metrics.hand(some[:2]) for hand, some in works.items()}
    for own, other in ((glass, woodcut), (woodcut, glass)):
        patches = metrics.work_patches(works[own][2])
        near, far = (metrics.style_distance(patches, styles[hand]) for hand in (own, other))
        assert far.scaled > near.scaled
        assert far.unscaled > near.unscaled


def test_a_style_cannot_be_told_apart_from_itself() -> None:
    style = metrics.hand([noise(1), noise(2)])
    distance = metrics.style_distance(metrics.work_patches(noise(1)), style)
    assert distance.plausibility < 1.1
    assert distance.coverage < 1.3


def test_a_blurred_work_is_less_sharp_than_its_style() -> None:
    style = noise(1, cell=3)
    assert metrics.sharpness(style, [style]) == 1
    soft = metrics.resized(metrics.resized(style, 40, 40), 160, 160)
    assert metrics.sharpness(soft, [style]) < 0.5


def test_a_repeated_piece_is_found_and_noise_repeats_nothing() -> None:
    tile = noise(1, cell=4, side=80)
    assert metrics.repetition(noise(2)) == 0
    assert metrics.repetition(tile.repeat(1, 1, 2, 2)) > 0.95
    half = noise(3)
    half[..., 80:, 80:] = half[..., :80, :80]
    assert 0.25 < metrics.repetition(half) < 0.6


def test_patches_of_the_same_distribution_are_near() -> None:
    near = metrics.sliced_wasserstein(noise(1), [noise(2)])
    assert 2 * near < metrics.sliced_wasserstein(noise(1, cell=12), [noise(2)])
