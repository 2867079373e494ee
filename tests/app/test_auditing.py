"""The whole house audited: money against claims, terms and maps, by works made as a worker makes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app import settings
from app.auditing import Audit, audit_all
from app.house import House
from attribution.models import RecordedClaim
from core import db
from core.money import Money
from creators import assets
from creators.models import Asset
from generation import works
from generation.models import Work
from licensing.models import License, Offer
from payments import entries, income, ledger
from payments.models import Entry
from tests.fakes import Toy, texture
from tests.generation.world import World


@pytest.fixture
def house(tmp_path: Path, database: str) -> Iterator[House]:
    house = House(settings.load(var=tmp_path / "var", database={"url": database}, engines=()))
    house.catalog.add("toy", Toy())
    with house:
        yield house


@pytest.fixture
def world(house: House) -> World:
    return World(house.settings.var, house.sessions)


def mix(world: World, **changes: object) -> str:
    """A finished work of two artists' styles; its id."""
    offered = world.artist("Ada Marsh", seed=1), world.artist("Eve Lund", seed=2)
    work = world.place(world.order(world.fan(), *offered, **changes))
    assert world.make_all() == ["done"]
    return work.id


def earn(world: World, work: str) -> None:
    with db.unit(world.sessions) as session:
        income.report(session, work=work, amount=Money.parse("12.34"), reference="r1", at=world.now)


def tamper(world: World, statement: str, **values: Any) -> None:
    """Change what the database guards, as someone with its master key could."""
    with db.unit(world.sessions) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), values)


def only(found: Audit) -> str:
    assert len(found.findings) == 1, found.findings
    assert "\n" not in found.findings[0]
    return found.findings[0]


def test_an_empty_house_is_true(house: House) -> None:
    found = audit_all(house)
    assert (found.entries, found.works, found.findings) == (0, 0, ())


def test_works_that_were_made_failed_cancelled_and_refunded_are_all_true(house: House, world: World) -> None:
    work = mix(world)
    earn(world, work)
    offer = world.artist("Kim Sand", seed=3)
    world.place(world.order(world.fan(), offer, params={"breaks": True}))
    assert world.make_all() == ["failed"]
    cancelled = world.place(world.order(world.fan(), offer))
    with db.unit(world.sessions) as session:
        works.cancel(session, work=cancelled.id, person=cancelled.person, at=world.now)
    world.place(world.order(world.fan(), offer))
    assert world.make_all() == ["done"]
    world.place(world.order(world.fan(), offer))
    found = audit_all(house)
    assert found.findings == ()
    assert (found.works, found.measured, found.unmeasured) == (5, 2, ())
    assert found.entries == len(all_entries(world))


def all_entries(world: World) -> list[Entry]:
    with world.sessions() as session:
        return list(session.scalars(select(Entry)))


def test_a_refund_is_true(house: House, world: World) -> None:
    work = mix(world)
    with db.unit(world.sessions) as session:
        row = session.get_one(Work, work)
        ledger.reverse(session, reference=f"work:{work}:fee", at=world.now)
        ledger.post(session, entries.release(work=work, person=row.person, amount=Money(row.price)), at=world.now)
    assert audit_all(house).findings == ()


def test_a_free_work_is_true(house: House, world: World) -> None:
    world.place(world.order(world.fan(), world.artist(price=Money(0))))
    assert world.make_all() == ["done"]
    found = audit_all(house)
    assert (found.findings, found.measured) == ((), 1)


def test_shares_changed_in_the_claim_are_found_by_the_map_and_by_the_fee(house: House, world: World) -> None:
    work = mix(world)
    with world.sessions() as session:
        document = session.get_one(RecordedClaim, work).document
    first, second = document["contributions"]
    first["share"], second["share"] = first["share"] + 1, second["share"] - 1
    tamper(world, "UPDATE claims SET document = CAST(:d AS jsonb) WHERE work = :w", d=json.dumps(document), w=work)
    by_fee, by_map = audit_all(house).findings
    assert by_fee.startswith(f"work {work}: its fee was divided by program")
    assert by_map == (
        f"work {work}: its claim gives asset {first['asset']} {first['share']:,} millionths, its map"
        f" {first['share'] - 1:,}"
    )


