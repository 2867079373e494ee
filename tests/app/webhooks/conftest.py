"""A place with one webhook's server, which takes whatever comes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.webhooks.place import Place
from tests.conftest import copy
from tests.core.receivers import receiving
from tests.doors import Doors


@pytest.fixture
def place(doors: Doors) -> Iterator[Place]:
    with receiving() as receiver:
        yield Place(doors, receiver)


@pytest.fixture(scope="module")
def place_once(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One for all cases of a test that changes nothing."""
    with copy(server, template, f"hooks_{template}") as database, receiving() as receiver:
        doors = Doors(tmp_path_factory.mktemp("hooks"), database)
        yield Place(doors, receiver)
        doors.close()
