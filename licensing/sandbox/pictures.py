"""Pure: the sandbox's sample files, drawn when asked for: the same bytes everywhere, known by their hash."""

from __future__ import annotations

import functools
import hashlib
import struct
import zlib

WIDTH, HEIGHT, CELL = 96, 64, 8  # pixels
MIRROR = WIDTH // CELL // 2  # columns until the middle
TEXT = b"Software\0Homage sandbox: a sample, no work"


@functools.cache
def png(name: str) -> bytes:
    """A small picture of its own for each name: a PNG with a palette, not compressed, since libraries differ in how."""
    digest = hashlib.sha256(f"sandbox {name}".encode()).digest()
    palette = bytes([251, 250, 243]) + bytes(64 + byte // 2 for byte in digest[:9])
    rows = b"".join(b"\0" + _row(digest, y // CELL) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    parts = (b"IHDR", header), (b"PLTE", palette), (b"tEXt", TEXT), (b"IDAT", _stored(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


@functools.cache
def sha256(name: str) -> str:
    return hashlib.sha256(png(name)).hexdigest()


def _row(digest: bytes, row: int) -> bytes:
    """The palette's numbers of one row of pixels; left and right are alike."""
    half = [digest[(row * MIRROR + column) % len(digest)] >> row % 4 * 2 & 3 for column in range(MIRROR)]
    return b"".join(bytes([color]) * CELL for color in (*half, *reversed(half)))


def _stored(data: bytes) -> bytes:
    """As zlib (RFC 1950) in one block that is stored as it is (RFC 1951, 3.2.4); up to 65,535 bytes."""
    length = struct.pack("<HH", len(data), len(data) ^ 0xFFFF)
    return b"\x78\x01\x01" + length + data + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
