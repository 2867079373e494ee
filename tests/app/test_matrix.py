"""Nobody does what is not theirs: every route × every caller × own and others' things."""

from __future__ import annotations

from tests.app import matrix
from tests.app.matrix import CALLERS, CELLS, Cell, Route, Scene
from tests.doors import Doors

# Their answers to a missing or wrong body are about credentials, not about who calls.
CREDENTIALS = {"/sign-in", "/sign-up", "/sign-up/confirm", "/password-resets", "/password-resets/confirm"}
ENDS = ["/styles/{style}/retirement", "/me", "/me/sessions", "/sign-out"]  # end what others are about: asked last


def test_every_route_about_a_thing_says_whose_it_is() -> None:
    about = {(route.method, route.path) for route in matrix.routes() if "{" in route.path}
    assert about == {cell for cell in CELLS if "{" in cell[1]}


def test_nobody_does_what_is_not_theirs(doors: Doors) -> None:
    """Each route is asked by everyone before the next: a thing that its owner ends is still there for strangers."""
    scene = matrix.scene(doors)
    wrong = [fault for route in _in_order() for fault in _faults(scene, route)]
    assert wrong == []


def _in_order() -> list[Route]:
    """Reading before writing, ending last, so that one call does not take away what the next is about."""
    order = ["HEAD", "OPTIONS", "GET", "PUT", "PATCH", "POST", "DELETE"]
    last = {path: place for place, path in enumerate(ENDS, 1)}
    return sorted(matrix.routes(), key=lambda r: (last.get(r.path, 0), order.index(r.method)))


def _faults(scene: Scene, route: Route) -> list[str]:
    cells: tuple[Cell | None, ...] = CELLS.get((route.method, route.path), (None,))
    return [
        fault
        for cell in cells
        for caller in sorted(CALLERS, key=lambda caller: cell is not None and caller in cell.owners)
        for fault in _fault(scene, caller, route, cell)
    ]


def _fault(scene: Scene, caller: str, route: Route, cell: Cell | None) -> list[str]:
    refused = route.gate(caller, scene.scopes)
    may = cell is None or cell.public or caller in cell.owners
    answer = scene.call(caller, route, cell)
    got = answer.status_code
    where = f"{caller}: {route.method} {route.path} ({cell.thing if cell else 'no thing'}) answered {got}"
    faults = []
    if refused is not None:
        faults += [f"{where}, not {refused}"] if got != refused else []
    elif not may:
        faults += [f"{where}, not 404"] if got != 404 else []
    elif got >= 500 or (got in (401, 403, 404) and route.path not in CREDENTIALS):
        faults.append(where)
    if cell is None and route.method == "GET":
        leaked = [thing for thing in matrix.private_to_others(caller) if scene.things[thing] in answer.text]
        faults += [f"{where} and named {leaked}"] if leaked else []
    return faults
