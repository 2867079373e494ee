"""Sealing: the picture stays sample for sample, nothing but the claim is added, no database is touched."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import iscc_core
import numpy as np
from PIL import Image

from attribution import fingerprint, manifest
from attribution.seal import seal
from attribution.tools import Tools
from core import encode
from core.decode import picture_of
from core.media import Picture
from tests.attribution import made
from tests.attribution.made import AT, claim, cut, photograph, stylized
from tests.fakes import texture


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1])


def test_the_picture_is_sealed_as_it_is_but_for_its_mark(tmp_path: Path) -> None:
    picture = texture(1, height=260, width=300)
    sealed = seal(picture, claim(), source=None, at=AT, tools=Tools.within(tmp_path))
    assert picture_of(sealed.data).sha256 == sealed.media.sha256 == sealed.fingerprint.sha256 != picture.sha256
    assert isinstance(sealed.media, Picture)
    off = sealed.media.pixels.astype(float) - picture.pixels
    assert 10 * np.log10(255**2 / np.mean(off**2)) >= 42
    assert sealed.mark is not None
    assert sealed.reference is not None
    with Image.open(io.BytesIO(sealed.data)) as image:
        assert (image.format, set(image.info)) == ("PNG", {"xmp", "XML:com.adobe.xmp"})
    assert sealed.fingerprint.content is None


def test_what_is_too_small_for_a_mark_is_sealed_sample_for_sample(tmp_path: Path) -> None:
    picture = texture(1, height=60, width=80)
    sealed = seal(picture, claim(), source=None, at=AT, tools=Tools.within(tmp_path))
    assert (sealed.mark, sealed.reference) == (None, None)
    assert picture_of(sealed.data).sha256 == picture.sha256


def test_the_file_quotes_the_claim_and_the_content_code(tmp_path: Path) -> None:
    tools = Tools.within(tmp_path)
    sealed = seal(texture(1), claim(), source=None, at=AT, tools=tools)
    path = tmp_path / "work.png"
    path.write_bytes(sealed.data)
    assert manifest.read(path, chain=tools.chain).claim == sealed.claim.document()
    assert sealed.iscc.encode() in sealed.data
    assert iscc_core.iscc_decompose(sealed.iscc)[0].startswith("EEA")  # an image code of 64 bits


def test_the_source_is_kept_where_it_lies_under_the_work(tmp_path: Path) -> None:
    """A work that was made from part of a photograph keeps that part, at the work's own scale."""
    tools = Tools.within(tmp_path)
    mixed = Picture((0.6 * photograph().pixels + 0.4 * stylized(1).pixels).astype(np.uint8))
    for part in (0.85, 1.0):
        work = made.reopened(made.saved(cut(mixed, part)))
        sealed = seal(work, claim(), source=photograph(), at=AT, tools=tools)
        assert sealed.fingerprint.content is not None
        assert sealed.fingerprint.content.shape == sealed.fingerprint.sheet.shape
        expected = fingerprint.of(made.reopened(made.saved(cut(photograph(), part)))).sheet
        assert correlation(sealed.fingerprint.content, expected) > 0.98
        assert part == 1 or correlation(sealed.fingerprint.content, fingerprint.of(photograph()).sheet) < 0.9


def test_a_source_that_is_nowhere_in_the_work_is_spread_over_it(tmp_path: Path) -> None:
    source = texture(2, height=100, width=300)
    sealed = seal(texture(1, height=200, width=200), claim(), source=source, at=AT, tools=Tools.within(tmp_path))
    assert sealed.fingerprint.content is not None
    assert sealed.fingerprint.content.shape == (200, 200)
    spread = np.asarray(Image.fromarray(fingerprint.of(source).sheet).resize((200, 200), Image.Resampling.BICUBIC))
    assert np.array_equal(sealed.fingerprint.content, spread)


def test_sealing_needs_no_database_and_no_network(tmp_path: Path) -> None:
    script = (
        "import sys, socket; from pathlib import Path\n"
        "def refuse(*_a, **_k): raise OSError('no network')\n"
        "socket.socket.connect = refuse\n"
        "from attribution.tools import Tools; from attribution.seal import seal\n"
        "from tests.attribution.made import AT, claim; from tests.fakes import texture\n"
        "tools = Tools.within(Path(sys.argv[1]))\n"
        "print(len(seal(texture(1), claim(), source=None, at=AT, tools=tools).data))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)
    assert done.stderr == ""
    assert int(done.stdout) > len(encode.png(texture(1)))
