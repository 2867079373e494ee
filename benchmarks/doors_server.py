"""The server as `homage up` runs it, with a clock on its database.

`python -m benchmarks.doors_server PARENT SOCKET LOOP`: `fast` is uvloop and httptools, where they are installed,
`plain` asyncio and h11. Every statement, commit and rollback passes through psycopg's `Connection.wait`: the time spent
there is the time spent waiting for the database.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from typing import Any

from app import cli  # also sets the number of threads, before any numeric library is loaded
from core import processes

WAITED = "/benchmark/waited"


class Clock:
    """Seconds for which requests waited for the database, and how often."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds, self.trips = 0.0, 0

    def install(self) -> None:
        import psycopg

        wait = psycopg.Connection.wait

        def timed(connection: Any, generator: Any, *rest: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return wait(connection, generator, *rest, **named)
            finally:
                if threading.current_thread().name.startswith("AnyIO"):  # a request's, not the watch's
                    with self._lock:
                        self.seconds += time.perf_counter() - begun
                        self.trips += 1

        psycopg.Connection.wait = timed  # type: ignore[method-assign,assignment]


def main(parent: str, handle: str, loop: str) -> None:
    processes.follow(int(parent))
    if loop == "plain":
        sys.modules["uvloop"] = sys.modules["httptools"] = None  # type: ignore[assignment]  # as if not installed
    from fastapi.responses import JSONResponse
    from starlette.routing import Route

    from app import logs, serve, settings
    from app.house import House
    from app.main import create_app

    serve.end_on_signals()
    config = settings.load()
    logs.configure(config.log)
    clock = Clock()
    clock.install()
    with socket.socket(fileno=int(handle)) as listener, House(config) as house:
        app = create_app(house)

        async def waited(_: Any) -> JSONResponse:
            return JSONResponse([clock.seconds, clock.trips, time.process_time()])

        app.router.routes.insert(0, Route(WAITED, waited))
        serve.serve(app, listener)


if __name__ == "__main__":
    cli.guarded(lambda: main(*sys.argv[1:]))
