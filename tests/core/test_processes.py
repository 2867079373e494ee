"""Other processes: alive until they end, gone even while their exit status waits."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from core import processes


def test_a_process_is_alive_until_it_ends_and_gone_before_it_is_reaped() -> None:
    child = subprocess.Popen(["sleep", "60"])
    assert processes.is_alive(os.getpid())
    assert processes.is_alive(child.pid)
    begun = time.monotonic()
    assert not processes.gone(child.pid, 0.1)
    assert time.monotonic() - begun >= 0.1
    processes.send(child.pid, signal.SIGKILL)
    assert processes.gone(child.pid, 10)
    assert child.wait() == -signal.SIGKILL
    assert not processes.is_alive(child.pid)
    processes.send(child.pid, signal.SIGKILL)  # there is nobody any more, and no error
