"""The API's own description (OpenAPI 3.1): FastAPI's, with our problems, and each route's policy as its security."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from app.problems import MEDIA_TYPE, said
from app.webhooks import kinds

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem details; `type` is an address that says what it means. More members are facts.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
                "required": ["pointer", "parameter", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": True,
}
SECURITY = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-homage",
        "description": "a person's session, from POST /v1/sign-in; without the prefix on plain http from this machine",
    },
    "key": {"type": "http", "scheme": "bearer", "description": "an API key (hmg_…) that has the scope"},
}
BINARY = {"type": "string", "format": "binary"}
FASTAPI_OWN = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's documented way


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of all routes, made once."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for name in FASTAPI_OWN:
            schemas.pop(name, None)
        for one in schemas.values():
            _name_files(one)
        schemas["Problem"] = PROBLEM
        schema["webhooks"], shapes = kinds.described()
        taken = [name for name, shape in shapes.items() if schemas.setdefault(name, shape) != shape]
        assert taken == [], "what events say has names of its own"
        schema["components"]["securitySchemes"] = SECURITY
        for path, method, policy in policies(app):
            operation = schema["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                _describe(operation, policy, path)
        app.openapi_schema = schema
    return app.openapi_schema


def policies(app: FastAPI) -> Iterator[tuple[str, str, str]]:
    """Each route's path, method and policy: public, person, staff, or the scopes that a key needs, `a|b`."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            for method in sorted(context.methods or ()):
                yield str(context.path_format), method, policy(context.original_route.dependant)


def policy(dependant: Dependant) -> str:
    """What the checks among a route's dependencies demand; the strictest, where there are several."""
    found = {str(getattr(below.call, "policy", "")) for below in _all(dependant)} - {""}
    if "staff" in found:
        return "staff"
    if "person" in found:
        return "person"
    return min(found) if found else "public"


def _all(dependant: Dependant) -> Iterator[Dependant]:
    for below in dependant.dependencies:
        yield below
        yield from _all(below)


def _describe(operation: dict[str, Any], policy: str, path: str) -> None:
    responses = operation["responses"]
    for response in responses.values():
        for kind, content in response.get("content", {}).items():
            if not kind.startswith("text/"):
                content.setdefault("schema", BINARY)  # a file: FastAPI says nothing of it
    if FASTAPI_OWN[0] in str(responses.get("422")):
        del responses["422"]
    parameters = operation.get("parameters", [])
    applying = {
        401: policy != "public",
        403: policy != "public",
        404: any(parameter["in"] == "path" for parameter in parameters),
        said(422, path): bool(parameters or "requestBody" in operation),
        429: True,
        503: True,
    }
    for status in [status for status, applies in applying.items() if applies]:
        responses.setdefault(str(status), _problem(HTTPStatus(status).phrase))
    responses.setdefault("default", _problem("Any other refusal"))
    session: dict[str, list[str]] = {"session": []}
    operation["security"] = {
        "public": [{}, session, {"key": []}],
        "person": [session],
        "staff": [session],
    }.get(policy) or [session, *({"key": [scope]} for scope in policy.split("|"))]


def _name_files(schema: dict[str, Any]) -> None:
    """Files in forms as OpenAPI 3.0 named them, too: what makes clients of a description knows them by that."""
    for field in schema.get("properties", {}).values():
        for kind in (field, *field.get("anyOf", ())):
            if kind.get("contentMediaType") == "application/octet-stream":
                kind["format"] = "binary"


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
