"""What would be recognized: faces of a content are kept near, things of an asset do not turn up elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage

from core.media import Picture
from generation.engine import Exact
from generation.engines.patchwork import Patchwork, faces, maps, pack, search, things
from generation.engines.patchwork.images import tensor_of
from tests.generation.engines.conftest import Made
from tests.generation.engines.pictures import alike, dots, edges, flat, prepared, render, scene, strokes, weave

needs_detector = pytest.mark.skipif("not faces.can_look()", reason="dlib-bin is not installed")
HEAD = (40, 110, 70, 130)  # top, left, bottom, right of what is put into an asset of 150 x 200 pixels
LETTERS = (20, 50, 38, 140)
MEADOW = np.s_[80:130, 20:80]


def portrait(*, height: int = 144, width: int = 192, size: float = 0.36) -> Picture:
    """A drawn face in the middle, `size` of the height from its center to its chin."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    y, x = (y - 0.5 * height) / (size * height), (x - 0.5 * width) / (size * height)
    out = np.empty((height, width, 3))
    out[...] = 0.35, 0.45, 0.5
    out[(x / 0.8) ** 2 + ((y + 0.08) / 1.12) ** 2 < 1] = 0.25, 0.16, 0.1
    out[(x / 0.7) ** 2 + ((y - 0.08) / 0.95) ** 2 < 1] = 0.86, 0.68, 0.56
    for eye in (x - 0.3, x + 0.3):
        out[(abs(eye) < 0.19) & (abs(y + 0.3 - 3.3 * eye**2) < 0.045)] = 0.25, 0.16, 0.1
        out[(eye / 0.17) ** 2 + ((y + 0.08) / 0.1) ** 2 < 1] = 0.62, 0.44, 0.36
        out[(eye / 0.14) ** 2 + ((y + 0.08) / 0.07) ** 2 < 1] = 0.95, 0.95, 0.92
        out[eye**2 + (y + 0.08) ** 2 < 0.005] = 0.12, 0.1, 0.1
    out[(abs(x - 0.07) < 0.03) & (y > -0.05) & (y < 0.28)] = 0.7, 0.52, 0.42
    out[(abs(x) < 0.3) & (abs(y - 0.58 + 0.67 * x**2) < 0.035)] = 0.5, 0.18, 0.16
    soft = ndimage.gaussian_filter(out, (0.025 * size * height, 0.025 * size * height, 0))
    return Picture((soft * 255).astype(np.uint8))


def with_a_head(asset: Picture) -> Picture:
    """The asset with something in it that it holds but once: a pale oval with two dark spots."""
    top, left, bottom, right = HEAD
    y, x = np.mgrid[0 : asset.height, 0 : asset.width]
    y = (y - (top + bottom) / 2) / (bottom - top) * 2
    x = (x - (left + right) / 2) / (right - left) * 2
    out = asset.pixels.copy()
    out[x**2 + y**2 < 0.9] = 226, 214, 190
    out[(abs(abs(x) - 0.4) < 0.15) & (abs(y + 0.2) < 0.15)] = 40, 30, 30
    out[(abs(x) < 0.25) & (abs(y - 0.45) < 0.1)] = 40, 30, 30
    return Picture(out)


def with_a_meadow(asset: Picture) -> Picture:
    """The asset with its strokes in green, in one place."""
    out = asset.pixels.copy()
    out[MEADOW] = out[MEADOW][..., [1, 0, 2]]
    return Picture(out)


def lettered(asset: Picture) -> Picture:
    """A plain upper half with a line of square letters in it."""
    out = asset.pixels.copy()
    out[:75] = 222, 216, 196
    cells = np.random.default_rng(1).random((6, 30)) < 0.5
    out[20:38, 50:140] = np.where(np.kron(cells, np.ones((3, 3), bool))[..., None], 30, out[20:38, 50:140])
    return Picture(out)


def found(*assets: Picture) -> list[NDArray[np.float32]]:
    """How much of a thing each pixel of each asset is."""
    maps_ = things.things_of([tensor_of(a.pixels) for a in assets], [0] * len(assets), lambda: None)
    return [map_[0, 0].numpy() for map_ in maps_]


def used(style: bytes, content: Picture, engine: Patchwork) -> float:
    """The part of a work's patches that come from the letters, over the letters' part of the asset."""
    proof = render(engine, style, content, size=192, strength=0.8).provenance
    assert isinstance(proof, Exact)
    read = maps.read_map(proof.map)
    (asset,) = read.header.assets
    height, width = asset.tile_height, asset.tile_width
    turn, place = np.divmod(read.places, height * width)
    quarter = np.array(read.header.turns)[turn]
    y, x = np.divmod(place, np.where(quarter % 2, height, width))
    upright_y = np.choose(quarter, [y, x, height - 1 - y, height - 1 - x]) * 150 / height
    upright_x = np.choose(quarter, [x, width - 1 - y, width - 1 - x, y]) * 200 / width
    top, left, bottom, right = LETTERS
    inside = (upright_y >= top) & (upright_y < bottom) & (upright_x >= left) & (upright_x < right)
    return float(inside.mean()) / ((bottom - top) * (right - left) / (150 * 200))


