"""The map: everything that was decided about a work, so that remaking it searches nothing. Its reader trusts nothing.

`homage.mosaic.map/1` and a line feed; the length of the header, 4 bytes little-endian; the header, deflated JSON; the
body, deflated. docs/sounds.md describes the body for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.shares import WHOLE
from generation.engine import BadRequest
from generation.engines import container
from generation.engines.mosaic import grains
from generation.engines.mosaic.grains import Bools, Ints

ENGINE, VERSION = "mosaic", "1"
MOST_SECONDS = 1800
LOUDEST, LEVEL_STEPS = 255, 8 / 3  # of a level, and its steps in a dB: down to 95 dB below full scale
JOINED = 0.055  # seconds: a passage that begins so near where another ended goes on with it
_MOST_PASSAGES = 2_000_000
_FIELDS = (("asset", 2), ("shift", 1), ("first", 3), ("length", 3), ("at", 4))  # of a passage, and their bytes

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Codes = NDArray[np.uint8]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MappedAsset(_Part):
    """A recording that the work draws from; `style`: the number of the style it is in; `rate`: that it is kept at."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Sha256
    style: Annotated[int, Field(ge=0, le=7)]
    rate: Annotated[int, Field(ge=8000, le=48000)]
    share: Annotated[int, Field(ge=0, le=WHOLE)]


class Header(_Part):
    """`kind`: a mosaic of a source, or an extension of the recordings. `weights`: the agreed one of each style.

    `parts`: how many grains all passages have together.
    """

    engine: Literal["mosaic"] = "mosaic"
    version: Literal["1"] = "1"
    kind: Literal["mosaic", "extension"]
    rate: Annotated[int, Field(ge=8000, le=48000)]
    channels: Annotated[int, Field(ge=1, le=2)]
    samples: Annotated[int, Field(ge=1, le=48000 * MOST_SECONDS)]
    source: Sha256 | None
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    weights: Annotated[list[Annotated[int, Field(ge=1, le=WHOLE)]], Field(min_length=1, max_length=8)]
    sharp: Annotated[int, Field(ge=0, le=100_000)]
    passages: Annotated[int, Field(ge=1, le=_MOST_PASSAGES)]
    parts: Annotated[int, Field(ge=1, le=10 * _MOST_PASSAGES)]
    assets: Annotated[list[MappedAsset], Field(min_length=1, max_length=1000)]

    @property
    def grains(self) -> int:
        return grains.count(self.samples, self.rate)

    @property
    def ticks(self) -> int:
        return grains.ticks(self.samples, self.rate)


@dataclass(frozen=True, eq=False)
class Passages:
    """Passages [n], ascending by `first`: `length` grains from that one on, of `asset`, `shift` semitones higher.

    `at`: the sample of the kept recording that the first grain begins with. `part`: of all grains of all passages, one
    after another, how much of the grain's energy it gives, 0 to 255, against the other passages of its style.
    """

    asset: Ints
    shift: Ints
    first: Ints
    length: Ints
    at: Ints
    part: Ints

    @property
    def starts(self) -> Ints:
        """Where in `part` each passage begins."""
        return np.cumsum(self.length) - self.length


@dataclass(frozen=True, eq=False)
class Map:
    """A read map. `levels` [ticks]: how loud each hundredth of a second is, 0 silent; of a mosaic only.

    `sharp`: ascending, the grains that begin sharply; `sharp_at`: the samples that they begin at.
    """

    header: Header
    levels: Codes
    sharp: Ints
    sharp_at: Ints
    passages: Passages

    @property
    def bounds(self) -> Ints:
        return grains.bounds(self.header.samples, self.header.rate, self.sharp, self.sharp_at)

    @property
    def is_sharp(self) -> Bools:
        out = np.zeros(self.header.grains + 1, np.bool_)
        out[self.sharp] = True
        return out


def write_map(map: Map) -> bytes:
    """Bytes that depend on the map alone."""
    p = map.passages
    away = map.sharp_at - grains.grid(0, map.header.grains, map.header.rate)[map.sharp]
    values = {"asset": p.asset, "shift": p.shift + 128, "first": np.diff(p.first, prepend=0)}
    values |= {"length": p.length, "at": p.at}
    parts = [np.diff(map.levels, prepend=np.uint8(0)).astype(np.uint8).tobytes()]
    parts += [container.planes(np.diff(map.sharp, prepend=0), 3), container.planes(away + (1 << 15), 2)]
    parts += [container.planes(values[name], width) for name, width in _FIELDS]
    parts.append(p.part.astype(np.uint8).tobytes())
    return container.written(ENGINE, map.header, parts)


def read_map(data: bytes) -> Map:
    """Check and read a map that may be broken or hostile. Raises BadRequest saying what is wrong.

    Every size follows from the header and is checked before anything of that size is made.
    """
    header, parts = container.opened(data, ENGINE, Header, _check_header, _sizes)
    map = _read(header, parts)
    _check(map)
    return map


def _sizes(header: Header) -> list[int]:
    levels = header.ticks if header.kind == "mosaic" else 0
    return [levels, 3 * header.sharp, 2 * header.sharp, *(w * header.passages for _, w in _FIELDS), header.parts]


def _read(header: Header, parts: list[bytes]) -> Map:
    levels = np.cumsum(np.frombuffer(parts[0], np.uint8), dtype=np.uint8)
    sharp = np.cumsum(container.joined(parts[1], 3))
    if len(sharp) and sharp[-1] >= header.grains:
        raise BadRequest("the map has sounds that begin after its end; it is broken")
    at = grains.grid(0, header.grains, header.rate)[sharp] + container.joined(parts[2], 2) - (1 << 15)
    value = {name: container.joined(parts[3 + n], width) for n, (name, width) in enumerate(_FIELDS)}
    part = np.frombuffer(parts[-1], np.uint8).astype(np.int64)
    first = np.cumsum(value["first"])
    passages = Passages(value["asset"], value["shift"] - 128, first, value["length"], value["at"], part)
    return Map(header, levels, sharp, at, passages)


def _check_header(header: Header) -> None:
    if not len({a.id for a in header.assets}) == len({a.sha256 for a in header.assets}) == len(header.assets):
        raise BadRequest("the map names a recording twice")
    if {a.style for a in header.assets} != set(range(len(header.weights))):
        raise BadRequest("the map's recordings are not of the styles that it weighs")
    if sum(a.share for a in header.assets) != WHOLE:
        raise BadRequest(f"the map's shares do not sum to {WHOLE:,}")
    if header.samples > header.rate * MOST_SECONDS or header.sharp > header.grains:
        raise BadRequest("the map is longer than any that mosaic makes")


def _check(map: Map) -> None:
    p, header = map.passages, map.header
    if int(p.length.min()) < 1 or int(p.length.sum()) != header.parts or (p.first + p.length).max() > header.grains:
        raise BadRequest("the map has passages that are longer than the work; it is broken")
    if p.asset.max() >= len(header.assets) or np.abs(p.shift).max() > 12:
        raise BadRequest("the map takes from what it does not name; it is broken")
    if (np.diff(map.bounds) < 1).any() or (np.diff(map.sharp) < 1).any():
        raise BadRequest("the map's grains are out of order; it is broken")
