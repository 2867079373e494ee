"""What belongs where: a style's sky stands for the content's sky; where a style's lines enclose panes, a work's do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor

from core.media import Picture
from generation.engine import Exact
from generation.engines.patchwork import Patchwork, maps, materials, search
from generation.engines.patchwork.images import luma, tensor_of
from generation.engines.patchwork.lines import draw_leads
from generation.engines.patchwork.palette import palette_of
from tests.generation.engines.pictures import prepared, render, scene, strokes

SKY, SEA, MEADOW = (120, 165, 220), (30, 60, 110), (90, 140, 50)
PANE = 28


def land(*bands: tuple[int, int, int], seed: int = 0) -> Picture:
    """Bands of color below each other, with some grain."""
    grain = np.random.default_rng(seed).normal(0, 6, (150, 200, 3))
    rows = np.repeat(np.array(bands, float), 150 // len(bands), 0)
    return Picture((rows[:, None] + grain).clip(0, 255).astype(np.uint8))


def glass(*, closed: bool = True) -> Picture:
    """Panes in four colors, dark leads 3 pixels wide between them; half of each is missing where not closed."""
    y, x = np.mgrid[0:150, 0:200]
    out = np.array([(40, 120, 220), (230, 170, 60), (60, 170, 90), (240, 240, 210)])[(y // PANE * 3 + x // PANE) % 4]
    lead = (y % PANE < 3) | (x % PANE < 3)
    if not closed:
        lead &= (x + y) // 10 % 2 == 0
    out[lead] = 20
    return Picture(out.astype(np.uint8))


def price(content: Picture, style: Picture, at: tuple[int, int], of: tuple[int, int]) -> float:
    """What the style's material at the place `of` costs at the content's place `at`, each in percent."""
    found = materials.materials_of([tensor_of(style.pixels)], [0])
    match = found.match(materials.surfaces_of(tensor_of(content.pixels)), torch.eye(len(found.mass)))
    return float(match.prices[_label(match.labels, at), _label(found.labels[0], of)])


def _label(labels: Tensor, at: tuple[int, int]) -> int:
    return int(labels[at[0] * len(labels) // 100, at[1] * labels.shape[1] // 100])


def test_what_lies_as_high_and_looks_alike_belongs_there() -> None:
    content, style = land(SKY, SEA, seed=1), land(SKY, SEA, MEADOW, seed=2)
    assert price(content, style, at=(20, 50), of=(15, 50)) < 0.3
    assert price(content, style, at=(20, 50), of=(85, 50)) > 0.9
    assert price(content, style, at=(80, 50), of=(50, 50)) + 0.2 < price(content, style, at=(80, 50), of=(85, 50))


def test_a_sky_of_another_color_still_is_the_sky() -> None:
    """Hues that are far apart are all equally wrong: then the place decides."""
    content, style = land(SKY, MEADOW, seed=1), land((220, 90, 40), (100, 60, 40), (30, 40, 60), seed=2)
    assert price(content, style, at=(20, 50), of=(15, 50)) + 0.3 < price(content, style, at=(20, 50), of=(85, 50))


def test_where_colors_lie_all_over_place_says_nothing() -> None:
    shuffled = np.random.default_rng(3).permutation(land(SKY, SEA, MEADOW).pixels.reshape(-1, 3)).reshape(150, 200, 3)
    sure = [materials.surfaces_of(tensor_of(picture.pixels)).sure for picture in (land(SKY, SEA), Picture(shuffled))]
    assert sure[0] == 1
    assert sure[1] < 0.3
    assert price(land(SKY, SEA), Picture(shuffled), at=(20, 50), of=(85, 50)) < 0.3


def test_a_work_takes_from_the_top_of_a_style_at_its_top(engine: Patchwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Colors hardly tell the halves of this style apart, and nothing those of the content: only the place does."""
    tint = np.where(np.arange(150) < 75, -15, 15)[:, None, None] * np.array([1, 0, -1])
    style = prepared(engine, Picture((strokes(1).pixels + tint).clip(0, 255).astype(np.uint8)))
    content = land((140, 90, 60), seed=1)
    apart = lower(engine, style, content)
    monkeypatch.setattr(search, "_FOREIGN", 0.0)
    assert apart > 0.3 > lower(engine, style, content) + 0.1


def lower(engine: Patchwork, style: bytes, content: Picture) -> float:
    """How much lower in the asset the work's lower third comes from than its upper third, as part of the height."""
    provenance = render(engine, style, content, size=128, seed=1).provenance
    assert isinstance(provenance, Exact)
    map_ = maps.read_map(provenance.map)
    asset = map_.header.assets[0]
    turn, place = np.divmod(map_.places, asset.tile_height * asset.tile_width)
    height = np.where(turn == 0, place // asset.tile_width / asset.tile_height, np.nan)
    third = len(height) // 3
    return float(np.nanmean(height[-third:]) - np.nanmean(height[:third]))


def test_lines_that_enclose_panes_are_told_from_those_that_do_not() -> None:
    assert 0.6 * PANE < palette_of([tensor_of(glass().pixels)]).pane < 1.4 * PANE
    for picture in (glass(closed=False), strokes(1), scene()):
        assert palette_of([tensor_of(picture.pixels)]).pane == 0


def test_leads_close() -> None:
    palette, content = palette_of([tensor_of(glass().pixels)]), tensor_of(np.full((150, 200, 3), 200, np.uint8))
    drawn = draw_leads(content, content, palette, 1.0, torch.Generator().manual_seed(1))
    panes, count = ndimage.label(luma(drawn)[0, 0].numpy() > 0.5)
    largest = np.bincount(panes.reshape(-1))[1:].max()
    assert count > 0.5 * panes.size / palette.pane**2
    assert largest < 5 * palette.pane**2
