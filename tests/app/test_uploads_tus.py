"""tus 1.0 as two unrelated clients speak it: broken off in the middle, the server killed in the middle, and resumed."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from procrastinate import App
from procrastinate.testing import InMemoryConnector
from tusclient.client import TusClient

from app.uploads import register
from core import db, decode
from core.clock import FrozenClock
from core.uploads import LIFE
from tests.app.cutting import cutting
from tests.app.server_process import ROOT, WHO, Serving
from tests.core.pictures import HEIC, corners
from tests.doors import Doors

TUS = {"Tus-Resumable": "1.0.0"}
OCTETS = {"Content-Type": "application/offset+octet-stream"}
ME = "per_00000000000000000000000001"
NODE = Path(sys.executable).parent / "node"


@pytest.fixture
def me(doors: Doors) -> TestClient:
    return doors.client(doors.world.fan())


def create(client: TestClient, length: int, **headers: str) -> str:
    answer = client.post("/v1/uploads", headers={**TUS, "Upload-Length": str(length), **headers})
    assert answer.status_code == 201, answer.text
    assert answer.headers["upload-expires"].endswith("GMT")
    return answer.headers["location"]


def patch(client: TestClient, url: str, data: bytes, offset: int, **headers: str) -> int:
    said = {**TUS, **OCTETS, "Upload-Offset": str(offset), **headers}
    return client.patch(url, content=data, headers=said).status_code


def offset(client: TestClient, url: str) -> int:
    answer = client.head(url, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# -- the protocol ---------------------------------------------------------------------------------------------------


def test_what_the_server_can_do_is_told_to_everyone(doors: Doors) -> None:
    answer = doors.client().options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "termination",
        "checksum",
        "expiration",
    }
    assert answer.headers["tus-max-size"] == str(4 << 30)
    assert set(answer.headers["tus-checksum-algorithm"].split(",")) == {"sha1", "sha256", "md5"}


def test_a_file_in_two_parts(me: TestClient) -> None:
    name = b64("Größe/../../ä\n.png".encode())
    described = f"filename {name},filetype {b64(b'image/png')},secret"
    url = create(me, 10, **{"Upload-Metadata": described})
    assert patch(me, url, b"01234", 0) == 204
    assert offset(me, url) == 5
    assert me.head(url, headers=TUS).headers["upload-metadata"] == described
    assert me.get(url).json()["complete"] is False
    assert patch(me, url, b"56789", 5) == 204
    told = me.get(url).json()
    assert told["complete"] is True
    assert (told["name"], told["length"], told["offset"]) == ("ä.png", 10, 10)
    assert url.endswith(told["id"])


def test_the_first_bytes_may_come_with_the_announcement(me: TestClient) -> None:
    answer = me.post("/v1/uploads", content=b"0123", headers={**TUS, **OCTETS, "Upload-Length": "10"})
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == "4"
    assert offset(me, answer.headers["location"]) == 4
    assert me.post("/v1/uploads", content=b"0123", headers={**TUS, "Upload-Length": "10"}).status_code == 415


def test_an_empty_file_is_complete_at_once(me: TestClient) -> None:
    assert me.get(create(me, 0)).json()["complete"] is True


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_part_whose_checksum_differs_is_dropped(me: TestClient, algorithm: str) -> None:
    url = create(me, 10)
    right = f"{algorithm} {b64(hashlib.new(algorithm, b'01234').digest())}"
    assert patch(me, url, b"01x34", 0, **{"Upload-Checksum": right}) == 460
    assert offset(me, url) == 0
    assert patch(me, url, b"01234", 0, **{"Upload-Checksum": right}) == 204
    assert offset(me, url) == 5


@pytest.mark.parametrize("given", ["crc32 AAAA", "sha1 %%%", "sha1"])
def test_a_checksum_that_cannot_be_compared_is_refused(me: TestClient, given: str) -> None:
    url = create(me, 10)
    wanted = 460 if given == "sha1" else 400
    assert patch(me, url, b"01234", 0, **{"Upload-Checksum": given}) == wanted
    assert offset(me, url) == 0


def test_refusals_say_what_the_protocol_asks_for(me: TestClient) -> None:
    url = create(me, 10)
    assert patch(me, url, b"01", 1) == 409
    assert patch(me, url, b"01234567890", 0) == 413
    assert patch(me, url, b"01", 0, **{"Content-Type": "text/plain"}) == 415
    assert patch(me, url, b"01", 0, **{"Tus-Resumable": "0.2.2"}) == 412
    refused = me.head(url)
    assert (refused.status_code, refused.headers["tus-version"]) == (412, "1.0.0")
    assert refused.headers["tus-resumable"] == "1.0.0"
    assert me.patch(url, content=b"01", headers={**TUS, **OCTETS}).status_code == 422
    assert me.post("/v1/uploads", headers=TUS).status_code == 422
    assert me.post("/v1/uploads", headers={**TUS, "Upload-Length": "-1"}).status_code == 422
    assert me.post("/v1/uploads", headers={**TUS, "Upload-Length": str(5 << 30)}).status_code == 413
    described = {**TUS, "Upload-Length": "1", "Upload-Metadata": "filename ***"}
    assert me.post("/v1/uploads", headers=described).status_code == 422
    assert offset(me, url) == 0


def test_removing_and_sending_by_another_method(me: TestClient) -> None:
    url = create(me, 4)
    override = {**TUS, **OCTETS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert me.post(url, content=b"0123", headers=override).status_code == 204
    assert me.get(url, headers={"X-HTTP-Method-Override": "DELETE"}).json()["complete"] is True
    assert me.delete(url, headers=TUS).status_code == 204
    assert me.head(url, headers=TUS).status_code == 404


def test_an_upload_is_its_owners_alone(doors: Doors, me: TestClient) -> None:
    url = create(me, 4)
    for other in (doors.client(doors.world.fan()), doors.client(doors.world.fan(), staff=True)):
        assert other.head(url, headers=TUS).status_code == 404
        assert other.get(url).status_code == 404
        assert patch(other, url, b"0123", 0) == 404
        assert other.delete(url, headers=TUS).status_code == 404
    nobody = doors.client()
    assert nobody.post("/v1/uploads", headers={**TUS, "Upload-Length": "4"}).status_code == 401
    assert patch(nobody, url, b"0123", 0) == 401
    assert offset(me, url) == 0


@pytest.mark.parametrize(("scope", "status"), [("works", 201), ("styles", 201), ("money", 403)])
def test_a_key_needs_a_scope_that_uses_files(doors: Doors, scope: str, status: int) -> None:
    key = doors.client(doors.world.fan(), scopes=frozenset({scope}))
    assert key.post("/v1/uploads", headers={**TUS, "Upload-Length": "4"}).status_code == status


def test_an_abandoned_upload_is_gone(doors: Doors, me: TestClient) -> None:
    url = create(me, 4)
    doors.house.clock = FrozenClock(doors.house.clock.now() + LIFE + timedelta(seconds=5))
    refused = me.head(url, headers=TUS)
    assert refused.status_code == 410
    assert patch(me, url, b"0123", 0) == 410
    assert doors.house.uploads.sweep(doors.house.sessions, at=doors.house.clock.now()) == 1
    assert me.head(url, headers=TUS).status_code == 404


def test_the_sweep_runs_by_itself_beside_a_worker(doors: Doors, me: TestClient) -> None:
    url = create(me, 4)
    house = doors.house
    later = FrozenClock(house.clock.now() + LIFE + timedelta(seconds=5))
    queue = App(connector=InMemoryConnector())
    register(queue)
    assert [task.cron for task in queue.periodic_registry.periodic_tasks.values()] == ["*/5 * * * *"]
    queue.configure_task("uploads:sweep").defer(timestamp=0)
    ports = {"uploads": house.uploads, "sessions": house.sessions, "clock": later}
    queue.run_worker(wait=False, install_signal_handlers=False, additional_context=ports)
    assert me.head(url, headers=TUS).status_code == 404


def test_a_photograph_from_a_phone_is_read(doors: Doors) -> None:
    person = doors.world.fan()
    client = doors.client(person)
    url = create(client, len(HEIC), **{"Upload-Metadata": f"filename {b64(b'IMG_0001.HEIC')}"})
    assert patch(client, url, HEIC, 0) == 204
    with db.unit(doors.house.sessions) as session:
        file = doors.house.uploads.file(session, upload=url.rpartition("/")[2], person=person.id)
    assert corners(decode.picture(file)) == ["red", "white", "white", "white"]


# -- clients and accidents ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    serving = Serving(tmp_path_factory.mktemp("served") / "var")
    yield serving
    serving.stop()


@pytest.fixture
def big(tmp_path: Path) -> Path:
    file = tmp_path / "big.bin"
    file.write_bytes(os.urandom(24 << 20))
    return file


def stored(serving: Serving, url: str) -> Path:
    return serving.var / "uploads" / url.rpartition("/")[2]


def same(file: Path, other: Path) -> bool:
    return hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest()


def again(serving: Serving) -> None:
    serving.kill()
    serving.start()


def by_tuspy(url: str, file: Path, **options: object) -> str:
    client = TusClient(f"{url}/v1/uploads", headers={WHO: ME})
    with file.open("rb") as stream:
        uploader = client.uploader(file_stream=stream, retries=10, retry_delay=0.2, **options)
        uploader.upload()
    return str(uploader.url)


def by_node(url: str, file: Path) -> str:
    """The client that the pages use, under node: one request for the whole file, and again for what is missing."""
    script = file.with_name("upload.mjs")
    script.write_text(NODE_UPLOAD.replace("ROOT", (ROOT / "frontend" / "node_modules").as_uri()))
    said = json.dumps({"endpoint": f"{url}/v1/uploads", "file": str(file), "headers": {WHO: ME}})
    done = subprocess.run([str(NODE), str(script), said], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


NODE_UPLOAD = """
import { createReadStream } from "node:fs";
import { Upload } from "ROOT/tus-js-client/lib.esm/node/index.js";
const { endpoint, file, headers } = JSON.parse(process.argv[2]);
const upload = new Upload(createReadStream(file), {
  endpoint, headers, chunkSize: Infinity, uploadSize: 24 << 20, retryDelays: Array(20).fill(200),
  metadata: { filename: "big.bin", filetype: "application/octet-stream" },
  onError: (error) => { console.error(error); process.exit(1); },
  onSuccess: () => { console.log(upload.url); },
});
upload.start();
"""


@pytest.mark.parametrize("checked", [False, True], ids=["plain", "checksums"])
def test_tuspy_goes_on_after_its_connection_broke_twice(serving: Serving, big: Path, checked: bool) -> None:
    with cutting(serving.port, [5 << 20, 2 << 20]) as cutter:
        url = by_tuspy(cutter.url, big, chunk_size=(7 << 20), upload_checksum=checked)
        assert cutter.done == 2
    assert same(stored(serving, url), big)


@pytest.mark.kills
@pytest.mark.parametrize("checked", [False, True], ids=["plain", "checksums"])
def test_tuspy_goes_on_after_the_server_was_killed(serving: Serving, big: Path, checked: bool) -> None:
    with cutting(serving.port, [9 << 20, 1 << 20], lambda: again(serving)) as cutter:
        url = by_tuspy(cutter.url, big, chunk_size=(12 << 20), upload_checksum=checked)
        assert cutter.done == 2
    assert same(stored(serving, url), big)
    assert list(stored(serving, url).parent.glob("*.unchecked")) == []


def test_the_pages_client_goes_on_after_its_connection_broke_twice(serving: Serving, big: Path) -> None:
    with cutting(serving.port, [11 << 20, 3 << 20]) as cutter:
        url = by_node(cutter.url, big)
        assert cutter.done == 2
    assert same(stored(serving, url), big)


@pytest.mark.kills
def test_the_pages_client_goes_on_after_the_server_was_killed(serving: Serving, big: Path) -> None:
    with cutting(serving.port, [11 << 20, 3 << 20], lambda: again(serving)) as cutter:
        url = by_node(cutter.url, big)
        assert cutter.done == 2
    assert same(stored(serving, url), big)


def announce(serving: Serving, length: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", serving.port)
    connection.request("POST", "/v1/uploads", headers={**TUS, WHO: ME, "Upload-Length": str(length)})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 201
    return str(answer.headers["location"])


def send(serving: Serving, url: str, offset: int, length: int) -> http.client.HTTPConnection:
    """A connection that has announced `length` bytes and sent none yet."""
    connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=20)
    connection.putrequest("PATCH", url)
    for name, value in {**TUS, **OCTETS, WHO: ME, "Upload-Offset": offset, "Content-Length": length}.items():
        connection.putheader(name, str(value))
    connection.endheaders()
    return connection


def test_a_client_whose_old_connection_seems_alive_takes_over(serving: Serving) -> None:
    url = announce(serving, 10)
    silent = send(serving, url, 0, 10)
    silent.send(b"01234")
    time.sleep(0.3)  # the server holds the upload for it by now, and waits
    second = send(serving, url, 0, 10)
    second.send(b"0123456789")
    began = time.monotonic()
    assert second.getresponse().status == 204
    assert time.monotonic() - began < 2
    answer = silent.getresponse()
    assert (answer.status, json.loads(answer.read())["type"]) == (409, "/problems/upload-stopped")
    assert stored(serving, url).read_bytes() == b"0123456789"
    silent.close()
    second.close()


def peak(pid: int) -> int:
    """The most memory that the process ever held, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) >> 10


def test_a_large_file_goes_to_disk_and_not_through_memory(serving: Serving) -> None:
    length, block = 256 << 20, bytes(1 << 20)
    warm = announce(serving, 1)
    first = send(serving, warm, 0, 1)
    first.send(b"0")
    assert first.getresponse().status == 204
    before = peak(serving.process.pid)
    url = announce(serving, length)
    connection = send(serving, url, 0, length)
    for _ in range(length >> 20):
        connection.send(block)
    assert connection.getresponse().status == 204
    assert peak(serving.process.pid) - before < 32
    assert stored(serving, url).stat().st_size == length
    first.close()
    connection.close()
