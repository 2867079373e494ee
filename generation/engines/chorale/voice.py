"""A prepared voice: what is known of an artist's recordings, frame by frame, in one self-contained file."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.hearing import guard
from core.hearing.envelope import BANDS
from core.hearing.features import Features, analyze
from core.hearing.frames import Bools
from core.media import Sound
from generation.engine import Asset, BadRequest, Report

FORMAT = "homage.chorale.voice/1"
MOST_ASSETS = 1000
MOST_SECONDS = 7200.0  # of all recordings together
_LEVELS = 100  # steps in a dB
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Recording:
    """One recording as kept. `usable` [frames]: which of them may be learned from, and so may earn."""

    id: str
    sha256: str
    features: Features
    usable: Bools


@dataclass(frozen=True, eq=False)
class Voice:
    """A prepared voice, read; `key` is its hash."""

    key: str
    recordings: tuple[Recording, ...]


def pack(assets: Sequence[Asset], report: Report) -> bytes:
    """Deterministic bytes, about 26 kB for each second of recordings. Raises BadRequest for what has no voice in it."""
    _check(assets)
    known: list[Features] = []
    done = 0

    def tick() -> None:
        report(done, len(assets), "listening")

    for number, asset in enumerate(assets):
        done = number
        tick()
        assert isinstance(asset.media, Sound)
        known.append(rounded(analyze(asset.media, tick=tick)))
    usable = guard.usable(known, tick)
    if not any(one.any() for one in usable):
        raise BadRequest("none of these recordings is a clear voice; give recordings of one voice without music")
    arrays: dict[str, NDArray[Any]] = {}
    names = []
    for number, (asset, one, rows) in enumerate(zip(assets, known, usable, strict=True)):
        names.append({"id": asset.id, "sha256": asset.media.sha256, "top": one.top})
        arrays[f"pitch{number}"] = one.pitch
        arrays[f"level{number}"] = np.round(one.level * _LEVELS).astype(np.int16)
        arrays[f"envelope{number}"] = one.envelope.astype(np.float16)
        arrays[f"usable{number}"] = np.packbits(rows)
    header = json.dumps({"format": FORMAT, "recordings": names}, sort_keys=True).encode()
    out = io.BytesIO()
    np.savez(out, header=np.frombuffer(header, np.uint8), **arrays)  # type: ignore[arg-type] # stub bug: allow_pickle
    return out.getvalue()


def unpack(data: bytes) -> Voice:
    """Read what `pack` wrote. Raises BadRequest."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            header: dict[str, Any] = json.loads(arrays["header"].tobytes())
            if header["format"] != FORMAT:
                raise BadRequest(f"the prepared voice is {header['format']!r}, not {FORMAT!r}; prepare it again")
            kept = tuple(_recording(arrays, number, one) for number, one in enumerate(header["recordings"]))
    except _BROKEN as error:
        raise BadRequest("these bytes are no voice that chorale prepared; prepare it again") from error
    return Voice(hashlib.sha256(data).hexdigest(), kept)


def _recording(arrays: Any, number: int, name: dict[str, Any]) -> Recording:
    pitch, level = arrays[f"pitch{number}"], arrays[f"level{number}"]
    envelope, bits = arrays[f"envelope{number}"], arrays[f"usable{number}"]
    frames = len(pitch)
    right = pitch.dtype == np.uint16 and level.dtype == np.int16 and envelope.dtype == np.float16
    if not right or pitch.shape != (frames,) or level.shape != (frames,) or envelope.shape != (frames, BANDS):
        raise ValueError("not the arrays of a recording")
    features = Features(pitch, envelope.astype(np.float32), level / _LEVELS, float(name["top"]))
    usable = np.unpackbits(bits, count=frames).astype(np.bool_)
    return Recording(str(name["id"]), str(name["sha256"]), features, usable)


def rounded(one: Features) -> Features:
    """As it will be read again, so that whatever is decided here holds there."""
    logs = np.clip(one.envelope, -60000, 60000).astype(np.float16).astype(np.float32)
    return Features(one.pitch, logs, np.clip(np.round(one.level * _LEVELS), -32768, 32767) / _LEVELS, one.top)


def _check(assets: Sequence[Asset]) -> None:
    if not 1 <= len(assets) <= MOST_ASSETS:
        raise BadRequest(f"a voice has 1 to {MOST_ASSETS} recordings, this one has {len(assets)}; split it")
    if len({asset.id for asset in assets}) != len(assets):
        raise BadRequest("the voice names a recording twice; give each once")
    seconds = 0.0
    for asset in assets:
        if not isinstance(asset.media, Sound):
            raise BadRequest(f"asset {asset.id} is no recording; a voice is learned from recordings", asset=asset.id)
        seconds += len(asset.media.samples) / asset.media.rate
    if seconds > MOST_SECONDS:
        raise BadRequest(f"the recordings last {seconds:.0f} seconds; chorale learns from {MOST_SECONDS:.0f} at most")
