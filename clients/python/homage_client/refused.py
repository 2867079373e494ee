"""What a house refuses, as an exception: a problem document (RFC 9457) with its members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

PROBLEM = "application/problem+json"


class Refused(Exception):
    """One kind for each meaning that a caller can act on; `type` says exactly what happened.

    `status`: 0 of a line of a batch. `errors`: which field is wrong; `facts`: further members of the problem;
    `retry_after`: seconds after which the same may be sent again, where the house says so.
    """

    def __init__(self, problem: Mapping[str, Any], *, retry_after: int | None = None) -> None:
        self.status = int(problem.get("status", 0))
        self.type = str(problem.get("type", "about:blank"))
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, str]] = list(problem.get("errors") or [])
        known = ("status", "type", "title", "detail", "errors", "instance")
        self.facts = {name: value for name, value in problem.items() if name not in known}
        self.retry_after = retry_after
        super().__init__(f"{self.status or ''} {self.title} {self.detail}".strip())


class Invalid(Refused):
    """400, 413, 422: send something else."""


class Unauthenticated(Refused):
    """401: the key is missing, unknown or revoked."""


class PaymentRequired(Refused):
    """402: there is not enough credit."""


class Forbidden(Refused):
    """403: the key lacks a scope."""


class NotFound(Refused):
    """404: no such thing, or not yours."""


class Conflict(Refused):
    """409: the present state does not admit it."""


class TooMany(Refused):
    """429: too often, even after the retries."""


class Unavailable(Refused):
    """500 and above: the house cannot now, even after the retries."""


KINDS: dict[int, type[Refused]] = {
    400: Invalid,
    401: Unauthenticated,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    422: Invalid,
    429: TooMany,
}


def refused_by(problem: Mapping[str, Any], *, retry_after: int | None = None) -> Refused:
    """The exception that a problem is."""
    status = int(problem.get("status", 0))
    kind = KINDS.get(status, Unavailable if status >= 500 else Refused)
    return kind(problem, retry_after=retry_after)


def check(response: httpx.Response) -> None:
    """Raise what the answer refuses; one without a problem document is told by its first letters."""
    if response.status_code < 400:
        return
    response.read()
    raise refused_by(_problem(response), retry_after=seconds(response.headers.get("retry-after")))


def seconds(header: str | None, now: datetime | None = None) -> int | None:
    """`Retry-After` in seconds, given so or as a date; None for anything else."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return int(header)
    try:
        left = parsedate_to_datetime(header) - (now or datetime.now(UTC))
    except (TypeError, ValueError):
        return None
    return max(0, -int(-left.total_seconds() // 1))


def _problem(response: httpx.Response) -> dict[str, Any]:
    if response.headers.get("content-type", "").startswith(PROBLEM):
        try:
            found = response.json()
        except ValueError:
            found = None
        if isinstance(found, dict):
            return found
    words = response.text[:200]
    return {"status": response.status_code, "title": response.reason_phrase, "detail": words}
