"""What a user can touch is written down: every command, setting, engine and error appears in the docs."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
import typer.main
from pydantic import BaseModel

from app.settings import Settings
from core.errors import HomageError

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = "\n".join(p.read_text() for p in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))])
FLOORS = ("core", "attribution", "creators", "licensing", "payments", "generation", "app")


def commands() -> list[str]:
    from app.cli import app

    root = typer.main.get_command(app)
    names = []
    for name, command in getattr(root, "commands", {}).items():
        below = getattr(command, "commands", None)
        names += [f"homage {name} {sub}" for sub in below] if below else [f"homage {name}"]
    assert isinstance(root, click.Command) or names
    return names


def settings(model: type[BaseModel] = Settings, prefix: str = "HOMAGE_") -> list[str]:
    names = []
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names += settings(kind, f"{prefix}{name.upper()}__")
        else:
            names.append(f"{prefix}{name.upper()}")
    return names


def errors() -> list[type[HomageError]]:
    for floor in FLOORS:
        package = importlib.import_module(floor)
        for module in pkgutil.walk_packages(package.__path__, f"{floor}."):
            if "migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found: list[type[HomageError]] = []
    queue = [HomageError]
    while queue:
        kind = queue.pop()
        found.append(kind)
        queue += kind.__subclasses__()
    return [kind for kind in found if not kind.__module__.startswith("tests")]


@pytest.mark.parametrize("name", commands())
def test_command_is_documented(name: str) -> None:
    assert name in DOCS


@pytest.mark.parametrize("name", settings())
def test_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCS


@pytest.mark.parametrize("name", [point.name for point in entry_points(group="homage.engines")])
def test_engine_is_documented(name: str) -> None:
    assert f"## {name}" in (ROOT / "docs" / "engines.md").read_text()


def test_every_error_is_documented() -> None:
    missing = sorted({kind.__name__ for kind in errors() if f"`{kind.__name__}`" not in DOCS})
    assert missing == []


def test_every_error_says_what_it_means() -> None:
    assert [kind.__name__ for kind in errors() if not kind.__doc__] == []
