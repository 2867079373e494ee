"""Works as a state machine: what a claim fences, what an end pays back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text, update
from sqlalchemy.orm import Session

from core import db
from core.errors import NotFound
from core.ids import new
from core.money import Money
from creators.models import Person
from generation import works
from generation.engine import Cancelled
from generation.models import Work
from generation.tasks import sweep_all
from licensing import licenses
from licensing.licenses import Revoked
from tests.creators.studio import until_someone_waits
from tests.generation.world import LEASE, World


def beat(world: World, held: works.Claimed) -> None:
    with db.unit(world.sessions) as session:
        works.beat(session, held=held, lease=LEASE, stage="toying", step=1, of=2)


def cancel(world: World, work: str, person: str) -> Work:
    with db.unit(world.sessions) as session:
        return works.cancel(session, work=work, person=person, at=world.now)


def sweep(world: World) -> int:
    return sweep_all(world.sessions, at=world.now)


def expire_leases(world: World) -> None:
    with db.unit(world.sessions) as session:
        session.execute(update(Work).values(lease_until=func.clock_timestamp() - timedelta(seconds=1)))


def test_a_claim_skips_what_another_worker_holds(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    ordered = {world.place(world.order(fan, offer)).id for _ in range(2)}
    with db.unit(world.sessions) as one, db.unit(world.sessions) as other:
        first = works.claim(one, engine="toy", worker="a", lease=LEASE, limit=1)
        second = works.claim(other, engine="toy", worker="b", lease=LEASE, limit=5)
        assert {held.work for held in [*first, *second]} == ordered
        assert len(first) == len(second) == 1


def test_only_the_newest_attempt_may_go_on(world: World) -> None:
    work = world.place(world.order(world.fan(), world.artist()))
    stale = world.claim()[0]
    expire_leases(world)
    assert sweep(world) == 1
    fresh = world.claim()[0]
    assert (fresh.work, fresh.attempt) == (work.id, stale.attempt + 1)
    with pytest.raises(works.StaleAttempt):
        beat(world, stale)
    beat(world, fresh)


def test_a_work_is_given_up_after_three_losses_and_paid_back(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist()))
    for _ in range(works.MOST_LOSSES):
        assert world.claim()
        expire_leases(world)
        sweep(world)
    assert (world.work(work.id).state, world.claim()) == ("failed", [])
    assert world.balance(f"credit:{fan.id}") == 20_000_000
    assert world.entry_kinds(work.id) == ["hold", "release"]


def test_a_work_handed_back_is_queued_again_and_not_counted_as_lost(world: World) -> None:
    work = world.place(world.order(world.fan(), world.artist()))
    for _ in range(works.MOST_LOSSES + 1):
        held = world.claim()[0]
        with db.unit(world.sessions) as session:
            works.hand_back(session, held=held)
        with pytest.raises(works.StaleAttempt):
            beat(world, held)
    assert world.make_all() == ["done"]
    assert world.work(work.id).losses == 0


def test_cancel_pays_back_at_once_while_it_waits(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist()))
    assert cancel(world, work.id, fan.id).state == "cancelled"
    assert world.balance(f"credit:{fan.id}") == 20_000_000
    with pytest.raises(works.AlreadyEnded):
        cancel(world, work.id, fan.id)


def test_cancel_stops_a_running_work_at_its_next_step(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist()))
    held = world.claim()[0]
    assert cancel(world, work.id, fan.id).state == "running"
    with pytest.raises(Cancelled):
        beat(world, held)


def test_a_cancelled_work_whose_worker_died_is_not_made_again(world: World) -> None:
    fan = world.fan()
    work = world.place(world.order(fan, world.artist()))
    world.claim()
    cancel(world, work.id, fan.id)
    expire_leases(world)
    sweep(world)
    assert world.work(work.id).state == "cancelled"
    assert world.entry_kinds(work.id) == ["hold", "release"]


def test_somebody_elses_work_is_not_found(world: World) -> None:
    work = world.place(world.order(world.fan(), world.artist()))
    stranger = world.fan("Eve Stone")
    for act in (works.get, works.cancel):
        extra = {"at": world.now} if act is works.cancel else {}
        with pytest.raises(NotFound, match="of yours"), db.unit(world.sessions) as session:
            act(session, work=work.id, person=stranger.id, **extra)
    with pytest.raises(NotFound), db.unit(world.sessions) as session:
        works.get(session, work=new("wrk"), person=stranger.id)


def test_a_revoked_license_ends_what_waits_and_refuses_what_is_new(world: World) -> None:
    offer, fan = world.artist(), world.fan()
    work = world.place(world.order(fan, offer))
    license = world.license_of(work.id)
    with db.unit(world.sessions) as session:
        licenses.revoke(session, license=license.id, by=license.licensor, reason="no more", at=world.now)
    assert world.claim() == []
    assert sweep(world) == 1
    assert world.work(work.id).state == "cancelled"
    assert world.balance(f"credit:{fan.id}") == 20_000_000
    with pytest.raises(Revoked):
        world.place(world.order(fan, offer))


def test_neither_claim_nor_sweep_reads_what_has_ended(world: World) -> None:
    """The planner is asked, with thousands of finished works of which it knows no statistics."""
    work = world.place(world.order(world.fan(), world.artist()))
    with db.unit(world.sessions) as session:
        finish_thousands(session, work)
    statements: list[tuple[str, Any]] = []
    with world.sessions() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *x: statements.append((x[2], x[3])))
        assert works.due(session) == []
        assert [one.work for one in works.claim(session, engine="toy", worker="w", lease=LEASE, limit=2)] == [work.id]
        asked = [(sql, values) for sql, values in statements if "EXISTS" in sql]
        assert len(asked) == 3, "the sweep, and a claim of works and of previews"
        plans = [plan_of(connection, sql, values) for sql, values in asked]
    for plan in plans:
        assert "on work_licenses" in plan
        assert "Seq Scan on work" not in plan, plan


def finish_thousands(session: Session, work: Work) -> None:
    same = [f'"{c.name}"' for c in Work.__table__.columns if c.name not in ("id", "state", "idempotency_key")]
    session.execute(
        text(
            f"INSERT INTO works (id, state, idempotency_key, {', '.join(same)})"
            f" SELECT 'wrk_' || n, 'done', n, {', '.join(same)} FROM works, generate_series(1, 20_000) n"
        )
    )
    columns = "position, license, offer, style, weight, epoch, style_epoch"
    session.execute(
        text(
            f"INSERT INTO work_licenses (work, {columns}) SELECT 'wrk_' || n, {columns}"
            " FROM work_licenses, generate_series(1, 20_000) n WHERE work = :work"
        ),
        {"work": work.id},
    )


def plan_of(connection: Connection, sql: str, values: Any) -> str:
    return "\n".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", values))


def test_nobody_who_was_erased_meanwhile_orders_a_free_work(world: World) -> None:
    order = world.order(world.fan(credit="0"), world.artist(price=Money(0)))
    with ThreadPoolExecutor(1) as pool:
        with db.unit(world.sessions) as session:
            row = session.get_one(Person, order.person, with_for_update=True)
            placing = pool.submit(world.place, order)
            until_someone_waits(world.sessions)
            row.erased_at = world.now
        with pytest.raises(NotFound):
            placing.result()
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Work)) == 0
