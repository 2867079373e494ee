"""Errors as RFC 9457 problem details: kind -> status in one table, and nothing of ours leaves in another form.

Each problem's `type` is an address that answers with what it means.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import structlog
from fastapi import APIRouter, FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app import oembed, uploads
from attribution import bindings
from core import db, errors, spool
from core.web import Out

MEDIA_TYPE = "application/problem+json"
FLOORS = ("core", "attribution", "creators", "licensing", "payments", "generation", "app")
NOT_OF_DOORS = ("generation.engines.", "app.cli", "app.commands", "app.demo", "app.migrations")
STATUS: dict[type[errors.HomageError], int] = {
    errors.Unauthenticated: 401,
    errors.PaymentRequired: 402,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.HomageError: 500,
    **uploads.STATUS,
    spool.BodyTooLong: 413,
    spool.WrongMediaType: 415,
    oembed.FormatUnknown: 501,  # as oEmbed asks for
    **bindings.STATUS,
}
WORDS = {
    400: "The request cannot be read at all; look at how it is written.",
    401: "Sign in, or send an API key as a bearer token.",
    402: "Top up first; `have` and `need` say how much is missing.",
    403: "Ask somebody who has the right to it, or use a key that has the scope.",
    404: "Check the id. What belongs to somebody else answers in the same way.",
    405: "The Allow header says which methods there are.",
    408: "Send it again, all at once; a slow line is given half a minute between any two parts.",
    409: "Look at the present state first; later the same may be possible.",
    410: "It expired; send it again from the beginning.",
    412: "Send Tus-Resumable: 1.0.0.",
    413: "Send less at once; files that are larger come in by resumable upload.",
    414: "Send the same by POST.",
    415: "`detail` says as what it is sent; bytes of an upload as application/offset+octet-stream.",
    422: "Send something else; the same again is refused again.",
    423: "Ask how far it is, and try again in a moment.",
    429: "Wait as long as Retry-After says.",
    460: "Send the same bytes again.",
    500: "It is written down on our side; trying again later may help.",
    501: "Ask for another form of it.",
    503: "Wait as long as Retry-After says, or a moment, and send the same again.",
}
# What no rule of ours refused, but the door itself: status -> code, title.
AT_THE_DOOR = {
    400: ("malformed-request", "The request cannot be read."),
    404: ("no-such-address", "There is nothing under this address."),
    405: ("method-not-allowed", "This address does not take this method."),
    408: ("body-stopped-coming", "The request's body stopped coming."),
    413: ("content-too-large", "The request's body is larger than this address takes."),
    422: ("invalid-request", "The request is not as described."),
    500: ("unexpected", "Something of ours broke."),
}
C2PA = "/v1/c2pa/"
UNREACHABLE = ("unavailable", "Something needed is not reachable now; try again later.")
log = structlog.get_logger()
router = APIRouter(tags=["problems"])


class NoSuchProblem(errors.NotFound):
    """No problem has this code."""


class ProblemKind(Out):
    """What a problem's `type` means: its code, the status it comes with, and what to do about it."""

    code: str
    title: str
    status: int
    words: str


@router.get("/problems")
def list_problems() -> list[ProblemKind]:
    """Every kind of problem that an answer may have as its `type`."""
    return [kind for _, kind in sorted(_kinds().items())]


@router.get("/problems/{code}")
def get_problem(code: Annotated[str, Path(max_length=80)]) -> ProblemKind:
    """What one `type` means."""
    found = _kinds().get(code)
    if found is None:
        raise NoSuchProblem(f"no problem has the code {code!r}; GET /problems lists them", code=code)
    return found


def said(status: int, path: str) -> int:
    """The status as an address says it: C2PA's specification calls 400 what is 422 everywhere else."""
    return 400 if status == 422 and path.startswith(C2PA) else status


def status_of(error: type[errors.HomageError]) -> int:
    return next(STATUS[kind] for kind in error.__mro__ if kind in STATUS)


def install(app: FastAPI) -> None:
    """Every refusal of this app becomes a problem document."""

    async def handle(request: Request, error: Exception) -> JSONResponse:  # async: a refusal waits for no thread
        return _of_any(request, error)

    for kind in (errors.HomageError, HTTPException, RequestValidationError, DBAPIError, PoolTimeout, Exception):
        app.add_exception_handler(kind, handle)
    app.include_router(router)


