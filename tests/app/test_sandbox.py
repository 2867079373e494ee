"""A sandbox key asks as any key does, is answered from samples at its own time, and reaches nothing real."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from attribution.models import RecordedClaim
from core import db, signatures
from licensing.models import AskedLine
from tests.app.commands import homage
from tests.doors import Doors

NDJSON = {"Content-Type": "application/x-ndjson"}


def key_of(account: TestClient, client: TestClient, *, sandbox: bool) -> TestClient:
    asked = {"name": "A platform", "scopes": ["verify", "reports"], "sandbox": sandbox}
    made = account.post("/v1/me/keys", json=asked).json()
    assert "key" in made, made
    assert made["sandbox"] is sandbox, made
    assert made["key"].startswith("hmg_test_" if sandbox else "hmg_")
    assert made["key"].startswith(made["prefix"])
    client.headers["authorization"] = f"Bearer {made['key']}"
    return client


@pytest.fixture
def callers(doors: Doors) -> tuple[TestClient, TestClient]:
    """A sandbox key's, and a real one's of the same person."""
    account = doors.account()
    return key_of(account, doors.client(), sandbox=True), key_of(account, doors.client(), sandbox=False)


def test_samples_are_asked_about_in_every_way(doors: Doors, callers: tuple[TestClient, TestClient]) -> None:
    trying, real = callers
    listed = {sample["name"]: sample for sample in doors.client().get("/v1/sandbox/samples").json()}
    for name in ("licensed", "withdrawn", "unknown"):
        sample = listed[name]
        file = doors.client().get(sample["file"])
        assert (file.status_code, file.headers["content-type"]) == (200, "image/png")
        ways: list[dict[str, Any]] = [
            {"files": {"file": file.content}, "data": {"use": "publish"}},
            {"data": {"use": "publish", "sha256": sample["sha256"]}},
            {"json": {"use": "publish", "sha256": sample["sha256"]}},
            {"json": {"use": "publish", "work": sample["work"]}},
            {"json": {"use": "publish", "mark": sample["mark"]}},
            {"json": {"use": "publish", "url": f"https://anywhere.example{sample['file']}"}},
        ]
        for way in ways:
            told = trying.post("/v1/verifications", **way).json()
            assert (told["standing"], told["permission"]) == (sample["standing"], sample["permission"]), way
    told = real.post("/v1/verifications", json={"work": listed["licensed"]["work"]}).json()
    assert told["standing"] == "unknown", "outside the sandbox there are no samples"
    assert doors.client().get("/v1/sandbox/samples/none.png").status_code == 404


def test_what_is_signed_says_that_it_is_of_the_sandbox(
    doors: Doors, callers: tuple[TestClient, TestClient], tmp_path: Path
) -> None:
    trying, _ = callers
    sha256 = trying.get("/v1/sandbox/samples").json()[0]["sha256"]
    told = trying.post("/v1/verifications", json={"sha256": sha256, "use": "publish", "nonce": "n1"}).json()
    keys = doors.client().get("/.well-known/jwks.json").json()
    said = json.loads(signatures.verified(told["signed"], keys, typ=signatures.VERDICT).payload)
    assert (said["sandbox"], said["permission"], said["nonce"]) == (True, "permit", "n1")
    assert said["subject"] == {"by": "sha256", "sha256": sha256}
    assert said["iss"] == f"{doors.house.settings.address}/v1/sandbox"
    (tmp_path / "verdict.jws").write_text(told["signed"])
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    check = "verdict", "check", tmp_path / "verdict.jws", "--keys", tmp_path / "keys.json"
    refused = homage(*check)
    assert (refused.returncode, "of the sandbox" in refused.stderr) == (1, True)
    example = Path(__file__).parents[2] / "examples" / "check_verdict.py"
    ours = [sys.executable, example, tmp_path / "verdict.jws", tmp_path / "keys.json"]
    assert "of the sandbox" in subprocess.run(ours, capture_output=True, text=True, check=False).stderr
    done = homage(*check, "--sandbox")
    assert done.returncode == 0, done.stderr
    assert "of the sandbox" in done.stdout


def test_a_batch_and_the_clock(doors: Doors, callers: tuple[TestClient, TestClient]) -> None:
    trying, real = callers
    listed = trying.get("/v1/sandbox/samples").json()
    body = "".join(json.dumps({"id": x["name"], "work": x["work"], "use": "publish"}) + "\n" for x in listed)

    def batch() -> dict[str, str]:
        answer = trying.post("/v1/verifications/batch", content=body + "no line\n", headers=NDJSON)
        assert answer.status_code == 200, answer.text
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert lines[-1]["problem"]["type"] == "/problems/bad-line"
        return {line["id"]: line["verdict"]["permission"] for line in lines[:-1]}

    assert (batch()["expired"], batch()["withdrawn"]) == ("deny", "deny")
    then = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
    moved = trying.put("/v1/sandbox/clock", json={"at": then.isoformat()})
    assert moved.json() == {"at": "2020-06-01T00:00:00Z", "set": True}
    assert (batch()["expired"], batch()["withdrawn"]) == ("permit", "permit")
    assert {x["name"]: x["permission"] for x in trying.get("/v1/sandbox/samples").json()}["expired"] == "permit"
    told = trying.post("/v1/verifications", json={"work": listed[0]["work"]}).json()
    assert told["at"] == "2020-06-01T00:00:00Z"
    assert trying.put("/v1/sandbox/clock", json={"at": None}).json()["set"] is False
    assert batch()["expired"] == "deny"
    assert trying.put("/v1/sandbox/clock", json={"at": "2095-01-01T00:00:00Z"}).status_code == 200
    body = body.replace('"id": "', '"id": "again-')
    assert batch()["again-not-yet"] == "permit"
    with db.unit(doors.house.sessions) as session:
        assert session.scalars(select(func.max(AskedLine.at))).one() <= doors.house.clock.now()
        askers = session.scalars(select(AskedLine.asker).distinct()).all()
    assert [asker[:4] for asker in askers] == ["key_"], (
        "a line's id in the sandbox takes none from its owner's real ones"
    )

    long = trying.post("/v1/verifications/batch", content='{"id":"1"}\n' * 1001, headers=NDJSON)
    assert (long.status_code, long.json()["type"]) == (422, "/problems/too-long-for-sandbox")
    assert real.put("/v1/sandbox/clock", json={"at": None}).json()["type"] == "/problems/no-sandbox-key"
    for wrong in ("2020-06-01T00:00:00", "1980-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", 0, "soon"):
        assert trying.put("/v1/sandbox/clock", json={"at": wrong}).status_code == 422, wrong


def test_a_use_is_evaluated_before_it_is_made(callers: tuple[TestClient, TestClient]) -> None:
    trying, real = callers
    listed = {x["name"]: x for x in trying.get("/v1/sandbox/samples").json()}

    def evaluated(**body: Any) -> Any:
        return trying.post("/v1/licenses/evaluate", json=body).json()

    for name in ("licensed", "expired", "needs-report", "revoked"):
        by_work = evaluated(work=listed[name]["work"], use="publish")
        by_license = evaluated(licenses=[listed[name]["license"]], use="publish")
        assert by_work["permission"] == by_license["permission"] == listed[name]["permission"]
    both = evaluated(licenses=[listed["licensed"]["license"], listed["territory"]["license"]], use="publish")
    assert [reason["code"] for reason in both["reasons"]] == ["territory"]
    assert evaluated(licenses=[listed["licensed"]["license"]])["permission"] == "permit"
    assert evaluated(licenses=["lic_" + "0" * 26], use="publish")["type"] == "/problems/not-found"
    assert real.post("/v1/licenses/evaluate", json={"licenses": [listed["licensed"]["license"]]}).status_code == 404


def test_a_report_is_checked_divided_and_thrown_away(doors: Doors, callers: tuple[TestClient, TestClient]) -> None:
    trying, real = callers
    works = {x["name"]: x["work"] for x in trying.get("/v1/sandbox/samples").json()}

    def report(work: str, units: int = 1_000_001, **headers: str) -> Any:
        body = {"work": work, "amount": {"amount": units, "asset": "USD/6"}, "reference": "2026-05/17"}
        return trying.post("/v1/reports", json=body, headers={"Idempotency-Key": "one", **headers})

    told = report(works["needs-report"])
    assert told.status_code == 201
    split = {part["role"]: part["amount"]["amount"] for part in told.json()["split"]}
    assert sum(split.values()) == 1_000_001
    assert (split["creator"], split["fan"]) == (500_001, 300_000)
    assert [part["role"] for part in report(works["own"]).json()["split"]] == ["creator"]
    assert report(works["unknown"]).json()["type"] == "/problems/not-finished"
    assert report(works["licensed"], 0).status_code == 422
    assert trying.post("/v1/reports", json={"work": works["licensed"]}).status_code == 422
    assert real.get("/v1/reports").json()["items"] == []


def test_a_usage_report_is_counted_and_thrown_away(callers: tuple[TestClient, TestClient]) -> None:
    trying, real = callers
    listed = {x["name"]: x for x in trying.get("/v1/sandbox/samples").json()}
    licensed, day, usd = listed["licensed"], "2026-05-01", {"asset": "USD/6"}
    lines = [
        {"id": "1", "work": licensed["work"], "use": "stream", "date": day, "quantity": 3, "amount": 300, **usd},
        {
            "id": "2",
            "mark": licensed["mark"],
            "use": "advertise",
            "date": day,
            "quantity": 1,
            "amount": 100,
            **usd,
        },
        {
            "id": "2",
            "mark": licensed["mark"],
            "use": "advertise",
            "date": day,
            "quantity": 1,
            "amount": 100,
            **usd,
        },
        {"id": "3", "sha256": listed["withdrawn"]["sha256"], "use": "stream", "date": day, "quantity": 1},
        {
            "id": "4",
            "work": listed["unknown"]["work"],
            "use": "stream",
            "date": day,
            "quantity": 1,
            "amount": 50,
            **usd,
        },
        {"id": "5", "use": "stream", "date": day, "quantity": 1},
    ]
    headers = {"Idempotency-Key": "one", **NDJSON}

    def sent(body: str) -> Any:
        return trying.post("/v1/usage", content=body, headers=headers)

    told = sent("".join(json.dumps(line) + "\n" for line in lines))
    assert told.status_code == 201, told.text
    counts = {name: told.json()[name] for name in ("lines", "taken", "duplicates", "held", "faulty", "flagged")}
    assert counts == {"lines": 6, "taken": 3, "duplicates": 1, "held": 1, "faulty": 1, "flagged": 2}
    assert [(x["earned"], x["waiting"]) for x in told.json()["sums"]] == [(400, 50)]
    assert sent("{}\n" * 1001).json()["type"] == "/problems/usage-too-long-for-sandbox"
    assert sent("").json()["type"] == "/problems/empty-usage-file"
    assert real.get("/v1/usage").json()["items"] == []


def test_nothing_real_is_reached(doors: Doors, callers: tuple[TestClient, TestClient]) -> None:
    trying, real = callers
    work = doors.world.place(doors.world.order(doors.world.fan(), doors.world.artist())).id
    assert doors.world.make_all() == ["done"]
    assert real.post("/v1/verifications", json={"work": work}).json()["standing"] == "licensed"
    assert trying.post("/v1/verifications", json={"work": work}).json()["standing"] == "unknown"
    with db.unit(doors.house.sessions) as session:
        claim = session.get_one(RecordedClaim, work)
        assert trying.post("/v1/verifications", json={"sha256": claim.file_sha256}).json()["standing"] == "unknown"
        before = session.scalar(select(func.count()).select_from(RecordedClaim))
    for method, path, body in (
        ("GET", "/v1/works", None),
        ("GET", "/v1/me", None),
        ("GET", "/v1/reports", None),
        ("POST", "/v1/checkouts", {"amount": {"amount": 5_000_000, "asset": "USD/6"}}),
        ("GET", "/v1/verifications/batches", None),
        ("GET", f"/v1/works/{work}", None),
        ("POST", "/v1/me/keys", {"name": "More", "scopes": ["works"]}),
    ):
        refused = trying.request(method, path, json=body)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-in-sandbox"), path
    with db.unit(doors.house.sessions) as session:
        assert session.scalar(select(func.count()).select_from(RecordedClaim)) == before
