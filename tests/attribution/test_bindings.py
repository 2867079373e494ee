"""Manifests found again: a file that lost its own is given it back, byte for byte, by its mark or its code."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from dataclasses import dataclass, replace

import c2pa
import iscc_core
import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from attribution import bindings, iscc, manifest, registry
from attribution.bindings import BadBinding, ManifestMissing, Match, UnknownAlgorithm
from attribution.chain import Chain
from attribution.definition import ISCC, MARKS
from attribution.manifest import Store
from attribution.models import KeptManifest, RecordedClaim
from attribution.seal import Sealed, seal
from attribution.tools import Tools
from core.media import Media, Picture
from tests.attribution.made import AT, COPIES, claim, image, reopened
from tests.fakes import texture


@dataclass(frozen=True)
class Works:
    """Works that were sealed once, for all tests here: recording them anew is cheap."""

    first: Sealed
    other: Sealed
    chain: Chain

    def record(self, session: Session, *sealed: Sealed) -> None:
        for one in sealed:
            registry.record(session, one, at=AT)


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    tools = Tools.within(tmp_path_factory.mktemp("house"))
    first, other = (texture(seed, height=256, width=288) for seed in (1, 2))
    sealed = [seal(one, claim(), source=None, at=AT, tools=tools) for one in (first, other)]
    return Works(*sealed, tools.chain)


def like(sealed: Sealed, number: int, code: str | None = None) -> Sealed:
    """Another work that looks the same and has no mark; by `code`, as if it had this one."""
    store = Store(f"urn:c2pa:{number}", b"signed")
    return replace(sealed, claim=claim(), mark=None, reference=None, store=store, iscc=code or sealed.iscc)


def in_base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def asked(session: Session, alg: str, value: str, most: int = 10) -> list[Match]:
    return bindings.by_binding(session, alg=alg, value=value, most=most)


def without_manifest(png: bytes) -> tuple[bytes, int]:
    """The file without the chunk that its manifest is in (C2PA's `caBX`), and where that was."""
    place = png.index(b"caBX") - 4
    (size,) = struct.unpack(">I", png[place : place + 4])
    return png[:place] + png[place + 12 + size :], place


def put_back(png: bytes, place: int, store: bytes) -> bytes:
    chunk = b"caBX" + store
    return png[:place] + struct.pack(">I", len(store)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[place:]


def said_bindings(sealed: Sealed) -> dict[str, str]:
    """What the file's own manifest says it is found by, as any reader reads it."""
    reader = c2pa.Reader("image/png", io.BytesIO(sealed.data))
    active = reader.get_active_manifest()
    found = [one["data"] for one in active["assertions"] if one["label"].startswith("c2pa.soft-binding")]
    return {one["alg"]: one["blocks"][0]["value"] for one in found}


def test_a_stripped_file_gets_its_manifest_back_and_is_trusted_again(session: Session, works: Works) -> None:
    """What a file says it is found by finds it; what is given back is what was in it, for any reader."""
    works.record(session, works.first, works.other)
    sealed, other = works.first, works.other
    said = said_bindings(sealed)
    assert set(said) == {ISCC, MARKS["picture"]}
    for alg, value in said.items():
        found = asked(session, alg, in_base64(value.encode()))
        assert found == [Match(sealed.store.label, 100)], alg
    row = bindings.kept(session, label=sealed.store.label)
    stripped, place = without_manifest(sealed.data)
    assert put_back(stripped, place, row.data) == sealed.data
    assert row.data != bindings.kept(session, label=other.store.label).data
    context = c2pa.Context(c2pa.Settings.from_dict(manifest._settings(works.chain.usable().root)))
    with c2pa.Reader("image/png", io.BytesIO(sealed.data), manifest_data=row.data, context=context) as reader:
        assert reader.get_validation_state() == "Trusted"
        told = json.loads(reader.json())
    assert told["active_manifest"] == row.label
    assert list(told["manifests"]) == [row.label]  # so that the active one alone is the whole store


@pytest.mark.parametrize("copy", ["jpeg 60 at half size", "gray"])
def test_a_code_is_found_near_what_it_was(session: Session, works: Works, copy: str) -> None:
    works.record(session, works.first, works.other)
    assert isinstance(works.first.media, Picture)
    code = iscc.of_picture(reopened(COPIES[copy](works.first.media)))
    found = asked(session, ISCC, in_base64(code.encode()))
    assert [one.manifest for one in found] == [works.first.store.label]


def test_codes_are_asked_in_every_form_that_others_write(session: Session, works: Works) -> None:
    """As text, as bytes, as a sequence with units of 256 bits (IEP-0020), in a composite code; in any base 64."""
    works.record(session, sealed := works.first)
    wide = iscc_core.gen_image_code_v0(_pixels(sealed.media), bits=256)["iscc"]
    data, instance = "ISCC:GAAXL2XYM5BQIAZ3", "ISCC:IAAXL2XYM5BQIAZ3"
    units = iscc_core.encode_seq(["ISCC:AAAXL2XYM5BQIAZ3", wide, data])
    code = iscc_core.gen_iscc_code([sealed.iscc, data, instance])["iscc"]
    forms = [sealed.iscc, sealed.iscc.lower(), in_base64(units), in_base64(units).rstrip("="), in_base64(code.encode())]
    forms.append(base64.urlsafe_b64encode(iscc_core.encode_seq([sealed.iscc])).decode())
    for form in forms:
        assert asked(session, ISCC, form) == [Match(sealed.store.label, 100)], form
    assert asked(session, ISCC, in_base64(iscc_core.encode_seq([data]))) == []


def test_marks_are_asked_as_hex_or_bytes_and_by_their_own_medium(session: Session, works: Works) -> None:
    works.record(session, sealed := works.first)
    assert sealed.mark is not None
    digits = f"{sealed.mark.number:016x}"
    for form in (digits, digits.upper(), in_base64(digits.encode()), in_base64(bytes.fromhex(digits))):
        assert asked(session, MARKS["picture"], form) == [Match(sealed.store.label, 100)], form
    assert asked(session, MARKS["sound"], digits) == []
    assert asked(session, MARKS["picture"], f"{sealed.mark.number ^ 1:016x}") == []


@pytest.mark.parametrize("value", ["", "!!!", "AAAA", "ISCC:", "ISCC:EEA", "ISCC:KA", "ISCC:ÄÖ", "QUFB", "0" * 16])
def test_what_is_no_binding_is_refused(session: Session, value: str) -> None:
    with pytest.raises(BadBinding, match=r"send|digits|number"):
        asked(session, MARKS["picture"], value)
    if value == "0" * 16:
        return
    with pytest.raises(BadBinding, match="send what the assertion says"):
        asked(session, ISCC, value)


def test_only_what_is_looked_up_here_is_asked_for(session: Session) -> None:
    with pytest.raises(UnknownAlgorithm, match=r"ask by one of .*io\.iscc\.v0"):
        asked(session, "com.adobe.trustmark.P", "AAAA")
    for label in ("urn:c2pa:none", "\0", ""):
        with pytest.raises(ManifestMissing, match="manifestId"):
            bindings.kept(session, label=label)


@pytest.mark.parametrize(
    "code", ["ISCC:EEAYAAAAAAAAAAAA", "ISCC:EEAQAAAAAAAAAAAA", "ISCC:EIAQAAAAAAAAAAAA", "ISCC:GAAXL2XYM5BQIAZ3"]
)
def test_a_code_that_tells_nothing_finds_nothing(session: Session, works: Works, code: str) -> None:
    """Pictures of one color have all the same code, as have recordings that are too short to be heard."""
    works.record(session, plain := like(works.first, 1, code))
    assert session.get_one(KeptManifest, plain.claim.work).iscc is None
    assert asked(session, ISCC, in_base64(code.encode())) == []


def test_the_index_finds_whatever_differs_by_seven_bits(session: Session, works: Works) -> None:
    """However the bits lie; the nearest first, and sounds only by codes of sounds."""
    flips = (0b1111111, 0b11 << 62 | 0b11 << 40 | 0b1 << 17 | 0b1 << 3, 0xFF << 30, 0)
    body = 0xA5C3_71F0_9B2E_D847
    codes = [_code(body ^ flip, "picture" if flip else "sound") for flip in flips]
    works.record(session, *(like(works.first, number, code) for number, code in enumerate(codes)))
    unit = iscc.Unit("picture", int.from_bytes(body.to_bytes(8, "big"), "big", signed=True))
    found = bindings.by_units(session, [unit], most=10)
    assert found == [Match("urn:c2pa:1", 91), Match("urn:c2pa:0", 89)]
    assert bindings.by_units(session, [unit], most=1) == found[:1]


def test_a_manifest_stays_as_it_was_signed(session: Session, works: Works) -> None:
    works.record(session, works.first)
    session.get_one(KeptManifest, works.first.claim.work).data = b"another"
    with pytest.raises(IntegrityError, match="stays as it was signed"), session.begin_nested():
        session.flush()


def test_withdrawn_works_keep_theirs_and_erased_people_do_not(session: Session, works: Works) -> None:
    """It says how a work was made, and the verdict says whether it is licensed; but names are told no more."""
    kept = [like(works.first, number) for number in range(3)]
    works.record(session, *kept)
    license, style = kept[0].claim.licenses[0].license, kept[1].claim.licenses[0].style
    registry.withdraw(session, licenses=[license], reason="license revoked", at=AT)
    registry.forget_manifests(session, works=[kept[2].claim.work], styles=[style])
    assert asked(session, ISCC, in_base64(kept[0].iscc.encode())) == [Match("urn:c2pa:0", 100)]
    for gone in kept[1:]:
        with pytest.raises(ManifestMissing):
            bindings.kept(session, label=gone.store.label)
        assert session.get_one(RecordedClaim, gone.claim.work).iscc == gone.iscc


def _pixels(media: Media) -> list[int]:
    assert isinstance(media, Picture)
    small = image(media).convert("L").resize((32, 32), Image.Resampling.BICUBIC)
    return list(small.tobytes())


def _code(body: int, medium: str) -> str:
    """The content code with this body."""
    header = b"\x21\x01" if medium == "picture" else b"\x22\x01"
    return "ISCC:" + base64.b32encode(header + body.to_bytes(8, "big")).decode().rstrip("=")
