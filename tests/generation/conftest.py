"""A small house for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import db
from tests.generation.world import World


@pytest.fixture
def world(tmp_path: Path, sessions: db.Sessions) -> World:
    return World(tmp_path, sessions)
