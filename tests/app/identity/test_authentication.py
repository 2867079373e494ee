"""Who a request is from: cookies by origin, requests across sites, bearer keys."""

from __future__ import annotations

import re

import pytest
from structlog.testing import capture_logs

from tests.app.identity.people import EMAIL, confirm, mails, problem, sign_in, sign_up, token_of
from tests.doors import HERE, PASSWORD, Doors

HTTPS, LAN = "https://homage.example.org", "http://192.168.1.20:8000"


@pytest.mark.parametrize(
    ("origin", "name", "secure"),
    [
        (HTTPS, "__Host-homage", True),
        ("https://127.0.0.1:8000", "__Host-homage", True),
        (HERE, "homage", False),
        ("http://localhost:8000", "homage", False),
        ("http://[::1]:8000", "homage", False),
    ],
)
def test_the_cookie_is_as_safe_as_its_origin_allows(doors: Doors, origin: str, name: str, secure: bool) -> None:
    doors.account()
    set_cookie = sign_in(doors.client(base_url=origin)).headers["set-cookie"]
    assert re.match(rf"{name}=[A-Za-z0-9_-]{{43}};", set_cookie)
    flags = {part.strip().lower() for part in set_cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert ("secure" in flags) is secure
    assert not any(flag.startswith("domain") for flag in flags)


@pytest.mark.parametrize("origin", [LAN, "http://homage.example.org", "http://127.0.0.1.example.org"])
def test_signing_in_over_plain_http_is_refused_with_the_way_out(doors: Doors, origin: str) -> None:
    doors.account()
    client = doors.client(base_url=origin)
    answer = sign_in(client)
    assert (answer.status_code, problem(answer)) == (403, "insecure-origin")
    assert "https" in answer.json()["detail"]
    assert "HOMAGE_SERVE__PROXIES" in answer.json()["detail"]
    assert "set-cookie" not in answer.headers
    assert problem(sign_up(client, "new@example.org")) == "insecure-origin"
    assert problem(confirm(client, "x")) == "insecure-origin"
    assert problem(client.post("/v1/password-resets", json={"email": EMAIL})) == "insecure-origin"
    reset = client.post("/v1/password-resets/confirm", json={"token": "x", "password": PASSWORD})
    assert problem(reset) == "insecure-origin"


def test_a_cookie_is_not_taken_where_it_could_have_been_read(doors: Doors) -> None:
    cookie = doors.account().cookies["homage"]
    for origin, name in ((LAN, "homage"), (LAN, "__Host-homage"), (HTTPS, "homage"), (HERE, "__Host-homage")):
        answer = doors.client(base_url=origin).get("/v1/me", headers={"cookie": f"{name}={cookie}"})
        assert answer.status_code == 401, (origin, name)


def test_the_plain_cookie_is_said_once_in_the_log(doors: Doors) -> None:
    doors.account()
    doors.app.state.said_plain = False
    with capture_logs() as said:
        sign_in(doors.client())
        sign_in(doors.client())
    assert len([line for line in said if "plain http" in line["event"]]) == 1


OWN, OTHER = {"origin": HERE}, {"origin": "https://evil.example"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        (OWN, 200),
        ({**OWN, "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({**OWN, "sec-fetch-site": "cross-site"}, 403),
        (OTHER, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://127.0.0.1:8000"}, 403),
        ({"origin": "http://127.0.0.1:8001"}, 403),
        ({"origin": "http://127.0.0.1"}, 403),
        ({"origin": "http://127.0.0.1:port"}, 403),
        ({"referer": f"{HERE}/studio"}, 403),
        ({}, 403),
    ],
)
def test_a_cookie_changes_things_only_from_our_own_pages(doors: Doors, headers: dict[str, str], status: int) -> None:
    client = doors.account()
    del client.headers["sec-fetch-site"]
    answer = client.patch("/v1/me", json={"name": "Another"}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert problem(answer) == "cross-site"
    me = client.get("/v1/me", headers=headers)
    assert me.status_code == 200, "reading changes nothing, and other origins cannot read the answer"
    assert (me.json()["name"] == "Another") is (status == 200)


@pytest.mark.parametrize("headers", [OTHER, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}])
def test_another_site_cannot_sign_anyone_in_or_up(doors: Doors, headers: dict[str, str]) -> None:
    doors.account()
    client = doors.client()
    client.headers.update(headers)
    assert problem(sign_in(client)) == "cross-site"
    assert problem(sign_up(client, "new@example.org")) == "cross-site"
    assert problem(confirm(client, "x")) == "cross-site"
    assert problem(client.post("/v1/sign-out")) == "cross-site"
    assert problem(client.post("/v1/password-resets", json={"email": EMAIL})) == "cross-site"
    reset = {"token": "x", "password": PASSWORD}
    assert problem(client.post("/v1/password-resets/confirm", json=reset)) == "cross-site"
    assert "set-cookie" not in sign_in(client).headers


def test_a_client_without_a_browser_signs_in_without_saying_where_it_is(doors: Doors) -> None:
    doors.account()
    assert sign_in(doors.client()).status_code == 200


def test_a_key_needs_no_origin_and_hides_the_cookie(doors: Doors) -> None:
    client = doors.account()
    made = client.post("/v1/me/keys", json={"name": "a program", "scopes": ["works"]}).json()
    headers = {"authorization": f"Bearer {made['key']}", "sec-fetch-site": "cross-site"}
    assert problem(client.get("/v1/me", headers=headers)) == "not-for-keys"
    assert client.get("/v1/me").status_code == 200


@pytest.mark.parametrize(
    "given",
    ["Bearer hmg_" + "x" * 43, "Bearer", "Bearer something", "Basic YTpi", "hmg_" + "x" * 43, "Bearer hmg_\udcff"],
)
def test_a_bad_credential_is_401_even_beside_a_good_cookie(doors: Doors, given: str) -> None:
    client = doors.account()
    answer = client.get("/v1/me", headers={"authorization": given.encode("utf-8", "surrogateescape")})
    assert (answer.status_code, problem(answer)) == (401, "key-refused")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_every_401_says_how_to_come_back(doors: Doors) -> None:
    nobody = doors.client().get("/v1/me")
    assert problem(nobody) == "unauthenticated"
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert sign_in(doors.client()).headers["www-authenticate"] == "Bearer"


def test_tokens_travel_behind_the_hash_where_no_server_logs_them(doors: Doors) -> None:
    doors.account()
    sign_up(doors.client(), "eve@example.org")
    doors.client().post("/v1/password-resets", json={"email": EMAIL})
    links = [mails(doors, "eve@example.org")[-1], mails(doors)[-1]]
    assert [mail.link.split("#")[0] for mail in links if mail.link] == [f"{HERE}/confirm", f"{HERE}/reset"]
    assert all(len(token_of(mail)) == 43 for mail in links)
