"""A live house for the clients: a real server on this machine, a platform's key, and a work to ask about."""

from __future__ import annotations

import functools
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from argon2 import PasswordHasher

from app.identity import passwords
from tests.app.server_process import until
from tests.conftest import copy
from tests.doors import Doors

ROOT = Path(__file__).resolve().parent.parent.parent
CLIENTS = ROOT / "clients"
sys.path.insert(0, str(CLIENTS / "python"))


@dataclass(frozen=True)
class Live:
    """A house that answers at `url`. `key`: a platform's; `trying`: its sandbox key.

    `work` is licensed and shared; its sealed file lies at `file`.
    """

    doors: Doors
    url: str
    key: str
    trying: str
    work: str
    file: Path
    sha256: str


@pytest.fixture(scope="session")
def made() -> None:
    """The clients, as `make clients` makes them; at once where they are current."""
    done = subprocess.run([sys.executable, ROOT / "scripts" / "clients.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="package")
def live(server: str, template: str, tmp_path_factory: pytest.TempPathFactory, made: None) -> Iterator[Live]:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    root = tmp_path_factory.mktemp("live")
    with copy(server, template, f"live_{template}") as database, pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_HASHER", quick)
        patched.setattr(passwords, "_nobodys", functools.cache(lambda: quick.hash("nobody's")))
        doors = Doors(root, database)
        with serving(doors) as url:
            yield with_work(doors, url, root / "picture.png")
        doors.close()


class serving:  # noqa: N801  # read as a word: with serving(doors) as url
    """The house's API on a port of this machine, in a thread."""

    def __init__(self, doors: Doors) -> None:
        config = uvicorn.Config(doors.app, log_level="error", ws="none", port=0, timeout_graceful_shutdown=5)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)

    def __enter__(self) -> str:
        self.thread.start()
        until(lambda: self.server.started)
        return f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"

    def __exit__(self, *_exc: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)


def with_work(doors: Doors, url: str, file: Path) -> Live:
    fan = doors.world.fan()
    work = doors.world.place(doors.world.order(fan, doors.world.artist())).id
    assert doors.world.make_all() == ["done"]
    owner = doors.client(fan)
    owner.put(f"/v1/works/{work}/sharing", json={"shared": True})
    file.write_bytes(owner.get(f"/v1/works/{work}/file").content)
    claim = owner.get(f"/v1/claims/{work}").json()
    account, scopes = doors.account(), ["verify", "reports"]
    keys = [
        account.post("/v1/me/keys", json={"name": "A platform", "scopes": scopes, "sandbox": sandbox}).json()["key"]
        for sandbox in (False, True)
    ]
    return Live(doors, url, *keys, work, file, claim["file_sha256"])
