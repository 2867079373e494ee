"""The crew behind `homage up`: one parent that holds the socket, a server and a worker that it starts again.

While the server is away, connections wait in the socket's queue. Children end when the parent does, however it ends.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from core.errors import Unavailable

BACKLOG = 512
PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.2, 5.0  # before a child that died is started again
STEADY_SECONDS = 10.0  # a child that lived so long was well
POLL_SECONDS = 0.05
DRAIN_SECONDS = 25.0  # for children that were told to end
log = structlog.get_logger()


class PortTaken(Unavailable):
    """The server cannot listen there."""


@dataclass
class Child:
    """One process of the crew, and when it may be started again."""

    name: str
    command: list[str]
    sockets: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    pause: float = PAUSE_SECONDS
    due: float = 0.0
    started: float = field(default=0.0)

    def tend(self, now: float) -> None:
        """Start it if it is due; note its end."""
        if self.process is None:
            if now >= self.due:
                self.started = now
                self.process = subprocess.Popen(self.command, pass_fds=self.sockets, start_new_session=True)
        elif (code := self.process.poll()) is not None:
            self.process = None
            self.pause = PAUSE_SECONDS if now - self.started > STEADY_SECONDS else self.pause
            log.warning("died, starting it again", child=self.name, code=code, seconds=self.pause)
            self.due = now + self.pause
            self.pause = min(2 * self.pause, MOST_PAUSE_SECONDS)

    def send(self, sign: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(sign)

    def wait(self, until: float) -> None:
        """Until it has ended; past `until` it is killed."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("does not end, killed", child=self.name)
            self.process.kill()
            self.process.wait()


def listen(host: str, port: int) -> socket.socket:
    """A socket on which connections already wait. Raises PortTaken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        raise PortTaken(
            f"cannot listen at {host}:{port}: {error.strerror}; end what listens there, or choose another port: "
            f"homage up --port {port + 1}",
            port=port,
        ) from error
    return listener


def run(listener: socket.socket, *, worker: bool, stop: threading.Event, ready: Callable[[], None]) -> None:
    """Keep the crew up until `stop`; `ready` is called once, when the server answers for the first time."""
    me, handle = str(os.getpid()), str(listener.fileno())
    entry = [sys.executable, "-m", "app.child", me]
    children = [Child("server", [*entry, "server", handle], (listener.fileno(),))]
    if worker:
        children.append(Child("worker", [*entry, "worker"]))
    threading.Thread(target=_announce, args=(listener.getsockname(), stop, ready), daemon=True).start()
    while not stop.wait(POLL_SECONDS):
        for child in children:
            child.tend(time.monotonic())
    listener.close()  # the server's own copy closes with its first breath after SIGTERM: nobody waits for an answer
    for child in children:
        child.send(signal.SIGTERM)
    until = time.monotonic() + DRAIN_SECONDS
    for child in children:
        child.wait(until)


def _announce(address: tuple[str, int], stop: threading.Event, ready: Callable[[], None]) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address[0], address[0])  # noqa: S104  # asked, not listened at
    while not stop.is_set():
        connection = http.client.HTTPConnection(host, address[1], timeout=5)
        try:
            connection.request("GET", "/robots.txt")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            stop.wait(0.1)
        else:
            ready()
            return
        finally:
            connection.close()
