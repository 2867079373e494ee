"""The catalog: only what the operator admits, by name, once; a broken or doubtful package is one clear line."""

from __future__ import annotations

import threading
import time
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from core.errors import Unavailable
from generation import catalog
from generation.catalog import Catalog, EngineNotLoaded, UnknownEngine
from generation.engine import NoDevice
from generation.engines.patchwork import Patchwork
from tests.fakes import Toy


class Failing:
    """An engine that cannot start."""

    def __init__(self) -> None:
        raise OSError("libcolor.so.3: cannot open shared object file")


class Cardless:
    """Something that was never an engine."""


class Old(Toy):
    """An engine of a contract without previews."""

    @property
    def preview(self) -> None:  # type: ignore[override]
        raise AttributeError


class NeedsGpu(Unavailable):
    """A refusal in the house's own words."""


class Picky:
    """An engine that says itself what it lacks."""

    def __init__(self) -> None:
        raise NeedsGpu("this engine needs a GPU; run it elsewhere")


class Driven(Toy):
    """An engine that computes where it is told."""

    def use(self, device: str) -> None:
        if device == "abacus":
            raise NoDevice("there is no abacus; choose cpu")
        self.device = device


class Slow(Toy):
    """Counts how often it is made."""

    made = 0

    def __init__(self) -> None:
        time.sleep(0.05)
        Slow.made += 1


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    """Entry points as installed packages would provide them."""
    points: list[EntryPoint] = []

    def provide(*, group: str) -> list[EntryPoint]:
        assert group == "homage.engines"
        return points

    monkeypatch.setattr(catalog, "entry_points", provide)
    return points


def point(name: str, where: str = "tests.fakes:Toy") -> EntryPoint:
    return EntryPoint(name, where, "homage.engines")


def here(name: str) -> str:
    return f"tests.generation.test_catalog:{name}"


def test_the_house_engine_is_found_like_a_strangers() -> None:
    admitted = Catalog(["patchwork"])
    assert admitted.names == ["patchwork"]
    assert isinstance(admitted.get("patchwork"), Patchwork)


def test_only_what_the_operator_admits_is_loaded(installed: list[EntryPoint]) -> None:
    installed += [point("oil"), point("ink")]
    admitted = Catalog(["ink", "chalk", "ink"])
    assert admitted.names == ["ink"]
    assert isinstance(admitted.get("ink"), Toy)
    with pytest.raises(UnknownEngine, match="no engine 'oil' is admitted here; there are: ink"):
        admitted.get("oil")
    with pytest.raises(UnknownEngine, match="admitted but not installed; install the package"):
        admitted.get("chalk")
    with pytest.raises(UnknownEngine, match="there are: none"):
        Catalog([]).get("ink")


def test_names_keep_the_operators_order(installed: list[EntryPoint]) -> None:
    installed += [point("ink"), point("oil"), point("wax")]
    assert Catalog(["wax", "ink", "oil"]).names == ["wax", "ink", "oil"]


def test_one_engine_serves_the_whole_process(installed: list[EntryPoint]) -> None:
    installed.append(point("slow", here("Slow")))
    admitted = Catalog(["slow"])
    got: list[Any] = []
    threads = [threading.Thread(target=lambda: got.append(admitted.get("slow"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Slow.made, len(got), len({id(engine) for engine in got})) == (1, 6, 1)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        (here("Failing"), "libcolor"),
        (here("NothingOfThisName"), "NothingOfThisName"),
        ("no.such.package:Engine", "No module named 'no'"),
        (here("Cardless"), "no card of this contract"),
        (here("Old"), "cannot preview"),
    ],
)
def test_an_engine_that_cannot_start_says_why(installed: list[EntryPoint], where: str, why: str) -> None:
    installed.append(point("odd", where))
    with pytest.raises(EngineNotLoaded, match=why) as refused:
        Catalog(["odd"]).get("odd")
    assert "install" in refused.value.message
    assert "\n" not in refused.value.message


def test_an_engine_that_cannot_start_is_left_out_where_all_are_shown(installed: list[EntryPoint]) -> None:
    installed += [point("odd", here("Cardless")), point("ink")]
    assert [engine.card.name for engine in Catalog(["odd", "ink"]).usable()] == ["toy"]


def test_an_engines_own_words_are_kept(installed: list[EntryPoint]) -> None:
    installed.append(point("picky", here("Picky")))
    with pytest.raises(NeedsGpu, match="run it elsewhere"):
        Catalog(["picky"]).get("picky")


def test_an_engine_is_told_the_operators_device_and_may_refuse_it(installed: list[EntryPoint]) -> None:
    installed += [point("ink"), point("oil", here("Driven"))]
    told = Catalog(["oil"], "cuda:1").get("oil")
    assert isinstance(told, Driven)
    assert told.device == "cuda:1"
    assert isinstance(Catalog(["ink"], "abacus").get("ink"), Toy)
    with pytest.raises(NoDevice, match="no abacus"):
        Catalog(["oil"], "abacus").get("oil")


def test_a_name_that_two_packages_claim_is_given_to_neither(installed: list[EntryPoint]) -> None:
    installed += [point("ink"), point("ink", here("Slow"))]
    with pytest.raises(EngineNotLoaded, match="uninstall all but the one you trust"):
        Catalog(["ink"]).get("ink")


def test_an_engine_added_by_hand_is_admitted(installed: list[EntryPoint]) -> None:
    admitted = Catalog([])
    one, other = Toy(), Toy()
    admitted.add("toy", one)
    assert admitted.get("toy") is one
    admitted.add("toy", other)
    assert admitted.get("toy") is other
    assert admitted.names == ["toy"]
