"""Errors as RFC 9457 problem details: kind -> status in one table, and nothing of ours leaves in another form."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from core import db, errors
from core.web import Unauthenticated

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[errors.HomageError], int] = {
    Unauthenticated: 401,
    errors.PaymentRequired: 402,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Unavailable: 503,
}
log = structlog.get_logger()


def status_of(error: errors.HomageError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def install(app: FastAPI) -> None:
    """Every refusal of this app becomes a problem document."""

    @app.exception_handler(errors.HomageError)
    def _known(request: Request, error: errors.HomageError) -> JSONResponse:
        title = (type(error).__doc__ or error.code).splitlines()[0]
        return problem(request, status_of(error), error.code, title, error.message, facts=error.facts)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [_fault(fault) for fault in error.errors()]
        detail = "; ".join(f"{fault['pointer'] or fault['parameter']}: {fault['detail']}" for fault in faults)
        return problem(request, 422, "invalid-request", "The request is not as described.", detail, errors=faults)

    @app.exception_handler(HTTPException)
    def _plain(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "no-such-address", 405: "method-not-allowed", 400: "malformed-request", 413: "too-large"}.get(
            error.status_code, "refused"
        )
        answer = problem(request, error.status_code, code, str(error.detail), str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    def _ours(request: Request, error: Exception) -> JSONResponse:
        if db.lost(error) or db.busy(error):
            detail = "the database does not answer; nothing was done, try again in a moment"
            answer = problem(request, 503, "unavailable", "Something needed is not reachable now.", detail)
            answer.headers["Retry-After"] = "1"
            return answer
        log.exception("unexpected", path=request.url.path)
        return problem(request, 500, "unexpected", "Something of ours broke.", "nothing was changed; try again later")


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
    body: dict[str, Any] = {
        **{key: value for key, value in (facts or {}).items() if key not in ("type", "title", "status", "detail")},
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    if errors is not None:
        body["errors"] = errors
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE)


def _fault(fault: Any) -> dict[str, str]:
    """One fault: a JSON pointer into the body, or the parameter's name."""
    where, *path = fault["loc"]
    pointer = "#/" + "/".join(str(step) for step in path) if where == "body" else ""
    return {"pointer": pointer, "parameter": "" if pointer else ".".join(map(str, path)), "detail": fault["msg"]}
