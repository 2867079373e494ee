"""Maps of mosaic: what is written is read, and nothing hostile gets past the reader."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
import pytest

from core.shares import WHOLE
from generation.engine import BadRequest
from generation.engines.mosaic import shares
from generation.engines.mosaic.maps import Header, Map, MappedAsset, Passages, read_map, write_map

MAGIC = b"homage.mosaic.map/1\n"


def made() -> Map:
    dice = np.random.default_rng(4)
    assets = [
        MappedAsset(id="a", sha256="1" * 64, style=0, rate=16000, share=400_000),
        MappedAsset(id="b", sha256="2" * 64, style=1, rate=8000, share=WHOLE - 400_000),
    ]
    header = Header(
        kind="mosaic", rate=16000, channels=1, samples=16000, source="3" * 64, seed=9, weights=[2, 3], sharp=2,
        passages=20, parts=60, assets=assets,
    )  # fmt: skip
    passages = Passages(
        np.arange(20) % 2,
        dice.integers(-5, 7, 20),
        np.sort(dice.integers(0, 40, 20)),
        np.full(20, 3),
        dice.integers(0, 100_000, 20),
        dice.integers(1, 256, 60),
    )
    return Map(header, dice.integers(0, 255, 100).astype(np.uint8), np.array([7, 20]), np.array([2300, 6350]), passages)


def changed(data: bytes, **header: Any) -> bytes:
    head, body = parts(data)
    told = json.loads(zlib.decompress(head))
    for name, value in header.items():
        place: Any = told
        *path, last = name.split("__")
        for step in path:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value
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
    assert read.header == map.header
    for name in ("levels", "sharp", "sharp_at"):
        assert np.array_equal(getattr(read, name), getattr(map, name)), name
    for name in ("asset", "shift", "first", "length", "at", "part"):
        assert np.array_equal(getattr(read.passages, name), getattr(map.passages, name)), name
    assert write_map(read) == data
    assert {one.asset: one.share for one in shares.counted(read)} == {"a": 400_000, "b": 600_000}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"samples": 10**12}, "samples"),
        ({"samples": 48000 * 1800}, "longer"),
        ({"samples": 1_600_000}, "size"),
        ({"passages": 3_000_000}, "passages"),
        ({"parts": 59}, "size"),
        ({"sharp": 99}, "longer"),
        ({"assets__0__share": 1}, "sum"),
        ({"assets__1__id": "a"}, "twice"),
        ({"assets__1__style": 0}, "styles"),
        ({"assets__1__style": 8}, "style"),
        ({"weights__0": 0}, "weights"),
        ({"rate": 7}, "rate"),
        ({"kind": "extension"}, "map"),
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
    bomb = zlib.compress(bytes(60_000_000), 9)
    for broken in (
        b"",
        b"homage.chorale.map/1\n",
        MAGIC,
        data[:60],
        data[:-5],
        joined(head, bomb),
        joined(bomb, body),
        joined(zlib.compress(b"[" * 100_000), body),
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
            shares.counted(read)
            shares.field(read, ["a", "b"])
            shares.longest_copy(read)
        except BadRequest:
            refused += 1
        else:
            assert (read.passages.first + read.passages.length <= read.header.grains).all()
            assert (np.diff(read.bounds) > 0).all()
    assert refused > 10


def test_a_map_that_tells_other_shares_than_it_holds_is_refused() -> None:
    class Kept:
        recordings = tuple(made().header.assets)

    altered = read_map(changed(write_map(made()), assets__0__share=500_000, assets__1__share=500_000))
    with pytest.raises(BadRequest, match="altered"):
        shares.measure(altered, [Kept()])  # type: ignore[list-item] # names and hashes are all that is read
