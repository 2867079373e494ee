"""Profiles, works and consent through their doors: one's own alone, and what everyone may see of them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select, update

from core import db, ids
from core.media import Picture
from core.uploads import Upload
from creators.models import Asset
from tests.creators import studio
from tests.creators.sending import send
from tests.doors import Doors
from tests.fakes import texture

DECLARATION = {
    "legal_name": "Ada Marsh",
    "is_author": True,
    "holds_rights": True,
    "adult": True,
    "uses": "Pictures that fans make from their own photographs, to publish and to print.",
    "expires_on": "2030-01-01",
    "ai_training": "notAllowed",
}


def somebody(doors: Doors, name: str = "Ada Marsh") -> TestClient:
    """A client for a new person."""
    with db.unit(doors.house.sessions) as session:
        return doors.client(studio.person(session, name))


def draft(client: TestClient, name: str = "Ada Marsh") -> str:
    """A new profile's new style."""
    profile = client.post("/v1/profiles", json={"name": name}).json()["id"]
    made = client.post("/v1/styles", json={"profile": profile, "name": "Marsh light", "medium": "picture"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def add(client: TestClient, style: str, seed: int = 1, *, side: int = 640, title: str = "A field") -> dict[str, Any]:
    upload = send(client, texture(seed, height=side * 3 // 4, width=side))
    answer = client.post(f"/v1/styles/{style}/assets", json={"upload": upload, "title": title})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_profiles_are_ones_own(doors: Doors) -> None:
    ada, eve = somebody(doors), somebody(doors, "Eve Moss")
    made = ada.post("/v1/profiles", json={"name": "  Ada Marsh "})
    assert made.status_code == 201
    assert made.json()["name"] == "Ada Marsh"
    assert ada.get("/v1/profiles").json() == [made.json()]
    assert eve.get("/v1/profiles").json() == []
    stolen = {"profile": made.json()["id"], "name": "Mine", "medium": "picture"}
    assert eve.post("/v1/styles", json=stolen).status_code == 404
    assert doors.client().get("/v1/profiles").status_code == 401


def test_a_key_without_the_scope_does_nothing_here(doors: Doors) -> None:
    with db.unit(doors.house.sessions) as session:
        person = studio.person(session)
    answer = doors.client(person, scopes=frozenset({"works"})).post("/v1/profiles", json={"name": "Ada"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope-missing")


def test_an_upload_becomes_a_work_and_is_used_up(doors: Doors) -> None:
    ada = somebody(doors)
    style = draft(ada)
    asset = add(ada, style)
    assert (asset["state"], asset["width"], asset["height"], asset["advice"]) == ("live", 640, 480, [])
    with doors.house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 0
    original = ada.get(f"/v1/assets/{asset['id']}/original")
    assert original.headers["content-type"] == "image/png"
    assert original.headers["cache-control"] == "private, no-store"
    assert original.headers["content-disposition"].startswith("attachment")
    assert Image.open(io.BytesIO(original.content)).tobytes() == texture(1, height=480, width=640).pixels.tobytes()


def test_what_cannot_be_used_says_why_and_changes_nothing(doors: Doors) -> None:
    ada, eve = somebody(doors), somebody(doors, "Eve Moss")
    style = draft(ada)
    broken = send(ada, b"no picture at all")
    answer = ada.post(f"/v1/styles/{style}/assets", json={"upload": broken, "title": "x"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/undecodable")
    assert broken not in answer.json()["detail"]
    theirs = send(eve, texture(1))
    for upload in (theirs, ids.new("upl"), "nonsense"):
        assert ada.post(f"/v1/styles/{style}/assets", json={"upload": upload, "title": "x"}).status_code == 404
    assert eve.post(f"/v1/styles/{style}/assets", json={"upload": theirs, "title": "x"}).status_code == 404
    assert ada.get(f"/v1/me/styles/{style}").json()["assets"] == []


def test_a_title_that_is_refused_leaves_no_file_behind(doors: Doors) -> None:
    ada = somebody(doors)
    style, upload = draft(ada), send(ada, texture(1))
    answer = ada.post(f"/v1/styles/{style}/assets", json={"upload": upload, "title": "bell \a"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-name")
    assert not [path for path in doors.house.blobs.root.rglob("*") if path.is_file()]
    assert ada.post(f"/v1/styles/{style}/assets", json={"upload": upload, "title": "bell"}).status_code == 201


def test_the_intake_report_says_what_was_noticed(doors: Doors) -> None:
    ada, eve = somebody(doors), somebody(doors, "Eve Moss")
    mine, hers = draft(ada), draft(eve, "Eve Moss")
    first = add(ada, mine, 1, title="First field")
    again = add(ada, mine, 1, title="Once more")
    assert (again["state"], again["merged_into"]) == ("merged", first["id"])
    assert "“First field”" in again["advice"][0]
    held = add(eve, hers, 1)
    assert held["state"] == "held"
    assert "retire it if it is not yours" in held["advice"][0]
    assert first["id"] not in str(held)
    assert "Ada" not in str(held)
    assert "coarse" in add(ada, mine, 2, side=400)["advice"][0]
    assert "hardly any" in add(ada, mine, 3, side=200)["advice"][0]
    listed = {asset["id"]: asset["advice"] for asset in ada.get(f"/v1/me/styles/{mine}").json()["assets"]}
    assert listed[again["id"]] == again["advice"]


def framed(picture: Picture, margin: int) -> Picture:
    pixels = np.full((picture.height + 2 * margin, picture.width + 2 * margin, 3), 250, np.uint8)
    pixels[margin:-margin, margin:-margin] = picture.pixels
    return Picture(pixels)


def test_a_frame_is_left_out_until_its_creator_takes_it_back(doors: Doors) -> None:
    ada, eve = somebody(doors), somebody(doors, "Eve Moss")
    style = draft(ada)
    upload = send(ada, framed(texture(1, height=600, width=600), 50))
    asset = ada.post(f"/v1/styles/{style}/assets", json={"upload": upload, "title": "Framed"}).json()
    assert [(x["code"], x["sure"]) for x in asset["findings"]] == [("frame", True)] * 4
    assert sorted(x["area"] for x in asset["findings"]) == asset["left_out"]
    top = asset["left_out"][0]
    assert (top[0], top[1], top[3]) == (0, 0, 1_000_000)
    assert abs(top[2] - 50 / 700 * 1e6) < 8000
    before = ada.get(f"/v1/me/styles/{style}").json()["version"]
    address = f"/v1/assets/{asset['id']}/left-out"
    wished = [[900_000, 700_000, 1_000_000, 950_000]]
    for _ in range(2):
        changed = ada.put(address, json={"areas": wished})
        assert (changed.status_code, changed.json()["left_out"]) == (200, wished)
    assert ada.get(f"/v1/me/styles/{style}").json()["version"] == before + 1
    assert eve.put(address, json={"areas": []}).status_code == 404
    assert ada.put(address, json={"areas": []}).json()["left_out"] == []
    ada.delete(f"/v1/assets/{asset['id']}")
    assert ada.put(address, json={"areas": wished}).json()["type"] == "/problems/asset-gone"


@pytest.mark.parametrize(
    ("wished", "problem"),
    [
        ([[500_000, 0, 400_000, 1_000_000]], "bad-area"),
        ([[0, 0, 1_000_000, 900_000]], "bad-area"),
        ([[0, 0, 10, 1_000_001]], "invalid-request"),
        ([[0, 0, 10]], "invalid-request"),
        ([[0, i, 1, i + 1] for i in range(41)], "invalid-request"),
    ],
)
def test_an_area_is_a_rectangle_and_something_is_left(doors: Doors, wished: list[list[int]], problem: str) -> None:
    ada = somebody(doors)
    asset = add(ada, draft(ada))
    answer = ada.put(f"/v1/assets/{asset['id']}/left-out", json={"areas": wished})
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")


def test_a_styles_works_are_looked_at_together(doors: Doors) -> None:
    ada, eve = somebody(doors), somebody(doors, "Eve Moss")
    style = draft(ada)
    address = f"/v1/styles/{style}/inspection"
    assert ada.get(address).json() == []
    assert eve.get(address).status_code == 404
    for seed in range(4):
        add(ada, style, seed, side=320)
        codes = [x["code"] for x in ada.get(address).json()]
        assert codes == (["few"] if seed < 2 else [])
    rng = np.random.default_rng(9)
    lines = np.repeat(np.repeat(rng.integers(0, 2, (120, 4)), 4, 0), 120, 1)[..., None] * np.uint8([255, 20, 20])
    upload = send(ada, Picture(np.ascontiguousarray(lines.astype(np.uint8))))
    odd = ada.post(f"/v1/styles/{style}/assets", json={"upload": upload, "title": "Stripes"}).json()
    assert [(x["code"], x["assets"]) for x in ada.get(address).json()] == [("odd", [odd["id"]])]


def test_a_thumbnail_is_everyones_only_while_its_style_is_listed(doors: Doors) -> None:
    ada, nobody, eve = somebody(doors), doors.client(), somebody(doors, "Eve Moss")
    style = draft(ada)
    asset = add(ada, style)
    own = ada.get(asset["url"])
    assert (own.status_code, own.headers["cache-control"]) == (200, "private, no-store")
    assert max(Image.open(io.BytesIO(own.content)).size) == 512
    assert nobody.get(asset["url"]).status_code == 404
    assert eve.get(asset["url"]).status_code == 404
    assert ada.post(f"/v1/styles/{style}/consents", json=DECLARATION).status_code == 201
    assert ada.post(f"/v1/styles/{style}/publication").status_code == 200
    public = nobody.get(asset["url"])
    assert (public.status_code, public.headers["content-type"]) == (200, "image/jpeg")
    assert public.headers["content-security-policy"] == "sandbox; default-src 'none'"
    known = nobody.get(asset["url"], headers={"If-None-Match": public.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    for client in (nobody, eve):
        assert client.get(f"/v1/assets/{asset['id']}/original").status_code in (401, 404)
    assert ada.delete(f"/v1/styles/{style}/publication").status_code == 200
    assert nobody.get(asset["url"]).status_code == 404


def test_a_work_without_a_thumbnail_says_so(doors: Doors) -> None:
    ada = somebody(doors)
    asset = add(ada, draft(ada))
    with db.unit(doors.house.sessions) as session:
        session.execute(update(Asset).values(thumbnail=None))
    answer = ada.get(asset["url"])
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-thumbnail")


def test_a_retired_work_is_learned_from_no_more(doors: Doors) -> None:
    ada, eve = somebody(doors), somebody(doors, "Eve Moss")
    style = draft(ada)
    asset = add(ada, style)
    assert eve.delete(f"/v1/assets/{asset['id']}").status_code == 404
    for _ in range(2):
        answer = ada.delete(f"/v1/assets/{asset['id']}")
        assert (answer.status_code, answer.json()["state"]) == (200, "retired")
    assert "add a work of yours that is registered nowhere else" in ada.get(f"/v1/me/styles/{style}").json()["missing"]


def test_consent_is_kept_word_for_word(doors: Doors) -> None:
    ada, eve = somebody(doors), somebody(doors, "Eve Moss")
    style = draft(ada)
    answer = ada.post(f"/v1/styles/{style}/consents", json=DECLARATION)
    assert answer.status_code == 201
    assert str(DECLARATION["uses"]) in answer.json()["statement"]
    assert answer.json()["expires_at"].startswith("2030-01-01T00:00:00")
    assert ada.get(f"/v1/me/styles/{style}").json()["consent"] == answer.json()
    assert eve.post(f"/v1/styles/{style}/consents", json=DECLARATION).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_author": False, "adult": False}, ["author", "of age"]),
        ({"uses": "anything"}, ["specifically"]),
        ({"uses": "a b c d e \x00"}, ["printable"]),
        ({"expires_on": "2099-01-01"}, ["10 years"]),
    ],
)
def test_an_incomplete_declaration_names_all_that_is_missing(
    doors: Doors, change: dict[str, Any], words: list[str]
) -> None:
    ada = somebody(doors)
    answer = ada.post(f"/v1/styles/{draft(ada)}/consents", json=DECLARATION | change)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/consent-incomplete")
    assert len(answer.json()["missing"]) == len(words)
    for word in words:
        assert word in answer.json()["detail"]
