"""The embedded Postgres: started by the first, found by the next, stopped by the last; no kill loses a commit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from core import processes
from core.errors import Invalid
from tests.core.servers import CARELESS, ask, embedded, finish, pid_of, user

pytestmark = pytest.mark.usefixtures("no_server_stays")
DURABLE = {"shared_buffers": "16MB"}  # with fsync: what is committed must be there after a kill


def test_the_first_start_makes_a_cluster_and_the_next_finds_it(made: Path, folder: Path) -> None:
    assert (made / "data" / "PG_VERSION").exists()  # by its first start
    with embedded(folder) as server:
        ask(server, "CREATE TABLE kept (n int)")
        with embedded(folder) as second:
            assert second.status() == server.status()
        assert server.status() is not None
    assert server.status() is None
    with embedded(folder) as server:
        assert ask(server, "SELECT count(*) FROM kept") == 0


def test_processes_that_start_together_get_one_server_and_the_last_stops_it(folder: Path) -> None:
    users = [user(folder) for _ in range(4)]
    pids = {pid_of(process) for process in users}
    assert len(pids) == 1
    for process in users[:-1]:
        assert finish(process) == 0
        assert embedded(folder).status() in pids
    assert finish(users[-1]) == 0
    assert embedded(folder).status() is None
    assert not processes.is_alive(pids.pop())


def test_starting_twice_is_being_one_user(folder: Path) -> None:
    server = embedded(folder)
    server.start()
    server.start()
    server.stop()
    server.stop()
    assert server.status() is None
    assert not server.socket.exists()


def test_a_server_may_be_left_running_and_be_stopped_by_force(folder: Path) -> None:
    server = embedded(folder)
    server.start()
    pid = server.status()
    server.leave_running()
    assert server.status() == pid
    other = user(folder)
    assert pid_of(other) == pid
    server.stop()  # no user any more: this stops nothing
    assert server.status() == pid
    server.stop(force=True)
    assert server.status() is None
    assert finish(other) == 0


def test_a_fork_of_a_user_stops_nothing(folder: Path) -> None:
    ends = "(os.fork() or sys.exit(0)); os.wait(); print(EmbeddedPostgres(Path(sys.argv[1])).status(), flush=True)"
    process = user(folder, end=ends)
    assert pid_of(process) == pid_of(process)
    assert finish(process) == 0
    assert embedded(folder).status() is None


def test_a_user_that_ends_in_order_stops_the_server(folder: Path) -> None:
    for end in ("1 / 0", "sys.exit(3)", "os.kill(os.getpid(), signal.SIGTERM)"):
        process = user(folder, end=end)
        pid = pid_of(process)
        assert finish(process) != 0
        assert not processes.is_alive(pid), end


def test_shells_with_other_temporary_folders_share_one_server(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    with embedded(folder) as server:
        other = user(folder, TMPDIR=str(tmp_path / "t"))
        assert pid_of(other) == server.status()
        assert finish(other) == 0
        assert ask(server, "SELECT 1") == 1


def test_two_ways_to_one_folder_are_one_server(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(folder)
    with embedded(folder) as server, embedded(tmp_path / "way") as other:
        assert other.status() == server.status() is not None
    assert server.status() is None


def test_a_copied_folder_is_a_server_of_its_own(folder: Path, tmp_path: Path) -> None:
    with embedded(folder) as server:
        pid = server.status()
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    with embedded(folder) as server, embedded(copy) as other:
        assert other.socket != server.socket
        assert other.status() not in (None, pid, server.status())


# -- kills ------------------------------------------------------------------------------------------------------------


def test_a_killed_server_comes_back_at_once_with_every_commit(folder: Path) -> None:
    with embedded(folder, DURABLE) as server:
        ask(server, "CREATE TABLE kept (n int)")
        for n in range(20):
            ask(server, f"INSERT INTO kept VALUES ({n})")
        hanging = psycopg.connect(server.conninfo("postgres"))
        hanging.execute("INSERT INTO kept VALUES (999)")
        pid = server.status()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        server.start()
        assert server.status() not in (None, pid)
        assert ask(server, "SELECT array_agg(n ORDER BY n) FROM kept") == list(range(20))
        hanging.close()


def test_a_killed_user_leaves_a_server_that_the_next_one_uses_and_stops(folder: Path) -> None:
    process = user(folder)
    pid = pid_of(process)
    process.kill()
    finish(process)
    with embedded(folder) as server:
        assert server.status() == pid
    assert server.status() is None


def test_everything_killed_at_once_comes_back(folder: Path) -> None:
    process = user(folder)
    pid = pid_of(process)
    process.kill()
    for one in embedded(folder)._processes():
        os.kill(one, signal.SIGKILL)
    finish(process)
    with embedded(folder) as server:
        assert server.status() not in (None, pid)


@pytest.mark.slow
def test_a_stopped_server_that_says_nothing_is_replaced(folder: Path) -> None:
    with embedded(folder) as server:
        pid = server.status()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        server.start()
        assert server.status() not in (None, pid)
        assert not processes.is_alive(pid)


def test_a_pid_file_that_names_a_stranger_harms_nobody(folder: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    (folder / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{folder}/data\n1\n5432\n/tmp\n\n  1 1\n")
    with embedded(folder) as server:
        assert server.status() not in (None, stranger.pid)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_pid_file_without_sense_is_dropped(folder: Path) -> None:
    for content in ("", "junk\n", "-1\n", "99999999\n"):
        (folder / "data" / "postmaster.pid").write_text(content)
        with embedded(folder) as server:
            assert ask(server, "SELECT 1") == 1


def test_a_folder_deleted_under_a_running_server_begins_anew(folder: Path, made: Path) -> None:
    process = user(folder)
    pid = pid_of(process)
    shutil.rmtree(folder)
    shutil.copytree(made, folder)
    with embedded(folder) as server:
        assert server.status() not in (None, pid)
        assert not processes.is_alive(pid)  # its user has not asked yet how it ended
        assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'shared'") == 0
    finish(process)


def test_a_server_without_a_free_connection_is_left_alone(folder: Path) -> None:
    with embedded(folder, {**CARELESS, "max_connections": "5", "superuser_reserved_connections": "0"}) as server:
        pid = server.status()
        held = [psycopg.connect(server.conninfo("postgres")) for _ in range(5)]
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            psycopg.connect(server.conninfo("postgres"))
        with embedded(folder) as other:
            assert other.status() == pid
        assert held[0].execute("SELECT 1").fetchone() == (1,)
        for connection in held:
            connection.close()


def test_databases_are_made_once_and_named_plainly(folder: Path) -> None:
    with embedded(folder) as server:
        users = [user(folder) for _ in range(3)]  # each makes sure of the same database
        for process in users:
            pid_of(process)
            assert finish(process) == 0
        assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'shared'") == 1
        with psycopg.connect(server.conninfo("shared")) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("shared",)
        for name in ("", "a b", 'a"; DROP', "a-b", "1a"):
            with pytest.raises(Invalid):
                server.ensure_database(name)
