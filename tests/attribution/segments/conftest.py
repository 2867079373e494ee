"""An index for each way in which it may be searched; those that need more than the house brings are slow."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from attribution.segments.searchers import NAMESPACE, Fleet
from attribution.segments.storage import LocalFolder, ObjectStore
from attribution.segments.store import Index
from attribution.segments.vectors import Vectors
from core import db
from tests.attribution.segments import made

Opening = Callable[[], Index]
"""Another index of the same rows and segments, as another process would have it."""


@pytest.fixture
def local(sessions: db.Sessions, tmp_path: Path) -> Opening:
    """In files that this process maps, in a folder."""
    return lambda: made.index(sessions, LocalFolder(tmp_path / "segments"))


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """The address of a bucket of S3-compatible storage on this machine."""
    server = pytest.importorskip("moto.server", reason="the stand-in for S3 is moto: pip install homage[test-fleet]")
    pytest.importorskip("obstore", reason="S3-compatible storage is reached by obstore: pip install homage[fleet]")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    said = {
        "ENDPOINT_URL": f"http://{host}:{port}",
        "ACCESS_KEY_ID": "a",
        "SECRET_ACCESS_KEY": "a",
        "REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patched:
        for key, value in said.items():
            patched.setenv(f"AWS_{key}", value)
        request = urllib.request.Request(f"http://{host}:{port}/homage", method="PUT")
        with urllib.request.urlopen(request):
            yield "s3://homage"
    running.stop()


@pytest.fixture(scope="session")
def ray(bucket: str) -> Iterator[Any]:
    """A cluster on this machine; its workers know where the bucket is."""
    ray = pytest.importorskip("ray", reason="the searchers are Ray's actors: pip install homage[fleet]")
    ray.init(
        num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", namespace=NAMESPACE, log_to_driver=False
    )
    yield ray
    ray.shutdown()


@pytest.fixture
def stored(sessions: db.Sessions, tmp_path: Path, bucket: str) -> Opening:
    """Each process with a folder of its own, to which it fetches from a bucket."""
    place, number = f"{bucket}/{tmp_path.name}", count()
    return lambda: made.index(sessions, ObjectStore(place, tmp_path / f"fetched-{next(number)}"))


@pytest.fixture(scope="session")
def fleet(bucket: str, ray: Any, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(made.BODY, f"{bucket}/fleet", tmp_path_factory.mktemp("actors"), address="local")


@pytest.fixture
def scattered(sessions: db.Sessions, tmp_path: Path, bucket: str, fleet: Fleet) -> Opening:
    """Searched by actors of Ray, which fetch from a bucket."""
    return lambda: made.index(sessions, ObjectStore(f"{bucket}/fleet", tmp_path / "built"), shelf=fleet)


@pytest.fixture
def vectors(sessions: db.Sessions, tmp_path: Path) -> Opening:
    """Searched by LanceDB."""
    pytest.importorskip("lancedb", reason="an engine for vectors is LanceDB: pip install homage[vectors]")
    folder = LocalFolder(tmp_path / "segments")
    return lambda: made.index(sessions, folder, shelf=Vectors(made.BODY, folder, tmp_path / "lancedb"))


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("stored", "scattered", "vectors")]


@pytest.fixture(params=["local", *SLOW])
def opening(request: pytest.FixtureRequest) -> Opening:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.fixture
def index(opening: Opening) -> Index:
    return opening()
