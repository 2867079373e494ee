"""Pictures made to harm: bombs, polyglots, headers that lie, thousands of frames, pictures of odd shapes."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.core.pictures import chunk, png, quarters, saved, small_rows, webp_head, zeros

Files = Iterator[tuple[str, bytes]]
SCRIPT = b"<script>alert(1)</script><?php system($_GET[0]); ?>"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
FRAMES = 10_000


def files() -> Files:
    yield from _png()
    yield from _jpeg()
    yield from _gif()
    yield from _webp()
    yield from _tiff()
    yield from _bmp_and_heif()
    yield from _polyglots()
    yield from _no_pictures()


def heavy() -> Files:
    """As many pixels as are allowed, in modes that take most memory, and a file that takes most time."""
    side = 8_000
    yield "most-rgba.png", png(side, side, zeros((1 + 4 * side) * side), color=6)
    yield "most-rgba16.png", png(side, side, zeros((1 + 8 * side) * side), depth=16, color=6)
    yield "most-gray16.png", png(side, side, zeros((1 + 2 * side) * side), depth=16, color=0)
    yield "most-cmyk.tiff", saved(Image.new("CMYK", (side, side)), "TIFF", compression="tiff_lzw")
    yield "most-lab.tiff", saved(Image.new("LAB", (side, side)), "TIFF", compression="tiff_lzw")
    yield "most-float.tiff", saved(Image.new("F", (side, side)), "TIFF", compression="tiff_lzw")
    yield "most.webp", saved(Image.new("RGBA", (side, 5_000)), "WEBP", lossless=True, method=0)
    yield "many-scans.jpg", _many_scans()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil\n")
        archive.writestr("../../evil.sh", "rm -rf /")
    return out.getvalue()


def _png() -> Files:
    rows = small_rows()
    bomb = zeros(256 << 20)
    yield "bomb-30000.png", png(30_000, 30_000, zeros(64 << 20))
    yield "bomb-1x100000.png", png(1, 100_000, zeros(4 * 100_000))
    yield "bomb-100000x1.png", png(100_000, 1, zeros(3 * 100_000 + 1))
    yield "bomb-2-to-31.png", png(2**31 - 1, 2**31 - 1, rows)
    yield "rows-too-many.png", png(4, 4, bomb)
    yield "rows-too-few.png", png(3_000, 3_000, rows)
    yield "profile-bomb.png", png(4, 4, rows, chunk(b"iCCP", b"icc\0\0" + bomb))
    yield "text-bomb.png", png(4, 4, rows, chunk(b"zTXt", b"Comment\0\0" + bomb))
    yield "xmp-bomb.png", png(4, 4, rows, chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb))
    yield "texts-many.png", png(4, 4, rows, chunk(b"tEXt", b"a\0b") * 30_000)
    yield "exif-loop.png", png(4, 4, rows, chunk(b"eXIf", _looping_tiff()))
    yield "chunks-empty.png", png(4, 4, rows, chunk(b"IDAT", b"") * 50_000)
    yield "chunk-longer-than-file.png", png(4, 4, rows, struct.pack(">I", 2**31 - 1) + b"tEXtx")
    yield "chunk-negative.png", png(4, 4, rows, struct.pack(">I", 2**32 - 1) + b"tEXtx")
    yield "no-palette.png", png(4, 4, rows, color=3)
    yield "palette-endless.png", png(4, 4, rows, chunk(b"PLTE", bytes(3 * 5_000)), color=3)
    yield "width-0.png", png(0, 4, rows)
    yield "depth-77.png", png(4, 4, rows, depth=77)
    yield "color-9.png", png(4, 4, rows, color=9)
    yield "one-pixel.png", saved(Image.new("RGB", (1, 1)), "PNG")
    yield "two-headers.png", png(4, 4, rows, chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)))
    yield "frames.png", _frames_png()
    yield "frames-promised.png", png(4, 4, rows, chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))


def _frames_png() -> bytes:
    """An APNG that holds as many frames as it says."""
    dot, number = zlib.compress(bytes(4)), iter(range(3 * FRAMES))
    parts = [chunk(b"acTL", struct.pack(">II", FRAMES, 0))]
    for _ in range(FRAMES):
        place = struct.pack(">IIIIIHHBB", next(number), 1, 1, 0, 0, 1, 100, 0, 0)
        parts += [chunk(b"fcTL", place), chunk(b"fdAT", struct.pack(">I", next(number)) + dot)]
    return png(1, 1, dot, *parts)


def _jpeg() -> Files:
    plain = saved(quarters(), "JPEG")
    head, rest = plain[:2], plain[2:]

    def with_part(marker: int, data: bytes, times: int = 1) -> bytes:
        return head + (b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data) * times + rest

    size = plain.index(b"\xff\xc0") + 5
    yield "bomb-65500.jpg", plain[:size] + struct.pack(">HH", 65_500, 65_500) + plain[size + 4 :]
    yield "height-0.jpg", plain[:size] + bytes(2) + plain[size + 2 :]
    yield "components-255.jpg", plain[: size + 4] + b"\xff" + plain[size + 5 :]
    yield "rows-too-few.jpg", plain[:size] + struct.pack(">HH", 4_000, 4_000) + plain[size + 4 :]
    yield "exif-loop.jpg", with_part(0xE1, b"Exif\0\0" + _looping_tiff())
    yield "exif-endless.jpg", with_part(0xE1, b"Exif\0\0" + b"II*\0\x08\0\0\0\xff\xff" + bytes(60_000))
    yield "parts-many.jpg", with_part(0xFE, b"x" * 30, 50_000)
    yield "profile-in-255-parts.jpg", with_part(0xE2, b"ICC_PROFILE\0\xff\xff" + b"x" * 60_000, 20)
    yield "profile-part-0.jpg", with_part(0xE2, b"ICC_PROFILE\0\0\0" + b"x" * 100)
    yield "xmp-endless.jpg", with_part(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _many_laughs()[:60_000])
    yield "mpo-of-itself.jpg", with_part(0xE2, b"MPF\0" + _looping_tiff())
    yield "length-0.jpg", head + b"\xff\xe1\0\0" + rest
    yield "markers-only.jpg", head + b"\xff" * 100_000


def _many_scans() -> bytes:
    """A progressive JPEG at the limit, which goes over all of its blocks again two thousand times."""
    plain = saved(Image.new("L", (64, 64), 90), "JPEG", progressive=True)
    size, last = plain.index(b"\xff\xc2") + 5, plain.rindex(b"\xff\xda")
    again = plain[last:-2] * 2_000
    return plain[:size] + struct.pack(">HH", 8_000, 8_000) + plain[size + 4 : -2] + again + plain[-2:]


def _gif() -> Files:
    plain = saved(quarters().convert("P"), "GIF")
    dot = b"\x21\xf9\x04\0\0\0\0\0\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0"
    start = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff"
    yield "bomb-65535.gif", plain[:6] + b"\xff\xff\xff\xff" + plain[10:]
    yield "frames.gif", start + dot * FRAMES + b";"
    yield "comment-endless.gif", start + b"\x21\xfe" + (b"\xff" + b"x" * 255) * 20_000
    yield "no-frame.gif", start + b";"
    yield "lzw-of-nothing.gif", start + dot[8:18] + b"\x0c" + (b"\xff" + b"\xff" * 255) * 100 + b"\0;"
    yield "frame-outside.gif", start + b"\x2c\xff\xff\xff\xff\x01\0\x01\0\0\x02\x02\x44\x01\0;"
    yield "frame-larger.gif", start + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;"


def _webp() -> Files:
    plain = saved(quarters(), "WEBP", lossless=True)
    first = Image.new("RGB", (1, 1))
    few = saved(first, "WEBP", save_all=True, append_images=[Image.new("RGB", (1, 1), (9, 9, 9))], duration=40)
    frame = few[few.index(b"ANMF") :]
    frame = frame[: 8 + int.from_bytes(frame[4:8], "little")]
    body = few[12 : few.index(b"ANMF")] + frame * FRAMES
    yield "frames.webp", b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    yield "bomb-16383.webp", webp_head(16_383, 16_383)
    yield "bomb-2-to-24.webp", webp_head(1 << 24, 1 << 24)
    yield "length-lies.webp", plain[:4] + b"\xff\xff\xff\xff" + plain[8:]
    yield "length-0.webp", plain[:4] + bytes(4) + plain[8:]
    yield "parts-many.webp", plain + b"XMP \0\0\0\0" * 50_000


def _looping_tiff() -> bytes:
    """One directory whose next is itself, and which names itself as its EXIF."""
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + struct.pack("<I", 8)


def _tiff() -> Files:
    def pages(count: int, *tags: tuple[int, int, int, int], data: bytes = b"") -> bytes:
        out, at = b"II*\0\x08\0\0\0", 8
        for number in range(count):
            at += 2 + 12 * len(tags) + 4
            after = at if number < count - 1 else 0
            out += struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
            out += struct.pack("<I", after)
        return out + data

    packed = zlib.compress(bytes(100))
    start = 8 + 2 + 12 * 9 + 4
    one = [(256, 4, 1, 10), (257, 4, 1, 10), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, start)]
    one += [(277, 3, 1, 1), (278, 4, 1, 10), (279, 4, 1, len(packed))]

    def changed(tag: int, value: int, data: bytes = packed, count: int = 1) -> bytes:
        return pages(1, *[(t, k, count, value) if t == tag else (t, k, n, v) for t, k, n, v in one], data=data)

    yield "whole.tiff", pages(1, *one, data=packed)
    yield "loop.tiff", _looping_tiff()
    yield "pages.tiff", pages(FRAMES, *one, data=packed)
    yield "bomb-sides.tiff", changed(257, 2**32 - 1)
    yield "bomb-strip.tiff", changed(279, 64 << 10, zeros(60 << 20))
    yield "strip-count-2-to-32.tiff", changed(279, 2**32 - 1)
    yield "strips-2-to-31.tiff", changed(273, start, count=2**31 - 1)
    yield "samples-65535.tiff", changed(277, 65_535)
    yield "depth-0.tiff", changed(258, 0)
    yield "rows-0.tiff", changed(278, 0)
    yield "fax-of-nothing.tiff", changed(259, 4)
    yield "jpeg-of-nothing.tiff", changed(259, 7)
    yield "zstd-of-nothing.tiff", changed(259, 50_000)
    yield "directory-outside.tiff", b"II*\0\xf0\xff\xff\x7f"
    yield "directory-of-65535.tiff", b"MM\0*\0\0\0\x08\xff\xff" + bytes(12 * 100)
    yield "big.tiff", b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**63 - 1)


def _bmp_and_heif() -> Files:
    plain = saved(quarters(), "BMP")
    yield "bomb-2-to-31.bmp", plain[:18] + struct.pack("<ii", 2**31 - 1, 2**31 - 1) + plain[26:]
    yield "height-negative.bmp", plain[:22] + struct.pack("<i", -(2**31)) + plain[26:]
    yield (
        "rle-of-nothing.bmp",
        plain[:28] + struct.pack("<HI", 8, 1) + plain[34:54] + bytes(1_024) + b"\0\2\xff\xff" * 5_000,
    )
    yield "palette-2-to-32.bmp", plain[:46] + b"\xff\xff\xff\xff" + plain[50:]
    kind = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    yield "nested.heic", kind + b"".join(struct.pack(">I4sI", 12 * (5_000 - n), b"meta", 0) for n in range(5_000))
    yield "box-0.heic", kind + b"\0\0\0\0meta\0\0\0\0"
    yield "box-2-to-63.heic", kind + b"\0\0\0\x01meta" + b"\x7f" + b"\xff" * 7 + bytes(4)
    places = struct.pack(">IIHH", 0, 0x01004440, 0, 65_535)
    yield (
        "items-65535.heic",
        kind + struct.pack(">I4sI", 12 + 20, b"meta", 0) + struct.pack(">I4s", 20, b"iloc") + places,
    )


def _polyglots() -> Files:
    small, photo, dot = saved(quarters(), "PNG"), saved(quarters(), "JPEG"), saved(quarters().convert("P"), "GIF")
    yield "zip.png", small + zipped()
    yield (
        "pdf-and-script.jpg",
        photo[:2] + b"\xff\xfe" + struct.pack(">H", len(PDF + SCRIPT) + 2) + PDF + SCRIPT + photo[2:],
    )
    yield "gifar.gif", dot + zipped()
    yield "script.gif", b"GIF89a/*" + dot[8:] + b"*/=1;alert(1)"
    yield "script.bmp", b"BM" + SCRIPT + bytes(100)
    yield "shell.png", small + b"\n#!/bin/sh\nrm -rf /\n"
    yield "php.png", small[:33] + chunk(b"tEXt", b"Comment\0" + SCRIPT) + small[33:]
    yield "mp3-behind.png", small + b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90\0" * 100
    yield "wav-and-webp.webp", b"RIFF" + struct.pack("<I", 100) + b"WAVE" + saved(quarters(), "WEBP")[12:]
    yield "pdf-first.jpg", PDF + photo
    yield "zip-first.png", zipped() + small


def _many_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l11;</x>'.encode() * 20


def _no_pictures() -> Files:
    """What the name says, the content is not."""
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>'
    yield "vector.svg", svg
    yield "vector.png", svg
    yield "vector.svgz", gzip.compress(svg, mtime=0)
    yield "bomb.svgz", b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros(512 << 20)[2:]
    yield "laughs.svg", _many_laughs()
    yield "page.jpg", b"<html>" + SCRIPT
    yield "program.png", b"\x7fELF\x02\x01\x01" + bytes(500)
    yield "postscript.png", b"%!PS\n(/etc/passwd) (r) file\n"
    yield (
        "command.mvg",
        b"push graphic-context\nimage over 0,0 0,0 'https://example.org/\"|ls \"-la'\npop graphic-context\n",
    )
    yield "list.png", b"#EXTM3U\nfile:///etc/passwd\n"
    yield "playlist.wav", b"ffconcat version 1.0\nfile /etc/passwd\n"
    yield "layers.psd", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 56, 30_000, 30_000, 8, 3)
    yield "icon.ico", b"\0\0\1\0\xff\xff" + bytes(16) * 1_000
    yield "zip.jpg", zipped()
    yield "zeros.png", bytes(100_000)
    yield "one-byte.png", b"\x89"
    yield "nothing.png", b""
