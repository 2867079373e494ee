"""An index for each way in which it may be searched; those that need more than the house brings are slow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from attribution.segments.storage import LocalFolder
from attribution.segments.store import Index
from core import db
from tests.attribution.segments import made

Opening = Callable[[], Index]
"""Another index of the same rows and segments, as another process would have it."""


@pytest.fixture
def local(sessions: db.Sessions, tmp_path: Path) -> Opening:
    """In files that this process maps, in a folder."""
    return lambda: made.index(sessions, LocalFolder(tmp_path / "segments"))


@pytest.fixture(params=["local"])
def opening(request: pytest.FixtureRequest) -> Opening:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.fixture
def index(opening: Opening) -> Index:
    return opening()
