"""Jobs are deferred by name, so that no noun imports a task: every name that is deferred must exist."""

from __future__ import annotations

import ast

from procrastinate import App
from procrastinate.testing import InMemoryConnector

from app.identity import tasks as identity
from generation import tasks as generation
from licensing import tasks as licensing
from payments import tasks as payments
from tests.house.test_rules import product_files


def deferred() -> set[str]:
    """The second argument of every `jobs.defer(session, "floor:task", …)`."""
    names = set()
    for path in product_files():
        if path.name == "jobs.py":
            continue  # the room itself passes on what it is given
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "jobs.defer":
                name = node.args[1]
                assert isinstance(name, ast.Constant), f"{path}:{node.lineno} defers a name that cannot be checked"
                names.add(name.value)
    return names


def test_every_deferred_name_is_a_task() -> None:
    app = App(connector=InMemoryConnector())
    generation.register(app)
    identity.register(app)
    licensing.register(app)
    payments.register(app)
    assert deferred()
    assert deferred() <= set(app.tasks)
