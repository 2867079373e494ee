"""Works without a content: size, copies, edges that continue, and a hand-drawn wish that is followed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.media import Picture
from generation.engine import BadRequest, Exact, Ingredient, Request, silent
from generation.engines.patchwork import Patchwork, blend, remake, sketch
from generation.engines.patchwork.copies import largest_copy
from generation.engines.patchwork.images import tensor_of
from generation.engines.patchwork.maps import read_map, write_map
from generation.engines.patchwork.palette import palette_of
from tests.generation.engines.pictures import dots, prepared, scene, strokes

CAP = 0.03
ENGINE = Patchwork()


class Made:
    """One composed work with all it was made of."""

    def __init__(
        self,
        groups: list[list[Picture]],
        kind: str,
        shape: str,
        *,
        size: int = 96,
        seed: int = 0,
        weights: tuple[int, ...] = (1,),
        wish: NDArray[np.uint8] | None = None,
    ) -> None:
        self.prepared = [prepared(ENGINE, *group, name=f"style{n}-") for n, group in enumerate(groups)]
        asked = {"kind": kind, "shape": shape, "size": size, "copy_cap": CAP, "source_is": "colors"}
        styles = tuple(Ingredient(data, weight) for data, weight in zip(self.prepared, weights, strict=True))
        source = None if wish is None else Picture(wish)
        request = Request(styles, ENGINE.Params.model_validate(asked), seed, source)
        self.steps: list[int] = []
        rendering = ENGINE.render([request], report=lambda step, of, stage, preview=None: self.steps.append(step))[0]
        assert isinstance(rendering.provenance, Exact)
        self.pixels, self.exact, self.map = rendering.media.pixels, rendering.provenance, rendering.provenance.map
        self.read = read_map(self.map)


@pytest.fixture(scope="module")
def tiled() -> Made:
    return Made([[strokes(1)]], "tile", "5:4")


@pytest.mark.parametrize(
    ("kind", "shape", "size"),
    [
        ("variation", "4:3", (48, 64)),
        ("retarget", "2:1", (32, 64)),
        ("texture", "1:2", (64, 32)),
        ("tile", "5:4", (52, 64)),
    ],
)
def test_each_kind_has_the_asked_size_and_replays(kind: str, shape: str, size: tuple[int, int]) -> None:
    made = Made([[strokes(1)]], kind, shape, size=64)
    assert made.pixels.shape == (*size, 3)
    assert made.steps == sorted(made.steps)
    assert ENGINE.replay(made.map, made.prepared).pixels.tobytes() == made.pixels.tobytes()
    assert ENGINE.measure(made.map, made.prepared) == made.exact.shares
    assert Made([[strokes(1)]], kind, shape, size=64).map == made.map
    assert Made([[strokes(1)]], kind, shape, size=64, seed=1).map != made.map


def test_a_variation_is_not_the_asset_again() -> None:
    asset = strokes(1, height=96, width=128)
    made = Made([[asset]], "variation", "4:3", size=128)
    assert made.exact.largest_copy <= CAP
    apart = np.abs(made.pixels.astype(int) - asset.pixels).mean()
    shuffled = np.abs(np.roll(asset.pixels, (31, 47), (0, 1)).astype(int) - asset.pixels).mean()
    assert apart > 0.6 * shuffled


def test_a_tile_goes_on_where_it_ends(tiled: Made) -> None:
    assert tiled.exact.largest_copy <= CAP
    whole = np.pad(tiled.pixels.astype(int), ((0, 1), (0, 1), (0, 0)), mode="wrap")
    for axis in (0, 1):
        steps = np.abs(np.diff(whole, axis=axis)).mean((1 - axis, 2))
        assert steps[-1] <= np.quantile(steps[:-1], 0.95)


def test_a_picture_that_is_no_tile_breaks_off_at_its_edge() -> None:
    """The measure of the test above tells a tile from another work."""
    made = Made([[strokes(1)]], "texture", "5:4")
    whole = np.pad(made.pixels.astype(int), ((0, 1), (0, 1), (0, 0)), mode="wrap")
    steps = [np.abs(np.diff(whole, axis=axis)).mean((1 - axis, 2)) for axis in (0, 1)]
    assert any(step[-1] > np.quantile(step[:-1], 0.95) for step in steps)


def test_turning_a_tile_around_its_edges_changes_only_where_it_begins(tiled: Made) -> None:
    """Exact: the blend of rolled nodes is the rolled blend, and so are owners, mass and the largest copy."""
    field, sheet = tiled.read.field, remake.sheet_of(tiled.read, tiled.prepared)
    moved = replace(field, places=np.roll(field.places, (3, 5), (0, 1)), weights=np.roll(field.weights, (3, 5), (0, 1)))
    made = blend.blend(moved, sheet, tiled.read.tables)
    assert (made.pixels == np.roll(tiled.pixels, (12, 20), (0, 1))).all()
    assert largest_copy(moved, sheet) == largest_copy(field, sheet) == tiled.exact.largest_copy


def test_a_map_that_wraps_has_whole_strides(tiled: Made) -> None:
    read = tiled.read
    broken = replace(read, header=read.header.model_copy(update={"height": read.header.height - 2}))
    with pytest.raises(BadRequest, match="over its edges"):
        read_map(write_map(broken))


def test_a_color_map_is_followed() -> None:
    """Dark where the wish is dark, light where it is light, with the assets' colors."""
    wish = np.full((60, 80, 3), (250, 225, 160), np.uint8)
    wish[:, :40] = (90, 20, 10)
    made = Made([[strokes(1)]], "variation", "4:3", wish=wish)
    light = made.pixels @ np.array([0.299, 0.587, 0.114])
    assert light[:, 52:].mean() > light[:, :44].mean() + 40
    mirrored = Made([[strokes(1)]], "variation", "4:3", wish=np.ascontiguousarray(wish[:, ::-1]))
    light = mirrored.pixels @ np.array([0.299, 0.587, 0.114])
    assert light[:, :44].mean() > light[:, 52:].mean() + 40


