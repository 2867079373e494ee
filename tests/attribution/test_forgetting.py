"""The small picture of a fan's photograph can be taken out for good; the work is still found, and nothing else is."""

from __future__ import annotations

import pytest

from attribution import registry
from attribution.models import StoredFingerprint
from core import encode
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
    assert house.ask(stylized(1)).identification == "recovered"


@pytest.mark.parametrize("copy", ["jpeg 60 at half size", "webp", "mirrored", "framed"])
def test_a_copy_is_still_found_by_its_texture(house: House, copy: str) -> None:
    work = forgotten(house)
    finding = house.ask(COPIES[copy](stylized(1)))
    assert (finding.identification, finding.work) == ("matched", work)


def test_neither_the_photograph_nor_another_style_of_it_is_named(house: House) -> None:
    forgotten(house)
    assert house.ask(photograph()).identification == "none"
    assert house.ask(encode.jpeg(photograph()), "photo.jpg").identification == "none"
    assert house.ask(stylized(2)).identification == "none"
