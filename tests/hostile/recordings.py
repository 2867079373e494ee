"""Recordings made to harm: headers that lie, hours of silence in few bytes, samples that are no numbers."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
import soundfile

Files = Iterator[tuple[str, bytes]]
FRAME = 65_535  # samples in a frame of `silence`


def files() -> Files:
    yield from _wav()
    yield from _wav_samples()
    yield from _flac()
    yield from _mpeg()
    yield from _ogg_and_aiff()
    yield from _containers()


def heavy() -> Files:
    """Silence of the longest length, at the highest rate."""
    yield "most.flac", silence(hours=0.5, rate=192_000, channels=2)


def tone(form: str, subtype: str | None = None, seconds: float = 0.2) -> bytes:
    time = np.arange(int(8_000 * seconds)) / 8_000
    out = io.BytesIO()
    soundfile.write(out, 0.3 * np.sin(2 * np.pi * 330 * time), 8_000, format=form, subtype=subtype)
    return out.getvalue()


def part(name: bytes, data: bytes, said: int | None = None) -> bytes:
    """A RIFF chunk, which may lie about its length."""
    return name + struct.pack("<I", len(data) if said is None else said) + data + bytes(len(data) % 2)


def wav(
    *, kind: int = 1, channels: int = 1, rate: int = 8_000, bits: int = 16, align: int | None = None, **more: object
) -> bytes:
    """`data`, `said`: samples and what their chunk says of their length; `before`: chunks of one's own."""
    align = channels * bits // 8 if align is None else align
    head = struct.pack("<HHIIHH", kind, channels % 65_536, rate, (rate * align) % 2**32, align % 65_536, bits)
    data, before = more.get("data", bytes(2_000)), more.get("before", b"")
    assert isinstance(data, bytes)
    assert isinstance(before, bytes)
    body = b"WAVE" + before + part(b"fmt ", head) + part(b"data", data, more.get("said"))  # type: ignore[arg-type]
    return part(b"RIFF", body)


def _wav() -> Files:
    whole = wav()
    for name, lies in {
        "channels-0": {"channels": 0},
        "channels-3": {"channels": 3},
        "channels-65535": {"channels": 65_535},
        "rate-0": {"rate": 0},
        "rate-1": {"rate": 1},
        "rate-4-ghz": {"rate": 4_000_000_000},
        "bits-0": {"bits": 0, "align": 2},
        "bits-7": {"bits": 7, "align": 1},
        "bits-255": {"bits": 255, "align": 32},
        "bits-65535": {"bits": 65_535, "align": 8_191},
        "align-0": {"align": 0},
        "align-65535": {"align": 65_535},
        "kind-0": {"kind": 0},
        "kind-unknown": {"kind": 0x4242},
        "kind-mp3-inside": {"kind": 0x55},
        "adpcm": {"kind": 2, "bits": 4, "align": 1},
        "ima-adpcm": {"kind": 0x11, "bits": 4, "align": 65_535},
        "gsm": {"kind": 0x31, "bits": 0, "align": 65},
        "extensible-cut": {"kind": 0xFFFE},
        "data-2-to-32": {"said": 2**32 - 1},
        "data-2-to-31": {"said": 2**31},
        "data-0": {"said": 0},
        "data-odd": {"said": 1_999},
        "no-samples": {"data": b""},
        "one-byte": {"data": b"x"},
        "list-2-to-32": {"before": b"LIST\xff\xff\xff\xffINFO"},
        "list-many": {"before": part(b"LIST", b"INFOISFT\0\0\0\0") * 20_000},
        "format-many": {"before": part(b"fmt ", struct.pack("<HHIIHH", 1, 9, 1, 1, 1, 1)) * 1_000},
        "cue-2-to-32": {"before": part(b"cue ", b"\xff\xff\xff\xff" + bytes(24))},
        "loops-2-to-32": {"before": part(b"smpl", bytes(28) + b"\xff\xff\xff\xff" + bytes(24))},
        "broadcast-cut": {"before": part(b"bext", b"x" * 5)},
    }.items():
        yield f"{name}.wav", wav(**lies)  # type: ignore[arg-type]
    yield "length-0.wav", whole[:4] + bytes(4) + whole[8:]
    yield "no-format.wav", part(b"RIFF", b"WAVE" + part(b"data", bytes(2_000)))
    yield "data-first.wav", part(b"RIFF", b"WAVE" + part(b"data", bytes(2_000)) + whole[12:36])
    yield "riff-in-riff.wav", part(b"RIFF", b"WAVE" + whole * 500)
    sizes = struct.pack("<QQQI", 2**63, 2**63, 2**63, 2**32 - 1)
    yield "rf64-2-to-63.wav", b"RF64\xff\xff\xff\xffWAVE" + part(b"ds64", sizes) + whole[12:]
    yield "rf64-no-sizes.wav", b"RF64\xff\xff\xff\xff" + whole[8:]


def _wav_samples() -> Files:
    for name, value in {"nan": np.nan, "inf": np.inf, "minus-inf": -np.inf, "huge": 3e38, "tiny": 1e-45}.items():
        samples = np.full(2_000, value, "<f4")
        yield f"{name}.wav", wav(kind=3, bits=32, data=samples.tobytes())
    yield "nan64.wav", wav(kind=3, bits=64, data=np.full(2_000, np.nan, "<f8").tobytes())
    yield "huge64.wav", wav(kind=3, bits=64, data=np.full(2_000, 1e308, "<f8").tobytes())


