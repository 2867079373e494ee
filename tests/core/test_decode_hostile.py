"""Files that are no usable picture, by accident or made to harm: each is refused with one clear line of its own."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from core import decode, jail
from core.decode import Undecodable
from tests.core import pictures
from tests.core.pictures import animated, corners, quarters, saved
from tests.core.test_decode import UPRIGHT, refusal


@pytest.mark.parametrize(
    "data",
    [
        b"<!doctype html><html><body>not found</body></html>",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7\n",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x20ftypisom\0\0\0\0isommp41",
        b"\0\0\0\x20ftypavif\0\0\0\0avifmif1",
        b"x",
        bytes(5000),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        b"8BPS\0\1" + bytes(100),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=["html", "png head", "pdf", "wav", "mp4", "avif", "letter", "zeros", "svg", "psd", "eps"],
)
def test_what_is_no_picture_is_refused_whatever_its_name_says(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "portrait.png"
    path.write_bytes(data)
    with pytest.raises(Undecodable, match="no picture we can read, whatever its name says; send PNG, JPEG") as refused:
        decode.picture(path)
    assert refused.value.message.startswith("portrait.png: ")


@pytest.mark.parametrize("name", ["png", "jpg", "progressive.jpg", "webp", "tiff", "bmp", "gif", "heic"])
def test_a_file_that_is_cut_off_is_refused(name: str) -> None:
    data = pictures.many_kinds()[name]
    message = refusal(data[: len(data) * 2 // 3])
    assert "damaged or cut off" in message or "no picture we can read" in message


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_or_several_pages_are_refused(form: str) -> None:
    assert "it is animated or has several pages; send one of them" in refusal(animated(form))


def test_what_is_not_a_file_is_refused_without_opening_it(tmp_path: Path) -> None:
    pipe, loop, hole, box = (tmp_path / name for name in ("pipe", "loop", "hole", "box"))
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    hole.symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(box))
        for path in (tmp_path, pipe, hole, box, Path("/dev/zero"), Path("/proc")):
            with pytest.raises(Undecodable, match="is not a file; name a picture"):
                decode.picture(path)
    for path in (loop, tmp_path / "none.png", tmp_path / ("n" * 300), Path("a\0b"), pipe / "inside"):
        with pytest.raises(Undecodable, match=r"cannot read .*; check the name"):
            decode.picture(path)


def test_a_link_to_a_picture_is_a_picture(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(saved(quarters(), "PNG"))
    (tmp_path / "link.png").symlink_to("real.png")
    assert corners(decode.picture(tmp_path / "link.png")) == UPRIGHT


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(Undecodable, match=r"empty\.png is empty"):
        decode.picture(tmp_path / "empty.png")
    assert "the picture is empty" in refusal(b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    path.write_bytes(saved(quarters(), "PNG"))
    path.chmod(0)
    with pytest.raises(Undecodable, match="permission denied"):
        decode.picture(path)


def test_an_odd_name_is_shown_on_one_line(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/two\nlines \xff.png"))
    with pytest.raises(Undecodable) as missing:
        decode.picture(path)
    path.write_bytes(b"junk")
    with pytest.raises(Undecodable) as junk:
        decode.picture(path)
    for error in (missing.value, junk.value):
        assert "two?lines ?.png" in error.message
        error.message.encode()
        assert "\n" not in error.message


def mutations(seeds: range) -> dict[str, bytes]:
    """Honest files with bytes changed, cut out, doubled or cut off, as each seed says."""
    kinds = pictures.many_kinds()
    made = {}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        name = list(kinds)[seed % len(kinds)]
        data = bytearray(kinds[name])
        for _ in range(int(rng.integers(1, 4))):
            at = int(rng.integers(0, len(data)))
            match int(rng.integers(0, 5)):
                case 0 | 1:
                    data[at] = int(rng.integers(0, 256))
                case 2:
                    data[at : at + 4] = rng.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\x80\0\0\0"])
                case 3:
                    del data[at : at + int(rng.integers(1, 9))]
                case _:
                    data[at:at] = data[at : at + int(rng.integers(1, 64))]
        made[f"{seed:04d}-{name}"] = bytes(data[: int(rng.integers(1, len(data)))] if rng.random() < 0.1 else data)
    return made


def test_damaged_files_are_decoded_or_refused_and_never_break_the_decoder(tmp_path: Path) -> None:
    for name, data in mutations(range(280)).items():
        (tmp_path / name).write_bytes(data)
    box = jail.Box(seconds=100.0)
    ended = json.loads(jail.call("tests.core.prisoners:decode_all", tmp_path, box=box))
    assert len(ended) == 280
    for name, how in ended.items():
        assert "\n" not in how, name
    refused = [how for how in ended.values() if not how.startswith("picture of")]
    assert 40 < len(refused) < 240  # both ends are reached


def outcome(data: bytes) -> str:
    try:
        decode.picture_of(data)
    except Undecodable as refused:
        return refused.message
    return "a picture"


def children() -> set[int]:
    """This process's, also those that have ended and nobody has waited for."""
    found = set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it is gone
            parent = int(file.read_text().rpartition(")")[2].split()[1])
            found |= {int(file.parent.name)} if parent == os.getpid() else set()
    return found


@pytest.mark.slow
def test_damaged_files_never_reach_the_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    for data in mutations(range(1000, 1200)).values():
        said = outcome(data)
        assert said == "a picture" or (said.startswith("the picture: ") and "\n" not in said)
    assert list(tmp_path.iterdir()) == []
    assert children() <= before  # another test's server may run on
