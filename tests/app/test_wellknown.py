"""The public keys at the address that is agreed on: for anyone, from any page, all of them and nothing secret."""

from __future__ import annotations

from datetime import UTC, datetime

from core.signatures import VERDICT, verified
from tests.doors import Doors

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_the_keys_of_verdicts_and_snapshots_are_everyones(doors: Doors) -> None:
    client = doors.client()
    answer = client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jwk-set+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age=3600" in answer.headers["cache-control"]
    assert [key["signs"] for key in answer.json()["keys"]] == [
        "homage-verdict+jwt",
        "homage-snapshot+jwt",
        "homage-receipt+jwt",
    ]
    tag = {"If-None-Match": answer.headers["etag"]}
    assert client.get("/.well-known/jwks.json", headers=tag).status_code == 304
    signed = doors.house.verdict_keys.sign(b"{}", at=NOW)
    doors.house.verdict_keys.rotate(NOW)
    after = client.get("/.well-known/jwks.json", headers=tag)
    assert (after.status_code, len(after.json()["keys"])) == (200, 4)
    assert verified(signed, after.json(), typ=VERDICT).retired_at == NOW
    assert client.post("/.well-known/jwks.json").status_code == 405
