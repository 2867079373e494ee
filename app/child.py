"""A process of the crew: `python -m app.child PARENT server SOCKET | worker | demo`. It ends when its parent does."""

from __future__ import annotations

import socket
import sys

from app import cli  # also sets the number of threads, before any numeric library is loaded
from core import processes


def main(parent: str, what: str, *rest: str) -> None:
    processes.follow(int(parent))
    if what == "server":
        _server(int(rest[0]))
        return
    from app.commands import house

    {"worker": house.worker, "demo": house.demo}[what]()


def _server(handle: int) -> None:
    from app import logs, serve, settings
    from app.house import House
    from app.main import create_app

    serve.end_on_signals()
    config = settings.load()
    logs.configure(config.log)
    with socket.socket(fileno=handle) as listener, House(config) as house:
        serve.serve(create_app(house), listener)


if __name__ == "__main__":
    cli.guarded(lambda: main(*sys.argv[1:]))
