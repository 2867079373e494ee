"""Embedded servers of tests, and other processes that use them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from core.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent.parent
CARELESS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB"}  # durability is not the subject


def embedded(folder: Path, options: dict[str, str] = CARELESS) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, options=options)


def ask(server: EmbeddedPostgres, statement: str) -> Any:
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchone()[0] if cursor.description else None


def user(folder: Path, *, end: str = "sys.stdin.read()", **environment: str) -> subprocess.Popen[str]:
    """A process that uses the server, says its pid, and goes on as `end` says."""
    script = (
        "import os, signal, sys; from pathlib import Path; from core.postgres import EmbeddedPostgres;"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(143));"
        f"server = EmbeddedPostgres(Path(sys.argv[1]), options={CARELESS!r}); server.start();"
        "server.ensure_database('shared'); print(server.status(), flush=True);" + end
    )
    return subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def pid_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line.isdigit(), line + (process.stderr.read() if process.stderr else "")
    return int(line)


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate("")
    return process.returncode
