"""The house's own snapshots: one a day, small where a whole one is at hand, for anyone to fetch."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from procrastinate import JobContext

from core import db
from core.clock import FrozenClock
from licensing import tasks
from licensing.snapshots.kit import Kit
from licensing.snapshots.layout import LASTS
from licensing.snapshots.shelf import KEPT, NoSuchSnapshot, Shelf
from tests.doors import Doors
from tests.licensing.examples import TERMS
from tests.licensing.snapshots.worlds import HOUSE, NOW, TRUST, World, nobody, signer


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "kits", signer=signer(tmp_path), house=HOUSE, trust=lambda: TRUST)


def test_each_day_has_one_and_no_more_is_kept_than_counts(shelf: Shelf) -> None:
    world = World()
    license = world.grant(TERMS, 1)
    for hour in range(24 * 30):
        at = NOW + timedelta(hours=hour)
        if hour % 24 == 12:
            world.add([license], look=hour)
        with world.database():
            shelf.add(nobody, at=at)
        if hour % 24:
            continue
        kept = shelf.listed()
        bases = {one.header.digest: one for one in kept if one.header.base is None}
        assert kept[0].header.at == at
        assert all(at - one.header.at <= KEPT for one in kept)
        counting = [one for one in kept if at < one.header.not_after]
        assert len(counting) == min(hour // 24 + 1, LASTS.days)
        for one in counting:
            assert one.header.base is None or one.header.base in bases
        newest = bases[kept[0].header.base] if kept[0].header.base else kept[0]
        names = [newest.name] if newest is kept[0] else [newest.name, kept[0].name]
        kit = shelf.open(*names)
        assert all(kit.work(work) for work in world.claims)
    wholes = [one.header.at for one in shelf.listed() if one.header.base is None]
    assert [later - earlier for later, earlier in pairwise(wholes)] == [timedelta(days=6)]


def test_a_damaged_one_is_left_out_and_written_anew(shelf: Shelf) -> None:
    world = World()
    world.add([world.grant(TERMS, 1)], look=1)
    with world.database():
        first = shelf.add(nobody, at=NOW)
        assert first is not None
        path = shelf.path(first.name)
        path.write_bytes(path.read_bytes()[:-1])
        fresh = Shelf(shelf.folder, signer=shelf._signer, house=HOUSE, trust=lambda: TRUST)
        assert fresh.listed() == []
        second = fresh.add(nobody, at=NOW + timedelta(seconds=1))
    assert second is not None
    assert second.header.base is None
    assert [one.name for one in fresh.listed()] == [second.name]


@pytest.mark.parametrize("name", ["", "..", "../keys/key-1", "2026-11-29T120000Z", "x" * 40, "2026-11-29T120000Z\n"])
def test_what_is_not_there_is_not_found(shelf: Shelf, name: str) -> None:
    with pytest.raises(NoSuchSnapshot):
        shelf.path(name)


def test_anyone_lists_and_fetches_them(doors: Doors, tmp_path: Path) -> None:
    house, client = doors.house, doors.client()
    assert client.get("/v1/snapshots").json() == []
    ports = {"sessions": house.sessions, "snapshots": house.snapshots, "clock": FrozenClock(NOW)}
    context = cast(JobContext, SimpleNamespace(additional_context=ports))
    tasks.snapshot(context)
    tasks.snapshot(context)
    house.snapshots.add(partial(db.unit, house.sessions), at=NOW + timedelta(days=1))
    delta, whole = client.get("/v1/snapshots").json()
    assert (whole["name"], delta["name"]) == ("2026-11-29T120000Z", "2026-11-30T120000Z-delta")
    assert (whole["base"], delta["base"]) == (None, whole["digest"])
    for said in (whole, delta):
        answer = client.get(f"/v1/snapshots/{said['name']}")
        assert answer.status_code == 200, answer.text
        assert len(answer.content) == said["bytes"] == int(answer.headers["content-length"])
        (tmp_path / said["name"]).write_bytes(answer.content)
    keys = client.get("/.well-known/jwks.json").json()
    kit = Kit.open([tmp_path / whole["name"], tmp_path / delta["name"]], keys)
    assert json.loads(json.dumps(kit.last.digest)) == delta["digest"]
    part = client.get(f"/v1/snapshots/{whole['name']}", headers={"Range": "bytes=8-15"})
    assert (part.status_code, part.content) == (206, (tmp_path / whole["name"]).read_bytes()[8:16])
    unchanged = {"If-Range": part.headers["etag"], "Range": "bytes=0-7"}
    assert client.get(f"/v1/snapshots/{whole['name']}", headers=unchanged).content == b"HOMKIT1\n"
    missing = client.get("/v1/snapshots/2026-01-01T000000Z")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/no-such-snapshot")
