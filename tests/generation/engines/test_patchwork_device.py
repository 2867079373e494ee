"""Devices and batches: the same work on each device, nothing waited for in a round, one pack for works that share it.

No GPU is needed for it: see `far`. What only a GPU can show runs where there is one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.shares import WHOLE
from generation.engine import BadRequest, Exact, Ingredient, NoDevice, Rendering, Request, silent
from generation.engines.patchwork import Patchwork, draw, guard, pack
from generation.engines.patchwork.device import device_of
from generation.engines.patchwork.draw import Studio
from generation.engines.patchwork.search import Search
from tests.generation.engines.conftest import Made
from tests.generation.engines.far import FAR, Far, Pretended
from tests.generation.engines.pictures import dots, prepared, scene, strokes, weave

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU on this machine")
LEFT = np.tile(np.arange(10) < 5, (4, 1))
MASK = np.zeros((60, 80), bool)
MASK[8:54, 10:74] = True


def request(styles: bytes | tuple[Ingredient, ...], *, source: bool = True, seed: int = 3, **asked: object) -> Request:
    ingredients = (Ingredient(styles),) if isinstance(styles, bytes) else styles
    content = scene(height=72, width=96) if source else None
    return Request(ingredients, Patchwork.Params.model_validate({"size": 80, **asked}), seed, content)


@pytest.fixture(scope="module")
def wishes(engine: Patchwork) -> dict[str, Request]:
    """Each way of searching: pieces too large that are cut, kept nodes, regions, mixes, edges that continue."""
    small = prepared(engine, strokes(1, height=64, width=64))
    other = prepared(engine, weave(3, height=80, width=100), name="other")
    cut = replace(request(small, strength=1, structure=0), max_copy=0.004)
    base = exact(engine.render([cut], report=silent)[0]).map
    mix = request((Ingredient(small, 1, LEFT), Ingredient(other)))
    return {
        "cut": cut,
        "mixed anew": replace(mix, mask=MASK, base=base),
        "tile": request((Ingredient(small), Ingredient(other)), source=False, kind="tile", size=64),
    }


def exact(rendering: Rendering) -> Exact:
    assert isinstance(rendering.provenance, Exact)
    return rendering.provenance


def test_a_work_has_the_same_bytes_on_another_device(
    engine: Patchwork, wishes: dict[str, Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nothing in a search is made or left on the CPU by mistake: tensors of two devices do not go together."""
    cuts: list[int] = []
    replaced = Search.replace
    monkeypatch.setattr(guard, "_REDONE", 0)  # pieces are cut at once
    monkeypatch.setattr(Search, "replace", lambda *given: cuts.append(1) or replaced(*given))
    for name, wanted in wishes.items():
        near = engine.render([wanted], report=silent)[0]
        with Pretended():
            far = Studio(FAR).draw([wanted], silent)[0]
        assert far.media.sha256 == near.media.sha256, name
        assert far.provenance == near.provenance, name
    assert cuts


def test_a_tensor_made_without_a_device_would_be_noticed() -> None:
    with Pretended() as device:
        far = torch.arange(4.0).to(FAR)
        assert isinstance(far + 1, Far)
        assert (far.square_() + 1).cpu().tolist() == [1, 2, 5, 10]
        assert len(device.waits) == 1
        with pytest.raises(RuntimeError, match="on two devices"):
            far.add(torch.zeros(4))
        with pytest.raises(RuntimeError, match="not supported"):
            far.numpy()


