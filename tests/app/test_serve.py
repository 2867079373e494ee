"""The server and its crew as an operator runs them: ports, starts, kills, drains."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.commands.house import openapi
from app.crew import PortTaken, listen
from app.house import House
from app.settings import Settings
from core import db, processes
from core.errors import Invalid
from tests.app.commands import homage
from tests.app.server_process import ROOT, WHO, Serving, until
from tests.app.test_kills import kill_postgres
from tests.generation.world import World

HOMAGE = Path(sys.executable).parent / "homage"


@dataclass
class Up:
    """`homage up` as a process, and what it says."""

    var: Path
    arguments: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        with listen("127.0.0.1", 0) as free:
            self.port: int = free.getsockname()[1]
        self.process = subprocess.Popen(
            [str(HOMAGE), "up", "--port", str(self.port), *self.arguments],
            env={**os.environ, "HOMAGE_VAR": str(self.var), "HOMAGE_ENGINES": '["patchwork"]'},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()
        until(lambda: self.says("Homage is at"), 120)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError):
            self.lines += iter(self.process.stdout.readline, "")

    def says(self, words: str) -> bool:
        assert self.process.poll() is None, "".join(self.lines)
        return any(words in line for line in self.lines)

    def get(self, path: str, timeout: float = 30) -> tuple[int, http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer
        finally:
            connection.close()

    def child(self, name: str) -> int:
        """The process id of the server or the worker."""
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"app.child" in words and str(self.process.pid).encode() in words and name.encode() in words:
                    return int(entry.name)
        return 0

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(40)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house in which the main job counts as run: these tests are about serving."""
    var = tmp_path_factory.mktemp("up") / "var"
    with House(Settings(var=var)) as house:
        world = World(var, house.sessions)
        work = world.place(world.order(world.fan(), world.artist()))
        world.make_all()
    (var / "demo").mkdir()
    (var / "demo" / "receipt.json").write_text(json.dumps({"work": work.id}))
    return var