def silence(*, hours: float, rate: int, channels: int = 1, samples: int | None = None) -> bytes:
    """A FLAC of constant frames: about 15 bytes for eight seconds. `samples`: what it says that it holds."""
    total = int(hours * 3_600 * rate)
    said = (total if samples is None else samples) % 2**36
    info = (
        struct.pack(">HH", FRAME, FRAME)
        + bytes(6)
        + (rate << 44 | (channels - 1) << 41 | 15 << 36 | said).to_bytes(8, "big")
    )
    code = {8_000: 4, 44_100: 9, 192_000: 3}[rate]
    out = [b"fLaC\x80\0\0\x22" + info + bytes(16)]
    for number in range(-(-total // FRAME)):
        head = (
            b"\xff\xf8"
            + bytes([0x70 | code, (channels - 1) << 4 | 8])
            + _counted(number)
            + struct.pack(">H", FRAME - 1)
        )
        frame = head + bytes([_crc(head, 8, 0x07)]) + bytes(3) * channels
        out.append(frame + _crc(frame, 16, 0x8005).to_bytes(2, "big"))
    return b"".join(out)


def _counted(number: int) -> bytes:
    """A frame's number, as UTF-8 writes one."""
    return chr(number).encode("utf-8", "surrogatepass")


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    value, top = 0, 1 << bits - 1
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value & top else 0)) & (1 << bits) - 1
    return value


def _flac() -> Files:
    plain = tone("FLAC")
    yield "ten-hours.flac", silence(hours=10, rate=8_000)
    yield "says-2-to-36.flac", silence(hours=0.01, rate=8_000, samples=2**36 - 1)
    yield "says-nothing.flac", silence(hours=0.01, rate=8_000, samples=0)
    yield "info-zero.flac", plain[:8] + bytes(34) + plain[42:]
    yield "info-ones.flac", plain[:8] + b"\xff" * 34 + plain[42:]
    yield "block-2-to-24.flac", plain[:4] + b"\0" + plain[5:42] + b"\x84\xff\xff\xff" + bytes(100)
    yield "picture-2-to-32.flac", plain[:4] + b"\0" + plain[5:42] + b"\x86\0\0\x20" + b"\xff" * 32 + plain[42:]
    yield "comments-2-to-32.flac", plain[:4] + b"\0" + plain[5:42] + b"\x84\0\0\x08" + b"\xff" * 8
    yield "blocks-many.flac", plain[:4] + b"\0" + plain[5:42] + b"\x01\0\0\0" * 100_000
    yield "head-only.flac", b"fLaC"
    yield "id3-before.flac", b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + plain


def _mpeg() -> Files:
    plain = tone("MP3")
    for name, said in {"2-to-28": b"\x7f\x7f\x7f\x7f", "0": bytes(4), "not-seven-bits": b"\xff\xff\xff\xff"}.items():
        yield f"id3-{name}.mp3", b"ID3\x04\0\0" + said + plain
    frame = b"APIC" + b"\x7f\x7f\x7f\x7f" + b"\0\0\0image/png\0\x03\0"
    yield "id3-picture-lies.mp3", b"ID3\x04\0\0\0\0\x01\0" + frame.ljust(128, b"x") + plain
    yield "id3-of-id3.mp3", (b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)) * 5_000 + plain
    yield "id3-only.mp3", b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    yield "heads-only.mp3", b"\xff\xfb\x90\0" * 5_000
    yield "free-format.mp3", b"\xff\xfb\x00\0" + bytes(5_000)
    yield "xing-lies.mp3", plain[:40] + b"Xing\0\0\0\x0f" + b"\xff" * 116 + plain[164:]
    yield "syncs.mp3", b"\xff\xfb" * 50_000
    yield "adts.aac", b"\xff\xf1\x50\x80\x01\x1f\xfc" * 5_000
    yield "tag-at-the-end.mp3", plain + b"TAG" + b"\xff" * 125


def _ogg_and_aiff() -> Files:
    plain = tone("OGG", "VORBIS")
    yield "pages-lie.ogg", plain.replace(b"OggS\0\0", b"OggS\0\1")
    yield "chained.ogg", plain * 200
    yield "heads-only.ogg", (b"OggS\0\2" + bytes(20) + b"\1\0") * 5_000
    yield "opus-255-channels.ogg", b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\xff\0\0\x80\xbb\0\0\0\0\0"
    yield "page-backwards.ogg", plain[len(plain) // 2 :]
    whole = tone("AIFF")
    common = whole.index(b"COMM")
    yield "frames-2-to-32.aiff", whole[: common + 10] + b"\xff\xff\xff\xff" + whole[common + 14 :]
    yield "channels-65535.aiff", whole[: common + 8] + b"\xff\xff" + whole[common + 10 :]
    yield "rate-nan.aiff", whole[: common + 16] + b"\x7f\xff" + b"\xff" * 8 + whole[common + 26 :]
    yield "bits-255.aiff", whole[: common + 14] + b"\0\xff" + whole[common + 16 :]


def _containers() -> Files:
    """What ffmpeg would open; each of these is refused before it holds any sound."""
    kind = struct.pack(">I4s4sI4s", 20, b"ftyp", b"M4A ", 0, b"M4A ")
    depth = 3_000
    yield "nested.m4a", kind + b"".join(struct.pack(">I4s", 8 * (depth - n), b"moov") for n in range(depth))
    yield "table-2-to-32.m4a", kind + _boxes(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz") + b"\xff" * 16
    yield "elsewhere.mov", kind + _boxes(b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref") + b"file:///etc/passwd"
    yield "box-0.m4a", kind + bytes(4) + b"moov"
    yield "size-2-to-56.webm", b"\x1a\x45\xdf\xa3\x01" + b"\xff" * 6 + b"\xfe" + bytes(40)
    yield "nested.webm", b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" * 500


def _boxes(*names: bytes) -> bytes:
    """Boxes in boxes, each of which says that it is a gigabyte."""
    return b"".join(struct.pack(">I4s", 1 << 30, name) for name in names)
