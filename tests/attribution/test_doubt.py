"""Where a picture could be several things, the answer is the one that allows least, and asking changes nothing."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError

from attribution import fingerprint, pictured, registry
from attribution.models import RecordedClaim
from attribution.verify import verify
from core import encode, ids
from core.media import Picture
from tests.attribution import made
from tests.attribution.made import AT, COPIES, House, stylized
from tests.fakes import within


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


def test_a_work_that_another_leaves_no_points_to_is_found_beside_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first look takes so many points, and what is large and lively has them all: what it covers is asked without."""
    large, small = house.record(stylized(1)), house.record(stylized(2, "flower"))
    page = Image.new("RGB", (1000, 986), (200, 200, 200))
    page.paste(made.image(stylized(1)).resize((1000, 666)), (0, 0))
    page.paste(made.image(stylized(2, "flower")).resize((220, 146)), (500, 690))
    question = pictured.Question(fingerprint.gray_of(Picture(np.asarray(page))))
    found = [match for match in pictured.placed(house.session, question, closer=False) if match.copy]
    assert [match.subject for match in found] == [large.claim.work, small.claim.work]
    at = found[1].here
    assert (at.left, at.top, at.right, at.bottom) == pytest.approx((0.5, 0.7, 0.72, 0.848), abs=0.02)
    monkeypatch.setattr(pictured, "MOST_MORE", 0)
    found = [match for match in pictured.placed(house.session, question, closer=False) if match.copy]
    assert [match.subject for match in found] == [large.claim.work]


def test_a_deep_question_reads_what_one_at_once_does_not(house: House) -> None:
    """A stretched copy of a work of which nothing is kept that its mark could be read beside."""
    work = house.record(stylized(1))
    registry.forget_contents(house.session, works=[work.claim.work])
    assert isinstance(work.media, Picture)
    picture = made.image(work.media)
    file = house.root / "stretched.png"
    file.write_bytes(made.saved(picture.resize((round(1.1 * picture.width), picture.height))))
    found = [verify(within(house.session), file, tools=house.tools, deep=deep) for deep in (False, True)]
    assert [(one.identification, one.work, one.payable) for one in found] == [
        ("matched", work.claim.work, False),
        ("recovered", work.claim.work, True),
    ]
