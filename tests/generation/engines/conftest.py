"""One engine and one work that many tests look at."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.media import Picture
from generation.engine import Exact, Rendering
from generation.engines.patchwork import Patchwork
from tests.generation.engines.pictures import dots, prepared, render, scene, strokes


@dataclass(frozen=True)
class Made:
    """A work from two assets of one style."""

    assets: tuple[Picture, Picture]
    style: bytes
    content: Picture
    rendering: Rendering

    @property
    def exact(self) -> Exact:
        assert isinstance(self.rendering.provenance, Exact)
        return self.rendering.provenance


@pytest.fixture(scope="session")
def engine() -> Patchwork:
    return Patchwork()


@pytest.fixture(scope="session")
def made(engine: Patchwork) -> Made:
    assets, content = (strokes(1), dots(2)), scene()
    style = prepared(engine, *assets)
    return Made(assets, style, content, render(engine, style, content, size=160, seed=3))