def test_a_sketch_gives_areas_colors_of_their_own_and_keeps_its_lines() -> None:
    drawn = np.full((96, 128, 3), 250, np.uint8)
    drawn[46:50] = 20
    with torch.inference_mode():
        guide = sketch.sketch(tensor_of(drawn), palette_of([tensor_of(strokes(1).pixels)]))[0].mean((0, 2))
    assert guide[47] < min(guide[:40].min(), guide[56:].min())
    assert abs(guide[:40].mean() - guide[56:].mean()) > 0.03


def test_two_styles_share_a_work_as_they_weigh() -> None:
    for weights in ((7, 3), (3, 7)):
        made = Made([[strokes(1)], [dots(2)]], "variation", "4:3", weights=weights)
        assert abs(made.exact.shares[0].share / 1e6 - weights[0] / 10) < 0.1


def test_a_new_work_is_made_as_a_whole() -> None:
    style = Ingredient(prepared(ENGINE, strokes(1)))
    everywhere = np.ones((96, 96), bool)
    new = Request((style,), ENGINE.Params(), 0)
    for bad in (replace(new, mask=everywhere), replace(new, styles=(replace(style, region=everywhere),))):
        with pytest.raises(BadRequest, match="made as a whole"):
            ENGINE.render([bad], report=silent)


def test_a_part_of_a_composed_work_is_painted_anew() -> None:
    made = Made([[strokes(1)]], "variation", "1:1")
    mask = np.zeros((96, 96), bool)
    mask[20:80, 30:90] = True
    params = ENGINE.Params.model_validate({"size": 96})
    request = Request((Ingredient(made.prepared[0]),), params, 9, None, mask, made.map)
    again = ENGINE.render([request], report=silent)[0]
    assert (again.media.pixels[~mask] == made.pixels[~mask]).all()
    assert (again.media.pixels[mask] != made.pixels[mask]).any(-1).mean() > 0.2


def test_own_colors_are_the_contents() -> None:
    """A cool content in warm strokes: as it is, all is warm; in the content's own colors the sky is blue."""
    style = Ingredient(prepared(ENGINE, strokes(1)))
    blue = []
    for own in (0.0, 1.0):
        params = ENGINE.Params.model_validate({"size": 96, "own_colors": own})
        made = ENGINE.render([Request((style,), params, 0, scene())], report=silent)[0]
        assert isinstance(made.provenance, Exact)
        assert ENGINE.replay(made.provenance.map, [style.prepared]).sha256 == made.media.sha256
        blue.append((made.media.pixels[:20, :, 2].astype(int) - made.media.pixels[:20, :, 0]).mean())
    assert blue[0] < -20
    assert blue[1] > blue[0] + 40
