"""The map: everything that was decided about a work, so that remaking it searches nothing. Its reader trusts nothing.

`homage.chorale.map/1` and a line feed; the length of the header, 4 bytes little-endian; the header, deflated JSON; the
body, deflated. docs/engines.md describes the body for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.hearing import frames
from core.hearing.envelope import BANDS
from core.hearing.features import FINEST, Codes
from core.hearing.frames import Bools, Ints
from core.shares import WHOLE
from generation.engine import BadRequest
from generation.engines import container
from generation.engines.chorale import sections
from generation.engines.chorale.coding import LISTS, Coded, code, decode, packed, unpacked

ENGINE, VERSION = "chorale", "1"
MOST_SAMPLES = 192_000 * 1800
OFFSET_STEPS = 1000  # of an offset, in a natural logarithm of power
ONSET_SECONDS = 0.0025
_MOST_FRAMES, _MOST_ROWS, _HIGHEST_CODE = 1801 * frames.PER_SECOND, 1 << 20, 6 * FINEST

_Count = Annotated[int, Field(ge=0, le=container.MOST_BODY)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MappedAsset(_Part):
    """A recording that the work draws from; `rows` are how many of its frames may be."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Sha256
    rows: Annotated[int, Field(ge=1, le=_MOST_ROWS)]
    share: Annotated[int, Field(ge=0, le=WHOLE)]


class Singer(_Part):
    """One artist in the work: the agreed weight, the vocal-tract ratio in hundredths, rows behind each frame.

    `top`: Hz up to which fan and artist have samples; `reach`: up to which both have content. `again`, `gaps`: how many
    bits and gaps the coded rows have.
    """

    weight: Annotated[int, Field(ge=1, le=WHOLE)]
    warp: Annotated[int, Field(ge=50, le=200)]
    k: Annotated[int, Field(ge=1, le=64)]
    top: Annotated[int, Field(ge=4000, le=24000)]
    reach: Annotated[int, Field(ge=0, le=24000)]
    again: Annotated[list[_Count], Field(min_length=LISTS, max_length=LISTS)] = [0] * LISTS
    gaps: _Count = 0
    assets: Annotated[list[MappedAsset], Field(min_length=1, max_length=1000)]


class Header(_Part):
    """`start`, `samples`: the part of the source that the work is of. `sign` says which way its peaks point.

    `strength` in thousandths, `breath` in hundredths; `kept`: how many of the frames are changed. `whole_song`: the
    source is a mix, in which a voice was found. `sections`: not every voice sings everywhere.
    """

    engine: Literal["chorale"] = "chorale"
    version: Literal["1"] = "1"
    source: Sha256
    rate: Annotated[int, Field(ge=8000, le=192000)]
    start: Annotated[int, Field(ge=0, le=MOST_SAMPLES)]
    samples: Annotated[int, Field(ge=1, le=MOST_SAMPLES)]
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    strength: Annotated[int, Field(ge=0, le=3000)]
    breath: Annotated[int, Field(ge=0, le=100)]
    sign: Literal[-1, 1]
    kept: Annotated[int, Field(ge=1, le=MOST_SAMPLES)]
    onsets: Annotated[int, Field(ge=0, le=MOST_SAMPLES)]
    whole_song: bool = False
    sections: bool = False
    singers: Annotated[list[Singer], Field(min_length=1, max_length=8)]

    @property
    def frames(self) -> int:
        return frames.count(self.samples, self.rate)


@dataclass(frozen=True, eq=False)
class Map:
    """A read map. `pitch`, `wanted`: codes [frames]; `kept` [frames]; `onsets`: ascending, in steps of 2.5 ms.

    For each singer `near` [kept frames of its own, k], ascending rows of its assets one after another, and `offsets`
    int16 [2, BANDS], what is added to unvoiced and to voiced frames. `sung` [frames]: where a mix has a voice, all of
    any other source. `allowed` [singers, frames]: who may sing.
    """

    header: Header
    pitch: Codes
    wanted: Codes
    kept: Bools
    onsets: Ints
    near: tuple[Ints, ...]
    offsets: tuple[NDArray[np.int16], ...]
    sung: Bools
    allowed: NDArray[np.bool_]

    @property
    def parts(self) -> Ints:
        """Of `sections.parts`."""
        return sections.parts(self.allowed)


