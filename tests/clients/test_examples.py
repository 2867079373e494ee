"""Every block of docs/platforms.md runs as it stands, one after the other, and prints what it says it does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import CLIENTS, ROOT, Live
from tests.clients.test_typescript import node

PAGE = ROOT / "docs" / "platforms.md"
BLOCK = re.compile(r"^```(bash|python|ts)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SAID = re.compile(r"(?:#|//) => (.*)$", re.MULTILINE)


def blocks(language: str) -> str:
    return "\n".join(text for found, text in BLOCK.findall(PAGE.read_text()) if found == language)


@pytest.fixture(scope="module")
def folder(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a newcomer tries it, with what the page says is there."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copy(ROOT / "examples" / "check_verdict.py", folder)
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "homage-client").symlink_to(CLIENTS / "typescript")
    (folder / "example.ts").write_text(blocks("ts"))
    return folder


@pytest.mark.parametrize("language", ["bash", "python", "ts"])
def test_the_page_for_platforms_keeps_its_word(live: Live, folder: Path, language: str) -> None:
    text = blocks(language)
    command = {
        "bash": ["bash", "-euo", "pipefail", "-c", text],
        "python": [sys.executable, "-W", "error", "-c", text],
        "ts": [node(), "example.ts"],
    }[language]
    named = {"HOMAGE_URL": live.url, "HOMAGE_KEY": live.trying, "PYTHONPATH": str(CLIENTS / "python")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **named, "PATH": path}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [line.rstrip() for line in SAID.findall(text)]


@pytest.mark.slow
def test_the_typescript_of_the_page_is_well_typed(folder: Path) -> None:
    modules = ROOT / "frontend" / "node_modules"
    (folder / "node_modules" / "@types").symlink_to(modules / "@types")
    strict = (
        "--noEmit --strict --skipLibCheck --noUncheckedIndexedAccess --module nodenext --target es2023 --types node"
    )
    command = [node(), str(modules / "typescript" / "bin" / "tsc"), *strict.split(), "example.ts"]
    (folder / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
