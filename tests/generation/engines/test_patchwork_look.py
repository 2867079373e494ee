"""Works look like their style and show their content: measured against the content itself and against noise."""

from __future__ import annotations

import numpy as np
import pytest

from core import encode
from core.media import Picture
from generation.engine import Ingredient
from generation.engines.patchwork import Patchwork
from tests.generation.engines.pictures import (
    HANDS,
    alike,
    edges,
    forms,
    patch_distance,
    prepared,
    render,
    scene,
    strokes,
)

SIZE = 192


@pytest.fixture(scope="module")
def works(engine: Patchwork) -> dict[str, Picture]:
    return {name: render(engine, prepared(engine, hand(1)), scene(), size=SIZE).media for name, hand in HANDS.items()}


@pytest.mark.parametrize("name", HANDS)
def test_a_work_is_nearest_to_the_style_it_was_made_in(name: str, works: dict[str, Picture]) -> None:
    # another picture by each hand than the one the engine saw
    apart = {other: patch_distance(works[name], hand(2)) for other, hand in HANDS.items()}
    assert min(apart, key=lambda other: apart[other]) == name
    assert apart[name] < 0.6 * min(distance for other, distance in apart.items() if other != name)


@pytest.mark.parametrize("name", HANDS)
def test_a_work_is_nearer_to_its_style_than_its_content_is(name: str, works: dict[str, Picture]) -> None:
    assert patch_distance(works[name], HANDS[name](1)) < 0.4 * patch_distance(scene(), HANDS[name](1))


@pytest.mark.parametrize("name", HANDS)
def test_the_content_shows(name: str, works: dict[str, Picture], engine: Patchwork) -> None:
    content = encode.resize(scene(), SIZE)
    alone = Picture(HANDS[name](1).pixels[: content.height, : content.width].copy())
    quiet = render(engine, prepared(engine, HANDS[name](1)), scene(), size=SIZE, strength=0.0).media
    assert abs(alike(forms(alone), forms(content))) < 0.25  # the style by itself shows nothing of it
    assert alike(forms(works[name]), forms(content)) > 0.65
    assert alike(forms(quiet), forms(content)) > 0.75
    assert alike(edges(quiet), edges(content)) > 0.6


def test_it_learns_from_its_assets_alone(engine: Patchwork) -> None:
    """Swap the assets, keep all else: no pixel of the old style is left, and the first work comes back unchanged."""
    first, second = prepared(engine, HANDS["strokes"](1)), prepared(engine, HANDS["dots"](1))
    warm, cool = (render(engine, style, scene(), size=96).media for style in (first, second))
    red, blue = (int(np.sign(work.pixels[..., 0].mean() - work.pixels[..., 2].mean())) for work in (warm, cool))
    assert (red, blue) == (1, -1)
    assert render(engine, first, scene(), size=96).media.sha256 == warm.sha256
    assert render(Patchwork(), second, scene(), size=96).media.sha256 == cool.sha256


def test_every_pixel_lies_within_the_colors_of_the_style(engine: Patchwork) -> None:
    """The content steers and gives no pixel: a mean of the style's pixels cannot leave their range."""
    style = strokes(1)
    work = render(engine, prepared(engine, style), scene(), size=128).media
    low, high = style.pixels.min((0, 1)).astype(int), style.pixels.max((0, 1)).astype(int)
    slack = 12  # Lanczos overshoots a little where tiles are scaled
    assert (work.pixels >= low - slack).all()
    assert (work.pixels <= high + slack).all()


def test_strength_trades_content_for_style(engine: Patchwork) -> None:
    style, content = prepared(engine, HANDS["weave"](1)), encode.resize(scene(), SIZE)
    shown = [
        alike(edges(render(engine, style, content, size=SIZE, strength=strength).media), edges(content))
        for strength in (0.0, 0.5, 1.0)
    ]
    assert shown[0] > shown[1] > shown[2]


def test_seeds_are_other_takes_of_the_same_content(engine: Patchwork) -> None:
    style = prepared(engine, HANDS["strokes"](1))
    a, b = (render(engine, style, scene(), size=128, seed=seed).media for seed in (1, 2))
    assert a.sha256 != b.sha256
    assert alike(forms(a), forms(b)) > 0.8


def test_a_mix_has_both_palettes(engine: Patchwork) -> None:
    styles = tuple(Ingredient(prepared(engine, HANDS[name](1), name=name)) for name in ("strokes", "dots"))
    pixels = render(engine, styles, scene(), size=128).media.pixels.astype(int)
    warm = pixels[..., 0] - pixels[..., 2]
    assert (warm > 30).mean() > 0.2
    assert (warm < -30).mean() > 0.2


def test_lettering_stays_out_of_calm_places(engine: Patchwork) -> None:
    """Where a sky needs all the paper there is, an asset's seals would be stamped into it but for their price."""
    rng = np.random.default_rng(4)
    paper = np.full((200, 260, 3), (222, 208, 180), np.uint8)
    paper = (paper + rng.integers(-6, 7, (200, 260, 1))).astype(np.uint8)
    paper[60:] = strokes(1, height=140, width=260).pixels
    for left in range(20, 260, 48):
        seal = np.kron(rng.random((7, 4)) < 0.4, np.ones((2, 2), bool))
        paper[23:37, left : left + 8][seal] = (20, 20, 60)
    work = render(engine, prepared(engine, Picture(paper)), scene(), size=384, seed=2).media
    ink = work.pixels[..., 2].astype(int) - work.pixels[..., 0] > 15  # blue ink: nothing else in the asset is blue
    assert ink.mean() < 1e-4
