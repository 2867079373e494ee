"""What a creator recommends for their style: chosen by them alone, seen with the style, never added to an order."""

from __future__ import annotations

from typing import Any

import pytest

from core import db
from creators.models import Style
from generation.models import StylePreset
from tests.doors import Doors
from tests.generation.test_routes import order, wish

NOTHING = {"engine": "toy", "name": None, "title": None, "params": None, "chosen_at": None}


def url(style: str) -> str:
    return f"/v1/styles/{style}/preset"


def choose(doors: Doors, style: Style, **body: Any) -> Any:
    return doors.creator(style.creator).put(url(style.id), json={"engine": "toy", **body})


def seen(doors: Doors, style: Style) -> Any:
    return doors.client().get(url(style.id), params={"engine": "toy"})


def test_an_engine_shows_its_presets(doors: Doors) -> None:
    (toy,) = doors.client().get("/v1/engines").json()
    assert toy["presets"] == [
        {"name": "brisk", "title": "Brisk", "params": {"steps": 1}},
        {"name": "patient", "title": "Patient", "params": {"steps": 3}},
    ]


def test_a_preset_is_chosen_replaced_and_taken_back(doors: Doors) -> None:
    style = doors.world.style_of(doors.world.artist())
    assert seen(doors, style).json() == NOTHING
    chosen = choose(doors, style, name="patient").json()
    assert (chosen["name"], chosen["title"], chosen["params"]) == ("patient", "Patient", {"steps": 3})
    assert seen(doors, style).json() == chosen
    assert choose(doors, style, name="patient", params={"steps": 3}).status_code == 200
    own = choose(doors, style, name="own", params={"steps": 9}).json()
    assert (own["title"], own["params"]) == ("The artist's own settings", {"steps": 9})
    assert seen(doors, style).json() == own
    creator = doors.creator(style.creator)
    for _ in range(2):
        assert creator.delete(url(style.id), params={"engine": "toy"}).json() == NOTHING
    assert seen(doors, style).json() == NOTHING


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"name": "wild"}, 422, "choose one of: brisk, patient, own"),
        ({"name": "brisk", "params": {"steps": 2}}, 422, "not the parameters of preset 'brisk'"),
        ({"name": "own", "params": {"steps": 0}}, 422, "cannot use these parameters: steps"),
        ({"name": "own", "engine": "steam"}, 404, "no engine 'steam'"),
    ],
)
def test_what_the_engine_does_not_take_is_not_recommended(
    doors: Doors, body: dict[str, Any], status: int, words: str
) -> None:
    style = doors.world.style_of(doors.world.artist())
    answer = choose(doors, style, **body)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert seen(doors, style).json() == NOTHING


def test_nobody_chooses_for_another_or_sees_a_drafts(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    style = doors.world.style_of(offer)
    choose(doors, style, name="brisk")
    stranger = doors.client(fan)
    assert stranger.put(url(style.id), json={"engine": "toy", "name": "own"}).status_code == 404
    assert stranger.delete(url(style.id), params={"engine": "toy"}).status_code == 404
    assert doors.client(fan, scopes=frozenset({"works"})).put(url(style.id), json={}).status_code == 403
    with db.unit(doors.house.sessions) as session:
        session.get_one(Style, style.id).state = "draft"
    assert seen(doors, style).status_code == 404
    own = doors.creator(style.creator).get(url(style.id), params={"engine": "toy"})
    assert own.json()["name"] == "brisk"


def test_what_a_newer_engine_does_not_take_is_recommended_no_more(doors: Doors) -> None:
    style = doors.world.style_of(doors.world.artist())
    choose(doors, style, name="own", params={"steps": 9})
    with db.unit(doors.house.sessions) as session:
        session.get_one(StylePreset, (style.id, "toy")).params = {"strides": 9}
    assert seen(doors, style).json() == NOTHING


def test_an_order_is_made_with_its_own_parameters_alone(doors: Doors) -> None:
    offer, fan = doors.world.artist(), doors.world.fan()
    choose(doors, doors.world.style_of(offer), name="patient")
    assert order(doors, fan, wish(offer, source=None)).json()["params"] == {}
