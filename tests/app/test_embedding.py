"""Works on other sites: oEmbed tells no more than a stranger with the link sees; a badge says what the claim says."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from app import badge, oembed
from app.main import create_app
from app.oembed import Size
from core import db
from generation.models import Work
from generation.shown import Grant, Shown
from generation.waiting import NOWHERE
from licensing import licenses
from licensing.verdicts import Standing
from tests.doors import HERE, Doors
from tests.generation.world import World

INDEX = "<!doctype html><html><head><title>Homage</title></head><body></body></html>"


def made(world: World) -> tuple[str, str]:
    """A finished work and its owner."""
    fan = world.fan()
    work = world.place(world.order(fan, world.artist()))
    assert world.make_all() == ["done"]
    return work.id, fan.id


def test_a_shared_work_is_embedded_and_one_that_is_not_is_not_found(doors: Doors, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(INDEX)
    stranger = TestClient(create_app(doors.house, dist=tmp_path), base_url=HERE, headers={"Accept": "text/html"})
    work, fan = made(doors.world)
    page = f"{HERE}/works/{work}"
    asked = {"url": page, "format": "json"}
    assert stranger.get("/v1/oembed", params=asked).status_code == 404
    assert doors.client(fan).get("/v1/oembed", params=asked).status_code == 404, "it is answered for everyone alike"
    assert "oembed" not in stranger.get(page).text

    doors.client(fan).put(f"/v1/works/{work}/sharing", json={"shared": True})
    answer = stranger.get("/v1/oembed", params=asked)
    told = answer.json()
    assert (told["type"], told["version"], told["author_name"]) == ("photo", "1.0", "Bob Reed")
    assert "Ada Marsh" in told["title"]
    assert "html" not in told
    assert answer.headers["access-control-allow-origin"] == "*"
    picture = stranger.get(told["url"])
    assert picture.headers["content-type"] == "image/jpeg"
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    assert (told["width"], told["height"]) == (128, 96)

    head = stranger.get(page).text.partition("</head>")[0]
    found = re.search(r'type="application/json\+oembed" href="([^"]*)"', head)
    assert found
    assert parse_qs(urlsplit(found[1].replace("&amp;", "&")).query)["url"] == [page]
    assert stranger.get(found[1].replace("&amp;", "&")).json() == told

    for wrong, status in (
        ({"url": f"https://elsewhere.example/works/{work}"}, 404),
        ({"url": f"{HERE}/styles/{work}"}, 404),
        ({"url": "https://[not-an-address"}, 404),
        ({"url": f"javascript:{HERE}/works/{work}"}, 404),
        ({"url": page, "format": "xml"}, 501),
        ({"url": page, "maxwidth": "0"}, 422),
        ({}, 422),
    ):
        refused = stranger.get("/v1/oembed", params=wrong)
        assert (refused.status_code, refused.json()["status"]) == (status, status), wrong

    badge_says(stranger, work, "licensed")
    with db.unit(doors.house.sessions) as session:
        claim = stranger.get(f"/v1/claims/{work}").json()["claim"]["licenses"][0]
        licenses.revoke(session, license=claim["license"], by=claim["licensor"], reason="a test", at=doors.world.now)
    assert stranger.get("/v1/oembed", params=asked).status_code == 404
    badge_says(stranger, work, "withdrawn")


def badge_says(client: TestClient, work: str, words: str) -> None:
    answer = client.get(f"/badge/{work}.svg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "public, max-age=300"
    drawing = ET.fromstring(answer.text)
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label") == f"Homage: {words} ({work})"
    assert not list(drawing.iter("{http://www.w3.org/2000/svg}script"))


def test_a_badge_of_what_nobody_knows_says_so_and_one_of_nothing_is_not_found(doors: Doors) -> None:
    stranger = doors.client()
    badge_says(stranger, f"wrk_{'0' * 26}", "unknown")
    for path in ("/badge/x.svg", "/badge/wrk_%3Cscript%3E.svg"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_every_standing_has_a_look() -> None:
    assert set(badge.LOOKS) == set(get_args(Standing))


@pytest.mark.parametrize(
    ("size", "most", "kind", "told"),
    [
        ((1024, 768), (oembed.MOST, oembed.MOST), "photo", (1024, 768)),
        ((1024, 768), (1023, 800), "photo", (512, 384)),
        ((1024, 768), (300, 800), "rich", (300, 225)),
        ((1024, 768), (1, 1), "rich", (1, 1)),
        ((90, 60), (100, 100), "photo", (90, 60)),
        (None, (oembed.MOST, oembed.MOST), "rich", (512, 192 + oembed.PLAYER)),
        (None, (256, 400), "rich", (256, 96 + oembed.PLAYER)),
        (None, (512, 60), "rich", (160, 60)),
    ],
)
def test_nothing_is_larger_than_asked_for(
    size: tuple[int, int] | None, most: tuple[int, int], kind: str, told: tuple[int, int]
) -> None:
    width, height = size or (None, None)
    work = Work(id="wrk_x", medium="picture" if size else "sound", width=width, height=height)
    seen = Shown(work, own=False, by='A "B" <c>', grants=(), place=NOWHERE, withdrawn_at=None)
    answer = oembed.embed(seen, name="Homage", origin=HERE, most=Size(*most))
    assert (answer.type, (answer.width, answer.height)) == (kind, told)
    assert answer.width <= most[0]
    assert answer.height <= most[1]
    if answer.thumbnail_width is not None and answer.thumbnail_height is not None:
        assert Size(answer.thumbnail_width, answer.thumbnail_height).fits(Size(*most))
    if kind == "rich":
        assert answer.html is not None
        shown = re.search('width="([0-9]+)"', answer.html)
        assert shown
        assert int(shown[1]) == answer.width
        assert ("audio" in answer.html) == (size is None and most[1] > 2 * oembed.PLAYER)


def test_what_people_wrote_is_escaped() -> None:
    work = Work(id="wrk_x", medium="sound", width=None, height=None)
    grant = Grant("sty_x", '"><script>', "crt_x", "Ada & Co", None, None, 1)
    seen = Shown(work, own=False, by="Bob", grants=(grant,), place=NOWHERE, withdrawn_at=None)
    answer = oembed.embed(seen, name="Homage", origin=HERE, most=Size(oembed.MOST, oembed.MOST))
    assert answer.html is not None
    assert "<script>" not in answer.html
    assert "Ada &amp; Co" in answer.html
