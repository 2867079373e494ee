"""Verification: what a file is, told by layers, and never by composition."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import attribution.marked
from attribution import fingerprint, registry
from attribution.manifest import NO_STATEMENT
from attribution.seal import seal
from attribution.tools import Tools
from attribution.verify import Finding, Seen, identify
from core import db, encode, ids
from core.decode import TooLarge, Undecodable
from core.media import Picture
from tests.attribution import made
from tests.attribution.made import AT, COPIES, HEAVY_COPIES, House, photograph, stylized
from tests.fakes import texture

PHOTOGRAPHS = {
    "as it is": lambda p: made.saved(made.image(p)),
    "jpeg 60 at half size": COPIES["jpeg 60 at half size"],
    "cut to 90 %": COPIES["cut to 90 %"],
    "brighter": COPIES["brighter"],
    "mirrored": COPIES["mirrored"],
}


def layers(finding: Finding) -> list[str]:
    return [evidence.layer for evidence in finding.evidence]


def told(finding: Finding) -> str:
    """What the manifest that decides nothing is said to be."""
    said = [evidence for evidence in finding.evidence if evidence.layer == "manifest"]
    assert [evidence.confidence for evidence in said] == [0.0]
    return said[0].detail


@pytest.fixture
def work(house: House) -> made.Sealed:
    return house.record(stylized(1), photograph())


def test_a_sealed_file_is_proven_and_unchanged(house: House, work: made.Sealed) -> None:
    finding = house.ask(work.data)
    assert (finding.identification, finding.work, finding.changed) == ("proven", work.claim.work, False)
    assert finding.claim == work.claim.document()
    assert finding.confidence > 0.999
    assert layers(finding) == ["manifest", "samples"]


def test_without_its_manifest_the_very_samples_name_it(house: House, work: made.Sealed) -> None:
    finding = house.ask(encode.png(marked(work)))
    assert (finding.identification, finding.work, finding.changed) == ("recovered", work.claim.work, True)
    assert layers(finding) == ["samples"]


def test_copies_without_manifest_are_recovered_by_two_layers(house: House, work: made.Sealed) -> None:
    for way, copy in COPIES.items():
        finding = house.ask(copy(marked(work)))
        assert (finding.identification, finding.work, finding.changed) == ("recovered", work.claim.work, True), way
        assert finding.payable, way
        assert 0.99 < finding.confidence <= 0.999, way
        assert layers(finding) == ["fingerprint", "mark"]
        mark = finding.evidence[1]
        assert (mark.detail.endswith("the original"), mark.rough) == (True, mark.detail.partition(",")[0]), way


def test_what_is_stretched_blurred_or_written_over_is_told_by_its_texture(house: House, work: made.Sealed) -> None:
    for way, copy in HEAVY_COPIES.items():
        finding = house.ask(copy(marked(work)))
        assert finding.identification in ("recovered", "matched"), way  # some marks are gone, as the key wills
        assert (finding.work, finding.evidence[0].layer) == (work.claim.work, "fingerprint"), way
        assert finding.evidence[0].confidence > 0.9, way
        assert house.ask(copy(stylized(2))).identification in ("none", "derived"), way


def test_what_was_never_marked_is_matched_by_texture_alone_and_pays_nobody(house: House, work: made.Sealed) -> None:
    finding = house.ask(COPIES["jpeg 60 at half size"](stylized(1)))
    assert (finding.identification, finding.work, finding.payable) == ("matched", work.claim.work, False)
    assert 0.9 < finding.confidence < 0.999
    assert layers(finding) == ["fingerprint"]


def test_the_photograph_itself_names_nobody(house: House, work: made.Sealed) -> None:
    for way, copy in PHOTOGRAPHS.items():
        assert house.ask(copy(photograph())) == Finding("none", 0.0), way


def test_the_same_photograph_in_another_style_is_another_work(house: House, work: made.Sealed) -> None:
    other = stylized(2)
    finding = house.ask(other)
    assert (finding.identification, finding.payable) == ("derived", False)
    assert max(x.confidence for x in finding.evidence) < 0.9
    theirs = house.record(other, photograph())
    assert house.ask(COPIES["jpeg 60 at half size"](other)).work == theirs.claim.work
    assert house.ask(COPIES["jpeg 60 at half size"](stylized(1))).work == work.claim.work


def test_a_mark_copied_onto_the_same_photograph_in_another_style_pays_nobody(house: House, work: made.Sealed) -> None:
    copied = marked(work).pixels.astype(np.int16) - stylized(1).pixels
    finding = house.ask(Picture((stylized(2).pixels + copied).clip(0, 255).astype(np.uint8)))
    assert layers(finding) == ["fingerprint", "mark"]
    assert (finding.identification, finding.work, finding.payable) == ("hint", work.claim.work, False)


def test_a_mark_copied_onto_what_is_only_composed_like_a_work_pays_nobody(house: House) -> None:
    """Of a work that is registered without a photograph, points do not tell a look-alike: some agree as copies do."""
    work = house.record(stylized(1))
    copied = marked(work).pixels.astype(np.int16) - stylized(1).pixels
    for alike in (stylized(2), photograph()):
        finding = house.ask(Picture((alike.pixels + copied).clip(0, 255).astype(np.uint8)))
        assert layers(finding) == ["fingerprint", "mark"]
        assert (finding.identification, finding.work, finding.payable) == ("hint", work.claim.work, False)
    finding = house.ask(COPIES["jpeg 60 at half size"](marked(work)))
    assert (finding.identification, finding.work, finding.payable) == ("recovered", work.claim.work, True)


def test_no_transaction_is_open_while_a_mark_is_read(
    sessions: db.Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.unit(sessions) as session:
        house = House(session, tmp_path)
        work = house.record(stylized(1), photograph())
    copy = Seen("0" * 64, NO_STATEMENT, made.reopened(COPIES["jpeg 60 at half size"](marked(work))))
    pool, used = sessions.kw["bind"].pool, []

    def watched(*asked: Any, **options: Any) -> Any:
        used.append(pool.checkedout())
        return reading(*asked, **options)

    reading = attribution.marked.read
    monkeypatch.setattr(attribution.marked, "read", watched)
    finding = identify(partial(db.unit, sessions), copy, tools=house.tools)
    assert (finding.identification, finding.work, used) == ("recovered", work.claim.work, [0])


def test_the_blind_reading_is_begun_only_where_samples_are_unknown_and_what_it_raises_is_raised(
    house: House, work: made.Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def broken(*_: Any, **__: Any) -> None:
        threads.append(threading.current_thread().name)
        raise ArithmeticError("a reader broke")

    monkeypatch.setattr("attribution.marks.picture.read", broken)
    assert house.ask(encode.png(marked(work))).identification == "recovered"
    assert threads == []
    with pytest.raises(ArithmeticError, match="a reader broke"):
        house.ask(photograph("flower"))
    assert [name.startswith("mark") for name in threads] == [True]


def test_an_unrelated_picture_names_nobody(house: House, work: made.Sealed) -> None:
    """Even under the very strokes of the work, as if both were printed on the same canvas: that is not the work."""
    for picture in (photograph("flower"), texture(7, height=384, width=512)):
        assert house.ask(picture).identification == "none"
    assert house.ask(stylized(1, "flower")).identification in ("none", "derived")


def test_a_plain_picture_names_nobody(house: House) -> None:
    plain = Picture(np.full((200, 300, 3), 127, np.uint8))
    work = house.record(plain)
    for level in (90, 126):
        assert house.ask(Picture(np.full((200, 300, 3), level, np.uint8))).identification == "none"
    assert house.ask(marked(work)).identification == "recovered"


def test_a_registered_original_is_matched_without_a_claim(house: House) -> None:
    original = texture(5, height=384, width=512)
    registry.register_asset(
        house.session, asset=ids.new("ast"), owner=ids.new("cre"), fingerprint=fingerprint.of(original)
    )
    same, copy = house.ask(original), house.ask(COPIES["jpeg 60 at half size"](original))
    assert (same.identification, same.claim, same.work, same.changed) == ("matched", None, None, False)
    assert (copy.identification, copy.claim, copy.changed) == ("matched", None, True)
    assert 0.9 < copy.confidence < same.confidence


def test_a_changed_file_with_our_manifest_rests_on_its_picture(house: House, work: made.Sealed) -> None:
    finding = house.ask(work.data + b"more")
    assert (finding.identification, finding.work, finding.changed) == ("recovered", work.claim.work, True)
    assert "changed since" in told(finding)


def test_a_transplanted_manifest_decides_nothing(house: House, work: made.Sealed) -> None:
    other = house.record(stylized(2), photograph())
    finding = house.ask(with_manifest_of(work.data, marked(other)))
    assert (finding.identification, finding.work) == ("recovered", other.claim.work)
    assert "transplanted" in told(finding)
    stranger = house.ask(with_manifest_of(work.data, photograph("flower")))
    assert (stranger.identification, stranger.work, stranger.confidence) == ("none", None, 0.0)
    assert "transplanted" in told(stranger)


def test_a_strangers_certificate_decides_nothing(house: House, work: made.Sealed) -> None:
    stranger = Tools.within(house.root / "stranger")
    forged = seal(photograph("flower"), work.claim, source=None, at=AT, tools=stranger)
    finding = house.ask(forged.data)
    assert (finding.identification, finding.work, told(finding)) == ("none", None, "signed by somebody else")
    ours = seal(stylized(1), replace(work.claim, licensee_name="Eve Moss"), source=None, at=AT, tools=stranger)
    finding = house.ask(ours.data)
    assert (finding.identification, finding.claim) == ("matched", work.claim.document())


def test_our_signature_under_another_works_picture_is_contested(house: House, work: made.Sealed) -> None:
    other = house.record(stylized(2), photograph())
    swapped = seal(stylized(2), work.claim, source=None, at=AT, tools=house.tools)
    finding = house.ask(swapped.data)
    assert (finding.identification, finding.work) == ("contested", other.claim.work)


def test_our_signature_under_an_unknown_picture_is_contested(house: House, work: made.Sealed) -> None:
    finding = house.ask(seal(photograph("flower"), work.claim, source=None, at=AT, tools=house.tools).data)
    assert (finding.identification, finding.work) == ("contested", work.claim.work)


def test_our_signature_under_another_claim_is_contested(house: House, work: made.Sealed) -> None:
    claim = replace(work.claim, licensee_name="Eve Moss")
    finding = house.ask(seal(stylized(1), claim, source=None, at=AT, tools=house.tools).data)
    assert (finding.identification, finding.claim) == ("contested", work.claim.document())


def test_what_was_sealed_but_never_recorded_is_unknown(house: House) -> None:
    finding = house.ask(house.seal(stylized(1), photograph()).data)
    assert (finding.identification, finding.work) == ("none", None)
    assert "never recorded" in told(finding)


def test_a_withdrawal_is_told(house: House, work: made.Sealed) -> None:
    later = AT + timedelta(days=1)
    registry.withdraw(house.session, licenses=[work.claim.licenses[0].license], reason="enough", at=later)
    for data in (work.data, COPIES["webp"](stylized(1))):
        finding = house.ask(data)
        assert (finding.withdrawn_at, finding.withdrawn_reason) == (later, "enough")


def test_of_works_that_look_the_same_the_earliest_is_named(house: House, work: made.Sealed) -> None:
    under_the_same = house.record(stylized(1), photograph(), licenses=work.claim.licenses)
    data = COPIES["jpeg 60 at half size"](stylized(1))
    finding = house.ask(data)
    assert (finding.work, finding.confidence > 0.9) == (work.claim.work, True)
    assert house.ask(under_the_same.data).work == under_the_same.claim.work
    under_others = house.record(stylized(1), photograph())
    told_apart = house.ask(COPIES["jpeg 60 at half size"](marked(under_others)))
    assert (told_apart.work, told_apart.payable) == (under_others.claim.work, True)
    unsure = house.ask(data)
    assert (unsure.work, unsure.confidence < 0.5) == (work.claim.work, True)
    assert "2 sets of licenses" in unsure.evidence[0].detail


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Undecodable),
        (b"c2pa", Undecodable),
        (b"\x89PNG\r\n\x1a\n" + b"c2pa" * 50, Undecodable),
        (b"\xff\xd8\xff\xeb\x00\x10JP\0\0c2pajumbjumd", Undecodable),
        (b"GIF89a" + b"\xff" * 200, Undecodable),
        (b"%PDF-1.7 c2pa", Undecodable),
        (made.saved(Image.new("L", (30_001, 1))), TooLarge),
    ],
)
def test_a_hostile_file_gets_one_line(house: House, data: bytes, error: type[Undecodable]) -> None:
    with pytest.raises(error) as caught:
        house.ask(data)
    assert "\n" not in caught.value.message
    with pytest.raises(Undecodable):
        house.ask(data[: len(data) // 2])


def test_damaged_manifests_never_stop_a_verdict(house: House, work: made.Sealed) -> None:
    """Wherever its bytes are overwritten, the picture is still named; only the padding may be, and leave it proven."""
    start = work.data.index(b"c2pa")
    found = []
    for offset in range(40, 5000, 620):
        data = bytearray(work.data)
        data[start + offset : start + offset + 8] = b"\xff\0\xff\0\xff\0\xff\0"
        finding = house.ask(repaired(bytes(data)))
        assert (finding.work, finding.claim) == (work.claim.work, work.claim.document())
        found.append(finding.identification)
    assert set(found) <= {"proven", "recovered"}
    assert found.count("recovered") > len(found) / 2


@pytest.mark.parametrize(
    ("loading", "kept"),
    [
        ("import attribution.verify", ["scipy", "cv2", "imagehash", "cryptography", "attribution.marks.picture"]),
        ("import attribution.verify as v; v._load_hashing()", ["cryptography", "scipy.signal"]),
        ("import app.main", ["scipy.signal", "cv2", "imagehash", "attribution.marks.picture"]),
    ],
)
def test_nothing_is_loaded_before_it_is_needed(loading: str, kept: list[str]) -> None:
    """Never engines nor what only sealing needs; at a start nothing that only some files ask for."""
    never = ["torch", "diffusers", "c2pa", "iscc_core", "sklearn", "ray", "lancedb", *kept]
    script = f"import sys\n{loading}\nprint([x for x in {never!r} if x in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path.cwd())
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.slow
def test_a_cold_start_answers_about_a_megapixel_in_time(sessions: object, tmp_path: Path) -> None:
    """A second and a half of processor time from a process's start to its answer; wall time is the machine's."""
    picture = encode.resize(stylized(1), 1200)
    path = tmp_path / "big.jpg"
    path.write_bytes(encode.jpeg(picture))
    url = sessions.kw["bind"].url.render_as_string(hide_password=False)  # type: ignore[attr-defined]
    script = (
        "import sys, resource\nfrom functools import partial\nfrom pathlib import Path\n"
        "from core import db\nfrom attribution import verify\n"
        "from attribution.tools import Tools\n"
        "units = partial(db.unit, db.sessions(db.connect(sys.argv[1])))\n"
        "found = verify.verify(units, Path(sys.argv[2]), tools=Tools.within(Path(sys.argv[3])), closer=False)\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(found.identification, used.ru_utime + used.ru_stime)"
    )
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script, url, str(path), str(tmp_path)], capture_output=True, text=True)
    assert time.monotonic() - started < 20
    said, seconds = done.stdout.split()
    assert said == "none"
    assert float(seconds) < 1.5


def marked(work: made.Sealed) -> Picture:
    assert isinstance(work.media, Picture)
    return work.media


def with_manifest_of(sealed: bytes, picture: Picture) -> bytes:
    """Another picture's PNG with the manifest chunk of a sealed one."""
    start = sealed.index(b"caBX") - 4
    length = int.from_bytes(sealed[start : start + 4])
    plain = encode.png(picture)
    return plain[:33] + sealed[start : start + 12 + length] + plain[33:]


def repaired(png: bytes) -> bytes:
    """The checksum of the manifest's chunk set right, as a forger would."""
    import zlib

    start = png.index(b"caBX")
    end = start + 4 + int.from_bytes(png[start - 4 : start])
    return png[:end] + zlib.crc32(png[start:end]).to_bytes(4) + png[end + 4 :]
