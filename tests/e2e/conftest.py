"""A whole house as its operator starts it (`homage up`), and a real browser in front of it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


# The main job with all pictures at half size and short takes: they are made in a quarter of the time.
MAIN_JOB = (
    "from app import cli; from app.demo import cast, run; cast.SIZE = run.SIZE = 384; cast.TAKE_SECONDS = 4.0;"
    " from app.commands import house; house.demo()"
)


@dataclass
class Running:
    """A house that serves: `url`, its folder, and the parent process of its crew."""

    url: str
    var: Path
    process: subprocess.Popen[bytes]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/v1/house", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def homage(self, *arguments: str, typed: str | None = None) -> str:
        """A command on the same house; its output."""
        environment = {**os.environ, "HOMAGE_VAR": str(self.var)}
        done = subprocess.run(
            [Path(sys.executable).parent / "homage", *arguments],
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def start(var: Path) -> Running:
    """`homage up` on a free port, in a house whose main job has run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    here = {"HOMAGE_FETCHING__PRIVATE": '["127.0.0.0/8"]', "HOMAGE_FETCHING__PORTS": f"[{port}]"}  # it may ask itself
    said = {"HOMAGE_VAR": str(var), "HOMAGE_PUBLIC_URL": url, "HOMAGE_LEASE_SECONDS": "3", **here}
    environment = {**os.environ, **said}
    command = [Path(sys.executable).parent / "homage", "up", "--port", str(port)]
    with (var / "up.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    running = Running(url, var, process)
    end = time.monotonic() + 60
    while not running.answers():
        assert process.poll() is None, (var / "up.log").read_text()
        assert time.monotonic() < end, "the house never answered: " + (var / "up.log").read_text()[-2000:]
        time.sleep(0.2)
    return running


def end(running: Running) -> None:
    running.process.send_signal(signal.SIGTERM)
    try:
        running.process.wait(40)
    except subprocess.TimeoutExpired:
        os.killpg(running.process.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def house() -> Iterator[Running]:
    """One house for all journeys of a test process."""
    with tempfile.TemporaryDirectory(prefix="homage-e2e-") as folder:
        subprocess.run([sys.executable, "-c", MAIN_JOB], check=True, cwd=ROOT, env={**os.environ, "HOMAGE_VAR": folder})
        running = start(Path(folder))
        yield running
        end(running)


Launch = Callable[..., Browser]


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Starts a Chromium of the system's, or Playwright's, with more switches if wished.

    Without one these tests fail in CI, and are skipped elsewhere.
    """
    sandbox = () if os.geteuid() else ("--no-sandbox",)
    with sync_playwright() as playwright:
        known = [
            *map(shutil.which, ("chromium", "chromium-browser", "google-chrome")),
            playwright.chromium.executable_path,
        ]
        found = next((path for path in known if path and Path(path).exists()), None)
        if found is None:
            words = "no Chromium on this machine; install one (Debian, Ubuntu: apt-get install chromium)"
            pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)
        yield lambda *switches: playwright.chromium.launch(executable_path=found, args=[*QUIET, *sandbox, *switches])


@pytest.fixture(scope="session")
def browser(launch: Launch) -> Iterator[Browser]:
    """One for all journeys but those that need another kind."""
    browser = launch()
    yield browser
    browser.close()
