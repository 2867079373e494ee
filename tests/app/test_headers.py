"""Every answer carries what keeps a browser from being used against its owner."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from fastapi.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.headers import Headers
from app.main import create_app
from tests.doors import HERE, Doors

WANTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PAGE = {
    "default-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' blob: data:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def policy(headers: object) -> dict[str, str]:
    said = headers["content-security-policy"]  # type: ignore[index]
    return {part.split()[0]: " ".join(part.split()[1:]) for part in said.split(";")}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/styles", 200), ("/v1/nowhere", 404), ("/v1/me", 401), ("/v1/styles?limit=x", 422), ("/robots.txt", 200)],
)
def test_an_answer_of_the_api_can_load_run_and_frame_nothing(doors: Doors, path: str, status: int) -> None:
    answer = doors.client().get(path)
    assert answer.status_code == status
    said = policy(answer.headers)
    assert said["default-src"] == "'none'"
    assert "sandbox" in said
    assert said["frame-ancestors"] == "'none'"
    assert {name: answer.headers[name] for name in WANTED} == WANTED
    assert "camera=()" in answer.headers["permissions-policy"]
    assert ("cache-control" in answer.headers) or not path.startswith("/v1")


def test_a_page_runs_our_scripts_alone_and_none_that_stand_in_it(doors: Doors, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><head></head>")
    page = TestClient(create_app(doors.house, dist=tmp_path), base_url=HERE).get("/")
    said = policy(page.headers)
    styles = said.pop("style-src")
    assert said == PAGE
    assert styles.startswith("'self' 'nonce-")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert {name: page.headers[name] for name in WANTED} == WANTED


def test_our_own_mistakes_have_them_too(doors: Doors) -> None:
    @doors.app.get("/v1/broken")
    def broken() -> None:
        raise RuntimeError("a mistake")

    doors.app.router.routes.insert(0, doors.app.router.routes.pop())
    answer = doors.client().get("/v1/broken")
    assert answer.status_code == 500
    assert {name: answer.headers[name] for name in WANTED} == WANTED


def test_only_https_promises_https(doors: Doors) -> None:
    assert "strict-transport-security" not in doors.client().get("/v1/styles").headers
    secure = TestClient(doors.app, base_url="https://house.example").get("/v1/styles")
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


def test_a_route_keeps_what_it_says_itself(doors: Doors) -> None:
    answer = doors.client().get("/v1/starters/china/picture")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert "public" in answer.headers["cache-control"]
    assert "sandbox" in policy(answer.headers)


def test_other_sites_are_let_in_only_by_setting(doors: Doors) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in doors.client().get("/v1/styles", headers=asked).headers
    doors.house.settings.cors.origins = ("https://elsewhere.example",)
    client = TestClient(create_app(doors.house), base_url=HERE)
    for answer in (client.get("/v1/styles", headers=asked), client.options("/v1/styles", headers=asked)):
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://elsewhere.example"
        assert "access-control-allow-credentials" not in answer.headers
    other = client.get("/v1/styles", headers={"Origin": "https://third.example"})
    assert "access-control-allow-origin" not in other.headers


def test_a_stream_is_passed_on_piece_by_piece() -> None:
    seen: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(3):
            assert len(seen) == number, "a piece was held back"
            await send({"type": "http.response.body", "body": b"x", "more_body": number < 2})

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            seen.append(message["body"])
        else:
            assert (b"x-content-type-options", b"nosniff") in message["headers"]

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    anyio.run(Headers(app), {"type": "http", "scheme": "http", "path": "/"}, receive, send)
    assert seen == [b"x"] * 3
