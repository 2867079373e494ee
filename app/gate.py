"""What stands before every request under `/v1`: the caller's units for this minute, and how much a body may weigh.

Plain ASGI, so that streams pass through unbuffered. Who calls is known from the credentials of an earlier request that
were found good: no database is asked here, and made-up ones count on the address that they come from.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.settings import Limits
from core.limits import Buckets, Meter, Quota, TooManyRequests, network
from core.spool import MOST_SECONDS, SILENT_SECONDS
from core.web import MOST_BODY, MOST_FILE_BODY, Principal

PREFIX = "/v1/"
SMALL = 4096  # bytes of a question that brings no file
MOST_KNOWN = 20_000
# Pictures that a page shows by the dozen, and the pieces of an upload, which has limits of its own.
FREE = re.compile(
    r"/v1/(assets/[^/]+/thumbnail|works/[^/]+/(thumbnail|overlay\.png)|starters/[^/]+/picture|uploads/[^/]+)"
)
COSTS = {
    "/v1/usage": 10,
    "/v1/previews": 10,
    "/v1/styles/nearest": 10,
    "/v1/c2pa/matches/byContent": 10,
    "/v1/c2pa/matches/byReference": 10,
}
WITH_FILES = {"/v1/verifications", "/v1/styles/nearest", "/v1/c2pa/matches/byContent"}
WITHOUT_LIMIT = re.compile(r"/v1/(uploads(/[^/]*)?|verifications/batch|usage)")


class Gate:
    """Counts, answers what is too much, and adds the RateLimit fields to every answer that passes."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.known_quota = Quota("default", limits.per_minute)
        self.anonymous_quota = Quota("anonymous", limits.anonymous_per_minute)
        self.buckets = Buckets()
        self.callers = Callers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        meter, digest = self._meter(scope, headers)
        state = scope.setdefault("state", {})
        state["meter"] = meter

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(meter.headers())
                self.callers.learn(digest, state)
            await send(message)

        try:
            meter.costs(cost(scope["method"], scope["path"], headers))
            most = most_body(scope["path"])
            if most is not None and length(headers) > most:
                raise too_large(most)
        except TooManyRequests as refusal:
            await problems.of(Request(scope), refusal)(scope, receive, answer)
        except HTTPException as refusal:
            await problems.of_status(Request(scope), refusal)(scope, receive, answer)
        else:
            await self.app(scope, receive if most is None else Weighed(receive, most), answer)

    def _meter(self, scope: Scope, headers: Headers) -> tuple[Meter, bytes | None]:
        digest = credentials(headers)
        caller = self.callers.of(digest)
        if caller is not None:
            return Meter(self.buckets, caller, self.known_quota), digest
        address = network(scope["client"][0]) if scope.get("client") else "nowhere"
        return Meter(self.buckets, f"address {address}", self.anonymous_quota), digest


class Callers:
    """Who sent which credentials, learned from requests that were let in with them; the latest are remembered."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._known: OrderedDict[bytes, str] = OrderedDict()

    def of(self, digest: bytes | None) -> str | None:
        return self._known.get(digest) if digest is not None else None

    def learn(self, digest: bytes | None, state: dict[str, object]) -> None:
        """What the request's own authentication found, if it asked at all; what is no longer good is forgotten."""
        if digest is None or "principal" not in state:
            return
        found = state["principal"]
        self._known.pop(digest, None)
        if isinstance(found, Principal):
            self._known[digest] = f"{'session' if found.scopes is None else 'keys'} of {found.person}"
            if len(self._known) > self._most:
                self._known.popitem(last=False)


class Weighed:
    """A request's body that may not exceed `most` bytes, whatever its Content-Length says, and may not drip in.

    Until it is whole, nobody waits longer than SILENT_SECONDS for more of it, nor than MOST_SECONDS in all.
    """

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._seen = 0
        self._ends: float | None = None
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()
        now = anyio.current_time()
        self._ends = self._ends or now + MOST_SECONDS
        try:
            with anyio.fail_after(min(SILENT_SECONDS, self._ends - now)):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the request's body stopped coming; send it again, all at once") from None
        self._whole = not message.get("more_body", False)
        self._seen += len(message.get("body", b""))
        if self._seen > self._most:
            raise too_large(self._most)
        return message


def cost(method: str, path: str, headers: Headers) -> int:
    """Units of the caller's minute. What is free is counted neither for nor against anybody."""
    if method != "POST":
        return 0 if FREE.fullmatch(path) else 1
    if path == "/v1/verifications":
        return 1 if 0 < length(headers) <= SMALL else 10
    return COSTS.get(path, 1)


def most_body(path: str) -> int | None:
    """Bytes that a request's body may have; None where the door itself counts them."""
    if WITHOUT_LIMIT.fullmatch(path):
        return None
    return MOST_FILE_BODY if path in WITH_FILES else MOST_BODY


def length(headers: Headers) -> int:
    """Content-Length, or 0 without one that is a number."""
    given = headers.get("content-length", "0")
    return int(given) if given.isascii() and given.isdigit() else 0


def credentials(headers: Headers) -> bytes | None:
    """What the caller says to be known by, hashed; None for nothing."""
    given = headers.get("authorization", ""), headers.get("cookie", "")
    return hashlib.sha256("\n".join(given).encode("latin-1", "replace")).digest() if any(given) else None


def too_large(most: int) -> HTTPException:
    return HTTPException(413, f"the request's body may have up to {most >> 10:,} KiB; send less at once")
