"""The gate before the API: units a minute per caller, told on every answer; large bodies refused; streams whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from app import problems
from app.gate import Gate, cost
from app.settings import Limits
from core.errors import Unauthenticated
from core.limits import Buckets
from core.web import MOST_BODY, Anyone, Metered, Principal
from tests.doors import Doors


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Small:
    """An app behind the gate whose callers are told by their bearer token, with a clock that is set by hand."""

    def __init__(self, limits: Limits) -> None:
        self.hands = Hands()
        self.app = FastAPI()
        self.revoked: set[str] = set()
        self.app.state.authenticate = self._authenticate
        problems.install(self.app)

        @self.app.get("/v1/me")
        def me(who: Anyone) -> str:
            return who.person if who else "nobody"

        @self.app.get("/v1/dear")
        def dear(meter: Metered) -> str:
            meter.costs(5)
            return "dear"

        @self.app.post("/v1/words")
        async def words(request: Request) -> int:
            return len(await request.body())

        @self.app.get("/v1/stream")
        def stream() -> StreamingResponse:
            async def pieces() -> AsyncIterator[str]:
                yield "a"
                yield "b"

            return StreamingResponse(pieces())

        @self.app.get("/v1/broken")
        def broken() -> None:
            raise RuntimeError("a secret")

        self.gate = Gate(self.app, limits)
        self.gate.buckets = Buckets(now=self.hands)
        self.client = self.of(None)

    def of(self, token: str | None, address: str = "203.0.113.9") -> TestClient:
        client = TestClient(self.gate, raise_server_exceptions=False, client=(address, 1))
        if token:
            client.headers["authorization"] = f"Bearer {token}"
        return client

    def _authenticate(self, request: Request) -> Principal | None:
        kind, _, name = request.headers.get("authorization", "").removeprefix("Bearer ").partition("-")
        if name in self.revoked:
            raise Unauthenticated("this key was revoked")
        if kind not in ("key", "session"):
            return None
        scopes = frozenset({"works"}) if kind == "key" else None
        return Principal(person=name.rstrip("0123456789"), name=name, scopes=scopes)


@pytest.fixture
def small() -> Small:
    return Small(Limits(per_minute=10, anonymous_per_minute=4))


def left(answer: Any) -> str:
    return str(answer.headers.get("ratelimit"))


def test_every_answer_says_what_is_left(small: Small) -> None:
    answer = small.client.get("/v1/me")
    assert answer.headers["ratelimit-policy"] == '"anonymous";q=4;w=60'
    assert left(answer) == '"anonymous";r=3;t=15'
    assert left(small.client.get("/v1/nowhere")) == '"anonymous";r=2;t=30'


def test_what_is_too_much_is_a_problem_with_the_seconds_to_wait(small: Small) -> None:
    for _ in range(4):
        assert small.client.get("/v1/me").status_code == 200
    refused = small.client.get("/v1/me")
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert refused.headers["retry-after"] == str(refused.json()["retry_after"]) == "15"
    assert left(refused) == '"anonymous";r=0;t=60'
    small.hands.at += 15
    assert small.client.get("/v1/me").status_code == 200


def test_addresses_are_counted_apart_and_known_callers_by_who_they_are(small: Small) -> None:
    for _ in range(5):
        small.client.get("/v1/me")
    elsewhere = small.of(None, "203.0.113.10")
    assert elsewhere.get("/v1/me").status_code == 200
    bob = small.of("session-bob", "203.0.113.11")
    assert left(bob.get("/v1/me")) == '"anonymous";r=3;t=15'  # the first request is how the gate gets to know them
    assert left(bob.get("/v1/me")) == '"default";r=9;t=6'
    assert left(small.of("session-bob", "198.51.100.1").get("/v1/me")) == '"default";r=8;t=12'


def test_all_keys_of_a_person_share_a_minute_and_their_browser_has_its_own(small: Small) -> None:
    for number in range(3):
        small.of(f"key-bob{number}", f"203.0.113.{number}").get("/v1/me")
    assert left(small.of("key-bob0").get("/v1/me")) == '"default";r=9;t=6'
    assert left(small.of("key-bob1").get("/v1/me")) == '"default";r=8;t=12'
    small.of("session-bob", "198.51.100.7").get("/v1/me")
    assert left(small.of("session-bob").get("/v1/me")) == '"default";r=9;t=6'


def test_made_up_credentials_count_on_the_address(small: Small) -> None:
    statuses = [small.of(f"session-x{n}" if n < 0 else f"made-up-{n}").get("/v1/me").status_code for n in range(6)]
    assert statuses == [200] * 4 + [429] * 2


def test_credentials_that_are_no_longer_good_stop_counting_on_their_person(small: Small) -> None:
    thief = small.of("key-bob")
    thief.get("/v1/me")
    assert "default" in left(thief.get("/v1/me"))
    small.revoked.add("bob")
    thief.get("/v1/me")
    assert "anonymous" in left(thief.get("/v1/me"))


def test_only_so_many_callers_are_remembered(small: Small) -> None:
    small.gate.callers._most = 3
    for number in range(5):
        small.of(f"session-bob{number}", f"203.0.113.{number}").get("/v1/me")
    assert len(small.gate.callers._known) == 3


def test_a_route_may_turn_out_to_be_dearer(small: Small) -> None:
    bob = small.of("session-bob")
    bob.get("/v1/me")
    assert left(bob.get("/v1/dear")) == '"default";r=5;t=30'
    bob.get("/v1/me")
    refused = bob.get("/v1/dear")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "6")


def test_a_stream_passes_whole_and_with_the_fields(small: Small) -> None:
    answer = small.client.get("/v1/stream")
    assert (answer.text, left(answer)) == ("ab", '"anonymous";r=3;t=15')


def test_without_limits_nothing_is_said_or_refused() -> None:
    client = Small(Limits(per_minute=0, anonymous_per_minute=0)).client
    answers = [client.get("/v1/me") for _ in range(50)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[0].headers


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_a_problem(small: Small, chunked: bool) -> None:
    data = b"x" * (MOST_BODY + 1)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    answer = small.client.post("/v1/words", content=pieces() if chunked else data)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/content-too-large")
    assert small.client.post("/v1/words", content=data[:MOST_BODY]).json() == MOST_BODY


@pytest.mark.parametrize("silent", [0.02, 60.0])
def test_a_body_that_drips_or_stops_is_refused(small: Small, silent: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.gate.SILENT_SECONDS", silent)
    monkeypatch.setattr("app.gate.MOST_SECONDS", 0.1)
    sent: list[Any] = []

    async def drips() -> Any:
        await anyio.sleep(0.03)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def keep(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", b"1000")]
    scope = {"type": "http", "method": "POST", "path": "/v1/words", "query_string": b"", "headers": headers}
    anyio.run(small.gate, scope, drips, keep)
    assert sent[0]["status"] == 408
    assert b"/problems/body-stopped-coming" in sent[1]["body"]


def test_a_mistake_of_ours_is_told_without_its_words(small: Small) -> None:
    answer = small.client.get("/v1/broken")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/unexpected")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "length", "units"),
    [
        ("GET", "/v1/styles", None, 1),
        ("GET", "/v1/assets/ast_1/thumbnail", None, 0),
        ("GET", "/v1/works/wrk_1/thumbnail", None, 0),
        ("GET", "/v1/works/wrk_1/overlay.png", None, 0),
        ("GET", "/v1/starters/china/picture", None, 0),
        ("GET", "/v1/works/wrk_1/file", None, 1),
        ("PATCH", "/v1/uploads/upl_1", "5000000", 0),
        ("POST", "/v1/uploads", None, 1),
        ("POST", "/v1/previews", "200", 10),
        ("POST", "/v1/styles/nearest", "200000", 10),
        ("POST", "/v1/verifications", "300", 1),
        ("POST", "/v1/verifications", "300000", 10),
        ("POST", "/v1/verifications", None, 10),
        ("POST", "/v1/verifications", "many", 10),
        ("POST", "/v1/works", "300", 1),
    ],
)
def test_what_each_request_costs(method: str, path: str, length: str | None, units: int) -> None:
    headers = Headers({"content-length": length} if length else {})
    assert cost(method, path, headers) == units


def test_the_whole_house_stands_behind_the_gate(tmp_path: Path, database: str) -> None:
    doors = Doors(tmp_path, database, limits=Limits(per_minute=50, anonymous_per_minute=12))
    try:
        client, house = doors.client(), doors.house
        house.verdict_keys.sign(b"{}", at=house.clock.now())  # the first key is made now, and not while units come back
        answer = client.post("/v1/verifications", data={"sha256": "0" * 64})
        assert left(answer) == '"anonymous";r=11;t=5'
        dear = client.post("/v1/verifications", files={"file": ("a.png", b"\x89PNG tiny")})
        assert (dear.status_code, left(dear)) == (422, '"anonymous";r=1;t=55')
        refused = client.post("/v1/verifications", files={"file": ("a.png", b"\x89PNG tiny")})
        assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
        assert client.get("/v1/assets/ast_x/thumbnail").headers["ratelimit"].startswith('"anonymous";r=')
    finally:
        doors.close()
