"""Background tasks: safe to repeat, and doing nothing where there is nothing to do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import func, select

from generation import tasks
from generation.models import Preparation
from licensing import licenses
from tests.generation.world import World


def context(world: World) -> Any:
    return SimpleNamespace(additional_context={"workshop": world.workshop})


def test_preparing_twice_keeps_one_preparation_that_a_work_then_uses(world: World) -> None:
    offer = world.artist()
    for _ in range(2):
        tasks.prepare(context(world), style=offer.style, engine="toy")
    with world.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Preparation)) == 1
    world.place(world.order(world.fan(), offer))
    assert world.make_all() == ["done"]


def test_sweeping_twice_pays_back_once(world: World) -> None:
    fan = world.fan()
    placed = [world.place(world.order(fan, world.artist(name, seed=n))) for n, name in enumerate(("Ada", "Ivo"), 1)]
    for work in placed:
        license = world.license_of(work.id)
        with world.sessions.begin() as session:
            licenses.revoke(session, license=license.id, by=license.licensor, reason="no more", at=world.now)
    for _ in range(2):
        tasks.sweep(context(world))
    assert [world.entry_kinds(work.id) for work in placed] == [["hold", "release"]] * 2
    assert world.balance(f"credit:{fan.id}") == 20_000_000
