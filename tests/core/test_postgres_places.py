"""The embedded Postgres in odd places, among leftovers and as other users: it runs, or says in one line what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core import postgres, processes
from core.postgres import EmbeddedPostgres, PostgresMissing, PostgresWontStart
from tests.core.servers import ROOT, ask, embedded, finish, pid_of, user

pytestmark = pytest.mark.usefixtures("no_server_stays")


@pytest.mark.parametrize(
    "name", ["a folder with 'spaces' and ü, too", "/".join(["deep" * 12] * 12)], ids=["odd", "deep"]
)
def test_it_runs_in_odd_and_deep_places(made: Path, tmp_path: Path, name: str) -> None:
    place = Path(shutil.copytree(made, tmp_path / name))
    with embedded(place) as server:
        assert ask(server, "SHOW data_directory") == str(place / "data")
        assert len(str(server.socket)) < postgres.SOCKET_LIMIT
    assert server.status() is None


def test_a_temporary_folder_too_deep_for_a_socket_is_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("deep" * 25)
    deep.mkdir()
    monkeypatch.setattr(postgres.tempfile, "gettempdir", lambda: str(deep))
    with embedded(folder) as server:
        assert server.socket.parent == Path("/tmp")
        assert ask(server, "SELECT 1") == 1


def test_a_half_made_cluster_is_begun_again(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    (folder / "data.part" / "base").mkdir(parents=True)
    (folder / "data.part" / "base" / "1").write_text("half a table")
    (folder / "data").mkdir()
    with embedded(folder) as server:
        assert ask(server, "SELECT 1") == 1
    assert not (folder / "data.part").exists()


def test_a_data_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "precious").write_text("mine")
    with pytest.raises(PostgresWontStart, match="holds no database, yet is not empty; move it away"):
        embedded(tmp_path / "postgres").start()
    assert (tmp_path / "postgres" / "data" / "precious").read_text() == "mine"


def test_a_damaged_cluster_says_why_and_leaves_no_user(folder: Path) -> None:
    (folder / "data" / "PG_VERSION").write_text("9.6\n")
    server = embedded(folder)
    with pytest.raises(PostgresWontStart, match=r"does not start: .*FATAL.*; its log is") as refused:
        server.start()
    assert "\n" not in refused.value.message
    (folder / "data" / "PG_VERSION").write_text("18\n")
    with embedded(folder):
        pass
    assert server.status() is None  # a failed start counted as no user, so the second was the last


def test_an_option_without_sense_says_so(folder: Path) -> None:
    with pytest.raises(PostgresWontStart, match="max_connections"):
        embedded(folder, {"max_connections": "many"}).start()


def test_a_socket_folder_of_others_is_not_used(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres.tempfile, "gettempdir", lambda: str(tmp_path))
    server = embedded(folder)
    (folder / "socket").unlink()
    server.socket.mkdir(mode=0o755)
    with pytest.raises(PostgresWontStart, match="not ours alone"):
        server.start()
    server.socket.rmdir()
    server.socket.symlink_to(folder)
    with pytest.raises(PostgresWontStart, match="not ours alone"):
        server.start()
    server.socket.unlink()


def test_without_the_wheel_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(PostgresMissing, match=r"reinstall homage\[local\], or set HOMAGE_DATABASE__URL"):
        EmbeddedPostgres(tmp_path / "postgres", binaries=tmp_path).start()


# -- users ------------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become less")
def test_as_root_without_namespaces_a_lower_user_runs_it(folder: Path, tmp_path: Path) -> None:
    """Where `unshare` is forbidden, and the binaries can be reached by others."""
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (fake / "unshare").chmod(0o755)
    place = Path("/tmp") / f"homage-lower-{os.getpid()}"
    try:
        for _ in range(2):  # the second time everything belongs to the lower user already
            process = user(place, PATH=f"{fake}:{os.environ['PATH']}")
            pid = pid_of(process)
            assert Path(f"/proc/{pid}").stat().st_uid != 0
            assert finish(process) == 0
            assert not processes.is_alive(pid)
    finally:
        server = EmbeddedPostgres(place)
        server.stop(force=True)
        shutil.rmtree(server.socket, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_somebody_elses_folder_is_refused_in_one_line(folder: Path, tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents):
        if parent != Path("/tmp") and parent != Path("/"):
            parent.chmod(0o755)
    script = (
        "import os, sys; from pathlib import Path; from core.postgres import EmbeddedPostgres; os.setuid(65534)\n"
        "try: EmbeddedPostgres(Path(sys.argv[1])).start()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("PostgresWontStart cannot use "), done.stdout + done.stderr
    assert "permission denied; run as the user who made it" in done.stdout
