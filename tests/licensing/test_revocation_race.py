"""A revocation is committed wholly before an answer or wholly after: no permit is begun, or dated, after its commit."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from attribution.models import RecordedClaim
from core import db
from licensing import licenses
from licensing.batch_routes import NDJSON
from licensing.models import License
from tests.conftest import copy
from tests.doors import Doors
from tests.licensing.sealed import claim_on

USE = {"use": "publish", "territory": "DE", "date": "2026-05-01"}


@dataclass
class Race:
    """A house with works that were recorded as a worker records them, each under a license of its own."""

    doors: Doors
    offer: str
    asker: TestClient
    fan: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def work(self) -> tuple[License, str]:
        """A fresh license, and the hash of the file of a work under it."""
        sha256 = hashlib.sha256(f"file {next(self.numbers)}".encode()).hexdigest()
        now = self.doors.world.now
        with db.unit(self.doors.house.sessions) as session:
            # Fans take up a license once: each work has a fan of its own.
            row = licenses.grant(session, offer=self.offer, licensee=self.doors.world.fan(credit="0").id, at=now)
            claim = claim_on(session, row)
            session.add(
                RecordedClaim(
                    work=claim.work,
                    document=claim.document(),
                    licenses=[row.id],
                    styles=[row.style],
                    file_sha256=sha256,
                    iscc="ISCC:EEAAAAAAAAAAAAAA",
                    recorded_at=now,
                )
            )
        return row, sha256

    def revoke(self, license: License) -> None:
        with db.unit(self.doors.house.sessions) as session:
            licenses.revoke(
                session, license=license.id, by=license.licensor, reason="a dispute", at=self.doors.world.now
            )

    def alone(self, sha256: str) -> dict[str, Any]:
        answer = self.asker.post("/v1/verifications", json={"sha256": sha256, **USE})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def in_bulk(self, sha256: str) -> dict[str, Any]:
        line = {"id": f"race-{next(self.numbers)}", "sha256": sha256, **USE}
        answer = self.asker.post("/v1/verifications/batch", content=json.dumps(line), headers={"Content-Type": NDJSON})
        assert answer.status_code == 200, answer.text
        return dict(json.loads(answer.text)["verdict"])


@pytest.fixture(scope="module")
def race(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    with copy(server, template, f"race_{template}") as url:
        doors = Doors(tmp_path_factory.mktemp("race"), url)
        offer = doors.world.artist()
        fan = doors.world.fan("Pia Form", credit="0").id
        yield Race(doors, offer.id, doors.client(fan, scopes=frozenset({"verify"})), fan)
        doors.close()


@contextlib.contextmanager
def before_statement(number: int, act: Callable[[], None]) -> Iterator[list[str]]:
    """Act before the statement with this number, from 0; what was asked meanwhile is listed."""
    seen: list[str] = []
    acting = threading.Event()

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if acting.is_set():
            return
        if len(seen) == number:
            acting.set()
            act()
            acting.clear()
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", look)


@pytest.mark.parametrize("way", ["alone", "in_bulk"])
def test_a_revocation_between_any_two_statements_comes_before_an_answer_or_after_it(race: Race, way: str) -> None:
    ask = getattr(race, way)
    outcomes = set()
    for number in itertools.count():
        license, sha256 = race.work()
        with before_statement(number, lambda license=license: race.revoke(license)) as seen:  # type: ignore[misc]
            said = ask(sha256)
        if len(seen) <= number:
            assert said["permission"] == "permit"  # it was not revoked
            break
        committed = dt.datetime.now(dt.UTC)
        outcomes.add(said["permission"])
        if said["permission"] == "permit":
            assert dt.datetime.fromisoformat(said["at"]) < committed
        assert race.alone(sha256)["permission"] == race.in_bulk(sha256)["permission"] == "deny"
    assert "deny" in outcomes
    assert number >= 3


def test_what_was_read_before_a_revocation_is_dated_before_it(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest wait of all: everything was read, and the verdict is composed after the commit."""
    from licensing import grounds

    real = grounds.of
    granted: list[License] = []
    committed: list[dt.datetime] = []

    def slow(session: Any, findings: Any) -> Any:
        found = real(session, findings)
        race.revoke(granted.pop())
        committed.append(dt.datetime.now(dt.UTC))
        return found

    for ask in (race.alone, race.in_bulk):
        row, sha256 = race.work()
        granted.append(row)
        with monkeypatch.context() as patch:
            patch.setattr(grounds, "of", slow)
            said = ask(sha256)
        assert said["permission"] == "permit"
        assert dt.datetime.fromisoformat(said["at"]) < committed.pop()
        assert ask(sha256)["permission"] == "deny"


def raced(race: Race, ask: Callable[[str], dict[str, Any]], wait: float) -> list[str]:
    """Ask until it is denied while somebody revokes after so many seconds; every answer's permission."""
    license, sha256 = race.work()
    committed: list[float] = []

    def revoke() -> None:
        time.sleep(wait)
        race.revoke(license)
        committed.append(time.monotonic())

    thread = threading.Thread(target=revoke)
    thread.start()
    asked: list[tuple[float, str]] = []
    while not asked or asked[-1][1] == "permit":
        begun = time.monotonic()
        asked.append((begun, ask(sha256)["permission"]))
    thread.join()
    assert all(begun < committed[0] for begun, permission in asked if permission == "permit")
    return [permission for _, permission in asked]


@pytest.mark.parametrize("count", [10, pytest.param(300, marks=pytest.mark.slow)])
def test_no_permit_is_begun_after_a_revocations_commit(race: Race, count: int) -> None:
    chance = random.Random(count)
    for number in range(count):
        said = raced(race, (race.alone, race.in_bulk)[number % 2], chance.uniform(0, 0.02))
        assert said[-1] == "deny"
