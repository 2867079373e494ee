"""Questions that come at once are looked up together, each gets its own answer, and a fault is nobody else's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from attribution.named import Name
from core.errors import Unavailable
from licensing.desk import Desk
from licensing.questions import Asked
from licensing.window import AT_ONCE, TOGETHER, Windows

BAD = "f" * 64


def asked(value: str) -> Asked:
    return Asked("sha256", None, Name("sha256", value), None, None, None, None, None, None, False, None)


@dataclass
class Slow:
    """A desk that answers with what it was asked, once it is let go on."""

    gathers: bool = True
    gate: threading.Event = field(default_factory=threading.Event)
    calls: list[int] = field(default_factory=list)

    def named(self, questions: Sequence[Asked]) -> list[Any]:
        self.gate.wait(5)
        self.calls.append(len(questions))
        values = [x.name.value for x in questions if x.name is not None]
        if BAD in values:
            raise Unavailable("this one cannot be answered")
        return values

    def answer(self, asked: Asked) -> Any:
        return self.named([asked])[0]


def test_what_gathers_meanwhile_is_looked_up_together_and_each_gets_its_own() -> None:
    desk, values = Slow(), [f"{n:064x}" for n in range(AT_ONCE + 2 * TOGETHER)]

    async def all_at_once() -> list[Any]:
        windows = Windows()
        answers = [asyncio.create_task(windows.answer(cast(Desk, desk), asked(value))) for value in values]
        await asyncio.sleep(0)  # all have asked; the first look-ups begin
        desk.gate.set()
        return await asyncio.gather(*answers)

    assert asyncio.run(all_at_once()) == values
    assert sum(desk.calls) == len(values)
    assert len(desk.calls) <= AT_ONCE + 3


def test_a_fault_of_one_is_not_the_others() -> None:
    desk = Slow()
    desk.gate.set()

    async def three() -> list[Any]:
        windows = Windows()
        some = [windows.answer(cast(Desk, desk), asked(value)) for value in ("0" * 64, BAD, "1" * 64)]
        return await asyncio.gather(*some, return_exceptions=True)

    first, fault, last = asyncio.run(three())
    assert (first, last) == ("0" * 64, "1" * 64)
    assert isinstance(fault, Unavailable)


def test_one_that_gave_up_keeps_nobody_waiting() -> None:
    desk = Slow()

    async def two() -> Any:
        windows = Windows()
        left = asyncio.create_task(windows.answer(cast(Desk, desk), asked("0" * 64)))
        stays = asyncio.create_task(windows.answer(cast(Desk, desk), asked("1" * 64)))
        await asyncio.sleep(0)
        left.cancel()
        desk.gate.set()
        return await stays

    assert asyncio.run(two()) == "1" * 64


def test_a_desk_with_a_time_of_its_own_is_asked_alone() -> None:
    desk = Slow(gathers=False)
    desk.gate.set()

    async def two() -> list[Any]:
        windows = Windows()
        return await asyncio.gather(*(windows.answer(cast(Desk, desk), asked(x * 64)) for x in "01"))

    assert asyncio.run(two()) == ["0" * 64, "1" * 64]
    assert desk.calls == [1, 1]


def test_what_goes_wrong_outside_the_house_reaches_who_asked() -> None:
    desk = Slow()
    desk.gate.set()

    async def one() -> Any:
        return await Windows().answer(cast(Desk, desk), asked(BAD))

    with pytest.raises(Unavailable):
        asyncio.run(one())
