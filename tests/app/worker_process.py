"""A worker as a process of its own, with the toy engine admitted: `python -m tests.app.worker_process VAR`.

It loads what it needs, and begins when a line comes on stdin.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

from app import logs, settings
from app.house import House
from app.worker import Worker
from tests.fakes import Toy

LEASE_SECONDS = 2.0


def house_at(var: Path) -> House:
    """A house under `var` that admits nothing but the toy."""
    house = House(settings.load(var=var, lease_seconds=LEASE_SECONDS, engines=()))
    house.catalog.add("toy", Toy())
    return house


if __name__ == "__main__":
    logs.configure("json")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.stdin.readline()
    with house_at(Path(sys.argv[1])) as house:
        Worker(house).run(stop)
