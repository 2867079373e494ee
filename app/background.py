"""Background jobs beside a worker: Procrastinate's queues on a thread of their own, long jobs apart from short ones."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from app import uploads
from app.house import House
from app.identity import tasks as identity
from attribution import tasks as attribution
from core.jobs import LONG, Jobs
from creators import tasks as creators
from generation import tasks as generation
from licensing import tasks as licensing
from payments import tasks as payments

PAUSE_SECONDS = 1.0
log = structlog.get_logger()


class Background:
    """Runs deferred jobs while the context is open."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[Any] | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="background", daemon=True)

    def __enter__(self) -> Background:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stopping = True
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join(timeout=10)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._forever())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _forever(self) -> None:
        """Rendering goes on without background jobs, and they wait in the table; so this only ever pauses."""
        while not self._stopping:
            reason = "the connection ended"
            try:
                await self._work()
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
            if not self._stopping:
                log.warning("background jobs pause", reason=reason)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _work(self) -> None:
        house = self._house
        app = Jobs(house.conninfo).app  # its own: a queue that has been closed cannot be opened again
        ports: dict[str, Any] = {"workshop": house.workshop, "sessions": house.sessions, "clock": house.clock}
        ports |= {"uploads": house.uploads, "blobs": house.blobs, "keys": house.keys}
        ports |= {"post": house.post, "indexes": house.indexes}
        ports |= {"batches": house.batches, "desk": house.desk, "about": house.about}
        ports |= {"snapshots": house.snapshots}
        ports |= {"post": house.post, "indexes": house.indexes, "spool": house.spool}
        attribution.register(app)
        identity.register(app)
        creators.register(app)
        uploads.register(app)
        generation.register(app)
        licensing.register(app)
        if house.has_processor:
            payments.register(app)
            ports["processor"] = house.processor
        async with app.open_async():
            work = partial(
                app.run_worker_async,
                install_signal_handlers=False,
                additional_context=ports,
                delete_jobs="successful",
            )
            short = {task.queue for task in app.tasks.values()} - {LONG}
            async with asyncio.TaskGroup() as both:
                both.create_task(work(queues=sorted(short), name="short"))
                both.create_task(work(queues=[LONG], name=LONG))
