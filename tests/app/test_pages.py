"""The pages: one document at every address, files that are cached for good, cards for links, and the API left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.main import create_app
from app.settings import ROOT
from core import db
from tests.doors import HERE, Doors

INDEX = """<!doctype html>
<html><head><meta name="csp-nonce" content="__CSP_NONCE__" /><title>Homage</title></head><body></body></html>
"""
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / ".vite").mkdir()
    (dist / "index.html").write_text(INDEX)
    (dist / "seal.svg").write_text("<svg/>")
    (dist / ".vite" / "manifest.json").write_text("{}")
    for suffix, content in (("", b"plain"), (".gz", b"gzipped"), (".br", b"brotli")):
        (dist / "assets" / f"index-1a2b.js{suffix}").write_bytes(content)
    (tmp_path / "secret.js").write_text("not of the build")
    return dist


@pytest.fixture
def pages(doors: Doors, dist: Path) -> TestClient:
    return TestClient(create_app(doors.house, dist=dist), base_url=HERE, headers=BROWSER)


@pytest.mark.parametrize(
    "path", ["/", "/studio", "/works/wrk_x", "/styles/a/b", "/v1x", "/.well-known/x", "/index.html"]
)
def test_every_address_of_a_page_is_the_document(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


def test_each_answer_has_a_nonce_of_its_own(pages: TestClient) -> None:
    nonces = set()
    for _ in range(3):
        answer = pages.get("/")
        found = re.search(r'csp-nonce" content="([\w-]{20,})"', answer.text)
        assert found
        assert f"'nonce-{found[1]}'" in answer.headers["content-security-policy"]
        nonces.add(found[1])
    assert len(nonces) == 3


def test_what_is_unknown_under_the_api_stays_the_apis_to_refuse(pages: TestClient) -> None:
    for method, path, status in (
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1", 404),
        ("POST", "/v1/nowhere", 404),
        ("PUT", "/v1/styles", 405),
        ("POST", "/studio", 405),
    ):
        answer = pages.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), path


def test_hashed_files_are_kept_for_good_and_sent_packed(pages: TestClient) -> None:
    for accepted, content in (("gzip, deflate, br", b"brotli"), ("gzip", b"gzipped"), ("identity", b"plain")):
        with pages.stream("GET", "/assets/index-1a2b.js", headers={"Accept-Encoding": accepted}) as answer:
            assert b"".join(answer.iter_raw()) == content
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["x-content-type-options"] == "nosniff"
    seal = pages.get("/seal.svg")
    assert (seal.headers["content-type"], seal.headers["cache-control"]) == ("image/svg+xml", "public, max-age=300")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-1.js",
        "/assets/",
        "/assets/../../secret.js",
        "/assets/%2e%2e/%2e%2e/secret.js",
        "/assets/%00.js",
        f"/assets/{'x' * 300}.js",
    ],
)
def test_a_file_that_is_not_there_is_not_the_document(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert "not of the build" not in answer.text
    if path.startswith("/assets/") and ".." not in path:
        assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/.vite/manifest.json", "/../secret.js", "/%2e%2e/secret.js", "//etc/passwd"])
def test_nothing_hidden_and_nothing_outside_is_sent(pages: TestClient, path: str) -> None:
    assert pages.get(path).text.startswith("<!doctype html>")


def test_who_wants_no_page_gets_none(pages: TestClient) -> None:
    assert pages.get("/picture.png", headers={"Accept": "image/*"}).status_code == 404


def test_without_a_build_the_page_says_what_to_do(doors: Doors, tmp_path: Path) -> None:
    answer = TestClient(create_app(doors.house, dist=tmp_path / "none"), base_url=HERE).get("/", headers=BROWSER)
    assert answer.status_code == 503
    assert "make setup" in answer.text


def test_robots_are_told_where_not_to_go(pages: TestClient) -> None:
    answer = pages.get("/robots.txt")
    assert "Disallow: /v1/" in answer.text


def test_the_lock_of_the_pages_libraries_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text()


# -- cards ----------------------------------------------------------------------------------------------------------


def card(pages: TestClient, path: str) -> dict[str, str]:
    return dict(re.findall(r'<meta property="([^"]*)" content="([^"]*)" />', pages.get(path).text))


def is_hidden(pages: TestClient, path: str) -> bool:
    return '<meta name="robots" content="noindex" />' in pages.get(path).text


def test_a_listed_style_has_a_card_and_what_people_wrote_is_escaped(doors: Doors, pages: TestClient) -> None:
    offer = doors.world.artist(name='"><script>alert(1)</script>')
    url = f"/styles/{offer.style}"
    page = pages.get(url).text
    assert "<script>alert" not in page
    told = card(pages, url)
    assert "&lt;script&gt;" in told["og:title"]
    assert told["og:url"] == f"{HERE}{url}"
    assert not is_hidden(pages, url)
    with db.unit(doors.house.sessions) as session:
        session.execute(text("UPDATE styles SET state = 'draft'"))
    assert card(pages, url) == {}
    assert is_hidden(pages, url)


def test_a_name_that_asks_for_the_nonce_gets_none(doors: Doors, pages: TestClient) -> None:
    offer = doors.world.artist(name="Ada __CSP_NONCE__")
    page = pages.get(f"/styles/{offer.style}")
    nonce = page.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert page.text.count(nonce) == 1
    assert "by Ada __CSP_NONCE__" in page.text


def test_a_shared_work_has_a_card_with_its_picture_and_a_private_one_has_none(doors: Doors, pages: TestClient) -> None:
    fan = doors.world.fan()
    work = doors.world.place(doors.world.order(fan, doors.world.artist()))
    assert doors.world.make_all() == ["done"]
    url = f"/works/{work.id}"
    assert card(pages, url) == {}
    assert is_hidden(pages, url)
    shared = doors.client(fan).put(f"/v1{url}/sharing", json={"shared": True})
    assert shared.status_code == 200
    told = card(pages, url)
    assert "Ada Marsh" in told["og:title"]
    assert told["og:image"] == f"{HERE}/v1{url}/thumbnail"
    assert told["twitter:card"] == "summary_large_image"
    assert doors.client().get(f"/v1{url}/thumbnail").status_code == 200
    assert not is_hidden(pages, url)
    assert "Ada Marsh" in pages.get(url).text.partition("</title>")[0]


@pytest.mark.parametrize("path", ["/works/wrk_unknown", "/styles/sty_unknown", "/works/", "/styles/%00"])
def test_what_nobody_may_see_is_not_indexed(pages: TestClient, path: str) -> None:
    assert card(pages, path) == {}
    assert is_hidden(pages, path)