def of(request: Request, error: errors.HomageError) -> JSONResponse:
    """The problem that one of our errors is."""
    status = status_of(type(error))
    answer = problem(request, status, error.code, _title(type(error)), error.message, facts=error.facts)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.facts:
        answer.headers["Retry-After"] = str(error.facts["retry_after"])
    return answer


def of_status(request: Request, error: HTTPException) -> JSONResponse:
    """The problem that the door's own refusal is."""
    code, title = AT_THE_DOOR.get(error.status_code, ("refused", "The request is refused."))
    details = {
        404: f"there is nothing under {request.url.path[:200]}; /v1/openapi.json lists what there is",
        405: f"{request.method[:20]} is not taken here; the Allow header says what is",
    }
    answer = problem(request, error.status_code, code, title, details.get(error.status_code, str(error.detail)))
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = _methods(request) or answer.headers.get("Allow", "")
    return answer


def _methods(request: Request) -> str:
    """What this address takes, by all its routes: Starlette names only those of the first."""
    path, found = request.url.path, set[str]()
    for context in iter_route_contexts(request.app.routes):
        if context.methods and compile_path(str(context.path_format))[0].match(path):
            found |= context.methods
    return ", ".join(sorted(found))


def _of_any(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, errors.HomageError):
        return of(request, error)
    if isinstance(error, HTTPException):
        return of_status(request, error)
    if isinstance(error, RequestValidationError):
        return _of_faults(request, error)
    return _of_surprise(request, error)


def _of_faults(request: Request, error: RequestValidationError) -> JSONResponse:
    faults = [_fault(fault) for fault in error.errors()]
    detail = "; ".join(f"{fault['pointer'] or fault['parameter']}: {fault['detail']}" for fault in faults)
    return problem(request, 422, *AT_THE_DOOR[422], detail[:2000], errors=faults[:50])


def _of_surprise(request: Request, error: Exception) -> JSONResponse:
    """What nobody expected: a database that is away or busy, text that no database keeps, or a mistake of ours."""
    if isinstance(error, PoolTimeout) or db.lost(error) or db.busy(error):
        detail = "the database does not answer; nothing was done, try again in a moment"
        answer = problem(request, 503, *UNREACHABLE, detail)
        answer.headers["Retry-After"] = "1"
        return answer
    if isinstance(error, DataError):
        detail = "something in it cannot be kept: a text with a NUL in it, or a number beyond 64 bits"
        return problem(request, 422, *AT_THE_DOOR[422], detail)
    log.error("unexpected", path=request.url.path, exc_info=error)
    return problem(request, 500, *AT_THE_DOOR[500], "nothing was changed; try again later")


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    facts: dict[str, Any] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> JSONResponse:
    """One problem document; `facts` are its extension members."""
    status = said(status, request.url.path)
    reserved = ("type", "title", "status", "detail", "instance", "errors")
    body: dict[str, Any] = {
        **{key: value for key, value in (facts or {}).items() if key not in reserved},
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": quote(request.url.path),
    }
    if errors is not None:
        body["errors"] = errors
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)


def _fault(fault: Any) -> dict[str, str]:
    """One fault: a JSON pointer into the body, or the parameter's name."""
    where, *path = fault["loc"]
    pointer = "#/" + "/".join(str(step) for step in path) if where == "body" else ""
    return {"pointer": pointer, "parameter": "" if pointer else ".".join(map(str, path)), "detail": fault["msg"]}


def _title(kind: type[errors.HomageError]) -> str:
    return (kind.__doc__ or kind.__name__).strip().splitlines()[0]


def _kinds() -> dict[str, ProblemKind]:
    _load()
    door = {**{code: (status, title) for status, (code, title) in AT_THE_DOOR.items()}}
    found = {code: ProblemKind(code=code, title=title, status=s, words=WORDS[s]) for code, (s, title) in door.items()}
    for kind in _below(errors.HomageError):
        if kind.__module__.split(".")[0] in FLOORS:
            status, code = status_of(kind), kind("").code
            found[code] = ProblemKind(code=code, title=_title(kind), status=status, words=WORDS[status])
    return found


def _below(kind: type[errors.HomageError]) -> Iterator[type[errors.HomageError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def _load() -> None:
    """Import every module that can refuse something at a door, so that its errors are known."""
    for floor in FLOORS:
        package = importlib.import_module(floor)
        for module in pkgutil.walk_packages(package.__path__, f"{floor}.", onerror=lambda _: None):
            if not module.name.startswith(NOT_OF_DOORS) and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
