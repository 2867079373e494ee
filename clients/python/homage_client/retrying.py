"""Sends again what was not done: after 429 and 503 as Retry-After says, after a broken line where twice is once."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from homage_client.refused import seconds

SAFE = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}
ASKING = re.compile(r"/v1/(verifications|licenses/evaluate)(/batch)?")  # writes nothing, so it may be asked twice


@dataclass(frozen=True)
class Retries:
    """`times`: how often the same is sent again at most. `longest`: seconds that one wait may take; a house that asks
    for more is believed, and its refusal passed on."""

    times: int = 4
    longest: float = 60.0


class Retrying(httpx.BaseTransport):
    """Around another transport."""

    def __init__(
        self, inner: httpx.BaseTransport, retries: Retries, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._inner = inner
        self._retries = retries
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for tried in range(self._retries.times):
            try:
                response = self._inner.handle_request(request)
            except httpx.TransportError:
                if not repeatable(request):
                    raise
                wait = backoff(tried)
            else:
                if response.status_code not in (429, 503):
                    return response
                asked = seconds(response.headers.get("retry-after"))
                wait = backoff(tried) if asked is None else float(asked)
                if wait > self._retries.longest:
                    return response
                response.close()
            self._sleep(wait)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def repeatable(request: httpx.Request) -> bool:
    """Whether sending it twice does what sending it once does."""
    if request.method in SAFE or "idempotency-key" in request.headers:
        return True
    return request.method == "POST" and ASKING.fullmatch(request.url.path) is not None


def backoff(tried: int) -> float:
    return 0.5 * float(2**tried) * random.uniform(0.5, 1.0)  # noqa: S311  # so that many do not come back at once
