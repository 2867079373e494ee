"""The map: everything that remaking a work needs besides the assets. Its reader trusts nothing it is given.

A zip of .npy members, as numpy.savez writes. `header` holds JSON (see `Header`), the rest plain arrays. docs/engines.md
describes the format for others.
"""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.shares import WHOLE
from generation.engine import BadRequest
from generation.engines.patchwork import blend
from generation.engines.patchwork.params import LARGEST
from generation.engines.patchwork.tiles import Sheet

ENGINE, VERSION = "patchwork", "2"
MOST_TILE_PIXELS = 8_000_000  # of all tiles in all turns; `tiles.choose` stays below 6.1 million
_HEADER_BYTES = 1_000_000
_MOST_FACTORS = 1 << 14

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Part = Annotated[int, Field(ge=-(1 << 21), le=1 << 21)]
Side = Annotated[int, Field(ge=1, le=LARGEST)]


class MappedAsset(BaseModel):
    """An asset that the work draws from. `tile_sha256` is that of its upright tile's samples.

    `paints`: the colors that its tile is there in, mixed as `tiles.mixed` does; none is as it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Sha256
    tile_height: Annotated[int, Field(ge=1, le=2 * LARGEST)]
    tile_width: Annotated[int, Field(ge=1, le=2 * LARGEST)]
    tile_sha256: Sha256
    share: Annotated[int, Field(ge=0, le=WHOLE)]
    paints: Annotated[list[Annotated[list[_Part], Field(min_length=12, max_length=12)]], Field(max_length=16)] = []


class Header(BaseModel):
    """The JSON part. `source` is the content's sha256; `source_needed`: replay takes the unmasked pixels from it.

    Version 1 had none of `paints`, `composed` and `wrap`. `composed`: the source, if any, only said what goes where.
    `wrap`: patches reach over an edge to the opposite one; both sides are whole strides then.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["homage.patchwork.map/1", "homage.patchwork.map/2"] = "homage.patchwork.map/2"
    engine: Literal["patchwork"] = "patchwork"
    version: Literal["1", "2"] = "2"
    height: Side
    width: Side
    patch: Literal[7, 9, 11, 13]
    stride: Literal[4]
    turns: Annotated[list[Annotated[int, Field(ge=0, le=3)]], Field(min_length=1, max_length=4)]
    shift: Annotated[int, Field(ge=0, le=30)]
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    source: Sha256 | None
    source_needed: bool
    composed: bool = False
    wrap: bool = False
    assets: Annotated[list[MappedAsset], Field(min_length=1, max_length=1000)]


@dataclass(frozen=True, eq=False)
class Map:
    """A read map. `places`, `weights`: [rows, columns] of nodes; `owner` int16 [h, w], -1 where `inside` is False.

    `inside`: bool [h, w], the rendered pixels, or None when all are.
    """

    header: Header
    places: NDArray[np.int32]
    weights: NDArray[np.uint16]
    owner: NDArray[np.int16]
    tables: blend.Tables
    inside: NDArray[np.bool_] | None

    @property
    def field(self) -> blend.Field:
        h = self.header
        places, weights = self.places.astype(np.int64), self.weights.astype(np.int64)
        return blend.Field(h.height, h.width, h.patch, h.stride, places, weights, h.wrap)


def write_map(map: Map) -> bytes:
    """Bytes that depend on the map alone."""
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(map.header.model_dump_json().encode(), np.uint8),
        "places": map.places,
        "weights": map.weights,
        "owner": map.owner,
        "window": map.tables.window.astype(np.uint16),
        "factors": map.tables.factors.astype(np.uint16),
    }
    if map.inside is not None:
        arrays["inside"] = np.packbits(map.inside)
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type] # stub bug: allow_pickle
    return out.getvalue()


