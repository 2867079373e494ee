"""Other processes on this machine: are they alive, are they gone; read from /proc. And ending with one's parent."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1


def follow(parent: int) -> None:
    """From now on, take the parent's end as a SIGTERM: at once on Linux, within a second elsewhere."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


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
