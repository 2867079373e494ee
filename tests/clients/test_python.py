"""The Python client against a live house, and what it does when a house refuses, is busy, or is away."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.clients.conftest import Live

pytestmark = pytest.mark.usefixtures("made")


@pytest.fixture
def house(live: Live) -> Iterator[Any]:
    from homage_client import Homage

    with Homage(live.url, live.key) as house:
        yield house


def test_a_file_a_number_and_a_hash_are_asked_about(live: Live, house: Any) -> None:
    for verdict in (
        house.verify(file=live.file, use="publish", territory="DE"),
        house.verify(work=live.work, use="publish", date=dt.date(2026, 5, 2)),
        house.verify(sha256=live.sha256, use="publish"),
    ):
        assert (verdict.work, verdict.standing) == (live.work, "licensed")
        assert verdict.asked.use == "publish"
    with live.file.open("rb") as opened:
        assert house.verify(file=opened).identification == "proven"


def test_what_is_refused_is_an_exception_of_its_kind(live: Live, house: Any) -> None:
    from homage_client import Homage, Invalid, NotFound, Refused, Unauthenticated

    with pytest.raises(Invalid) as unclear:
        house.verify(use="publish")
    assert (unclear.value.status, unclear.value.type) == (422, "/problems/unclear-question")
    with pytest.raises(Invalid) as wrong:
        house.verify(sha256="abc")
    assert wrong.value.errors[0]["pointer"] == "#/sha256"
    with Homage(live.url, "hmg_wrong") as stranger, pytest.raises(Unauthenticated) as refused:
        stranger.verify(work=live.work)
    assert refused.value.detail.startswith("this API key is unknown")

    from homage_client.generated.api.verifications import verifications_get_claim

    assert verifications_get_claim.sync(live.work, client=house.api).standing == "licensed"
    with pytest.raises(NotFound) as missing:
        verifications_get_claim.sync(f"wrk_{'0' * 26}", client=house.api)
    assert isinstance(missing.value, Refused)


Handler = Callable[[httpx.Request], httpx.Response]


def patient(handler: Handler, waits: list[float], **retries: Any) -> httpx.Client:
    from homage_client.retrying import Retries, Retrying

    inner = httpx.MockTransport(handler)
    return httpx.Client(transport=Retrying(inner, Retries(**retries), waits.append), base_url="http://house.example")


def in_turn(*answers: httpx.Response | Exception) -> Handler:
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


def busy(status: int = 429, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_busy_house_is_asked_again_when_it_says() -> None:
    waits: list[float] = []
    handler = in_turn(busy(retry_after="7"), busy(503, retry_after="2"), busy(503), httpx.Response(200))
    assert patient(handler, waits).post("/v1/reports").status_code == 200
    assert waits[:2] == [7.0, 2.0]
    assert 1.0 <= waits[2] <= 2.0


def test_a_wait_that_is_too_long_and_too_many_are_passed_on() -> None:
    waits: list[float] = []
    assert patient(in_turn(busy(retry_after="61")), waits).get("/").status_code == 429
    assert waits == []
    handler = in_turn(*[busy(503, retry_after="1") for _ in range(3)])
    assert patient(handler, waits, times=2).get("/").status_code == 503
    assert waits == [1.0, 1.0]


@pytest.mark.parametrize(
    ("method", "path", "headers", "again"),
    [
        ("GET", "/v1/house", {}, True),
        ("POST", "/v1/verifications", {}, True),
        ("POST", "/v1/verifications/batch", {}, True),
        ("POST", "/v1/reports", {"Idempotency-Key": "one"}, True),
        ("POST", "/v1/reports", {}, False),
        ("POST", "/v1/checkouts/verifications", {}, False),
    ],
)
def test_after_a_broken_line_only_what_is_done_once_is_sent_again(
    method: str, path: str, headers: dict[str, str], again: bool
) -> None:
    waits: list[float] = []
    client = patient(in_turn(httpx.ReadError("broken"), httpx.Response(200)), waits)
    if again:
        assert client.request(method, path, headers=headers).status_code == 200
    else:
        with pytest.raises(httpx.ReadError):
            client.request(method, path, headers=headers)
    assert len(waits) == again


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("120", 120),
        (" 3 ", 3),
        ("Fri, 01 May 2026 12:00:30 GMT", 30),
        ("Fri, 01 May 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, found: int | None) -> None:
    from homage_client.refused import seconds

    assert seconds(header, dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)) == found


def test_a_batch_is_sent_in_parts_and_read_line_by_line() -> None:
    from homage_client import Homage

    asked: list[int] = []

    def handler(request: httpx.Request) -> httpx.Response:
        lines = [json.loads(line) for line in request.read().splitlines()]
        asked.append(len(lines))
        problem = {"type": "/problems/unclear-question", "title": "Unclear.", "detail": "what?"}
        said = [{"id": x["id"], "line": n, "verdict": None, "problem": problem} for n, x in enumerate(lines, 1)]
        body = "".join(json.dumps(line) + "\n" for line in said)
        return httpx.Response(200, text=body)

    house = Homage("http://house.example", transport=httpx.MockTransport(handler))
    answers = list(house.verify_batch(({"id": str(n), "work": "x"} for n in range(5)), at_once=2))
    assert [(answer.id, answer.line) for answer in answers] == [("0", 1), ("1", 2), ("2", 3), ("3", 4), ("4", 5)]
    assert {(answer.refused.type, answer.verdict) for answer in answers} == {("/problems/unclear-question", None)}
    assert str(answers[0].refused) == "Unclear. what?"
    assert asked == [2, 2, 1]
    assert list(house.verify_batch([])) == []


# -- signed verdicts ------------------------------------------------------------------------------------------------

KEY = Ed25519PrivateKey.from_private_bytes(b"a key of thirty-two bytes, known")
NOW = 1_777_000_000


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: dict[str, Any] | None = None, **changes: Any) -> str:
    head = {"alg": "EdDSA", "typ": "homage-verdict+jwt", "kid": "one", **(header or {})}
    said = {"iss": "http://house.example", "iat": NOW, "exp": NOW + 86_400, "standing": "licensed", **changes}
    text = f"{packed(json.dumps(head).encode())}.{packed(json.dumps(said).encode())}"
    return f"{text}.{packed(KEY.sign(text.encode()))}"


def keys(**changes: str) -> dict[str, Any]:
    x = packed(KEY.public_key().public_bytes_raw())
    shape = {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "one", "signs": "homage-verdict+jwt"}
    return {"keys": [{**shape, **changes}]}


def test_a_signed_verdict_says_what_was_signed() -> None:
    from homage_client import checked

    assert checked(signed(), keys(), at=NOW + 5)["standing"] == "licensed"
    assert checked(signed(), keys(), at=None)["iat"] == NOW
    assert checked(signed(sandbox=True), keys(), at=NOW, sandbox=True)["sandbox"] is True


RETIRED = dt.datetime.fromtimestamp(NOW - 120, dt.UTC).isoformat()
REFUSED = {
    "expired": (signed(), keys(), NOW + 86_400),
    "of the future": (signed(), keys(), NOW - 301),
    "for too long": (signed(exp=NOW + 86_401), keys(), NOW),
    "without a time": (signed(iat=None), keys(), NOW),
    "by a retired key": (signed(), keys(retired_at=RETIRED), NOW),
    "another kind": (signed({"typ": "homage-snapshot+jwt"}), keys(), NOW),
    "a key of another kind": (signed(), keys(signs="homage-snapshot+jwt"), NOW),
    "an unknown key": (signed({"kid": "two"}), keys(), NOW),
    "unsigned": (signed({"alg": "none"}), keys(), NOW),
    "a shared secret": (signed({"alg": "HS256"}), keys(), NOW),
    "another signature": (signed()[:-8] + "AAAAAAAA", keys(), NOW),
    "another payload": (".".join([signed().split(".")[0], packed(b'{"iat":1}'), signed().split(".")[2]]), keys(), NOW),
    "a critical extension": (signed({"crit": ["b64"], "b64": False}), keys(), NOW),
    "of the sandbox": (signed(sandbox=True), keys(), NOW),
    "nothing": ("", keys(), NOW),
    "no JSON": ("a.b.c", keys(), NOW),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_hold_or_count_is_refused(name: str) -> None:
    from homage_client import NotSigned, checked

    jws, jwks, at = REFUSED[name]
    with pytest.raises(NotSigned):
        checked(jws, jwks, at=at)


def test_keys_that_were_rotated_are_fetched_again() -> None:
    from homage_client import Homage

    sets = [keys(kid="before"), keys()]
    house = Homage(
        "http://house.example", transport=httpx.MockTransport(lambda request: httpx.Response(200, json=sets.pop(0)))
    )
    assert house.check(signed(), at=NOW)["standing"] == "licensed"
    assert sets == []