def test_a_round_asks_the_device_for_three_counts_and_nothing_else(
    wishes: dict[str, Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[list[str]] = []
    rounds, shares = Search.round, Search.shares

    def watched(search: Search, *given: object) -> object:
        before = len(device.waits)
        found = (shares if len(given) == 1 else rounds)(search, *given)  # type: ignore[arg-type]
        waits.append(device.waits[before:])
        return found

    monkeypatch.setattr(Search, "round", watched)
    monkeypatch.setattr(Search, "shares", watched)
    with Pretended() as device:
        Studio(FAR).draw([wishes["mixed anew"]], silent)
    assert waits[::2] == [["nonzero"] * 3] * (len(waits) // 2)
    assert waits[1::2] == [[]] * (len(waits) // 2)
    assert len(waits) > 50


def test_shares_hardly_feel_how_a_device_rounds(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each feature of the style is off by about 2 parts in 10 million, as sums are when added in another order."""
    moved = pack.Pack.on

    def rounded(self: pack.Pack, device: torch.device) -> pack.Pack:
        dice = torch.Generator().manual_seed(1)
        there = moved(self, device)
        tables = [a.table * (1 + 2e-7 * torch.randn(a.table.shape, generator=dice)) for a in there.atlases]
        return replace(there, atlases=tuple(map(lambda a, table: replace(a, table=table), there.atlases, tables)))

    monkeypatch.setattr(pack.Pack, "on", rounded)
    again = exact(Patchwork().render([replace(request(made.style, size=160), source=made.content)], report=silent)[0])
    for one, other in zip(made.exact.shares, again.shares, strict=True):
        assert one.asset == other.asset
        assert abs(one.share - other.share) < WHOLE // 200


@GPU
def test_a_gpus_work_replays_on_the_cpu_and_its_shares_are_the_cpus(
    engine: Patchwork, wishes: dict[str, Request]
) -> None:
    there = Patchwork()
    there.use("cuda")
    for name, wanted in wishes.items():
        near, far = (one.render([wanted], report=silent)[0] for one in (engine, there))
        styles = [one.prepared for one in wanted.styles]
        assert engine.replay(exact(far).map, styles, wanted.source).sha256 == far.media.sha256, name
        assert engine.measure(exact(far).map, styles) == exact(far).shares, name
        again = there.render([wanted], report=silent)[0]
        assert again.media.sha256 == far.media.sha256, name
        expected = {share.asset: share.share for share in exact(near).shares}
        for share in exact(far).shares:
            assert abs(share.share - expected[share.asset]) < WHOLE // 200, name


@pytest.mark.parametrize(
    ("name", "there", "why"),
    [
        ("cuda", 0, "finds no GPU; install a torch built for yours"),
        ("cuda:2", 2, "the last GPU that torch finds is cuda:1"),
        ("gpu", 1, "draws on cpu, cuda or one of several as cuda:1, not on 'gpu'"),
        ("cuda:", 1, "not on 'cuda:'"),
        ("", 1, "not on ''"),
    ],
)
def test_a_device_that_is_not_there_is_told(name: str, there: int, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: there > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: there)
    with pytest.raises(NoDevice, match=why) as refused:
        Patchwork().use(name)
    assert "\n" not in refused.value.message


def test_devices_that_are_there_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [device_of(name) for name in ("cpu", "cuda", "cuda:1")] == [
        torch.device("cpu"),
        torch.device("cuda"),
        torch.device("cuda", 1),
    ]


def test_works_that_share_a_style_share_its_pack_and_are_as_if_alone(
    engine: Patchwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Styles by turns: each is learned once, even where there is room for one alone."""
    styles = [prepared(engine, hand(7, height=70, width=90), name=hand.__name__) for hand in (strokes, dots)]
    asked = [request(styles[number % 2], seed=number) for number in range(3)]
    alone = [engine.render([one], report=silent)[0] for one in asked]
    built: list[int] = []
    monkeypatch.setattr(draw, "pack_of", lambda *given: built.append(1) or pack.pack_of(*given))
    monkeypatch.setattr(pack, "_MOST_BYTES", 0)
    told: list[tuple[int, int]] = []
    together = Patchwork().render(asked, report=lambda step, of, stage, preview=None: told.append((step, of)))
    assert [one.media.sha256 for one in together] == [one.media.sha256 for one in alone]
    assert [one.provenance for one in together] == [one.provenance for one in alone]
    assert len(built) == 2
    assert told == sorted(told)
    assert told[-1] == (3000, 3000)


def test_more_works_than_the_card_says_are_refused(engine: Patchwork, made: Made) -> None:
    with pytest.raises(BadRequest, match="up to 4 requests in a call, not 5"):
        engine.render([request(made.style)] * 5, report=silent)
