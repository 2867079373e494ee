"""Folders of embedded servers: made once, copied for each test that starts one of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.postgres import EmbeddedPostgres
from tests.core.servers import CARELESS, embedded


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's folder in which a server ran once and was stopped."""
    folder = tmp_path_factory.mktemp("made") / "postgres"
    with EmbeddedPostgres(folder, options=CARELESS):
        pass
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A server's folder of its own; its cluster is there already."""
    subprocess.run(["cp", "-a", made, tmp_path / "postgres"], check=True)
    return tmp_path / "postgres"


@pytest.fixture
def no_server_stays(tmp_path: Path) -> Iterator[None]:
    """No server outlives its test; one that a test left on purpose is stopped."""
    yield
    for note in tmp_path.rglob("socket"):
        server = embedded(note.parent)
        server.stop(force=True)
        assert server.status() is None
        shutil.rmtree(server.socket, ignore_errors=True)
