"""What the commands that make works share: an engine, its parameters, and a bar while it works."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from app.commands import show
from core.errors import Invalid

if TYPE_CHECKING:
    from generation.engine import Engine, Params, Rendering, Request, Share


def house_engine(name: str, device: str | None = "cpu") -> Any:
    """One that ships with the house; for a person's own files it needs nobody's admission.

    `device`: None is the one that the settings say.
    """
    from app import settings
    from generation.catalog import Catalog

    return Catalog((name,), device or settings.load().engine_device).get(name)


def maker_of(map: bytes) -> str:
    """The house engine that wrote a map: maps of sounds begin with their engine's name."""
    if not map.startswith(b"homage."):
        return "patchwork"
    return "mosaic" if map.startswith(b"homage.mosaic.") else "chorale"


def params_of(engine: Engine, given: dict[str, Any]) -> Params:
    """What was given as the engine's parameters. Raises Invalid, which names each option it cannot use."""
    from pydantic import ValidationError

    try:
        return engine.Params.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [f"--{'-'.join(map(str, e['loc'])).replace('_', '-')}: {e['msg']}" for e in error.errors()]
        raise Invalid("; ".join(faults)) from error


def drawn(title: str, engine: Engine, request: Request) -> tuple[Rendering, float]:
    """The rendering, and how long the engine worked at it, in seconds."""
    with show.progress(title) as bar:

        def report(step: int, of: int, stage: str, preview: object = None) -> None:
            bar(step, of, stage)

        started = time.perf_counter()
        rendering = engine.render([request], report=report)[0]
        return rendering, time.perf_counter() - started


def ranked(shares: tuple[Share, ...]) -> list[Share]:
    """The largest first."""
    return sorted(shares, key=lambda share: -share.share)
