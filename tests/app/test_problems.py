"""Every refusal leaves as a problem document."""

from __future__ import annotations

from tests.doors import Doors


def test_an_unknown_address_is_a_problem(doors: Doors) -> None:
    answer = doors.client().get("/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/no-such-address"
