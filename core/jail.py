"""Runs one of our functions on one untrusted file in a fresh child process with limits of memory and time.

The child is a new interpreter, never a fork, so a server with threads may use it. A file that makes a decoder crash,
spin or swell ends the child and nothing else.
"""

from __future__ import annotations

import importlib
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from core.errors import Invalid, Unavailable

OK, REFUSED, BROKEN = 0, 3, 4
_HEAD = struct.Struct("<BQ")  # an answer begins with how it went and how long it is
_ADDRESSES = 3 << 30  # bytes of address space: libraries, and files that are mapped, take much of it and no memory
_ROOT = str(Path(__file__).resolve().parent.parent)
_KEPT = ("PATH", "LANG", "TMPDIR", "HOME", "LD_LIBRARY_PATH")


class Refused(Invalid):
    """The file cannot be used; the message says why."""


class Crashed(Invalid):
    """The file could not be processed within its limits."""


@dataclass(frozen=True)
class Box:
    """The child's limits."""

    seconds: float = 10.0
    memory: int = 1000 << 20  # bytes of its own; each program that it starts has as much
    files: int = 64
    answer: int = 512 << 20  # bytes it may hand back
    written: int = 0  # bytes it may write to a file it was given


class Prisoner:
    """A running child. `result()` waits for it; a child that nobody waits for ends just the same."""

    def __init__(self, target: str, path: Path, words: tuple[str, ...], box: Box, given: tuple[int, ...] = ()) -> None:
        self._box = box
        self._answer = bytearray()
        self._late = False
        self._ended = threading.Event()  # a join that a signal interrupts would forget its thread
        sizes = {"DATA": box.memory, "AS": _ADDRESSES, "FSIZE": box.written, "CORE": 0}
        limits = json.dumps({**sizes, "CPU": int(box.seconds) + 1, "NOFILE": box.files})
        places = json.dumps([_ROOT, *(place for place in sys.path if Path(place).is_absolute())])
        command = [sys.executable, "-P", "-B", "-c", _BOOT, places, limits, str(int(box.seconds) + 2)]
        try:
            self._process = subprocess.Popen(
                [*command, target, str(path), *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=given,
                env=_environment(),
            )
        except OSError as error:
            raise Unavailable(f"no process can be started to read a file: {error.strerror}; try again") from error
        # The clock runs from the start, not from the moment somebody asks for the result.
        threading.Thread(target=self._watch, name="jail", daemon=True).start()

    def result(self) -> bytes:
        """What the function returned. Raises Refused with its words and facts, Crashed, or Unavailable."""
        self._ended.wait()
        if self._is_whole():
            code, _ = _HEAD.unpack_from(self._answer)
            data = bytes(memoryview(self._answer)[_HEAD.size :])
            if code == OK:
                return data
            said = json.loads(data)
            if code == BROKEN:
                raise Unavailable(f"no file can be read here: {said['message']}; install Homage again")
            raise Refused(said["message"], **said["facts"])
        if self._late:
            raise Crashed(f"reading it took longer than {self._box.seconds:g} s; save it smaller, or try again later")
        raise Crashed("its decoder broke down within its limits; it is damaged or made to harm, export it again")

    def _watch(self) -> None:
        """Collect the answer, then end the child and whatever it started."""
        try:
            self._collect()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # not reaped yet, so the number is still the group's
            self._process.wait()
            self._ended.set()

    def _collect(self) -> None:
        """The answer, as far as it comes in time."""
        pipe = self._process.stdout
        assert pipe is not None
        until = time.monotonic() + self._box.seconds
        with pipe, selectors.DefaultSelector() as ready:
            ready.register(pipe, selectors.EVENT_READ)
            while not self._is_whole() and len(self._answer) <= self._box.answer:
                if not ready.select(max(0.0, until - time.monotonic())):
                    self._late = True
                    break
                part = os.read(pipe.fileno(), 1 << 20)
                if not part:
                    break
                self._answer += part

    def _is_whole(self) -> bool:
        if len(self._answer) < _HEAD.size:
            return False
        return len(self._answer) == _HEAD.size + int(_HEAD.unpack_from(self._answer)[1])


def start(target: str, path: Path, *words: str, box: Box | None = None, given: tuple[int, ...] = ()) -> Prisoner:
    """Start `module:function` on a file and go on meanwhile. The function takes a Path and `words`, returns bytes.

    `given`: open files of ours that the child may use too, under the same numbers, up to `box.written` bytes.
    """
    return Prisoner(target, path, words, box or Box(), given)


def call(target: str, path: Path, *words: str, box: Box | None = None) -> bytes:
    """Run `module:function` on a file. Raises Refused (said by the function) or Crashed."""
    return start(target, path, *words, box=box).result()


# Limits come first, then imports: a decoder never runs without them. The alarm ends a child whose parent is gone.
_BOOT = """
import json, resource, signal, sys
places, limits, seconds, target, path, *words = sys.argv[1:]
signal.alarm(int(seconds))
for name, value in json.loads(limits).items():
    kind = getattr(resource, "RLIMIT_" + name)
    top = resource.getrlimit(kind)[1]
    value = value if top == resource.RLIM_INFINITY else min(value, top)
    resource.setrlimit(kind, (value, value))
sys.path[:] = json.loads(places)
from core.jail import main
main(target, path, words)
"""


def main(target: str, path: str, words: list[str]) -> NoReturn:
    """The child's side: run the function, hand back bytes or one line of refusal."""
    module, _, name = target.partition(":")
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    code = OK
    try:
        data = getattr(importlib.import_module(module), name)(Path(path), *words)
    except Refused as refusal:
        data, code = json.dumps({"message": refusal.message, "facts": refusal.facts}).encode(), REFUSED
    except ImportError as error:  # not the file's fault
        data, code = json.dumps({"message": str(error)}).encode(), BROKEN
    answer.write(_HEAD.pack(code, len(data)))
    answer.write(data)
    answer.flush()
    os._exit(0)  # no teardown: nothing of the child is needed any more


def _environment() -> dict[str, str]:
    """One thread for each library; nothing of the parent's secrets is handed on."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
