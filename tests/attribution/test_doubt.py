"""Where a picture could be several things, the answer is the one that allows least, and asking changes nothing."""

from __future__ import annotations

import shutil

import pytest
from sqlalchemy.exc import IntegrityError

from attribution import fingerprint, registry
from attribution.models import RecordedClaim
from core import encode, ids
from core.media import Picture
from tests.attribution.made import AT, COPIES, House, stylized


def test_of_two_works_that_look_the_same_the_withdrawn_one_is_told(house: House) -> None:
    first, second = house.record(stylized(1)), house.record(stylized(1))
    registry.withdraw(house.session, licenses=[second.claim.licenses[0].license], reason="no more", at=AT)
    finding = house.ask(stylized(1))
    assert finding.work == second.claim.work != first.claim.work
    assert finding.withdrawn_reason == "no more"
    assert finding.confidence < 0.9


def test_a_work_that_looks_like_a_registered_original_is_doubtful(house: House) -> None:
    mark = fingerprint.of(stylized(1))
    registry.register_asset(house.session, asset=ids.new("ast"), owner=ids.new("cre"), fingerprint=mark)
    house.record(stylized(1))
    finding = house.ask(COPIES["jpeg 60 at half size"](stylized(1)))
    assert (finding.confidence < 0.9, finding.payable) == (True, False)


def test_asking_makes_no_signing_chain(house: House) -> None:
    work = house.record(stylized(1))
    shutil.rmtree(house.root / "chain")
    assert house.ask(work.data).identification == "recovered"
    assert not (house.root / "chain").exists()


@pytest.mark.parametrize("shape", [(1, 100), (100, 1), (3, 200)])
def test_a_picture_too_narrow_to_compare_is_asked_about_and_registered_without_harm(
    house: House, shape: tuple[int, int]
) -> None:
    pixels = stylized(1).pixels[: shape[0], : shape[1]].copy()
    narrow = Picture(pixels)
    mark = fingerprint.of(narrow)
    assert registry.screen(house.session, mark, owner=ids.new("cre")) == ()
    registry.register_asset(house.session, asset=ids.new("ast"), owner=ids.new("cre"), fingerprint=mark)
    assert house.ask(encode.png(narrow)).identification in ("recovered", "matched")
    assert house.ask(stylized(2)).identification == "none"


def test_a_claim_whose_document_is_silent_is_refused_by_the_database(house: House) -> None:
    work = ids.new("wrk")
    row = RecordedClaim(
        work=work,
        document={"work": work},
        licenses=["lic_a"],
        styles=["sty_a"],
        file_sha256="0" * 64,
        iscc="ISCC:X",
        recorded_at=AT,
    )
    house.session.add(row)
    with pytest.raises(IntegrityError, match="ck_claims_document"):
        house.session.flush()
