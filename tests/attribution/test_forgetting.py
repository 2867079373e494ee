"""The small picture of a fan's photograph can be taken out for good; the work is still found, and nothing else is."""

from __future__ import annotations

import pytest

from attribution import registry
from attribution.models import StoredFingerprint
from core import encode
from core.media import Picture
from tests.attribution.made import COPIES, House, photograph, stylized


def forgotten(house: House) -> str:
    """A recorded work whose photograph was taken out."""
    work = house.record(stylized(1), photograph()).claim.work
    assert house.session.get_one(StoredFingerprint, work).content is not None
    registry.forget_contents(house.session, works=[work])
    house.session.expire_all()
    return work


def test_the_small_picture_is_gone_and_all_else_stays(house: House) -> None:
    work, other = forgotten(house), house.record(stylized(2), photograph()).claim.work
    row = house.session.get_one(StoredFingerprint, work)
    assert row.content is None
    assert len(row.sheet) > 0
    assert house.session.get_one(StoredFingerprint, other).content is not None
    registry.forget_contents(house.session, works=[work])


def test_the_file_and_its_samples_are_known_as_before(house: House) -> None:
    sealed = house.record(stylized(1), photograph())
    registry.forget_contents(house.session, works=[sealed.claim.work])
    assert house.ask(sealed.data).identification == "proven"
    assert isinstance(sealed.media, Picture)
    assert house.ask(sealed.media).identification == "recovered"


@pytest.mark.parametrize("copy", ["jpeg 60 at half size", "webp", "mirrored", "framed"])
def test_a_copy_is_still_found_by_its_texture(house: House, copy: str) -> None:
    work = forgotten(house)
    finding = house.ask(COPIES[copy](stylized(1)))
    assert (finding.identification, finding.work) == ("matched", work)


def test_the_photograph_and_another_style_of_it_are_no_copies(house: House) -> None:
    """Composed alike is all that can be said; it is no basis for a use, and for money none."""
    forgotten(house)
    for asked in (encode.png(photograph()), encode.jpeg(photograph()), encode.png(stylized(2))):
        finding = house.ask(asked)
        assert (finding.identification, finding.payable) == ("derived", False)
        assert max(evidence.confidence for evidence in finding.evidence) < 0.9


def test_what_a_mark_is_read_against_goes_too(house: House) -> None:
    work = forgotten(house)
    assert registry.reference(house.session, work=work) is None
    other = house.record(stylized(2), photograph()).claim.work
    assert registry.reference(house.session, work=other) is not None
