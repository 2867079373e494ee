"""The description is valid OpenAPI 3.1, tells every problem and policy, and the committed file is the app's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.house import House
from app.main import create_app
from app.openapi import policies
from app.settings import Settings

COMMITTED = Path(__file__).resolve().parent.parent.parent / "frontend" / "openapi.json"
METHODS = ("get", "put", "post", "delete", "patch")


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict:  # type: ignore[type-arg]
    return create_app(House(Settings(var=tmp_path_factory.mktemp("var")))).openapi()


def operations(described: dict) -> dict[str, dict]:  # type: ignore[type-arg]
    return {
        f"{method.upper()} {path}": operation
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_it_is_valid(described: dict) -> None:  # type: ignore[type-arg]
    assert described["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


def test_the_committed_file_is_the_apps(described: dict) -> None:  # type: ignore[type-arg]
    assert json.loads(COMMITTED.read_text()) == described, "run: homage openapi > frontend/openapi.json"


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(described: dict) -> None:  # type: ignore[type-arg]
    found = operations(described)
    names = [operation["operationId"] for operation in found.values()]
    assert len(names) == len(set(names))
    assert [name for name, operation in found.items() if not operation.get("description")] == []


def test_no_two_shapes_share_a_name(described: dict) -> None:  # type: ignore[type-arg]
    """FastAPI would tell them apart by their modules, and generated clients by numbers that change."""
    assert [name for name in described["components"]["schemas"] if "__" in name] == []


def test_every_refusal_is_described_as_a_problem(described: dict) -> None:  # type: ignore[type-arg]
    for name, operation in operations(described).items():
        for status, response in operation["responses"].items():
            if status == "default" or status >= "400":
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (name, status)
        assert "default" in operation["responses"], name
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_security_follows_from_the_policy(described: dict) -> None:  # type: ignore[type-arg]
    found = operations(described)
    assert found["POST /v1/verifications"]["security"][0] == {}
    assert found["POST /v1/checkouts"]["security"] == [{"session": []}, {"key": ["money"]}]
    assert "401" not in found["POST /v1/verifications"]["responses"]
    assert "401" in found["POST /v1/checkouts"]["responses"]


def test_each_described_operation_has_a_policy(described: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]
    app = create_app(House(Settings(var=tmp_path)))
    known = {f"{method} {path}" for path, method, _ in policies(app)}
    assert set(operations(described)) <= known


def test_what_costs_money_needs_a_key(described: dict) -> None:  # type: ignore[type-arg]
    for name in ("POST /v1/checkouts", "POST /v1/reports", "POST /v1/works"):
        parameters = operations(described)[name]["parameters"]
        key = next(parameter for parameter in parameters if parameter["name"] == "Idempotency-Key")
        assert key["required"] is True, name
