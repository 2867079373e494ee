"""Background jobs beside a worker: Procrastinate's queues on a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import structlog

from app.house import House
from generation import tasks as generation
from payments import tasks as payments

log = structlog.get_logger()


class Background:
    """Runs deferred jobs while the context is open."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def __enter__(self) -> Background:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(timeout=10)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._work())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # rendering goes on without it; jobs wait in the table
            log.warning("background jobs stopped", error=f"{type(error).__name__}: {error}")
        finally:
            self._loop.close()

    async def _work(self) -> None:
        house = self._house
        app = house.jobs.app
        generation.register(app)
        payments.register(app)
        ports = {
            "workshop": house.workshop,
            "sessions": house.sessions,
            "processor": house.processor,
            "clock": house.clock,
        }
        async with app.open_async():
            await app.run_worker_async(install_signal_handlers=False, additional_context=ports)
