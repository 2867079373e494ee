"""Other processes on this machine: are they alive, are they gone; read from /proc."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path


def send(pid: int, sign: signal.Signals) -> None:
    """A signal, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, sign)


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and whose exit status nobody took does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, seconds: float) -> bool:
    """Wait for its end; whether it came within `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    return False
