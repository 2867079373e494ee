"""Credits: who is named in which role, and what of a work is disclosed as made by a machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from attribution import credits
from attribution.claim import Claim, Contribution, Licensed
from core import ids
from tests.attribution.made import claim


def of(said: Claim, *, with_source: bool = True) -> credits.Credits:
    names = {said.licensee: "Bob", **{x.licensor: x.licensor_name for x in said.licenses}}
    return credits.of(said, names=names, with_source=with_source, isrc="DEA123456789")


def test_every_licensor_is_named_with_their_share_and_licenses_the_largest_first() -> None:
    said = claim()
    other = Licensed(ids.new("lic"), ids.new("sty"), ids.new("cre"), "Ivo Brandt", "1" * 64)
    more = Contribution(ids.new("ast"), "3" * 64, "A barn", other.licensor, 700_000)
    small = replace(said.contributions[0], share=300_000)
    found = of(replace(said, licenses=(*said.licenses, other), contributions=(small, more)))
    assert [(x.name, x.role, x.share) for x in found.contributors] == [
        ("Bob", "producer", None),
        ("Ivo Brandt", "artist", 700_000),
        ("Ada Marsh", "artist", 300_000),
    ]
    assert found.contributors[1].licenses == (other.license,)
    assert (found.work, found.isrc, found.engine) == (said.work, "DEA123456789", "toy 1")


@pytest.mark.parametrize(
    ("voice", "exact", "with_source", "parts"),
    [
        (True, True, True, {"vocals": "partial"}),
        (True, False, True, {"vocals": "all"}),
        (False, True, True, {"instrumentation": "partial"}),
        (False, True, False, {"instrumentation": "partial", "composition": "partial"}),
        (False, False, False, {"instrumentation": "all", "composition": "all"}),
    ],
)
def test_what_of_a_recording_is_disclosed(voice: bool, exact: bool, with_source: bool, parts: dict[str, str]) -> None:
    found = of(claim(medium="sound", voice=voice, exact=exact), with_source=with_source)
    assert dict(found.parts) == {
        **dict.fromkeys(("vocals", "instrumentation", "composition", "post_production", "lyrics"), "none"),
        **parts,
    }
    assert found.contributors[1].role == ("vocalist" if voice else "musician")


def test_what_of_a_picture_is_disclosed() -> None:
    assert of(claim()).parts == (("image", "partial"),)
    assert of(claim(exact=False)).parts == (("image", "all"),)
    assert of(claim(exact=False)).digital_source_type.endswith("/compositeWithTrainedAlgorithmicMedia")
