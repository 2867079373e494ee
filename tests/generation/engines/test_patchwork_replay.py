"""A work comes back byte for byte from its map and its styles: on any settings, without torch, without the content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.media import Picture
from core.shares import WHOLE
from generation.engine import BadRequest, Exact, Ingredient
from generation.engines.patchwork import Patchwork, maps
from tests.generation.engines.conftest import Made
from tests.generation.engines.pictures import HANDS, dots, prepared, render, scene, strokes

RENDER = """
import json, sys, torch
torch.set_num_threads(int(sys.argv[2]))
from generation.engines.patchwork import Patchwork
from tests.generation.engines.pictures import dots, prepared, render, scene, strokes
engine = Patchwork()
made = render(engine, prepared(engine, strokes(1), dots(2)), scene(), size=128, seed=3)
open(sys.argv[1], "wb").write(made.provenance.map)
print(json.dumps([torch.backends.cpu.get_cpu_capability(), made.media.sha256]))
"""
REPLAY = """
import json, sys
sys.modules["torch"] = None  # importing it fails
from generation.engines.patchwork import Patchwork
from tests.generation.engines.pictures import dots, prepared, strokes
engine = Patchwork()
style = prepared(engine, strokes(1), dots(2))
maps = [open(path, "rb").read() for path in sys.argv[1:]]
print(json.dumps([engine.replay(map, [style]).sha256 for map in maps]))
assert all(sum(share.share for share in engine.measure(map, [style])) == 1_000_000 for map in maps)
"""


def run(script: str, *arguments: object, **environment: str) -> list[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    env = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", **environment}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


def test_replay_is_byte_identical_whatever_made_the_map(tmp_path: Path, engine: Patchwork, made: Made) -> None:
    """Maps of two vector units and thread counts, replayed by a process that has no torch, and by this one."""
    here, there = tmp_path / "here.npz", tmp_path / "there.npz"
    here.write_bytes(made.exact.map)
    rendered = [made.rendering.media.sha256, run(RENDER, there, 2, ATEN_CPU_CAPABILITY="avx2")[1]]
    assert run(REPLAY, here, there) == rendered
    assert [engine.replay(file.read_bytes(), [made.style]).sha256 for file in (here, there)] == rendered


def test_replay_needs_nothing_of_the_content(engine: Patchwork, made: Made) -> None:
    assert engine.replay(made.exact.map, [made.style]).sha256 == made.rendering.media.sha256


def test_styles_may_be_given_in_any_order_and_with_others(engine: Patchwork) -> None:
    styles = [prepared(engine, HANDS[name](1), name=name) for name in ("strokes", "weave")]
    work = render(engine, tuple(map(Ingredient, styles)), scene(), size=96)
    stranger = prepared(engine, dots(5), name="stranger")
    assert isinstance(work.provenance, Exact)
    assert engine.replay(work.provenance.map, [stranger, *reversed(styles)]).sha256 == work.media.sha256


def test_measure_finds_the_shares_that_render_told(engine: Patchwork, made: Made) -> None:
    assert engine.measure(made.exact.map, [made.style]) == made.exact.shares
    assert sum(share.share for share in made.exact.shares) == WHOLE
    assert all(share.share > 0 for share in made.exact.shares)


def test_measure_follows_the_pixels(engine: Patchwork) -> None:
    """Known answer: the left half of the content is one asset's own picture, the right half the other's."""
    left, right = strokes(1, height=120, width=80), dots(2, height=120, width=80)
    content = Picture(np.hstack([left.pixels, right.pixels]))
    style = prepared(engine, left, right)
    work = render(engine, style, content, size=160, strength=0.0)
    assert isinstance(work.provenance, Exact)
    owner = engine.field(work.provenance.map, ["asset-0", "asset-1"])
    assert (owner[:, :72] == 0).mean() > 0.97
    assert (owner[:, 88:] == 1).mean() > 0.97
    assert all(abs(share.share - WHOLE // 2) < 30_000 for share in work.provenance.shares)


def test_field_names_the_assets_that_were_asked_for(engine: Patchwork, made: Made) -> None:
    both = engine.field(made.exact.map, ["asset-0", "asset-1"])
    second = engine.field(made.exact.map, ["asset-1"])
    assert both.shape == made.rendering.media.pixels.shape[:2]
    assert both.dtype == np.int32
    assert set(np.unique(both)) == {0, 1}
    assert (second == np.where(both == 1, 0, -1)).all()
    told = {share.asset: share.share / WHOLE for share in made.exact.shares}
    assert abs((both == 0).mean() - told["asset-0"]) < 0.03


def test_a_missing_asset_is_named(engine: Patchwork, made: Made) -> None:
    for other in (prepared(engine, made.assets[0]), prepared(engine, dots(9), strokes(9))):
        with pytest.raises(BadRequest, match=r"asset-\d, which the given styles do not hold") as caught:
            engine.replay(made.exact.map, [other])
        assert "\n" not in caught.value.message
    with pytest.raises(BadRequest, match="no style that patchwork prepared"):
        engine.replay(made.exact.map, [b"something else"])


def test_an_altered_map_is_refused_or_told_by_measure(engine: Patchwork, made: Made) -> None:
    map = maps.read_map(made.exact.map)
    first, second = map.header.assets
    swapped = [first.model_copy(update={"share": second.share}), second.model_copy(update={"share": first.share})]
    lied = replace(map, header=map.header.model_copy(update={"assets": swapped}))
    with pytest.raises(BadRequest, match="altered"):
        engine.measure(maps.write_map(lied), [made.style])
    with pytest.raises(BadRequest, match="altered"):
        engine.measure(maps.write_map(replace(map, owner=1 - map.owner)), [made.style])
    other = first.model_copy(update={"tile_sha256": "0" * 64})
    forged = replace(map, header=map.header.model_copy(update={"assets": [other, second]}))
    with pytest.raises(BadRequest, match="other samples"):
        engine.replay(maps.write_map(forged), [made.style])


def test_a_map_that_keeps_part_of_its_content_asks_for_it(engine: Patchwork, made: Made) -> None:
    """The format knows rendered and kept pixels; only the rendered ones count."""
    map = maps.read_map(made.exact.map)
    content = Picture(np.random.default_rng(0).integers(0, 256, made.rendering.media.pixels.shape, dtype=np.uint8))
    inside = np.zeros(map.owner.shape, bool)
    inside[:, :40] = True
    header = map.header.model_copy(update={"source": content.sha256, "source_needed": True})
    data = maps.write_map(replace(map, header=header, inside=inside, owner=np.where(inside, map.owner, -1)))
    again = engine.replay(data, [made.style], content)
    assert (again.pixels[:, :40] == made.rendering.media.pixels[:, :40]).all()
    assert (again.pixels[:, 40:] == content.pixels[:, 40:]).all()
    assert (engine.field(data, ["asset-0", "asset-1"])[:, 40:] == -1).all()
    with pytest.raises(BadRequest, match="give that file too"):
        engine.replay(data, [made.style])
    with pytest.raises(BadRequest, match="not the content"):
        engine.replay(data, [made.style], made.content)


def test_a_map_is_a_small_part_of_its_work(made: Made) -> None:
    assert len(made.exact.map) < made.rendering.media.pixels.nbytes / 4
