"""A place for files and keys; properties are judged by what they find, not by how long a busy machine takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.creators.studio import Studio

settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)
