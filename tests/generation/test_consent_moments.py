"""Consent bites at once: at whatever moment it is taken back, nothing is released or charged after that commit."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from attribution import verify
from core import db
from creators import styles
from generation.engine import Report
from generation.models import Work
from generation.tasks import sweep_all
from generation.works import Claimed
from generation.workshop import Workshop
from licensing import grounds, licenses
from tests.fakes import Toy, within
from tests.generation.world import World

STEPS, STEP_SECONDS = 50, 0.02
MOMENTS = ("queued", "between steps", "rendered", "finishing", "finished")
ACTS = ("license", "style", "consent")
COMMITTED = "SELECT pg_xact_commit_timestamp(xmin) FROM {table} WHERE {where}"


class Counting(Toy):
    """Remembers when each step was reported, so that a late one is seen."""

    def __init__(self) -> None:
        self.steps: list[float] = []

    def _one(self, request: Any, report: Report) -> Any:
        def counted(step: int, of: int, stage: str, preview: Any = None) -> None:
            report(step, of, stage, preview)
            self.steps.append(time.monotonic())

        return super()._one(request, counted)


@dataclass(frozen=True)
class Gated(Workshop):
    """A workshop that stops before its last transaction until it is let through."""

    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def _finish(self, held: Claimed, *rest: Any) -> None:
        self.reached.set()
        assert self.go.wait(30)
        super()._finish(held, *rest)


@dataclass
class Case:
    """One work on its way, and the means to stop it at a chosen moment."""

    world: World
    toy: Counting
    shop: Gated
    work: Work
    person: str
    thread: threading.Thread | None = None

    def start(self) -> None:
        held = self.world.claim()
        self.thread = threading.Thread(target=lambda: [self.shop.make(one) for one in held])
        self.thread.start()

    def end(self) -> None:
        self.shop.go.set()
        if self.thread:
            self.thread.join(30)

    def revoke(self, act: str) -> float:
        """Take consent back; when the commit was through."""
        license = self.world.license_of(self.work.id)
        doings: dict[str, Callable[[Any], object]] = {
            "license": lambda s: licenses.revoke(s, license=license.id, by=license.licensor, **self.why),
            "style": lambda s: licenses.revoke_style(s, style=license.style, creator=license.licensor, **self.why),
            "consent": lambda s: licenses.revoke_consent(
                s, consent=str(styles.get(s, style=license.style).consent), creator=license.licensor, **self.why
            ),
        }
        with db.unit(self.world.sessions) as session:
            doings[act](session)
        return time.monotonic()

    @property
    def why(self) -> dict[str, Any]:
        return {"reason": "not any more", "at": self.world.now}

    def committed(self, table: str, where: str) -> datetime:
        with self.world.sessions() as session:
            return session.execute(text(COMMITTED.format(table=table, where=where))).scalar_one()  # type: ignore[no-any-return]


@pytest.fixture
def case(world: World) -> Case:
    toy = Counting()
    world.catalog.add("toy", toy)
    fan = world.fan()
    params = {"steps": STEPS, "step_seconds": STEP_SECONDS}
    work = world.place(world.order(fan, world.artist(), params=params))
    return Case(world, toy, Gated(**vars(world.workshop)), work, fan.id)


def reach(case: Case, moment: str, dice: random.Random) -> None:
    if moment == "queued":
        return
    case.start()
    if moment == "between steps":
        time.sleep(dice.uniform(0.05, 0.5 * STEPS * STEP_SECONDS))
        return
    assert case.shop.reached.wait(30)
    if moment == "finishing":  # the two transactions race
        threading.Timer(dice.uniform(0, 0.02), case.shop.go.set).start()
        time.sleep(dice.uniform(0, 0.02))
    if moment == "finished":
        case.end()


@pytest.mark.parametrize("number", range(20))
def test_nothing_is_released_or_charged_after_consent_is_gone(case: Case, number: int) -> None:
    dice, moment, act = random.Random(number), MOMENTS[number % 5], ACTS[number % 3]
    reach(case, moment, dice)
    gone = case.revoke(act)
    case.end()
    sweep_all(case.world.sessions, at=case.world.now)
    work = case.world.work(case.work.id)
    kinds = case.world.entry_kinds(work.id)
    assert work.state == {"finished": "done"}.get(moment, work.state if moment == "finishing" else "cancelled")
    if work.state == "done":
        assert kinds == ["hold", "fee"]
        fee = case.committed("entries", f"work = '{work.id}' AND kind = 'fee'")
        assert fee < case.committed("licenses", f"id = '{work.grants[0].license}'")
        assert standing(case, work) == "withdrawn"
    else:
        assert kinds == ["hold", "release"]
        assert case.world.balance(f"credit:{case.person}") == 20_000_000
        assert (work.result_blob, claims(case)) == (None, 0)
        late = [step for step in case.toy.steps if step > gone]
        assert not late or late[-1] - gone < 2.0
    case.world.assert_books_balance()


def standing(case: Case, work: Work) -> str:
    file = case.world.root / "work.png"
    file.write_bytes(case.world.blobs.get(str(work.result_blob)))
    with case.world.sessions() as session:
        finding = verify.verify(within(session), file, tools=case.world.tools)
        return grounds.answer(session, finding, at=case.world.now).standing


def claims(case: Case) -> int:
    with case.world.sessions() as session:
        return session.execute(text("SELECT count(*) FROM claims")).scalar_one()  # type: ignore[no-any-return]
