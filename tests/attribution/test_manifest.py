"""Manifests: what a sealed file says in C2PA's words, and whose words they are when it is read back."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import c2pa
import pytest
from structlog.testing import capture_logs

from attribution import definition, manifest
from attribution.claim import Claim
from attribution.manifest import Chain
from core import encode, encode_sound, ids
from tests.attribution.made import claim, photograph, saved
from tests.attribution.made import image as opened
from tests.core.test_decode_sound import by_ffmpeg
from tests.fakes import texture, tone

PNG = encode.png(texture(1))
ISCC = "ISCC:EEA6JN7LBWYAT2VV"


def signed(chain: Chain, *, with_source: bool = False, **changes: Any) -> tuple[bytes, Claim]:
    said = claim(**changes)
    return manifest.sign(PNG, said, iscc=ISCC, with_source=with_source, chain=chain), said


def read(folder: Path, data: bytes, chain: Chain) -> manifest.Statement:
    path = folder / "file"
    path.write_bytes(data)
    return manifest.read(path, chain=chain)


def looked_at(folder: Path, data: bytes, chain: Chain) -> manifest.Statement:
    """As `read`, in this process."""
    path = folder / "file"
    path.write_bytes(data)
    return manifest.Statement(**json.loads(manifest.raw(path, chain.trust)))


def report(data: bytes, chain: Chain) -> dict[str, Any]:
    """The whole manifest as a stranger's reader sees it, who trusts our root."""
    settings = {"trust": {"user_anchors": chain.root}, "verify": {"verify_trust": True}}
    with c2pa.Reader("image/png", io.BytesIO(data), context=c2pa.Context(c2pa.Settings.from_dict(settings))) as reader:
        assert reader.get_validation_state() == "Trusted"
        document: dict[str, Any] = json.loads(reader.json())
    active: dict[str, Any] = document["manifests"][document["active_manifest"]]
    return active


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return Chain(tmp_path / "chain")


def test_a_manifest_reads_back_as_it_was_signed(tmp_path: Path, chain: Chain) -> None:
    data, said = signed(chain)
    statement = read(tmp_path, data, chain)
    assert (statement.state, statement.work, statement.claim) == ("trusted", said.work, said.document())
    assert len(data) - len(PNG) < 8_000


def test_what_a_manifest_says(chain: Chain) -> None:
    data, said = signed(chain)
    active = report(data, chain)
    assertions = {x["label"]: x["data"] for x in active["assertions"]}
    assert assertions["org.homage.claim"] == said.document()
    assert assertions["c2pa.soft-binding"]["alg"] == "io.iscc.v0"
    assert assertions["c2pa.soft-binding"]["blocks"][0]["value"] == ISCC
    mining = assertions["cawg.training-mining"]["entries"]
    assert {x["use"] for x in mining.values()} == {"notAllowed"}
    assert "cawg.ai_generative_training" in mining
    assert [(x["title"], x["relationship"]) for x in active["ingredients"]] == [
        ("A field", "componentOf"),
        ("A mill", "componentOf"),
    ]
    made, *placed = assertions["c2pa.actions.v2"]["actions"]
    assert (made["action"], made["softwareAgent"]) == ("c2pa.created", {"name": "toy", "version": "1"})
    assert [x["parameters"]["org.homage.share"] for x in placed] == [600_001, 399_999]
    assert all(len(x["parameters"]["ingredients"]) == 1 for x in placed)
    assert "thumbnail" not in json.dumps(active)


@pytest.mark.parametrize(
    ("exact", "with_source", "kind"),
    [
        (True, False, "algorithmicMedia"),
        (True, True, "composite"),
        (False, False, "trainedAlgorithmicMedia"),
        (False, True, "compositeWithTrainedAlgorithmicMedia"),
    ],
)
def test_the_source_type_says_how_it_was_made(exact: bool, with_source: bool, kind: str) -> None:
    said = definition.of(claim(exact=exact), iscc=ISCC, mark=None, with_source=with_source, kind="image/png")
    made = said["assertions"][0]["data"]["actions"][0]
    assert made["digitalSourceType"] == f"http://cv.iptc.org/newscodes/digitalsourcetype/{kind}"


def test_whoever_else_signs_is_a_stranger_and_not_quoted(tmp_path: Path, chain: Chain) -> None:
    data, _ = signed(Chain(tmp_path / "stranger"))
    assert read(tmp_path, data, chain) == manifest.Statement("untrusted", None, "signed by somebody else")


def test_a_file_changed_after_signing_is_broken(tmp_path: Path, chain: Chain) -> None:
    data, said = signed(chain)
    place = data.rindex(b"IDAT") + 8
    for broken in (data + b"more", data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]):
        statement = read(tmp_path, broken, chain)
        assert (statement.state, statement.work) == ("broken", said.work)


def test_a_changed_statement_is_damaged_and_not_quoted(tmp_path: Path, chain: Chain) -> None:
    data, _ = signed(chain)
    assert read(tmp_path, data.replace(b"Bob Reed", b"Eve Reed"), chain) == manifest.DAMAGED


def test_files_without_a_manifest_say_nothing(tmp_path: Path, chain: Chain) -> None:
    picture = opened(photograph())
    for data in (PNG, saved(picture, "JPEG"), saved(picture, "WEBP"), saved(picture, "GIF"), saved(picture, "TIFF")):
        assert looked_at(tmp_path, data, chain) == manifest.NO_STATEMENT
    for data in (b"", b"c2pa", b"%PDF-1.7"):
        assert looked_at(tmp_path, data, chain) == manifest.NO_STATEMENT
    assert read(tmp_path, PNG, chain) == manifest.NO_STATEMENT