@pytest.fixture
def up(shown: Path) -> Iterator[Up]:
    up = Up(shown)
    yield up
    if up.process.poll() is None:
        up.stop()


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken):
            listen("127.0.0.1", port)
        done = subprocess.run(
            [str(HOMAGE), "up", "--port", str(port)],
            env={**os.environ, "HOMAGE_VAR": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"homage up --port {port + 1}" in done.stderr
    assert not (tmp_path / "var").exists()


@pytest.mark.kills
def test_server_worker_and_database_come_back_after_kill_9(up: Up) -> None:
    assert up.get("/v1/house")[0] == 200
    until(lambda: up.child("worker") != 0)
    server, worker = up.child("server"), up.child("worker")

    os.kill(server, signal.SIGKILL)
    began = time.monotonic()
    assert up.get("/v1/house")[0] == 200  # waited in the socket's queue, was never refused
    assert up.child("server") != server
    took = time.monotonic() - began

    os.kill(worker, signal.SIGKILL)
    until(lambda: up.child("worker") not in (0, worker))

    kill_postgres(up.var / "postgres" / "data")
    seen = set()
    end = time.monotonic() + 30
    while time.monotonic() < end:
        status, answer = up.get("/v1/styles")
        seen.add(status)
        if status == 200:
            break
        assert (status, answer.headers["retry-after"]) == (503, "1")
        assert answer.headers["content-type"] == "application/problem+json"
        time.sleep(0.02)
    assert status == 200
    assert seen <= {200, 503}
    sys.stderr.write(f"\nserver back after {took:.1f} s, database after {time.monotonic() - end + 30:.1f} s\n")


@pytest.mark.kills
def test_a_second_start_takes_seconds_and_sigterm_ends_everything(shown: Path) -> None:
    began = time.monotonic()
    up = Up(shown)
    sys.stderr.write(f"\nup after {time.monotonic() - began:.1f} s\n")
    assert not up.says("artists:")
    assert up.says(f"http://127.0.0.1:{up.port}")
    until(lambda: up.child("worker") != 0)
    server, worker = up.child("server"), up.child("worker")
    assert up.stop() == 0
    assert not processes.is_alive(server)
    assert not processes.is_alive(worker)
    assert not (shown / "postgres" / "data" / "postmaster.pid").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", up.port))


@pytest.mark.kills
def test_children_end_with_their_parent_however_it_ends(shown: Path) -> None:
    up = Up(shown, ("--no-worker",))
    server = up.child("server")
    assert up.child("worker") == 0
    assert up.says("no worker runs here")
    up.process.kill()
    up.process.wait()
    assert processes.gone(server, 15)
    until(lambda: not (shown / "postgres" / "data" / "postmaster.pid").exists())  # its last user stopped it
    assert up.process.stdout is not None
    up.process.stdout.close()


@pytest.fixture
def serving(tmp_path: Path, database: str) -> Iterator[Serving]:
    serving = Serving(tmp_path / "var", {"HOMAGE_DATABASE__URL": database})
    yield serving
    if serving.process.poll() is None:
        serving.stop()


def test_sigterm_lets_requests_finish_and_takes_no_new_ones(serving: Serving) -> None:
    """A request whose body is still coming counts as one that is under way."""
    body = json.dumps({"email": "ada@example.org", "name": "Ada", "password": "a quiet green field"}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    connection.putrequest("POST", "/v1/sign-up")
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(body[:10])
    time.sleep(0.3)
    serving.listener.close()
    serving.process.terminate()
    time.sleep(0.5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", serving.port))
    connection.send(body[10:])
    assert connection.getresponse().status == 202
    connection.close()
    assert serving.process.wait(20) == 0


def test_a_stream_of_progress_ends_at_once_when_the_server_is_told_to_end(
    tmp_path: Path, database: str, sessions: db.Sessions
) -> None:
    var = tmp_path / "var"
    world = World(var, sessions)
    fan = world.fan()
    work = world.place(world.order(fan, world.artist()))
    serving = Serving(var, {"HOMAGE_DATABASE__URL": database})
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    connection.request("GET", f"/v1/works/{work.id}/events", headers={WHO: fan.id})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.readline()
    began = time.monotonic()
    assert serving.stop() == 0
    assert time.monotonic() - began < 6  # and not the ten seconds that requests may take
    answer.read()
    connection.close()


@pytest.mark.parametrize(("trusted", "believed"), [('["127.0.0.1"]', True), ("[]", False)])
def test_only_a_trusted_proxy_is_believed(tmp_path: Path, database: str, trusted: str, believed: bool) -> None:
    serving = Serving(tmp_path / "var", {"HOMAGE_SERVE__PROXIES": trusted, "HOMAGE_DATABASE__URL": database})
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    connection.request("GET", "/robots.txt", headers={"X-Forwarded-Proto": "https"})
    answer = connection.getresponse()
    answer.read()
    assert ("strict-transport-security" in answer.headers) == believed
    connection.close()
    serving.stop()


def test_the_api_is_described_without_starting_anything_and_the_pages_know_it(tmp_path: Path) -> None:
    done = homage("openapi", HOMAGE_VAR=str(tmp_path / "var"))
    assert done.returncode == 0, done.stderr
    schema = json.loads(done.stdout)
    assert re.fullmatch(r"3\.1\.\d", schema["openapi"])
    assert "/v1/uploads/{upload}" in schema["paths"]
    assert not (tmp_path / "var").exists()
    openapi(tmp_path / "openapi.json")
    assert json.loads((tmp_path / "openapi.json").read_text()) == schema
    with pytest.raises(Invalid):
        openapi(tmp_path / "no folder" / "openapi.json")
    known = json.loads((ROOT / "frontend" / "openapi.json").read_text())
    assert known == schema, "the API has changed: run make openapi"
