"""One's own styles: from a draft to the list and back, with what each step lacks and what each end ends."""

from __future__ import annotations

import datetime as dt

from core import db
from creators.models import Style
from licensing import licenses
from tests.creators import studio
from tests.creators.studio import AT
from tests.creators.test_routes import DECLARATION, add, draft, somebody
from tests.doors import Doors
from tests.fakes import texture
from tests.licensing.sealed import record
from tests.licensing.test_routes_styles import statements


def test_a_style_goes_live_from_nothing_but_the_api(doors: Doors) -> None:
    ada = somebody(doors)
    style = draft(ada)
    own = ada.get(f"/v1/me/styles/{style}").json()
    assert (own["state"], own["consent"], own["offer"], own["assets"]) == ("draft", None, None, [])
    assert [words.split()[0] for words in own["missing"]] == ["declare", "add"]
    refused = ada.post(f"/v1/styles/{style}/publication")
    assert (refused.status_code, refused.json()["missing"]) == (409, own["missing"])
    add(ada, style)
    assert ada.post(f"/v1/styles/{style}/consents", json=DECLARATION).status_code == 201
    for _ in range(2):
        own = ada.post(f"/v1/styles/{style}/publication").json()
        assert (own["state"], own["missing"], own["version"]) == ("listed", [], 1)
    terms = ada.get(f"/v1/terms/presets?style={style}").json()[1]["terms"]
    offer = ada.post(f"/v1/styles/{style}/offers", json=terms)
    assert offer.status_code == 201, offer.text
    assert ada.get(f"/v1/me/styles/{style}").json()["offer"]["id"] == offer.json()["id"]
    [card] = doors.client().get("/v1/styles").json()["items"]
    assert (card["id"], card["offer"]["id"]) == (style, offer.json()["id"])


def test_somebody_elses_style_is_not_there(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    eve = somebody(doors, "Eve Moss")
    style = f"/v1/styles/{offer.style}"
    answers = [
        eve.get(f"/v1/me/styles/{offer.style}"),
        eve.patch(style, json={"name": "Mine"}),
        eve.post(f"{style}/publication"),
        eve.delete(f"{style}/publication"),
        eve.post(f"{style}/retirement"),
        eve.post(f"{style}/offers", json=doors.client().get(style).json()["terms"]),
        eve.get(f"/v1/terms/presets?style={offer.style}"),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert eve.get("/v1/me/styles").json() == []
    assert doors.client().get(style).json()["state"] == "listed"


def test_a_name_changes_only_while_it_is_a_draft(doors: Doors) -> None:
    ada = somebody(doors)
    style = draft(ada)
    assert ada.patch(f"/v1/styles/{style}", json={"name": " Reed light "}).json()["name"] == "Reed light"
    assert ada.patch(f"/v1/styles/{style}", json={"name": "two\nlines"}).status_code == 422
    offer = doors.world.artist("Eve Moss")
    eve = doors.creator(doors.world.style_of(offer).creator)
    refused = eve.patch(f"/v1/styles/{offer.style}", json={"name": "Another"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-a-draft")


def test_taking_a_style_back_says_what_ended(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    with db.unit(doors.house.sessions) as session:
        fans = [studio.person(session, name) for name in ("Bob Reed", "Kim Lo")]
        held = [licenses.grant(session, offer=offer.id, licensee=fan.id, at=AT) for fan in fans]
        for seed in (100, 101, 102):
            record(session, doors.world.studio, held[0], seed=seed)
    ada = doors.creator(doors.world.style_of(offer).creator)
    answer = ada.delete(f"/v1/styles/{offer.style}/publication", params={"reason": "a change of heart"})
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["reason"]) == ("suspended", "a change of heart")
    assert answer.json()["effect"] == {"licenses_revoked": 2, "works_withdrawn": 3}
    again = ada.delete(f"/v1/styles/{offer.style}/publication").json()
    assert (again["effect"], again["reason"]) == ({"licenses_revoked": 0, "works_withdrawn": 0}, "a change of heart")
    assert ada.post(f"/v1/styles/{offer.style}/publication").json()["state"] == "listed"
    assert doors.client(fans[0]).get("/v1/licenses").json()["items"][0]["state"] == "revoked"


def test_withdrawing_consent_ends_the_same_for_good(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    with db.unit(doors.house.sessions) as session:
        licenses.grant(session, offer=offer.id, licensee=studio.person(session).id, at=AT)
        consent = str(session.get_one(Style, offer.style).consent)
    ada = doors.creator(doors.world.style_of(offer).creator)
    assert somebody(doors, "Eve Moss").delete(f"/v1/consents/{consent}").status_code == 404
    answer = ada.delete(f"/v1/consents/{consent}", params={"reason": "never again"})
    assert answer.json()["effect"] == {"licenses_revoked": 1, "works_withdrawn": 0}
    assert answer.json()["withdrawn_at"] is not None
    own = ada.get(f"/v1/me/styles/{offer.style}").json()
    assert (own["state"], own["reason"], own["consent"]["id"]) == ("suspended", "never again", consent)
    assert ada.post(f"/v1/styles/{offer.style}/publication").status_code == 409


def test_a_retired_style_is_off_the_list_and_keeps_its_licenses(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    with db.unit(doors.house.sessions) as session:
        fan = studio.person(session)
        licenses.grant(session, offer=offer.id, licensee=fan.id, at=AT)
    ada = doors.creator(doors.world.style_of(offer).creator)
    assert ada.post(f"/v1/styles/{offer.style}/retirement").json()["state"] == "retired"
    assert doors.client().get("/v1/styles").json()["items"] == []
    assert doors.client(fan).get("/v1/licenses").json()["items"][0]["state"] == "active"


def test_a_reason_is_one_line(doors: Doors) -> None:
    offer = doors.world.artist("Ada Marsh")
    ada = doors.creator(doors.world.style_of(offer).creator)
    for bad in ("", "two\nlines", "nul\0", "x" * 201):
        assert ada.delete(f"/v1/styles/{offer.style}/publication", params={"reason": bad}).status_code == 422
    assert doors.client().get(f"/v1/styles/{offer.style}").json()["state"] == "listed"


def test_all_my_styles_come_in_two_queries(doors: Doors) -> None:
    ada = somebody(doors)
    profile = ada.post("/v1/profiles", json={"name": "Ada Marsh"}).json()["id"]
    new = {"profile": profile, "medium": "picture"}
    ids = [ada.post("/v1/styles", json=new | {"name": f"Light {n}"}).json()["id"] for n in range(3)]
    for n, style in enumerate(ids):
        add(ada, style, n)
    with statements(doors) as asked:
        mine = ada.get("/v1/me/styles").json()
    assert [style["id"] for style in mine] == ids[::-1]
    assert [len(style["assets"]) for style in mine] == [1, 1, 1]
    assert len([text for text in asked if text.startswith("SELECT")]) == 2


def test_what_is_missing_is_what_publishing_asks_for(doors: Doors) -> None:
    """A held copy and a consent that has ended, listed by the page and refused by the noun in the same words."""
    doors.world.artist("Ada Marsh", seed=1)
    with db.unit(doors.house.sessions) as session:
        style = studio.draft(session, name="Eve Moss")
        consent = studio.declare(session, style)
        doors.world.studio.take(session, style, texture(1))
        consent.expires_at = AT - dt.timedelta(days=1)
    eve = doors.creator(style.creator)
    missing = eve.get(f"/v1/me/styles/{style.id}").json()["missing"]
    assert len(missing) == 3
    assert eve.post(f"/v1/styles/{style.id}/publication").json()["missing"] == missing