@needs_detector
@pytest.mark.parametrize("size", [0.2, 0.36, 0.45])
def test_a_face_is_found_where_it_is(size: float) -> None:
    picture = portrait(size=size)
    ((top, left, bottom, right),) = faces.faces_of(picture.pixels)
    middle, chin = 0.5 * picture.height, (0.5 + size) * picture.height
    assert top < middle < bottom
    assert left < 0.5 * picture.width < right
    assert 0.7 * size * picture.height < bottom - middle < 1.2 * (chin - middle)


@needs_detector
def test_no_face_is_found_where_there_is_none() -> None:
    for picture in (scene(), strokes(1), dots(1), weave(1), flat(80, 120)):
        assert faces.faces_of(picture.pixels) == []


def test_the_focus_is_full_on_a_face_and_nothing_far_from_it() -> None:
    focus = faces.focus_of([(40, 60, 80, 100)], 120, 200)[0, 0]
    assert float(focus[45:75, 70:90].min()) > 0.9
    assert float(focus[:, 140:].max()) == 0.0
    assert float((focus[1:] - focus[:-1]).abs().max()) < 0.1
    assert float(faces.focus_of([], 30, 40).max()) == 0.0


@needs_detector
def test_a_face_stays_nearer_to_the_content_than_without_the_portrait_settings(
    engine: Patchwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    style, content = prepared(engine, weave(1)), portrait()
    kept = render(engine, style, content, size=192, strength=1.0)
    monkeypatch.setattr(faces, "_detector", lambda: None)
    loose = render(engine, style, content, size=192, strength=1.0)
    assert kept.facts["faces"] == 1
    assert "dlib-bin is not installed" in str(loose.facts["faces"])
    near, far, own = (edges(Picture(p.pixels[40:130, 55:135].copy())) for p in (kept.media, loose.media, content))
    assert alike(near, own) > alike(far, own) + 0.05


@needs_detector
def test_a_content_without_faces_says_so(made: Made) -> None:
    assert made.rendering.facts["faces"] == 0


def test_what_occurs_once_is_a_thing_and_what_occurs_everywhere_is_the_hand() -> None:
    top, left, bottom, right = HEAD
    (thing,) = found(with_a_head(strokes(1)))
    inside = thing[top:bottom, left:right]
    (plain,) = found(strokes(1))
    assert inside.mean() > 3 * plain[top:bottom, left:right].mean()
    assert inside.mean() > 3 * thing[:, :80].mean()
    assert plain.mean() < 0.15


def test_what_the_style_has_in_several_assets_is_no_rarity() -> None:
    kin = [things._surroundings(tensor_of(picture.pixels))[0] for picture in (strokes(2), with_a_meadow(strokes(2)))]
    own = things._surroundings(tensor_of(with_a_meadow(strokes(1)).pixels))
    alone, shared = (things._rarity(*own, [other])[0, 0, 22:30, 8:16].mean() for other in kin)  # cells in the meadow
    assert float(alone) > 1.3 * float(shared)


def test_lettering_is_a_thing_and_the_paper_around_it_is_not() -> None:
    (thing,) = found(lettered(strokes(1)))
    assert thing[22:36, 55:135].mean() > 0.8
    assert thing[:70, 170:].mean() < 0.3


def test_a_frame_is_a_thing() -> None:
    framed = np.full((150, 200, 3), 235, np.uint8)
    framed[9:-9, 9:-9] = strokes(1).pixels[9:-9, 9:-9]
    (thing,), (plain,) = found(Picture(framed)), found(strokes(1))
    for border in (np.s_[:7], np.s_[-7:], np.s_[:, :7], np.s_[:, -7:]):
        assert thing[border].mean() > 0.9
        assert plain[border].mean() < 0.5
    assert thing[30:-30, 30:-30].mean() < 0.2


def test_a_thing_does_not_turn_up_in_a_calm_place(engine: Patchwork, monkeypatch: pytest.MonkeyPatch) -> None:
    style, calm = prepared(engine, lettered(strokes(1))), flat(144, 192, (216, 210, 190))
    monkeypatch.setattr(search, "_BUSY", 0.0)  # lettering is busy, too, and that alone keeps it out
    dear = used(style, calm, engine)
    monkeypatch.setattr(pack, "things_of", _nothing)
    cheap = used(style, calm, Patchwork())
    assert cheap > 0.01
    assert dear < 0.5 * cheap, (dear, cheap)


def _nothing(pictures: list[torch.Tensor], styles: object, tick: object) -> list[torch.Tensor]:
    return [torch.zeros(1, 1, *picture.shape[-2:]) for picture in pictures]
