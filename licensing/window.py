"""Questions by name that come at about the same time are answered together: while some are looked up, others gather.

Each is looked up after it was asked, so nothing older than its asking is told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from anyio.to_thread import run_sync

from licensing.desk import Answer, Desk
from licensing.questions import Asked

TOGETHER = 64  # questions that are looked up in one go, at most
AT_ONCE = 2  # look-ups that go on side by side, so that a slow one does not hold up all


@dataclass(frozen=True)
class _Waiting:
    desk: Desk
    asked: Asked
    answer: asyncio.Future[Answer]


class Windows:
    """One window for each event loop."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[asyncio.AbstractEventLoop, _Window] = WeakKeyDictionary()

    async def answer(self, desk: Desk, asked: Asked) -> Answer:
        """As `desk.answer`, off the event loop."""
        if asked.name is None or not desk.gathers:
            return await run_sync(desk.answer, asked)
        loop = asyncio.get_running_loop()
        window = self._of.setdefault(loop, _Window())
        return await window.ask(desk, asked, loop.create_future())


class _Window:
    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._serving: set[asyncio.Task[None]] = set()

    async def ask(self, desk: Desk, asked: Asked, answer: asyncio.Future[Answer]) -> Answer:
        self._waiting.append(_Waiting(desk, asked, answer))
        if len(self._serving) < AT_ONCE:
            task = asyncio.create_task(self._serve())
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        return await answer

    async def _serve(self) -> None:
        while self._waiting:
            some = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            try:
                answers = await run_sync(some[0].desk.named, [one.asked for one in some])
            except Exception as error:
                await self._one_by_one(some, error)
            else:
                for one, answer in zip(some, answers, strict=True):
                    _give(one, answer)

    async def _one_by_one(self, some: Sequence[_Waiting], error: Exception) -> None:
        """What went wrong with one is not the others' fault."""
        for one in some:
            try:
                if len(some) == 1:
                    raise error
                _give(one, await run_sync(one.desk.answer, one.asked))
            except Exception as its_own:
                if not one.answer.done():
                    one.answer.set_exception(its_own)


def _give(one: _Waiting, answer: Answer) -> None:
    if not one.answer.done():  # whoever asked may have gone
        one.answer.set_result(answer)
