"""What commands print: results as JSON or for people on stdout, progress on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from app.house import House
    from app.settings import Settings

QUIET_SECONDS = 2.0  # a long stage says how far it is this often, where there is no terminal


class Bar(Protocol):
    """Called with the step reached, the number of steps and what is being done."""

    def __call__(self, step: int, of: int, stage: str) -> None: ...


def out(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    sys.stderr.write(text + "\n")


def document(value: Any) -> None:
    out(json.dumps(value, indent=2, ensure_ascii=False))


@contextmanager
def progress(title: str) -> Iterator[Bar]:
    """A progress bar on stderr where that is a terminal, a line per stage elsewhere."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def advance(step: int, of: int, stage: str) -> None:
            bar.update(task, completed=step, total=of or None, description=f"{title}: {stage}")

        yield advance


def _lines(title: str) -> Bar:
    said, at = "", 0.0

    def advance(step: int, of: int, stage: str) -> None:
        nonlocal said, at
        now = time.monotonic()
        if stage != said:
            said, at = stage, now
            note(f"{title}: {stage} …")
        elif of and now - at > QUIET_SECONDS:
            at = now
            note(f"{title}: {stage} {100 * step // of} %")

    return advance


def existing_settings() -> Settings:
    """The settings, if there is a house where they say; a mistyped folder is no empty house. Raises NoHouse."""
    from app import settings
    from app.house import NoHouse

    config = settings.load()
    if config.database.url is None and not (config.var / "postgres" / "data").is_dir():
        raise NoHouse(f"there is no house in {config.var} yet; run homage up first, or check HOMAGE_VAR")
    return config


@contextmanager
def existing_house() -> Iterator[House]:
    """The house that the settings name, to be asked. Raises NoHouse."""
    from app.house import House

    with House(existing_settings()) as house:
        yield house


def percent(millionths: int) -> str:
    """A share for people, e.g. 12.3456 %."""
    whole, part = divmod(millionths, 10_000)
    return f"{whole}.{part:04d} %"
