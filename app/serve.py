"""The server process: uvicorn on a socket that was bound before it started, and a watch that revives the database."""

from __future__ import annotations

import signal
import socket
import threading
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from app.house import House

DRAIN_SECONDS = 10  # for requests that are under way
WATCH_SECONDS = 0.5
log = structlog.get_logger()


def serve(app: FastAPI, listener: socket.socket) -> None:
    """Answer requests until SIGTERM or SIGINT; then finish those under way."""
    house: House = app.state.house
    _ = house.sessions  # migrated and answering before the first request is read
    proxies = list(house.settings.serve.proxies)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    with Watch(house):
        log.info("server ready", address="{}:{}".format(*listener.getsockname()[:2]))
        Server(config, app).run(sockets=[listener])


class Server(uvicorn.Server):
    """Tells endless answers (progress) that it is time to end before it waits for them."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._stopping: threading.Event = app.state.stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping.set()
        super().handle_exit(sig, frame)


class Watch:
    """Asks the database for a sign of life, and revives the embedded one. A worker may do so at the same time."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(WATCH_SECONDS):
            try:
                with self._house.engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except Exception as error:  # whatever it is, the watch goes on
                self._revive((str(error.__cause__ or error).splitlines() or [type(error).__name__])[0])

    def _revive(self, why: str) -> None:
        log.warning("database lost, bringing it back", error=why)
        try:
            self._house.revive()
            log.info("database is back")
        except Exception as error:
            log.warning("database not back yet", error=str(error))


def end_on_signals() -> None:
    """Until the server takes the signals over, and again after it: leave through every `with`."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