def test_terms_changed_after_the_grant_are_found(house: House, world: World) -> None:
    work = mix(world)
    earn(world, work)
    with world.sessions() as session:
        license = session.get_one(License, session.get_one(Work, work).grants[0].license)
    terms = {**license.terms, "fan_ppm": 0}
    tamper(world, "UPDATE licenses SET terms = CAST(:t AS jsonb) WHERE id = :l", t=json.dumps(terms), l=license.id)
    assert license.id in only(audit_all(house))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE works SET platform_ppm = platform_ppm + 1 WHERE id = :w", "its fee was divided by program"),
        ("UPDATE works SET compute = compute - 1 WHERE id = :w", "its fee was divided by program"),
        ("UPDATE works SET price = price + 1 WHERE id = :w", "5,000,000 units were held, its price is 5,000,001"),
        ("UPDATE works SET state = 'failed' WHERE id = :w", "it is failed and has a claim"),
        ("UPDATE works SET state = 'running' WHERE id = :w", "ended 1 times instead of 0"),
        ("DELETE FROM claims WHERE work = :w", "it is done and has no claim"),
    ],
)
def test_what_was_changed_about_a_work_is_found(house: House, world: World, statement: str, words: str) -> None:
    world.place(world.order(world.fan(), world.artist()))
    assert world.make_all() == ["done"]
    with world.sessions() as session:
        work = session.scalars(select(Work.id)).one()
    tamper(world, statement, w=work)
    findings = audit_all(house).findings
    assert any(words in finding and finding.startswith(f"work {work}: ") for finding in findings), findings


def test_money_about_no_work_is_found(house: House, world: World) -> None:
    fan = world.fan()
    with db.unit(world.sessions) as session:
        ledger.post(session, entries.hold(work="wrk_none", person=fan.id, amount=Money(5)), at=world.now)
    assert only(audit_all(house)) == "work wrk_none: there are entries about it, but no such work"


def test_a_map_that_is_gone_or_damaged_is_found(house: House, world: World) -> None:
    work = mix(world)
    with world.sessions() as session:
        blob = str(session.get_one(Work, work).map_blob)
    world.blobs.delete(blob)
    assert "its map cannot be read" in only(audit_all(house))


def test_a_style_that_changed_since_is_told_not_accused(house: House, world: World) -> None:
    offer: Offer = world.artist()
    world.place(world.order(world.fan(), offer))
    assert world.make_all() == ["done"]
    with db.unit(world.sessions) as session:
        style = world.style_of(offer)
        old = session.scalars(select(Asset).where(Asset.style == style.id)).one()
        fresh = world.studio.take(session, style, texture(9), "Another")
        fresh.created_at = world.now
        old_id = old.id
        session.flush()
        assets.retire(session, asset=old_id, creator=style.creator, at=world.now)
    tamper(world, "UPDATE works SET created_at = created_at - interval '1 minute'")
    found = audit_all(house)
    assert found.findings == ()
    assert found.measured == 0
    assert len(found.unmeasured) == 1
    assert "its styles have changed since" in found.unmeasured[0]


def test_an_engine_that_is_not_here_is_told_not_accused(house: House, world: World) -> None:
    mix(world)
    house.catalog.allowed = ()
    found = audit_all(house)
    assert (found.findings, found.measured, len(found.unmeasured)) == ((), 0, 1)


def test_the_audit_is_told_for_people_and_machines(house: House, world: World) -> None:
    work = mix(world)
    stages: list[str] = []
    found = audit_all(house, report=lambda step, of, stage: stages.append(stage))
    assert list(dict.fromkeys(stages)) == ["entries", "sums", "works", "shares"]
    assert "every unit is where it belongs" in found.text()
    tamper(world, "UPDATE works SET price = price + 1 WHERE id = :w", w=work)
    wrong = audit_all(house)
    assert f"WRONG: work {work}: " in wrong.text()
    assert json.loads(json.dumps(wrong.document()))["findings"] == list(wrong.findings)


def test_the_audit_changes_no_money(house: House, world: World) -> None:
    mix(world)
    before = [row.id for row in all_entries(world)]
    audit_all(house)
    audit_all(house)
    assert [row.id for row in all_entries(world)] == before
