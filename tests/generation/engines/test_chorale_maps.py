"""Maps of chorale: what is written is read, and nothing hostile gets past the reader."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from core.hearing.envelope import BANDS
from core.shares import WHOLE
from generation.engine import BadRequest
from generation.engines.chorale import coding
from generation.engines.chorale.maps import Header, Map, MappedAsset, Singer, read_map, write_map

MAGIC = b"homage.chorale.map/1\n"


def made() -> Map:
    dice = np.random.default_rng(4)
    kept = np.ones(100, np.bool_)
    kept[30:40] = False
    assets = [
        MappedAsset(id="a", sha256="1" * 64, rows=70_000, share=400_000),
        MappedAsset(id="b", sha256="2" * 64, rows=300, share=WHOLE - 400_000),
    ]
    singer = Singer(weight=3, warp=106, k=4, top=8000, reach=7000, assets=assets)
    header = Header(
        source="3" * 64, rate=16000, start=5, samples=16000, seed=9, strength=1200, breath=0, sign=-1, kept=90,
        onsets=2, singers=[singer],
    )  # fmt: skip
    everywhere = np.ones(100, np.bool_)
    pitch = np.where(np.arange(100) % 7 < 5, dice.integers(600, 900, 100), 0).astype(np.uint16)
    near = np.stack([np.sort(dice.choice(70_300, 4, replace=False)) for _ in range(90)])
    near[1::2] = near[::2] + 1  # as frames that run on
    near[near.max(1) >= 70_300] = [1, 2, 3, 4]
    offsets = dice.integers(-3000, 3000, (2, BANDS)).astype(np.int16)
    return Map(
        header,
        pitch,
        pitch + np.uint16(40) * (pitch > 0),
        kept,
        np.array([3, 200]),
        (near,),
        (offsets,),
        everywhere,
        everywhere[None],
    )


def changed(data: bytes, **header: Any) -> bytes:
    head, body = parts(data)
    told = json.loads(zlib.decompress(head))
    for name, value in header.items():
        place: Any = told
        *path, last = name.split("__")
        for step in path:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value
    return joined(zlib.compress(json.dumps(told).encode()), body)


def parts(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack("<I", data[len(MAGIC) : len(MAGIC) + 4])
    start = len(MAGIC) + 4
    return data[start : start + length], data[start + length :]


def joined(head: bytes, body: bytes) -> bytes:
    return MAGIC + struct.pack("<I", len(head)) + head + body


def test_what_is_written_is_read() -> None:
    map = made()
    data = write_map(map)
    read = read_map(data)
    told = {"again": read.header.singers[0].again, "gaps": read.header.singers[0].gaps}
    singer = map.header.singers[0].model_copy(update=told)
    assert read.header == map.header.model_copy(update={"singers": [singer]})
    for name in ("pitch", "wanted", "kept", "onsets"):
        assert np.array_equal(getattr(read, name), getattr(map, name)), name
    assert np.array_equal(read.near[0], map.near[0])
    assert np.array_equal(read.offsets[0], map.offsets[0])
    assert write_map(read) == data


def test_rows_that_go_on_take_bits_and_others_take_bytes() -> None:
    steady = np.arange(50)[:, None] + np.array([10, 11, 400, 900])
    coded = coding.code(steady, 1000)
    assert len(coded.gaps) == 4
    assert np.array_equal(coding.decode(coded, 50, 4, 1000), steady)
    dice = np.random.default_rng(6)
    wild = np.stack([np.sort(dice.choice(1000, 4, replace=False)) for _ in range(50)])
    assert np.array_equal(coding.decode(coding.code(wild, 1000), 50, 4, 1000), wild)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"samples": 10**12}, "samples"),
        ({"samples": 345_600_000, "rate": 8000}, "longer"),
        ({"kept": 80}, "another number"),
        ({"kept": 150_000}, "more frames"),
        ({"samples": 14_000_000, "rate": 8000}, "size"),
        ({"onsets": 10_000}, "more frames"),
        ({"singers__0__k": 65}, "k"),
        ({"singers__0__assets__0__rows": 10}, "beyond"),
        ({"singers__0__assets__0__share": 1}, "sum"),
        ({"singers__0__assets__1__id": "a"}, "twice"),
        ({"singers__0__weight": 0}, "weight"),
        ({"rate": 7}, "rate"),
        ({"extra": 1}, "extra"),
        ({"source": "no hash"}, "source"),
    ],
)
def test_a_header_that_lies_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        read_map(changed(write_map(made()), **change))


def test_what_is_no_map_is_refused() -> None:
    data = write_map(made())
    head, body = parts(data)
    bomb = zlib.compress(bytes(50_000_000), 9)
    for broken in (
        b"",
        b"PK\x03\x04",
        MAGIC,
        data[:60],
        data[:-5],
        joined(head, bomb),
        joined(bomb, body),
        joined(zlib.compress(b"[" * 100_000), body),
        joined(zlib.compress(b"\xff\xfe"), body),
        joined(b"", body),
        joined(head, b""),
    ):
        with pytest.raises(BadRequest):
            read_map(broken)


def test_a_broken_body_is_refused_or_read_but_never_crashes() -> None:
    data = write_map(made())
    head, body = parts(data)
    raw = bytearray(zlib.decompress(body))
    dice = np.random.default_rng(8)
    refused = 0
    for _ in range(60):
        bad = raw.copy()
        for at in dice.integers(0, len(raw), 3):
            bad[at] = int(dice.integers(0, 256))
        try:
            read = read_map(joined(head, zlib.compress(bytes(bad))))
        except BadRequest:
            refused += 1
        else:
            assert read.near[0].max() < 70_300
            assert ((read.pitch > 0) == (read.wanted > 0)).all()
    assert refused > 20
