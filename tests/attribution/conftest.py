"""A house to seal and ask in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.attribution.made import House


@pytest.fixture
def house(session: Session, tmp_path: Path) -> House:
    return House(session, tmp_path)
