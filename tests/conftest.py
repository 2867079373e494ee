"""Fixtures for all floors: a real Postgres, a database of its own for each test that asks for one."""

from __future__ import annotations

import functools
import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import structlog
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from app import migrations
from app.identity import passwords
from core import db
from core.postgres import EmbeddedPostgres
from tests.doors import Doors
from tests.remembered import SLOW, remembered


def pytest_collection_finish() -> None:
    """What the tests have loaded stays until they end: it is not gone through again and again for garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(scope="session", autouse=True)
def engines() -> Iterator[None]:
    """One engine for each address: a statement that was compiled for one test need not be for the next."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(db, "connect", functools.cache(db.connect))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_disks() -> Iterator[None]:
    """Processes are killed here, machines are not: what was written is there without a disk's word for it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def pictures_once() -> Iterator[None]:
    """What a picture shows is worked out once in each process; tests of how that is done ask for `pictures_anew`."""
    with pytest.MonkeyPatch.context() as patched:
        for module, name in SLOW:
            patched.setattr(module, name, remembered(getattr(module, name)))
        yield


@pytest.fixture
def pictures_anew(pictures_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in SLOW:
        monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Tracebacks as Python prints them: the pretty ones, with every variable, take seconds each."""
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Connection string (libpq key=value form, without dbname) of the Postgres that tests run on.

    One server for each test process, gone afterwards; HOMAGE_TEST_SERVER names another one that is left alone.
    """
    if given := os.environ.get("HOMAGE_TEST_SERVER"):
        yield given
        return
    careless = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "256MB"}
    options = {**careless, "track_commit_timestamp": "on"}
    with (
        tempfile.TemporaryDirectory(prefix="homage-tests-", dir=memory()) as folder,
        EmbeddedPostgres(Path(folder) / "postgres", options=options) as postgres,
    ):
        yield f"host={postgres.socket} user=postgres"


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    engine = db.connect(url(server, name))
    migrations.upgrade(engine)
    engine.dispose()
    yield name
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(server: str, template: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh database with the whole schema, gone after the test; the next has the same name."""
    with copy(server, template, f"test_{template}") as url:
        yield url


@pytest.fixture
def sessions(database: str) -> Iterator[db.Sessions]:
    """For tests about commits, races and crashes."""
    engine = db.connect(database)
    yield db.sessions(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def untouched(server: str, template: str) -> Iterator[db.Sessions]:
    """A database that stays empty: what tests do in it is rolled back."""
    with copy(server, template, f"untouched_{template}") as url:
        engine = db.connect(url)
        yield db.sessions(engine)
        engine.dispose()


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """For tests of nouns: one transaction, rolled back at the end.

    In the database of the test where it has one; making one takes longer than most of these tests.
    """
    own = "database" in request.fixturenames
    sessions: db.Sessions = request.getfixturevalue("sessions" if own else "untouched")
    with sessions() as session:
        yield session
        session.rollback()


def memory() -> Path | None:
    """Where files are kept in memory, if there is room: each database is hundreds of files, made and deleted."""
    shared = Path("/dev/shm")
    return shared if shared.is_dir() and shutil.disk_usage(shared).free > 2 << 30 else None


@contextmanager
def copy(server: str, template: str, name: str) -> Iterator[str]:
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    yield url(server, name)
    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as admin:
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def url(server: str, name: str) -> str:
    host = dict(part.split("=", 1) for part in server.split())["host"]
    return f"postgresql+psycopg://postgres@/{name}?host={host}"


@pytest.fixture
def doors(tmp_path: Path, database: str) -> Iterator[Doors]:
    """For tests of doors: a house of its own with its API, which hashes passwords in no time."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    doors = Doors(tmp_path, database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_HASHER", quick)
        patched.setattr(passwords, "_nobodys", functools.cache(lambda: quick.hash("nobody's")))
        yield doors
    doors.close()
