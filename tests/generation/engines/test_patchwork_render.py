"""What a rendering promises: one seed one work, shares near the weights, a copy cap, a stop at once, clear refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.errors import Unavailable
from core.media import Picture
from core.shares import WHOLE
from generation.engine import Asset, BadRequest, Cancelled, Exact, Ingredient, Params, Rendering, Request, silent
from generation.engines.patchwork import Patchwork
from generation.engines.patchwork.copies import largest_copy
from generation.engines.patchwork.maps import read_map
from generation.engines.patchwork.remake import sheet_of
from tests.generation.engines.conftest import Made
from tests.generation.engines.pictures import HANDS, dots, flat, prepared, render, scene, strokes, weave


def exact(rendering: Rendering) -> Exact:
    assert isinstance(rendering.provenance, Exact)
    return rendering.provenance


def test_one_seed_is_one_work_whatever_the_threads(engine: Patchwork, made: Made) -> None:
    before = torch.get_num_threads()
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            again = render(Patchwork(), made.style, made.content, size=160, seed=3)
            assert again.media.sha256 == made.rendering.media.sha256
            assert exact(again).map == made.exact.map
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


def test_preparing_depends_on_the_assets_alone(engine: Patchwork) -> None:
    assert prepared(engine, strokes(1), dots(1)) == prepared(Patchwork(), strokes(1), dots(1))
    assert prepared(engine, strokes(1), dots(1)) != prepared(engine, dots(1), strokes(1))


@pytest.mark.parametrize("weights", [(1, 1), (80, 20), (5, 3, 2)])
def test_shares_stay_near_the_weights(weights: tuple[int, ...], engine: Patchwork) -> None:
    styles = [prepared(engine, hand(1), name=name) for name, hand in HANDS.items()]
    mix = tuple(Ingredient(style, weight) for style, weight in zip(styles, weights, strict=False))
    shares = exact(render(engine, mix, scene(), size=192)).shares
    assert sum(share.share for share in shares) == WHOLE
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.share / WHOLE - weight / sum(weights)) < 0.05, shares


def test_the_copy_cap_is_kept_and_measured(engine: Patchwork) -> None:
    """A content that is the asset itself would be copied whole; the caps hold it to small pieces."""
    asset = weave(1, height=144, width=192)
    style = prepared(engine, asset)
    free = render(engine, style, asset, size=192, copy_cap=1.0)
    capped = render(engine, style, asset, size=192, copy_cap=0.02)
    assert exact(free).largest_copy > 0.15
    assert exact(capped).largest_copy < 0.03
    for made in (free, capped):
        map = read_map(exact(made).map)
        assert largest_copy(map.field, sheet_of(map, [style])) == exact(made).largest_copy


def test_the_licenses_limit_is_kept_or_refused(engine: Patchwork) -> None:
    style = prepared(engine, strokes(1))
    work = render(engine, style, scene(), size=192, strength=1.0, copy_cap=0.5, max_copy=0.01)
    assert exact(work).largest_copy <= 0.01
    for none in (0.0, 1e-6):
        with pytest.raises(BadRequest, match="less than a single stroke"):
            render(engine, style, scene(), size=96, max_copy=none)


def test_a_stop_is_heard_at_the_next_step(engine: Patchwork) -> None:
    """Cancelled comes through from whichever step it is raised in, and the engine works on afterwards."""
    style = prepared(engine, strokes(4))
    request = Request((Ingredient(style),), engine.Params(size=128), 0, source=scene())  # type: ignore[call-arg]
    stages: dict[str, int] = {}

    def note(step: int, of: int, stage: str, preview: Picture | None = None) -> None:
        stages.setdefault(stage, step)
        assert 0 <= step <= of

    Patchwork().render([request], report=note)
    assert list(stages) == ["learning", "coloring", "matching", "blending"]
    for begin in stages.values():

        def stop(step: int, of: int, now: str, preview: Picture | None = None, *, at: int = begin) -> None:
            if step >= at:
                raise Cancelled("stop")

        with pytest.raises(Cancelled):
            Patchwork().render([request], report=stop)
    with pytest.raises(Cancelled):
        engine.prepare([Asset("a", strokes(1))], report=stop_at_once)
    assert engine.render([request], report=silent)[0].media.width == 128


def stop_at_once(step: int, of: int, stage: str, preview: Picture | None = None) -> None:
    raise Cancelled("stop")


def test_it_reports_often_and_shows_what_it_has(engine: Patchwork) -> None:
    """Many times at each of four sizes, the picture at each; a time would be the machine's, not the engine's."""
    stages, previews = Counter[str](), []

    def note(step: int, of: int, stage: str, preview: Picture | None = None) -> None:
        stages[stage] += 1
        if preview is not None:
            previews.append((preview.height, preview.width))

    style = prepared(engine, strokes(6, height=300, width=400))
    request = Request((Ingredient(style),), engine.Params(size=320), 0, source=scene(height=240, width=320))  # type: ignore[call-arg]
    Patchwork().render([request], report=note)
    assert stages.keys() == {"learning", "matching", "coloring", "blending"}
    assert stages["learning"] >= 50, stages  # a hundredth of the work each
    assert stages["matching"] >= 100, stages
    assert previews == [(30, 40), (60, 80), (120, 160), (240, 320)]


@pytest.mark.parametrize(
    ("height", "width", "size", "expected"),
    [
        (144, 192, 64, (48, 64)),
        (144, 192, 2048, (288, 384)),  # never more than twice the content
        (600, 40, 512, (512, 34)),
        (32, 900, 512, (18, 512)),
        (16, 16, 512, (32, 32)),
    ],
)
def test_sizes(height: int, width: int, size: int, expected: tuple[int, int], engine: Patchwork) -> None:
    work = render(engine, prepared(engine, dots(1)), scene(height=height, width=width), size=size)
    assert work.media.pixels.shape == (*expected, 3)


ODD: dict[str, Callable[[], tuple[list[Picture], Picture]]] = {
    "one color": lambda: ([flat(100, 100)], scene()),
    "black": lambda: ([flat(64, 64, (0, 0, 0))], scene()),
    "a plain content": lambda: ([strokes(1)], flat(100, 120)),
    "all plain": lambda: ([flat(90, 90)], flat(100, 120, (0, 0, 255))),
    "the smallest asset": lambda: ([dots(1, height=64, width=64)], scene()),
    "a long asset": lambda: ([dots(1, height=64, width=1024)], scene()),
    "a tall asset": lambda: ([weave(1, height=1000, width=70)], scene()),
    "assets of all sizes": lambda: ([dots(1, height=64, width=80), strokes(1, height=700, width=500)], scene()),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_are_drawn_from(name: str, engine: Patchwork) -> None:
    assets, content = ODD[name]()
    style = prepared(engine, *assets)
    work = render(engine, style, content, size=112)
    assert engine.replay(exact(work).map, [style]).sha256 == work.media.sha256
    if name in ("one color", "black", "all plain"):
        assert (work.media.pixels == assets[0].pixels[0, 0]).all()


@pytest.mark.parametrize("count", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_a_style_of_many_assets(count: int, engine: Patchwork) -> None:
    style = prepared(engine, *(dots(i, height=90, width=120) for i in range(count)))
    work = render(engine, style, scene(), size=128)
    assert len(exact(work).shares) == count
    assert engine.measure(exact(work).map, [style]) == exact(work).shares


def test_fifty_assets_are_prepared(engine: Patchwork) -> None:
    assert prepared(engine, *[flat(64, 64)] * 50)


@pytest.mark.parametrize(
    ("assets", "words"),
    [
        ([flat(1, 1)], "at least 64 on the short side"),
        ([flat(63, 400)], "at least 64"),
        ([flat(64, 1100)], "crop it"),
        ([], "1 to 50 assets"),
        ([flat(64, 64)] * 51, "1 to 50 assets"),
    ],
)
def test_styles_that_cannot_be_drawn_from(assets: list[Picture], words: str, engine: Patchwork) -> None:
    with pytest.raises(BadRequest, match=words):
        prepared(engine, *assets)


def test_requests_that_cannot_be_drawn(engine: Patchwork, made: Made) -> None:
    good = Request((Ingredient(made.style),), engine.Params(), 0, source=made.content)
    everywhere = np.ones((made.content.height, made.content.width), bool)
    for bad, words in (
        (replace(good, mask=~everywhere), "the mask is empty"),
        (replace(good, mask=everywhere[1:]), "the mask is 192x143 pixels"),
        (replace(good, base=made.exact.map), "give a mask"),
        (replace(good, base=made.exact.map, mask=everywhere, source=flat(99, 99)), "another content"),
        (replace(good, base=made.exact.map, mask=everywhere), "the earlier work's size of 160x120"),
        (replace(good, base=b"nonsense", mask=everywhere), "no whole patchwork map"),
        (replace(good, params=Params()), "its own parameters"),
        (replace(good, seed=-1), "seed"),
        (replace(good, seed=2**32), "seed"),
        (replace(good, styles=()), "1 to 8 styles"),
        (replace(good, styles=(Ingredient(made.style, 0),)), "weight"),
        (replace(good, styles=(Ingredient(made.style),) * 2), "the same asset"),
        (replace(good, styles=(Ingredient(b"nonsense"),)), "prepare it again"),
        (replace(good, source=flat(1, 1)), "at least 16"),
        (replace(good, source=flat(10, 4000)), "at least 16"),
        (replace(good, source=flat(4000, 40)), "at least 16"),
    ):
        with pytest.raises(BadRequest, match=words) as caught:
            engine.render([bad], report=silent)
        assert "\n" not in caught.value.message
    assert engine.card.accepts == {"source", "compose", "mix", "mask", "region", "rework"}


@pytest.mark.parametrize(
    "bad",
    [
        {"strength": 1.1},
        {"size": 63},
        {"size": 4097},
        {"wished_color": "red"},
        {"stroke_scale": 3},
        {"copy_cap": 0},
        {"unknown": 1},
    ],
)
def test_parameters_beyond_their_range(bad: dict[str, float], engine: Patchwork) -> None:
    with pytest.raises(ValidationError):
        engine.Params(**bad)  # type: ignore[arg-type]


def test_without_torch_it_loads_and_says_what_drawing_needs() -> None:
    script = """
import sys
sys.modules["torch"] = None
from generation.engines.patchwork import NeedsTorch, Patchwork
from tests.generation.engines.pictures import prepared, render, scene, strokes
engine = Patchwork()
style = prepared(engine, strokes(1))
try:
    render(engine, style, scene())
except NeedsTorch as error:
    print(error.message)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=os.environ)
    assert "install homage[engines]" in done.stdout, done.stderr
    from generation.engines.patchwork import NeedsTorch

    assert issubclass(NeedsTorch, Unavailable)


@pytest.mark.slow
def test_memory_stays_within_the_card(engine: Patchwork) -> None:
    """The largest work there is, from three large assets, in a process of its own."""
    script = """
import resource
from generation.engines.patchwork import Patchwork
from tests.generation.engines.pictures import dots, prepared, render, scene, strokes, weave
engine = Patchwork()
style = prepared(engine, *(hand(1, height=2048, width=2048) for hand in (dots, strokes, weave)))
render(engine, style, scene(height=2048, width=2048), size=2048)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=290, env=os.environ)
    assert int(done.stdout) < engine.card.memory_mb, done.stderr
