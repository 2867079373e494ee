"""How house engines for sound write a map: a magic line, the header as deflated JSON, a deflated body.

The reader trusts nothing: every size follows from the header and is checked before anything of that size is made.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from generation.engine import BadRequest

MOST_BODY = 200_000_000
_MOST_HEADER = 2_000_000

H = TypeVar("H", bound=BaseModel)


def written(engine: str, header: BaseModel, parts: Sequence[bytes]) -> bytes:
    """Bytes that depend on header and parts alone."""
    head = zlib.compress(header.model_dump_json().encode(), 9)
    return _magic(engine) + struct.pack("<I", len(head)) + head + zlib.compress(b"".join(parts), 9)


def opened(
    data: bytes, engine: str, form: type[H], check: Callable[[H], None], sizes: Callable[[H], list[int]]
) -> tuple[H, list[bytes]]:
    """The header, and the body cut into parts of `sizes`, after `check`. Raises BadRequest saying what is wrong."""
    start = len(_magic(engine))
    if data[:start] != _magic(engine) or len(data) < start + 4:
        raise BadRequest(f"this is no {engine} map; give the map that came with the work")
    (length,) = struct.unpack("<I", data[start : start + 4])
    try:
        text = _inflated(data[start + 4 : start + 4 + length], _MOST_HEADER, engine)
        header = form.model_validate(json.loads(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"the map's header is wrong at {place[:80]!r}: {first['msg'][:120]}") from error
    except (ValueError, RecursionError) as error:
        raise BadRequest("the map's header is not JSON; fetch the map again") from error
    check(header)
    each = sizes(header)
    if sum(each) > MOST_BODY:
        raise BadRequest(f"the map says that it is larger than any that {engine} makes")
    body = _inflated(data[start + 4 + length :], sum(each), engine)
    if len(body) != sum(each):
        raise BadRequest("the map's body does not have the size that its header says; fetch it again")
    return header, [body[a:b] for a, b in pairwise(np.cumsum([0, *each]).tolist())]


def planes(values: NDArray[np.integer], width: int) -> bytes:
    """Whole numbers as planes of their bytes, the lowest first: what is alike lies together, and packs well."""
    flat = values.astype(np.uint32).ravel()
    return b"".join((flat >> (8 * plane) & 255).astype(np.uint8).tobytes() for plane in range(width))


def joined(data: bytes, width: int) -> NDArray[np.int64]:
    """The inverse of `planes`."""
    found = np.frombuffer(data, np.uint8).reshape(width, -1).astype(np.int64)
    return np.asarray((found << (8 * np.arange(width))[:, None]).sum(0))


def _magic(engine: str) -> bytes:
    return f"homage.{engine}.map/1\n".encode()


def _inflated(data: bytes, most: int, engine: str) -> bytes:
    """At most that many bytes, whatever the data unpacks to."""
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(data, most + 1)
    except zlib.error as error:
        raise BadRequest(f"this is no whole {engine} map; fetch it again") from error
    if not unpacker.eof:
        raise BadRequest(f"this is no whole {engine} map, or one that unpacks to more than it says; fetch it again")
    return found
