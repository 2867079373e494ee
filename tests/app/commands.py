"""`homage` in this process: what a script would get from it, without a new interpreter for every question."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

import structlog

from app import cli


def homage(*arguments: str | Path, typed: str = "", **environment: str) -> CompletedProcess[str]:
    """Run a command as `main()` does, in this environment and these settings; its code, stdout and stderr."""
    words = [str(argument) for argument in arguments]
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment),
        mock.patch.object(sys, "stdin", io.StringIO(typed)),
        redirect_stdout(out),
        redirect_stderr(err),
        _as_it_was(),
    ):
        code = _ended(words)
    return CompletedProcess(["homage", *words], code, out.getvalue(), err.getvalue())


def _ended(words: list[str]) -> int:
    """The exit code that the interpreter would give."""
    try:
        cli.guarded(lambda: cli.app(words))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


@contextmanager
def _as_it_was() -> Iterator[None]:
    """What a command sets up for its process is put back."""
    logs, handler, chatty = structlog.get_config(), signal.getsignal(signal.SIGTERM), logging.getLogger("procrastinate")
    level = chatty.level
    try:
        yield
    finally:
        structlog.configure(**logs)
        signal.signal(signal.SIGTERM, handler)
        chatty.setLevel(level)
