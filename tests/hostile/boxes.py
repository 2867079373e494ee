"""Manifests made to harm: boxes of C2PA that are cut, nested, huge or there twice, wherever a file may carry one."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cache

from tests.core.pictures import chunk, quarters, saved, webp_head
from tests.hostile.recordings import part, tone, wav

Files = Iterator[tuple[str, bytes]]
STORE = bytes.fromhex("63327061001100108000 00aa00389b71".replace(" ", ""))  # the kinds of boxes: ISO 19566-5, C2PA
MANIFEST = bytes.fromhex("63326d61001100108000 00aa00389b71".replace(" ", ""))
CLAIM = bytes.fromhex("6332636c001100108000 00aa00389b71".replace(" ", ""))


def files() -> Files:
    for name, boxes in _boxes().items():
        yield f"boxes-{name}.png", _in_png(boxes)
    for kind, carry in CARRIERS.items():
        for name in ("whole", "cut", "nested", "length-2-to-31"):
            yield f"boxes-{name}.{kind}", carry(_boxes()[name])
    whole = _boxes()["whole"]
    yield "boxes-twice.png", _in_png(whole, times=2)
    yield "boxes-2000.png", _in_png(whole, times=2_000)
    yield "boxes-twice.jpg", _in_jpeg(whole, times=2)
    yield "boxes-unordered.jpg", _in_jpeg(whole * 3, first=9)
    yield "boxes-elsewhere.jpg", saved(quarters(), "JPEG", xmp=_remote())
    yield "boxes-in-no-picture.png", b"\x89PNG\r\n\x1a\n" + chunk(b"caBX", whole)
    yield "boxes-in-no-webp.webp", webp_head(8, 8) + part(b"C2PA", whole)
    yield "boxes-in-name-only.png", saved(quarters(), "PNG") + b"c2pa"


def box(kind: bytes, data: bytes, said: int | None = None) -> bytes:
    return struct.pack(">I4s", len(data) + 8 if said is None else said, kind) + data


def super_box(uuid: bytes, label: str, *inside: bytes) -> bytes:
    return box(b"jumb", box(b"jumd", uuid + b"\x03" + label.encode() + b"\0") + b"".join(inside))


def store_of(inside: bytes) -> bytes:
    """A store with one manifest."""
    return super_box(STORE, "c2pa", super_box(MANIFEST, "m", inside))


@cache
def _boxes() -> dict[str, bytes]:
    claim = super_box(CLAIM, "c2pa.claim.v2", box(b"cbor", b"\xa1\x64name\x64Evil"))
    whole = super_box(STORE, "c2pa", super_box(MANIFEST, "urn:c2pa:evil", claim))
    nested = claim
    for _ in range(2_000):
        nested = super_box(MANIFEST, "c2pa", nested)
    endless = b"\x5b" + b"\xff" * 8  # CBOR: a text of 2 to the 64
    return {
        "whole": whole,
        "cut": whole[: len(whole) // 2],
        "head-only": whole[:20],
        "nested": super_box(STORE, "c2pa", nested),
        "length-0": b"\0\0\0\0" + whole[4:],
        "length-1": b"\0\0\0\1" + whole[4:],
        "length-7": b"\0\0\0\7" + whole[4:],
        "length-2-to-31": b"\x7f\xff\xff\xff" + whole[4:],
        "length-2-to-63": b"\0\0\0\1jumb" + b"\x7f" + b"\xff" * 7 + whole[8:],
        "inner-2-to-32": whole.replace(claim[:4], b"\xff\xff\xff\xff"),
        "label-endless": box(b"jumb", box(b"jumd", STORE + b"\x03c2pa" + b"x" * 100_000)),
        "label-no-text": super_box(STORE, "c2pa").replace(b"c2pa\0", b"\xff\xfe\xfd\xfc\0"),
        "many": super_box(STORE, "c2pa", *[super_box(MANIFEST, f"urn:c2pa:{n}", claim) for n in range(2_000)]),
        "same-label": super_box(STORE, "c2pa", *[super_box(MANIFEST, "urn:c2pa:a", claim)] * 50),
        "of-itself": super_box(STORE, "c2pa", whole, whole),
        "cbor-2-to-64": store_of(super_box(CLAIM, "c2pa.claim", box(b"cbor", endless))),
        "cbor-nested": store_of(super_box(CLAIM, "c2pa.claim", box(b"cbor", b"\x81" * 100_000))),
        "json-nested": store_of(box(b"json", b"[" * 200_000)),
        "zeros": b"c2pa" + bytes(200_000),
        "compressed": store_of(box(b"brob", b"\xff" * 1_000)),
    }  # fmt: skip


def _in_png(boxes: bytes, times: int = 1) -> bytes:
    plain = saved(quarters(), "PNG")
    return plain[:33] + chunk(b"caBX", boxes) * times + plain[33:]


def _in_jpeg(boxes: bytes, times: int = 1, first: int = 1) -> bytes:
    plain, pieces = saved(quarters(), "JPEG"), [boxes[at : at + 60_000] for at in range(0, len(boxes), 60_000)]
    parts = b""
    for number, piece in enumerate(pieces, first):
        again = boxes[:8] if number > first else b""
        parts += b"\xff\xeb" + struct.pack(">H2sHI", len(again + piece) + 10, b"JP", 1, number) + again + piece
    return plain[:2] + parts * times + plain[2:]


def _in_webp(boxes: bytes) -> bytes:
    plain = saved(quarters(), "WEBP", lossless=True)
    return part(b"RIFF", plain[8:] + part(b"C2PA", boxes))


def _in_id3(sound: bytes) -> Callable[[bytes], bytes]:
    def carry(boxes: bytes) -> bytes:
        about = b"\0application/x-c2pa-manifest-store\0c2pa\0c2pa\0" + boxes
        frame = b"GEOB" + _sevens(len(about)) + bytes(2) + about
        return b"ID3\x04\0\0" + _sevens(len(frame)) + frame + sound

    return carry


def _sevens(value: int) -> bytes:
    return bytes(value >> 7 * place & 127 for place in (3, 2, 1, 0))


def _in_mp4(boxes: bytes) -> bytes:
    kind = struct.pack(">I4s4sI4s", 20, b"ftyp", b"M4A ", 0, b"M4A ")
    uuid = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
    return kind + box(b"uuid", uuid + bytes(4) + b"manifest\0" + bytes(8) + boxes)


def _remote() -> bytes:
    """A manifest that is said to be somewhere else: nobody goes there."""
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dcterms="http://purl.org/dc/terms/"'
        b' dcterms:provenance="http://169.254.169.254/c2pa"/></rdf:RDF></x:xmpmeta>'
    )


CARRIERS: dict[str, Callable[[bytes], bytes]] = {
    "jpg": _in_jpeg,
    "webp": _in_webp,
    "wav": lambda boxes: wav(before=part(b"C2PA", boxes)),
    "mp3": _in_id3(tone("MP3")),
    "flac": _in_id3(tone("FLAC")),
    "m4a": _in_mp4,
}
