"""A place with one webhook's server, which takes whatever comes. Tests of a file share one house, swept after each."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from app.identity import passwords
from core import db
from tests.app.webhooks.place import Place
from tests.conftest import copy
from tests.core.receivers import receiving
from tests.doors import Doors


@pytest.fixture(scope="module")
def house(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with copy(server, template, f"hooks_{template}") as database, pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_HASHER", quick)
        patched.setattr(passwords, "_nobodys", functools.cache(lambda: quick.hash("nobody's")))
        doors = Doors(tmp_path_factory.mktemp("hooks"), database)
        yield doors
        doors.close()


@pytest.fixture
def doors(house: Doors) -> Iterator[Doors]:
    """In place of the house of its own that a test has elsewhere."""
    yield house
    with db.unit(house.house.sessions) as session:
        session.execute(text("TRUNCATE webhooks, deliveries, delivery_attempts, events, attempts"))


@pytest.fixture
def place(doors: Doors) -> Iterator[Place]:
    with receiving() as receiver:
        yield Place(doors, receiver)
