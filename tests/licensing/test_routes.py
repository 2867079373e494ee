"""Offers and licenses through their doors: terms as published, deeds for people and machines, uses and their end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core import db, ids
from licensing import deed, licenses
from licensing.models import License, Offer
from tests.creators import studio
from tests.creators.studio import AT
from tests.creators.test_routes import somebody
from tests.doors import Doors
from tests.licensing.examples import TERMS
from tests.licensing.sealed import record


def granted(doors: Doors, offer: Offer, name: str = "Bob Reed", *, days: int = 0) -> License:
    with db.unit(doors.house.sessions) as session:
        fan = studio.person(session, name)
        return licenses.grant(session, offer=offer.id, licensee=fan.id, at=AT + timedelta(days=days))


def licensor(doors: Doors, offer: Offer) -> Any:
    return doors.creator(doors.world.style_of(offer).creator)


def test_an_offer_is_published_as_a_version(doors: Doors) -> None:
    first = doors.world.artist("Ada Marsh")
    ada = licensor(doors, first)
    unsorted = TERMS.document() | {"uses": ["sell", "publish", "print", "sell"], "territory": ["DE", "AT"]}
    answer = ada.post(f"/v1/styles/{first.style}/offers", json=unsorted)
    assert answer.status_code == 201, answer.text
    offer = answer.json()
    assert (offer["number"], offer["terms"], offer["closed_at"]) == (2, TERMS.document(), None)
    assert (offer["terms_hash"], offer["deed_hash"]) == (TERMS.hash, deed.text_hash(TERMS))
    assert offer["deed"] == deed.text(TERMS)
    assert doors.client().get(f"/v1/offers/{offer['id']}").json() == offer
    versions = doors.client().get(f"/v1/styles/{first.style}/offers").json()
    assert [version["number"] for version in versions] == [2, 1]
    assert versions[1]["closed_at"] is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"royalty_ppm": 900_000, "fan_ppm": 900_000}, "bad-terms"),
        ({"report_uses": ["stream"]}, "bad-terms"),
        ({"territory": ["XX"]}, "bad-terms"),
        ({"ends_on": "2020-01-01"}, "bad-terms"),
        ({"attribution": "two\nlines"}, "bad-terms"),
        ({"ends_on": "2036-01-01"}, "beyond-consent"),
        ({"uses": ["publish", "train"], "report_uses": []}, "beyond-consent"),
        ({"price": {"amount": 5.5, "asset": "USD/6"}}, "invalid-request"),
        ({"price": {"amount": 5, "asset": "EUR/2"}}, "invalid-request"),
        ({"uses": ["steal"]}, "invalid-request"),
        ({"surprise": 1}, "invalid-request"),
        ({"version": 2}, "invalid-request"),
    ],
)
def test_terms_that_cannot_be_offered_are_told_why(doors: Doors, change: dict[str, Any], code: str) -> None:
    offer = doors.world.artist("Ada Marsh")
    answer = licensor(doors, offer).post(f"/v1/styles/{offer.style}/offers", json=TERMS.document() | change)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{code}")
    assert len(doors.client().get(f"/v1/styles/{offer.style}/offers").json()) == 1


def test_offers_of_a_style_off_the_list_are_its_creators_to_see(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    ada = licensor(doors, offer)
    ada.post(f"/v1/styles/{offer.style}/retirement")
    assert doors.client().get(f"/v1/styles/{offer.style}/offers").status_code == 404
    assert len(ada.get(f"/v1/styles/{offer.style}/offers").json()) == 1
    assert doors.client().get(f"/v1/offers/{offer.id}").status_code == 200
    assert doors.client().get(f"/v1/offers/{ids.new('off')}").status_code == 404


def test_a_deed_is_text_or_odrl_as_asked(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    url, nobody = f"/v1/offers/{offer.id}/deed", doors.client()
    text = nobody.get(url)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Withdrawal:" in text.text
    machine = nobody.get(url, headers={"Accept": "application/ld+json"})
    assert machine.headers["content-type"] == "application/ld+json"
    assert deed.read_odrl(machine.json()).hash == offer.terms_hash
    assert {text.headers["vary"], machine.headers["vary"]} == {"Accept"}


def test_presets_are_five_sets_of_terms_that_can_be_offered_as_they_are(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    ada = licensor(doors, offer)
    presets = ada.get(f"/v1/terms/presets?style={offer.style}").json()
    assert len({preset["id"] for preset in presets}) == 5
    assert "in the style of Ada Marsh" in [preset["terms"]["attribution"] for preset in presets]
    for preset in presets:
        answer = ada.post(f"/v1/styles/{offer.style}/offers", json=preset["terms"])
        assert answer.status_code == 201, answer.text
    assert [preset["id"] for preset in doors.client().get("/v1/terms/presets").json()] == [x["id"] for x in presets]


def test_a_license_is_seen_by_its_two_parties_alone(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    license = granted(doors, offer)
    fan, ada = doors.client(license.licensee), licensor(doors, offer)
    [mine] = fan.get("/v1/licenses").json()["items"]
    assert mine == ada.get(f"/v1/licenses/{license.id}").json() == fan.get(f"/v1/licenses/{license.id}").json()
    assert (mine["style"]["name"], mine["licensor"]["name"], mine["licensee"]["name"]) == (
        "Marsh light",
        "Ada Marsh",
        "Bob Reed",
    )
    assert (mine["state"], mine["offer"], mine["terms"]["uses"]) == ("active", offer.id, ["print", "publish", "sell"])
    eve = somebody(doors, "Eve Moss")
    assert eve.get(f"/v1/licenses/{license.id}").status_code == 404
    assert eve.get("/v1/licenses").json()["items"] == eve.get("/v1/uses").json()["items"] == []
    assert ada.get("/v1/licenses").json()["items"] == []


def test_uses_of_me_come_newest_first_with_what_was_made(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    held = [granted(doors, offer, f"Fan {n}", days=n) for n in range(3)]
    with db.unit(doors.house.sessions) as session:
        for seed in (100, 101):
            record(session, doors.world.studio, held[1], seed=seed)
    ada = licensor(doors, offer)
    first = ada.get("/v1/uses?limit=2")
    second = ada.get(first.headers["link"].partition(">")[0].removeprefix("<"))
    uses = first.json()["items"] + second.json()["items"]
    assert [(use["id"], use["works"]) for use in uses] == [(held[2].id, 0), (held[1].id, 2), (held[0].id, 0)]
    assert second.json()["next"] is None


def test_a_creator_ends_a_license_and_hears_what_ended(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    license = granted(doors, offer)
    with db.unit(doors.house.sessions) as session:
        record(session, doors.world.studio, license)
    for other in (doors.client(license.licensee), somebody(doors, "Eve Moss")):
        assert other.delete(f"/v1/licenses/{license.id}").status_code == 404
    ada = licensor(doors, offer)
    answer = ada.delete(f"/v1/licenses/{license.id}", params={"reason": "enough"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["reason"]) == ("revoked", "enough")
    assert answer.json()["effect"] == {"licenses_revoked": 1, "works_withdrawn": 1}
    again = ada.delete(f"/v1/licenses/{license.id}").json()
    assert (again["reason"], again["effect"]["works_withdrawn"]) == ("enough", 0)
