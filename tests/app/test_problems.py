"""Every refusal leaves as a problem document, and its type is an address that says what it means."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.problems import AT_THE_DOOR, STATUS, WORDS
from core.errors import TooMany
from core.web import Unit
from tests.doors import Doors

PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "instance"}


def assert_problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert said["type"] == f"/problems/{code}"
    assert said["status"] == status
    assert said.keys() >= MEMBERS
    return said


@pytest.fixture
def broken(doors: Doors) -> TestClient:
    """Doors that fail in every way."""

    @doors.app.get("/v1/broken/{how}")
    def broken(how: str, session: Unit) -> None:
        if how == "database":
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        if how == "pool":
            raise PoolTimeout("no connection came free")
        if how == "nul":
            session.execute(text("SELECT :a"), {"a": "a\x00b"})
        if how == "wide":
            session.execute(text("SELECT CAST(:a AS bigint)"), {"a": 2**70})
        if how == "often":
            raise TooMany("wait", retry_after=7, status="not this", type="nor this")
        if how == "query":
            session.execute(text("SELECT secret FROM nowhere"))
        raise RuntimeError("a secret")

    doors.app.router.routes.insert(0, doors.app.router.routes.pop())  # before the pages, which answer everything else
    return doors.client()


def test_an_unknown_address_is_a_problem(doors: Doors) -> None:
    said = assert_problem(doors.client().get("/v1/nowhere"), 404, "no-such-address")
    assert said["instance"] == "/v1/nowhere"
    assert doors.client().get("/v1/no%20where%C3%A9").json()["instance"] == "/v1/no%20where%C3%A9"


def test_another_method_is_a_problem_that_names_those_there_are(doors: Doors) -> None:
    answer = doors.client().delete("/v1/balances")
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


def test_a_refused_method_is_told_all_that_the_address_takes(doors: Doors) -> None:
    answer = doors.client().put("/v1/me")
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "DELETE, GET, PATCH"


def test_who_is_unknown_is_told_how_to_be_known(doors: Doors) -> None:
    answer = doors.client().get("/v1/balances")
    assert_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"amount": ', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[]", "application/json"),
        (b"", "application/json"),
        (b"amount=1", "application/x-www-form-urlencoded"),
        (b'{"amount": NaN}', "application/json"),
        (b"[" * 5000, "application/json"),
    ],
)
def test_a_body_that_is_not_as_described_is_a_problem(doors: Doors, body: bytes, kind: str) -> None:
    client = doors.client(doors.world.fan(credit="0"))
    headers = {"content-type": kind, "idempotency-key": "k"}
    answer = client.post("/v1/checkouts", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == PROBLEM


def test_each_fault_is_told_with_its_place(doors: Doors) -> None:
    client = doors.client(doors.world.fan(credit="0"))
    answer = client.post("/v1/checkouts", json={"amount": {"amount": -1, "asset": "USD/6"}, "more": 1})
    said = assert_problem(answer, 422, "invalid-request")
    assert {fault["pointer"] or fault["parameter"] for fault in said["errors"]} == {
        "Idempotency-Key",
        "#/amount/amount",
        "#/more",
    }
    assert "Idempotency-Key" in said["detail"]


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("database", 503, "unavailable"),
        ("pool", 503, "unavailable"),
        ("nul", 422, "invalid-request"),
        ("wide", 422, "invalid-request"),
        ("often", 429, "too-many"),
        ("query", 500, "unexpected"),
        ("ours", 500, "unexpected"),
    ],
)
def test_whatever_fails_is_a_problem_without_what_is_inside(
    broken: TestClient, how: str, status: int, code: str
) -> None:
    answer = broken.get(f"/v1/broken/{how}")
    assert_problem(answer, status, code)
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) == (status in (429, 503))


def test_facts_do_not_replace_what_a_problem_is(broken: TestClient) -> None:
    assert broken.get("/v1/broken/often").json()["retry_after"] == 7


def test_every_type_is_an_address_that_says_what_it_means(doors: Doors) -> None:
    client = doors.client()
    listed = client.get("/problems").json()
    codes = [kind["code"] for kind in listed]
    assert len(codes) == len(set(codes)) > 60
    assert {"charge-key-reused", "unclear-question", "too-many-requests", "no-processor", "unexpected"} <= set(codes)
    for kind in listed:
        assert client.get(f"/problems/{kind['code']}").json() == kind
        assert kind["title"]
        assert kind["words"] == WORDS[kind["status"]]
    refused = client.get("/v1/balances").json()
    assert client.get(refused["type"]).json()["title"] == refused["title"]


def test_a_code_that_no_problem_has_is_not_found(doors: Doors) -> None:
    assert_problem(doors.client().get("/problems/nothing-like-it"), 404, "no-such-problem")


def test_every_status_has_words() -> None:
    assert set(STATUS.values()) | set(AT_THE_DOOR) <= set(WORDS)
