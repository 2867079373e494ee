"""A prepared style: the trained net's numbers, its range, and a sample of the frames it learned from, to compare with.

A zip of plain arrays and a JSON header; nothing in it is ever run.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.hearing.frames import Samples
from generation.engine import Asset, BadRequest
from generation.engines.reed.controls import Compass

FORMAT = "homage.reed.player/1"
MOST_BYTES = 16 << 20  # of all arrays together
TRAITS = 20  # numbers that describe a frame where frames are compared
MOST_FRAMES = 8000  # that are kept to be compared with
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Learned:
    """A recording that was learned from, and how many of its frames."""

    id: str
    sha256: str
    frames: int


@dataclass(frozen=True, eq=False)
class Player:
    """`key`: hash of the recordings it was given and of the steps, see `key_of`.

    `traits` float32 [rows, TRAITS] of licensed frames, `owner` [rows]: whose, an index in `recordings`.
    """

    key: str
    recordings: tuple[Learned, ...]
    rate: int
    compass: Compass
    steps: int
    weights: Mapping[str, Samples]
    traits: Samples
    owner: NDArray[np.int64]


def key_of(assets: Sequence[Asset], steps: int) -> str:
    """What a style is known by: the recordings that it was given, in their order, and the steps of training."""
    named = [FORMAT, steps, [[asset.id, asset.media.sha256] for asset in assets]]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def pack(player: Player) -> bytes:
    """Deterministic bytes, about 0.8 MB."""
    header = {
        "format": FORMAT,
        "key": player.key,
        "rate": player.rate,
        "compass": [player.compass.low, player.compass.middle, player.compass.high],
        "steps": player.steps,
        "recordings": [{"id": one.id, "sha256": one.sha256, "frames": one.frames} for one in player.recordings],
    }
    arrays: dict[str, NDArray[Any]] = {f"net.{name}": value for name, value in player.weights.items()}
    arrays["header"] = np.frombuffer(json.dumps(header, sort_keys=True).encode(), np.uint8)
    arrays["traits"] = player.traits.astype(np.float16)
    arrays["owner"] = player.owner.astype(np.uint16)
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type] # stub bug: allow_pickle
    return out.getvalue()


def unpack(data: bytes) -> Player:
    """Read what `pack` wrote. Raises BadRequest."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            size = sum(one.file_size for one in members.infolist())
        if size > MOST_BYTES:
            raise ValueError("longer than any")
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            header: dict[str, Any] = json.loads(arrays["header"].tobytes())
            if header["format"] != FORMAT:
                raise BadRequest(f"the prepared style is {header['format']!r}, not {FORMAT!r}; prepare it again")
            return _player(header, {name: arrays[name] for name in arrays.files if name != "header"})
    except _BROKEN as error:
        raise BadRequest("these bytes are no style that reed prepared; prepare it again") from error


def _player(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Player:
    recordings = tuple(Learned(str(one["id"]), str(one["sha256"]), int(one["frames"])) for one in header["recordings"])
    traits, owner = arrays.pop("traits"), arrays.pop("owner")
    weights = {name.removeprefix("net."): value for name, value in arrays.items()}
    if not all(value.dtype == np.float32 and np.isfinite(value).all() for value in weights.values()):
        raise ValueError("not the numbers of a net")
    if traits.dtype != np.float16 or traits.ndim != 2 or traits.shape[1] != TRAITS or not np.isfinite(traits).all():
        raise ValueError("not frames to compare with")
    if (
        owner.dtype != np.uint16
        or owner.shape != traits.shape[:1]
        or not len(owner)
        or len(np.unique(owner)) != len(recordings)
    ):
        raise ValueError("frames of nobody")
    if (
        owner.max() >= len(recordings)
        or (np.diff(owner.astype(np.int64)) < 0).any()
        or min(one.frames for one in recordings) < 1
    ):
        raise ValueError("frames in no order")
    compass, rate = Compass(*(float(one) for one in header["compass"])), int(header["rate"])
    if not (0.0 < compass.low <= compass.middle <= compass.high < 16.0 and 8_000 <= rate <= 48_000):
        raise ValueError("not what an instrument can play")
    steps = int(header["steps"])
    return Player(
        str(header["key"]), recordings, rate, compass, steps, weights, traits.astype(np.float32), owner.astype(np.int64)
    )


def spread(counts: Sequence[int]) -> list[NDArray[np.int64]]:
    """Which of each recording's frames are kept: evenly, and of each as large a part."""
    total = sum(counts)
    step = max(1.0, total / MOST_FRAMES)
    return [np.unique((np.arange(0, max(0, count), step)).astype(np.int64)) for count in counts]
