"""What a jailed function may be like: functions that tests run in the jail."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.jail import Refused


def echo(path: Path, *words: str) -> bytes:
    return path.read_bytes() + "".join(words).encode()


def much(path: Path, size: str) -> bytes:
    return b"x" * int(size)


def refuse(path: Path) -> bytes:
    raise Refused("no – not this one", pages=3, too_large=True)


def surroundings(path: Path) -> bytes:
    """Environment, import path, open files and working folder, as the child sees them."""
    open_files = sorted(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
    return json.dumps({"env": dict(os.environ), "files": open_files, "path": sys.path}).encode()


def noisy(path: Path) -> bytes:
    """Noise from Python, from a library below it, and from a program it starts."""
    sys.stderr.write("noise\n" * 100_000)
    os.write(1, b"noise\n" * 100_000)
    os.write(2, b"noise\n" * 100_000)
    subprocess.run(["echo", "noise"], check=True)
    return b"signal"


def swell(path: Path) -> bytes:
    held = []
    while True:
        held.append(bytearray(64 << 20))


def spin(path: Path) -> bytes:
    while True:
        pass


def sleep(path: Path) -> bytes:
    """Waits for ever, deaf to what can be ignored."""
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    time.sleep(3600)
    return b""


def abort(path: Path) -> bytes:
    os.abort()


def leave(path: Path) -> bytes:
    os._exit(0)


def broken(path: Path) -> bytes:
    raise KeyError("a bug")


def write(path: Path) -> bytes:
    """Tries to leave something behind."""
    target = path.with_name("left behind")
    target.write_bytes(b"x" * 10)
    return b"written"


def family(path: Path) -> bytes:
    """Starts a child that holds the pipe open, and answers."""
    child = subprocess.Popen(["sleep", "3600"])
    return str(child.pid).encode()


def flood(path: Path) -> bytes:
    """Answers past the protocol, without end."""
    for number in range(3, 20):
        try:
            while True:
                os.write(number, b"\xff" * (1 << 20))
        except OSError:
            pass
    return b""


def decode_all(folder: Path) -> bytes:
    """Decode every file of a folder in one child; how each went, by name."""
    from core.decode import raw

    ended = {}
    for path in sorted(folder.iterdir()):
        try:
            ended[path.name] = f"picture of {len(raw(path, '4000000', '8000')) - 8} bytes"
        except Refused as refusal:
            ended[path.name] = refusal.message
    return json.dumps(ended).encode()


def judge_all(folder: Path, root: str, number: str) -> bytes:
    """Decode every file of a folder, and read its manifest, as `verify` does, but in one child.

    By name: how it went, the seconds it took, and the most memory of this child meanwhile, in MiB. `root`: of the
    chain; `number`: an open file for samples.
    """
    return json.dumps({path.name: _judged(path, root, int(number)) for path in sorted(folder.iterdir())}).encode()


def _judged(path: Path, root: str, number: int) -> tuple[str, float, float]:
    from attribution import manifest
    from core import decode, decode_any, decode_sound

    _begin_anew()
    start = time.monotonic()
    try:
        if decode_any.medium(path) == "sound":
            os.ftruncate(number, 0)
            os.lseek(number, 0, os.SEEK_SET)
            limits = decode_sound.DEFAULT
            words = (limits.length, limits.samples, limits.lowest_rate, limits.highest_rate, number)
            how = "sound " + decode_sound.raw(path, *map(str, words)).decode()
        else:
            how = f"picture of {len(decode.raw(path, str(decode.DEFAULT.pixels), str(decode.DEFAULT.side))) - 8} bytes"
    except Refused as refusal:
        how = refusal.message
    if manifest.may_have_one(path.read_bytes()):
        how += f"; manifest {json.loads(manifest.raw(path, root))['state']}"
    return how, time.monotonic() - start, _most_memory()


def _begin_anew() -> None:
    """Give back what the file before left, and measure from here: what one took is not the next one's."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak is reset


def _most_memory() -> float:
    """The peak of this process since then, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
