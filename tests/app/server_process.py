"""A server as a process of its own: `python -m tests.app.server_process VAR SOCKET`. Whoever says who they are, is it.

A caller names a person in the header `x-test-person`; everything else is the real server on a house with the toy.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import Request

from app import logs, serve
from app.crew import listen
from app.main import create_app
from core.web import Principal
from tests.app.worker_process import house_at

ROOT = Path(__file__).resolve().parent.parent.parent
WHO = "x-test-person"


@dataclass
class Serving:
    """A server that may be killed and started again on the same socket."""

    var: Path
    settings: dict[str, str] = field(default_factory=dict)  # environment

    def __post_init__(self) -> None:
        self.listener = listen("127.0.0.1", 0)
        self.port: int = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()
        until(self.answers)

    def start(self) -> None:
        handle = self.listener.fileno()
        command = [sys.executable, "-m", "tests.app.server_process", str(self.var), str(handle)]
        self.process = subprocess.Popen(command, cwd=ROOT, pass_fds=(handle,), env={**os.environ, **self.settings})

    def answers(self) -> bool:
        """Whether it answers yet; it fails if it ended instead."""
        assert self.process.poll() is None, "the server ended"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=0.5)
        try:
            connection.request("GET", "/robots.txt")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        with suppress(ProcessLookupError):
            self.process.terminate()
        code = self.process.wait(30)
        self.listener.close()
        return code


def until(found: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until `found()` is true."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def main(var: str, handle: str) -> None:
    logs.configure("text")
    serve.end_on_signals()
    with socket.socket(fileno=int(handle)) as listener, house_at(Path(var)) as house:
        app = create_app(house)

        def authenticate(request: Request) -> Principal | None:
            person = request.headers.get(WHO)
            return Principal(person=person, name="Somebody") if person else None

        app.state.authenticate = authenticate
        serve.serve(app, listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
