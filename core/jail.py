"""Runs one of our functions on one untrusted file in a fresh child process with limits of memory and time.

The child is a new interpreter, never a fork, so a server with threads may use it. A file that makes a decoder crash,
spin or swell ends the child and nothing else.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from core.errors import Invalid

OK, REFUSED = 0, 3


class Refused(Invalid):
    """The file cannot be used; the message says why."""


class Crashed(Invalid):
    """The file could not be processed within its limits."""


@dataclass(frozen=True)
class Box:
    """The child's limits."""

    seconds: float = 10.0
    memory: int = 3 << 30  # bytes of address space; what the libraries map themselves counts as well
    files: int = 64


class Prisoner:
    """A running child. `result()` waits for it."""

    def __init__(self, target: str, path: Path, box: Box) -> None:
        self._box = box
        command = [sys.executable, "-P", "-c", _BOOT, target, str(path), str(box.memory), str(int(box.seconds) + 1)]
        self._process = subprocess.Popen(
            [*command, str(box.files)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )
        # The clock runs from the start, not from the moment somebody asks for the result.
        self._timer = threading.Timer(box.seconds, self._kill)
        self._timer.daemon = True
        self._timer.start()
        self._late = False

    def result(self) -> bytes:
        """What the function returned. Raises Refused with its words, or Crashed."""
        data, _ = self._process.communicate()
        self._timer.cancel()
        code = self._process.returncode
        if code == OK:
            return data
        if code == REFUSED:
            raise Refused(data.decode(errors="replace"))
        why = f"it took longer than {self._box.seconds:.0f} s" if self._late else "its decoder ran out of its limits"
        raise Crashed(f"the file was given up: {why}; it is damaged or made to harm")

    def _kill(self) -> None:
        self._late = True
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def start(target: str, path: Path, *, box: Box | None = None) -> Prisoner:
    """Start `module:function` on a file and go on meanwhile. The function takes a Path and returns bytes."""
    return Prisoner(target, path, box or Box())


def call(target: str, path: Path, *, box: Box | None = None) -> bytes:
    """Run `module:function` on a file. Raises Refused (said by the function) or Crashed."""
    return start(target, path, box=box).result()


# Limits come first, then imports: a decoder never runs without them.
_BOOT = """
import resource, sys
target, path, memory, seconds, files = sys.argv[1:]
for name, value in (("AS", memory), ("CPU", seconds), ("CORE", 0), ("NOFILE", files), ("FSIZE", 0)):
    kind = getattr(resource, "RLIMIT_" + name)
    top = resource.getrlimit(kind)[1]
    value = int(value) if top == resource.RLIM_INFINITY else min(int(value), top)
    resource.setrlimit(kind, (value, value))
from core.jail import main
main(target, path)
"""


def main(target: str, path: str) -> NoReturn:
    """The child's side: run the function, hand back bytes or one line of refusal."""
    module, _, name = target.partition(":")
    out = sys.stdout.buffer
    try:
        data = getattr(importlib.import_module(module), name)(Path(path))
    except Refused as refusal:
        data, code = refusal.message.encode(), REFUSED
    else:
        code = OK
    out.write(data)
    out.flush()
    os._exit(code)  # no teardown: nothing of the child is needed any more


def _environment() -> dict[str, str]:
    """The child finds our code and one thread per library; nothing of the parent's secrets is handed on."""
    root = str(Path(__file__).resolve().parent.parent)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
