"""Tags into files of sound, by hand: libsndfile writes no ISRC, and the parts of the formats that hold text are small.

The sound is written first, at the place it will keep; the text fills a gap left before it, or follows it. So a file of
any size is written once. Sources: RIFF 1.0 (LIST INFO) and the `id3 ` chunk as players read it, ID3 2.4.0, the FLAC
format (RFC 9639, section 8.6), Ogg (RFC 3533) and Opus in Ogg (RFC 7845, section 5.2).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, Literal

from core.tags import Tags

SOFTWARE = "Homage"
ROOM = 1 << 16  # bytes; more than the tags of any file take
_PLACES = {  # in ID3, in LIST INFO, in Vorbis comments
    "title": ("TIT2", "INAM", "TITLE"),
    "artist": ("TPE1", "IART", "ARTIST"),
    "album": ("TALB", "IPRD", "ALBUM"),
    "composer": ("TCOM", "IMUS", "COMPOSER"),
    "date": ("TDRC", "ICRD", "DATE"),
    "genre": ("TCON", "IGNR", "GENRE"),
    "track": ("TRCK", "ITRK", "TRACKNUMBER"),
    "isrc": ("TSRC", "", "ISRC"),  # INFO's ISRC is somebody who supplied the original
    "copyright": ("TCOP", "ICOP", "COPYRIGHT"),
    "comment": ("COMM", "ICMT", "COMMENT"),
    "software": ("TSSE", "ISFT", "ENCODER"),
    "source_type": ("TXXX", "", "DIGITALSOURCETYPE"),
}
_HEADINGS = {"COMM": b"XXX\0", "TXXX": b"DigitalSourceType\0"}  # a comment: in no language we know, no heading
_ID3, _INFO, _VORBIS = range(3)
_PAGE = struct.Struct("<4sBBqIIIB")  # of Ogg: what precedes the lacing values
_FLAC_COMMENT, _FLAC_LAST = 4, 0x80


@contextmanager
def around(
    file: BinaryIO, form: Literal["wav", "flac", "mp3", "opus"], tags: Tags, source_type: str = ""
) -> Iterator[BinaryIO]:
    """Write the sound into what this gives; the tags, and that it was made by Homage, are put around it.

    `file`: empty; it can seek, be written and read. `source_type`: how it was made, as IPTC's digital source types say.
    """
    said = {**tags.document(), "software": SOFTWARE, **({"source_type": source_type} if source_type else {})}
    if form == "wav":
        yield file
        _end_wav(file, said)
        return
    if form == "mp3":
        yield _behind(file, _id3(said))
        return
    count, comments = _comments(said)
    if form == "flac":
        yield _behind(file, bytes(len(comments)))
        _mend_flac(file, count, comments)
        return
    # 255 bytes more of a packet are 256 more of its page, whose lacing grows by one.
    steps = -(-len(comments) // 255)
    yield _behind(file, bytes(256 * steps))
    _mend_opus(file, count, comments, steps)


class _Behind:
    """A file without its beginning, as a library that writes at places of its own sees it."""

    def __init__(self, file: BinaryIO, begin: int) -> None:
        self._file, self._begin = file, begin

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """To a place; returns where that is."""
        return self._file.seek(offset + (self._begin if whence == io.SEEK_SET else 0), whence) - self._begin

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._file.tell() - self._begin

    def write(self, data: bytes) -> int:
        """Bytes to here."""
        return self._file.write(data)


def _behind(file: BinaryIO, head: bytes) -> BinaryIO:
    file.write(head)
    return _Behind(file, len(head))  # type: ignore[return-value]  # as much of one as the library needs


def _texts(said: Mapping[str, str], place: int) -> Iterator[tuple[str, bytes]]:
    for name, text in said.items():
        if key := _PLACES[name][place]:
            yield key, text.encode()


def _id3(said: Mapping[str, str]) -> bytes:
    """A tag of ID3 2.4.0 in UTF-8."""
    frames = b""
    for key, text in _texts(said, _ID3):
        body = b"\x03" + _HEADINGS.get(key, b"") + text
        frames += key.encode() + _seven_bits(len(body)) + b"\0\0" + body
    return b"ID3\x04\0\0" + _seven_bits(len(frames)) + frames


def _seven_bits(size: int) -> bytes:
    """A size in four bytes whose highest bits are zero."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _end_wav(file: BinaryIO, said: Mapping[str, str]) -> None:
    """Two chunks after the last one, and the size of the whole."""
    info = b"INFO" + b"".join(_chunk(key.encode(), text + b"\0") for key, text in _texts(said, _INFO))
    file.seek(0, io.SEEK_END)
    file.write(bytes(file.tell() % 2) + _chunk(b"LIST", info) + _chunk(b"id3 ", _id3(said)))
    size = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", size - 8))


def _chunk(key: bytes, body: bytes) -> bytes:
    return key + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _comments(said: Mapping[str, str]) -> tuple[int, bytes]:
    """How many Vorbis comments, and they."""
    lines = [f"{key}=".encode() + text for key, text in _texts(said, _VORBIS)]
    return len(lines), b"".join(struct.pack("<I", len(one)) + one for one in lines)


def _after_vendor(data: bytes, start: int, count: int, comments: bytes) -> bytes:
    """What begins at `start` with the name of the library that encoded it, and no comments: now with them."""
    at = start + 4 + int.from_bytes(data[start : start + 4], "little")
    assert data[at : at + 4] == bytes(4), "nothing of ours asks the library for comments"
    return data[:at] + struct.pack("<I", count) + comments


def _mend_flac(file: BinaryIO, count: int, comments: bytes) -> None:
    """The comments into the block of that name; blocks after it stay where they are."""
    file.seek(len(comments))
    head = file.read(4)
    while True:
        kind, size = (start := file.read(4))[0], int.from_bytes(start[1:], "big")
        body = file.read(size)
        if kind & ~_FLAC_LAST == _FLAC_COMMENT:
            body = _after_vendor(body, 0, count, comments)
            file.seek(0)
            file.write(head + bytes([kind]) + len(body).to_bytes(3, "big") + body)
            return
        head += start + body


def _mend_opus(file: BinaryIO, count: int, comments: bytes, steps: int) -> None:
    """The comments into the second packet, which has a page of its own; zeros fill it up, as the format provides."""
    file.seek(256 * steps)
    identity = b"".join(_page(file))
    head, packet = _page(file)
    filled = _after_vendor(packet, len(b"OpusTags"), count, comments).ljust(len(packet) + 255 * steps, b"\0")
    lacing = bytes([255] * (len(filled) // 255) + [len(filled) % 255])
    parts = list(_PAGE.unpack_from(head))
    parts[-2:] = 0, len(lacing)
    parts[-2] = _crc(_PAGE.pack(*parts) + lacing + filled)
    file.seek(0)
    file.write(identity + _PAGE.pack(*parts) + lacing + filled)


def _page(file: BinaryIO) -> tuple[bytes, bytes]:
    """The next page: its header, its body."""
    head = file.read(_PAGE.size)
    lacing = file.read(head[-1])
    return head + lacing, file.read(sum(lacing))


def _crc(data: bytes) -> int:
    """Ogg's check sum: the polynomial 0x04C11DB7, highest bit first, from zero."""
    value = 0
    for byte in data:
        value = (value << 8) & 0xFFFFFFFF ^ _TABLE[value >> 24 ^ byte]
    return value


def _row(value: int) -> int:
    for _ in range(8):
        value = value << 1 ^ (0x104C11DB7 if value & 0x80000000 else 0)
    return value


_TABLE = tuple(_row(byte << 24) for byte in range(256))
