"""A map may come from anyone: whatever is wrong with it is said in one line, before it costs anything."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import HomageError
from generation.engine import BadRequest
from generation.engines.patchwork import Patchwork, maps
from tests.generation.engines.conftest import Made


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as members:
        return {name: members.read(name) for name in members.namelist()}


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def npy(array: Any) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def with_header(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    members = parts(data)
    header = json.loads(np.load(io.BytesIO(members["header.npy"])).tobytes())
    change(header)
    return packed({**members, "header.npy": npy(np.frombuffer(json.dumps(header).encode(), np.uint8))})


HEADERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "another format": lambda h: h.update(format="homage.patchwork.map/3"),
    "an absurd height": lambda h: h.update(height=10**9),
    "no width": lambda h: h.update(width=0),
    "an even patch": lambda h: h.update(patch=8),
    "a negative turn": lambda h: h.update(turns=[-1]),
    "a turn twice": lambda h: h.update(turns=[0, 0]),
    "no asset": lambda h: h.update(assets=[]),
    "an asset twice": lambda h: h["assets"].append(h["assets"][0]),
    "shares beyond the whole": lambda h: h["assets"][0].update(share=999_999),
    "a share below nothing": lambda h: h["assets"][0].update(share=-1),
    "an absurd tile": lambda h: h["assets"][0].update(tile_height=10**7),
    "large tiles": lambda h: [a.update(tile_height=4000, tile_width=4000) for a in h["assets"]],
    "an unknown word": lambda h: h.update(command="rm"),
    "a number as text": lambda h: h.update(seed="7"),
    "a shift beyond all": lambda h: h.update(shift=64),
    "another size": lambda h: h.update(height=h["height"] + 16),
    "content that is nowhere": lambda h: h.update(source_needed=True),
    "content without a name": lambda h: h.update(source_needed=True, source=None),
}


@pytest.mark.parametrize("fault", HEADERS)
def test_a_wrong_header_is_refused(fault: str, engine: Patchwork, made: Made) -> None:
    refused(engine, made, with_header(made.exact.map, HEADERS[fault]))


def arrays(made: Made) -> dict[str, np.ndarray]:
    map = maps.read_map(made.exact.map)
    return {"places": map.places.copy(), "weights": map.weights.copy(), "owner": map.owner.copy()}


FAULTS: dict[str, Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]] = {
    "a place before the first": lambda a: {"places": np.where(a["places"] == a["places"][0, 0], -1, a["places"])},
    "a place beyond the last": lambda a: {"places": a["places"] + 2**30},
    "places at an edge": lambda a: {"places": np.zeros_like(a["places"])},
    "weights of nothing": lambda a: {"weights": np.zeros_like(a["weights"])},
    "weights beyond the top": lambda a: {"weights": np.full_like(a["weights"], 65535)},
    "an owner that is not listed": lambda a: {"owner": np.full_like(a["owner"], 7)},
    "fewer nodes": lambda a: {"places": a["places"][:-1]},
    "places of another kind": lambda a: {"places": a["places"].astype(np.float64)},
    "places in another order": lambda a: {"places": np.asfortranarray(a["places"])},
    "a number instead of a list": lambda a: {"weights": np.uint16(3)},
    "factors of nothing": lambda a: {"factors": np.zeros(16, np.uint16)},
    "no factors": lambda a: {"factors": np.zeros(0, np.uint16)},
    "too many factors": lambda a: {"factors": np.ones(1 << 20, np.uint16)},
    "no rendered pixel": lambda a: {"inside": np.packbits(np.zeros(a["owner"].size, bool))},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_part_is_refused(fault: str, engine: Patchwork, made: Made) -> None:
    changed = {f"{name}.npy": npy(array) for name, array in FAULTS[fault](arrays(made)).items()}
    refused(engine, made, packed({**parts(made.exact.map), **changed}))


def test_what_is_no_map_is_refused(engine: Patchwork, made: Made) -> None:
    data, members = made.exact.map, parts(made.exact.map)
    pickled = io.BytesIO()
    np.save(pickled, np.array([{"a": 1}], object), allow_pickle=True)
    for bad in (
        b"",
        b"PK",
        b"not a zip at all" * 100,
        data[: len(data) // 2],
        data[100:],
        packed({}),
        packed({name: part for name, part in members.items() if name != "weights.npy"}),
        packed({**members, "more.npy": b""}),
        packed({**members, "places.npy": pickled.getvalue()}),
        packed({**members, "places.npy": b"\x93NUMPY\x01\x00"}),
        packed({**members, "header.npy": npy(np.frombuffer(b"{" * 100_000, np.uint8))}),
        packed({**members, "header.npy": npy(np.frombuffer(b"[" * 100_000, np.uint8))}),
        packed({**members, "header.npy": npy(np.frombuffer(b"\xff\xfe", np.uint8))}),
        packed(members, zipfile.ZIP_LZMA),
    ):
        refused(engine, made, bad)


def test_a_zip_bomb_costs_nothing(engine: Patchwork, made: Made) -> None:
    """A gigabyte of zeros in a megabyte, once told as it is and once with a forged size."""
    members = parts(made.exact.map)
    honest = io.BytesIO()
    with zipfile.ZipFile(honest, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in members.items():
            if name != "places.npy":
                file.writestr(name, part)
        with file.open("places.npy", "w", force_zip64=True) as member:
            for _ in range(64):
                member.write(bytes(1 << 20))
    small = (len(members["places.npy"])).to_bytes(4, "little")
    forged = honest.getvalue().replace((64 << 20).to_bytes(4, "little"), small)
    for bomb in (honest.getvalue(), forged):
        assert len(bomb) < 300_000
        tracemalloc.start()
        refused(engine, made, bomb)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8 << 20


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damage_is_refused_or_harmless(data: st.DataObject, engine: Patchwork, made: Made) -> None:
    """Bytes changed anywhere: the answer is one line or the same work, never another error."""
    damaged = bytearray(made.exact.map)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    said, read = "", None
    try:
        read = maps.read_map(bytes(damaged))
    except BadRequest as error:
        said = error.message
    assert "\n" not in said
    assert len(said) < 300
    assert read is None or read.places.tobytes() == maps.read_map(made.exact.map).places.tobytes()


def test_writing_is_deterministic_and_reading_gives_it_back(made: Made) -> None:
    map = maps.read_map(made.exact.map)
    assert maps.write_map(map) == made.exact.map


def refused(engine: Patchwork, made: Made, data: bytes) -> None:
    for ask in (
        lambda: engine.replay(data, [made.style]),
        lambda: engine.measure(data, [made.style]),
    ):
        with pytest.raises(HomageError) as caught:
            ask()
        assert isinstance(caught.value, BadRequest)
        assert "\n" not in caught.value.message
