"""A preview is the work's own search stopped early: it looks like the work, and its shares foretell the work's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.media import Picture
from core.shares import WHOLE
from generation.engine import Asset, Exact, Ingredient, Request, silent
from generation.engines.patchwork import Patchwork, PatchworkParams, plan
from generation.engines.patchwork.maps import read_map
from generation.engines.patchwork.params import PreviewParams
from tests.generation.engines.conftest import Made
from tests.generation.engines.pictures import prepared, scene, strokes, weave


def drawn(engine: Patchwork, wanted: Request) -> tuple[Picture, Exact, list[str]]:
    """A picture that its map makes again and whose shares it holds, and hashes of what was seen after each scale."""
    seen: list[str] = []

    def note(step: int, of: int, stage: str, preview: Picture | None = None) -> None:
        if preview is not None:
            seen.append(preview.sha256)

    made = engine.render([wanted], report=note)[0]
    assert isinstance(made.provenance, Exact)
    styles = [one.prepared for one in wanted.styles]
    assert engine.replay(made.provenance.map, styles, wanted.source).sha256 == made.media.sha256
    assert engine.measure(made.provenance.map, styles) == made.provenance.shares
    return made.media, made.provenance, seen


def test_a_preview_is_the_work_without_its_finest_scale(engine: Patchwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PREVIEWED_WHOLE", 128)
    style = prepared(engine, strokes(1), weave(2))
    wish = Request(
        (Ingredient(style),), engine.Params.model_validate({"size": 256}), 1, source=scene(height=150, width=200)
    )
    work, whole, scales = drawn(engine, wish)
    small, early, first = drawn(engine, replace(wish, params=engine.preview(wish.params)))
    assert (small.width, small.height) == (work.width // 2, work.height // 2)
    assert first == scales[:-1]
    for a, b in zip(early.shares, whole.shares, strict=True):
        assert abs(a.share - b.share) < 0.05 * WHOLE


@pytest.mark.parametrize(
    ("height", "width", "left_out"),
    [(384, 384, 0), (300, 400, 1), (384, 512, 1), (768, 1024, 1), (4096, 2000, 3), (4096, 64, 2), (1024, 20, 0)],
)
def test_how_much_is_left_out(height: int, width: int, left_out: int) -> None:
    assert plan._halvings(PreviewParams.model_validate({}), height, width) == left_out
    assert plan._halvings(PatchworkParams.model_validate({}), height, width) == 0


def test_what_keeps_pixels_of_another_picture_is_previewed_whole(
    engine: Patchwork, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "PREVIEWED_WHOLE", 64)
    wish = Request((Ingredient(made.style),), engine.Params.model_validate({"size": 160}), 3, source=made.content)
    assert drawn(engine, replace(wish, params=engine.preview(wish.params)))[0].width == 80
    mask = np.zeros((144, 192), bool)
    mask[20:110, 30:150] = True
    masked = replace(wish, mask=mask)
    again = replace(wish, mask=mask[:120, :160], base=made.exact.map)
    for whole in (masked, again):
        small = drawn(engine, replace(whole, params=engine.preview(whole.params)))[0]
        assert small.sha256 == engine.render([whole], report=silent)[0].media.sha256


def test_a_preview_takes_nothing_from_what_is_left_out(engine: Patchwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "PREVIEWED_WHOLE", 64)
    pixels = strokes(1).pixels.copy()
    pixels[:, :100] = (0, 0, 255)
    style = engine.prepare([Asset("signed", Picture(pixels), ((0, 0, 1_000_000, 500_000),))], report=silent)
    wish = Request((Ingredient(style),), engine.preview(engine.Params.model_validate({"size": 160})), 0, source=scene())
    small = drawn(engine, wish)[0]
    assert small.width == 80
    assert not ((small.pixels[..., 2] > 200) & (small.pixels[..., 0] < 50)).any()


@pytest.mark.parametrize("kind", ["variation", "tile"])
def test_a_preview_of_a_new_work_has_its_arrangement(
    kind: str, engine: Patchwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "PREVIEWED_WHOLE", 128)
    style = prepared(engine, strokes(1))
    asked = {"kind": kind, "shape": "4:3", "size": 200, "copy_cap": 0.03}
    wish = Request((Ingredient(style),), PatchworkParams.model_validate(asked), 0)
    _, _, scales = drawn(engine, wish)
    small, early, first = drawn(engine, replace(wish, params=engine.preview(wish.params)))
    assert first == scales[:-1]
    assert (small.width, small.height) == ((100, 76) if kind == "tile" else (100, 75))
    assert read_map(early.map).field.wrap == (kind == "tile")
