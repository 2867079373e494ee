"""A place for files and keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.creators.studio import Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)
