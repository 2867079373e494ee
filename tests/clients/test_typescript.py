"""The TypeScript client's own tests, run by Node as they are: against a live house, and against none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.clients.conftest import CLIENTS, Live

TESTS = CLIENTS / "typescript" / "test"


def node() -> str:
    """The Node of this environment, else the system's."""
    found = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert found, "no node; run: make setup"
    return found


def test_the_typescript_client_keeps_its_word(live: Live) -> None:
    asked = {"HOMAGE_URL": live.url, "HOMAGE_KEY": live.key, "HOMAGE_WORK": live.work, "HOMAGE_FILE": str(live.file)}
    command = [node(), "--test", "--test-isolation=none", *sorted(map(str, TESTS.glob("*.test.ts")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **asked}, cwd=TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout or "ℹ fail 0" in done.stdout