def write_map(map: Map) -> bytes:
    """Bytes that depend on the map alone."""
    parts = [
        container.planes(_steps(map.pitch), 2),
        container.planes(_steps(map.wanted - map.pitch), 2),
        np.packbits(map.kept).tobytes(),
    ]
    parts.append(container.planes(np.diff(map.onsets, prepend=0), 3))
    parts += [np.packbits(map.sung).tobytes()] if map.header.whole_song else []
    parts += [np.packbits(row).tobytes() for row in map.allowed] if map.header.sections else []
    singers = []
    for singer, near, offsets in zip(map.header.singers, map.near, map.offsets, strict=True):
        coded = code(near, _rows(singer))
        counts = {"again": [len(bits) for bits in coded.again], "gaps": len(coded.gaps)}
        singers.append(singer.model_copy(update=counts))
        parts += [packed(coded.again), container.planes(coded.gaps, 3), container.planes(offsets.astype(np.uint16), 2)]
    header = map.header.model_copy(update={"singers": singers})
    return container.written(ENGINE, header, parts)


def read_map(data: bytes) -> Map:
    """Check and read a map that may be broken or hostile. Raises BadRequest saying what is wrong.

    Every size follows from the header and is checked before anything of that size is made.
    """
    header, parts = container.opened(data, ENGINE, Header, _check_header, _sizes)
    return _read(header, parts)


def _sizes(header: Header) -> list[int]:
    bits = -(-header.frames // 8)
    sizes = [2 * header.frames, 2 * header.frames, bits, 3 * header.onsets]
    sizes += [bits] * (header.whole_song + header.sections * len(header.singers))
    for singer in header.singers:
        sizes += [sum(-(-count // 8) for count in singer.again), 3 * singer.gaps, 2 * 2 * BANDS]
    return sizes


def _read(header: Header, parts: list[bytes]) -> Map:
    pitch = np.cumsum(container.joined(parts[0], 2)).astype(np.uint16)
    wanted = pitch + np.cumsum(container.joined(parts[1], 2)).astype(np.uint16)
    kept = _bits(parts[2], header.frames)
    sung, allowed, first = _where(header, parts)
    near, offsets = [], []
    mine = sections.mine(sections.parts(allowed), kept)
    for number, singer in enumerate(header.singers):
        again, gaps, mean = parts[first + 3 * number : first + 3 * number + 3]
        coded = Coded(unpacked(again, singer.again), container.joined(gaps, 3))
        near.append(decode(coded, int(mine[number].sum()), singer.k, _rows(singer)))
        offsets.append(container.joined(mean, 2).astype(np.uint16).view(np.int16).reshape(2, BANDS))
    if max(pitch.max(), wanted.max()) > _HIGHEST_CODE or ((pitch > 0) != (wanted > 0)).any():
        raise BadRequest("the map's pitches leave their range; it is broken")
    if kept.sum() != header.kept:
        raise BadRequest("the map changes another number of frames than it says; it is broken")
    onsets = np.cumsum(container.joined(parts[3], 3))
    return Map(header, pitch, wanted, kept, onsets, tuple(near), tuple(offsets), sung, allowed)


def _where(header: Header, parts: list[bytes]) -> tuple[Bools, NDArray[np.bool_], int]:
    """Where it is sung, who may sing, and the first part after those."""
    first, frames = 4, header.frames
    sung, allowed = np.ones(frames, np.bool_), np.ones((len(header.singers), frames), np.bool_)
    if header.whole_song:
        sung, first = _bits(parts[first], frames), first + 1
    if header.sections:
        allowed = np.stack([_bits(part, frames) for part in parts[first : first + len(allowed)]])
        first += len(allowed)
    if not allowed.any(0).all():
        raise BadRequest("the map has moments in which nobody may sing; it is broken")
    return sung, allowed, first


def _bits(data: bytes, count: int) -> Bools:
    return np.unpackbits(np.frombuffer(data, np.uint8), count=count).astype(np.bool_)


def _rows(singer: Singer) -> int:
    return sum(asset.rows for asset in singer.assets)


def _check_header(header: Header) -> None:
    assets = [asset for singer in header.singers for asset in singer.assets]
    if not len({a.id for a in assets}) == len({a.sha256 for a in assets}) == len(assets):
        raise BadRequest("the map names a recording twice")
    if sum(a.share for a in assets) != WHOLE:
        raise BadRequest(f"the map's shares do not sum to {WHOLE:,}")
    if header.frames > _MOST_FRAMES or any(_rows(singer) > _MOST_ROWS for singer in header.singers):
        raise BadRequest("the map's work is longer, or draws from more, than any that chorale makes")
    if header.kept > header.frames or header.onsets > header.frames * 4:
        raise BadRequest("the map changes more frames than it has")


def _steps(codes: Codes) -> NDArray[np.uint16]:
    return np.diff(codes, prepend=np.uint16(0)).astype(np.uint16)