def read_map(data: bytes) -> Map:
    """Check and read a map that may be broken or hostile. Raises BadRequest saying what is wrong.

    Each part's size is known from the header before the part is read, so a small file cannot ask for much memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as members:
            return _read(members)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"the map's header is wrong at {place[:80]!r}: {first['msg'][:120]}") from error
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, struct.error) as error:
        raise BadRequest(f"this is no whole patchwork map ({type(error).__name__}); fetch it again") from error


def _read(members: zipfile.ZipFile) -> Map:
    names = [info.filename for info in members.infolist()]
    wanted = {f"{name}.npy" for name in ("header", "places", "weights", "owner", "window", "factors")}
    if len(set(names)) != len(names) or not wanted <= set(names) <= wanted | {"inside.npy"}:
        raise BadRequest("this is no patchwork map: its parts are not those of one")
    try:
        header = Header.model_validate(json.loads(_member(members, "header", np.uint8, most=_HEADER_BYTES).tobytes()))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("the map's header is not JSON") from error
    size = (header.height, header.width)
    if header.wrap and any(side % header.stride for side in size):
        raise BadRequest("the map's work is said to continue over its edges but does not end with a whole patch step")
    shape = tuple(blend.nodes_along(side, header.patch, header.stride, header.wrap) for side in size)
    map = Map(
        header=header,
        places=cast("NDArray[np.int32]", _member(members, "places", np.int32, shape=shape)),
        weights=cast("NDArray[np.uint16]", _member(members, "weights", np.uint16, shape=shape)),
        owner=cast("NDArray[np.int16]", _member(members, "owner", np.int16, shape=size)),
        tables=blend.Tables(
            window=_member(members, "window", np.uint16, shape=(header.patch,)).astype(np.int64),
            factors=_member(members, "factors", np.uint16, most=_MOST_FACTORS).astype(np.int64),
            shift=header.shift,
        ),
        inside=_inside(members, size) if "inside.npy" in names else None,
    )
    _check(map)
    return map


def _member(
    members: zipfile.ZipFile, name: str, kind: type, *, shape: tuple[int, ...] | None = None, most: int = 0
) -> NDArray[Any]:
    """One array, read only after its size is known to be right. `most`: items, for a list of unknown length."""
    kind_of = np.dtype(kind)
    info = members.getinfo(f"{name}.npy")
    items = most if shape is None else math.prod(shape)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadRequest(f"the map's part {name!r} is packed in a way that no map is")
    if info.file_size > items * kind_of.itemsize + 1024:
        raise BadRequest(f"the map's part {name!r} is larger than it can be; it is broken")
    with members.open(info) as member:
        body = io.BytesIO(member.read(info.file_size))  # a bare read() unpacks all there is, whatever the size says
    try:
        version = np.lib.format.read_magic(body)
        if version != (1, 0):
            raise ValueError("not a plain array")
        found, fortran, dtype = np.lib.format.read_array_header_1_0(body)
        rest = body.read()
        if dtype != kind_of or fortran or len(found) != (1 if shape is None else len(shape)):
            raise ValueError("another kind of array")
        if (shape is not None and found != shape) or len(rest) != math.prod(found) * kind_of.itemsize:
            raise ValueError("another size")
    except (ValueError, TypeError, OverflowError, SyntaxError, RecursionError, MemoryError) as error:
        raise BadRequest(f"the map's part {name!r} does not fit its header; it is broken") from error
    if not rest:
        raise BadRequest(f"the map's part {name!r} is empty")
    return np.frombuffer(rest, kind_of).reshape(found)


def _inside(members: zipfile.ZipFile, size: tuple[int, int]) -> NDArray[np.bool_]:
    count = size[0] * size[1]
    bits = _member(members, "inside", np.uint8, shape=(-(-count // 8),))
    return np.unpackbits(bits, count=count).reshape(size).astype(np.bool_)


def _check(map: Map) -> None:
    header, tables = map.header, map.tables
    _check_header(header)
    if header.source_needed and map.inside is None:
        raise BadRequest("the map needs its content but does not say where")
    if map.inside is not None and not map.inside.any():
        raise BadRequest("the map has no rendered pixel")
    for name, values, top in (
        ("weights", map.weights, blend.HEAVIEST),
        ("window", tables.window, blend.WINDOW_ONE),
        ("factors", tables.factors, blend.FACTOR_ONE),
    ):
        if values.min() < 1 or values.max() > top:
            raise BadRequest(f"the map's {name} leave their range of 1 to {top}")
    if map.owner.min() < -1 or map.owner.max() >= len(header.assets):
        raise BadRequest("the map's owners name an asset that it does not list")


def _check_header(header: Header) -> None:
    ids, hashes = {a.id for a in header.assets}, {a.sha256 for a in header.assets}
    if len(set(header.turns)) != len(header.turns) or not len(ids) == len(hashes) == len(header.assets):
        raise BadRequest("the map names a turn or an asset twice")
    if sum(a.share for a in header.assets) != WHOLE:
        raise BadRequest(f"the map's shares do not sum to {WHOLE:,}")
    if (
        sum(a.tile_height * a.tile_width * max(1, len(a.paints)) for a in header.assets) * len(header.turns)
        > MOST_TILE_PIXELS
    ):
        raise BadRequest("the map's tiles are larger than any that patchwork makes")
    if header.source_needed and header.source is None:
        raise BadRequest("the map needs its content but does not say which")


def used(map: Map) -> list[int]:
    """The numbers of the assets that the map's nodes name, of a map that fits its sheet."""
    areas = [
        asset.tile_height * asset.tile_width * max(1, len(asset.paints)) * len(map.header.turns)
        for asset in map.header.assets
    ]
    ends = np.cumsum(areas)
    if map.places.min() < 0 or map.places.max() >= ends[-1]:
        raise BadRequest("the map takes pixels from outside its assets")
    return [int(number) for number in np.unique(np.searchsorted(ends, map.places.reshape(-1), side="right"))]


def check_places(field: blend.Field, sheet: Sheet) -> None:
    """Every node's patch lies wholly on one tile of the sheet. Raises BadRequest."""
    if field.places.min() < 0 or field.places.max() >= len(sheet.pixels):
        raise BadRequest("the map takes pixels from outside its assets")
    tile = sheet.tile_at(field.places)
    row, column = np.divmod(field.places - sheet.starts[tile], sheet.widths[tile])
    r = field.patch // 2
    if ((row < r) | (row >= sheet.heights[tile] - r) | (column < r) | (column >= sheet.widths[tile] - r)).any():
        raise BadRequest("the map takes pixels from beyond an asset's edge")