def test_rubbish_is_damaged_at_worst(tmp_path: Path, chain: Chain) -> None:
    data, _ = signed(chain)
    start = data.index(b"caBX")
    for rubbish in (data[: start + 400], data[:start] + b"caBX" + b"\0" * 600, PNG[:33] + b"\xff" * 300):
        assert read(tmp_path, rubbish, chain).state in ("none", "damaged")


def test_only_what_may_have_a_manifest_is_read(chain: Chain) -> None:
    assert manifest.may_have_one(signed(chain)[0])
    assert not manifest.may_have_one(PNG)


def test_a_statement_names_a_work_or_nothing() -> None:
    for named in ("x", "wrk_1", "wrk_\0" + "0" * 25, 3, None, ["wrk"]):
        assert manifest.Statement("broken", {"work": named}).work is None


def tampered(data: bytes, mark: bytes) -> bytes:
    place = data.index(mark) + 100 if mark else len(data) - 50
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


SOUND = tone(220, seconds=0.5)
FILES = {
    "image/png": (PNG, b"IDAT"),
    "image/jpeg": (encode.jpeg(texture(1)), b"\xff\xda"),
    "image/webp": (encode.webp(texture(1)), b"VP8 "),
    "audio/wav": (encode_sound.encoded(SOUND, "wav"), b"data"),
    "audio/flac": (encode_sound.encoded(SOUND, "flac"), b""),
    "audio/mpeg": (encode_sound.encoded(SOUND, "mp3"), b""),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("earlier", [None, ids.new("wrk")], ids=["alone", "reworked"])
def test_every_format_is_trusted_small_and_broken_by_one_bit(
    tmp_path: Path, chain: Chain, kind: str, earlier: str | None
) -> None:
    data, sound = FILES[kind]
    said = claim(medium="picture" if kind.startswith("image") else "sound", reworks=earlier)
    out = manifest.sign(data, said, iscc=ISCC, with_source=True, chain=chain, kind=kind, mark=2**62 + 77)
    whole = looked_at(tmp_path, out, chain)
    assert (whole.state, whole.claim) == ("trusted", said.document())
    assert len(out) - len(data) < 8_000
    assert looked_at(tmp_path, tampered(out, sound), chain).state == "broken"


def test_a_changed_file_of_the_mp4_family_is_broken_too(tmp_path: Path, chain: Chain) -> None:
    said = claim(medium="sound")
    m4a = by_ffmpeg(tmp_path, "a.m4a", "-c:a", "aac").read_bytes()
    out = manifest.sign(m4a, said, iscc=None, with_source=False, chain=chain, kind="audio/mp4")
    assert looked_at(tmp_path, out, chain).state == "trusted"
    broken = looked_at(tmp_path, tampered(out, b"mdat"), chain)
    assert (broken.state, broken.work) == ("broken", said.work)


def test_the_mark_and_the_earlier_work_are_named(chain: Chain) -> None:
    said = claim(reworks=ids.new("wrk"), training="until 2027-01-01, worldwide")
    active = report(manifest.sign(PNG, said, iscc=None, with_source=False, chain=chain, mark=0xABC), chain)
    assertions = {x["label"]: x["data"] for x in active["assertions"]}
    assert assertions["c2pa.soft-binding"]["alg"] == "org.homage.picture-mark.1"
    assert assertions["c2pa.soft-binding"]["blocks"][0]["value"] == "0000000000000abc"
    actions = [x["action"] for x in assertions["c2pa.actions.v2"]["actions"]]
    assert actions == ["c2pa.opened", "c2pa.edited", "c2pa.placed", "c2pa.placed", "c2pa.watermarked.bound"]
    assert (active["ingredients"][0]["relationship"], active["ingredients"][0]["title"]) == ("parentOf", said.reworks)
    mining = assertions["cawg.training-mining"]["entries"]
    limited = {"use": "constrained", "constraint_info": "until 2027-01-01, worldwide"}
    assert mining["cawg.ai_training"] == mining["cawg.ai_generative_training"] == limited
    assert mining["cawg.data_mining"] == {"use": "notAllowed"}


def test_an_authority_that_does_not_answer_costs_the_stamp_and_not_the_work(tmp_path: Path, chain: Chain) -> None:
    silent = Chain(chain.folder, time_authority="http://127.0.0.1:9/stamps")
    with capture_logs() as logs:
        data = manifest.sign(PNG, claim(), iscc=None, with_source=False, chain=silent)
    assert looked_at(tmp_path, data, chain).state == "trusted"
    assert [x["event"] for x in logs] == ["signed without a time stamp"]


def test_thumbnails_only_where_asked_for(chain: Chain) -> None:
    asked = Chain(chain.folder, thumbnails=True)
    assert "thumbnail" in report(manifest.sign(PNG, claim(), iscc=None, with_source=False, chain=asked), chain)


def test_what_cannot_carry_a_manifest_is_no_crash(chain: Chain) -> None:
    with pytest.raises(manifest.SigningFailed, match="homage keys list"):
        manifest.sign(b"no picture", claim(), iscc=None, with_source=False, chain=chain)
