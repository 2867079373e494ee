"""Errors by meaning; no floor below `app` knows about HTTP or exit codes.

    HomageError
    ├── Unauthenticated   nobody known is asking
    ├── NotFound          no such thing, or not yours to see
    ├── Forbidden         seen, but not allowed
    ├── Conflict          the state does not admit it now
    ├── Invalid           the input itself is wrong
    ├── PaymentRequired   not enough credit
    ├── TooMany           too often in too short a time
    └── Unavailable       try again later

Each floor derives its own errors beside the rule that raises them. The message says what is wrong, why, and what to
do now, in one line; `facts` carries the same for machines.
"""

from __future__ import annotations

from typing import Any


class HomageError(Exception):
    """Something that a person can act on."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    @property
    def code(self) -> str:
        """The error's stable name in kebab case, e.g. `not-found`."""
        name = type(self).__name__
        return "".join(f"-{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Unauthenticated(HomageError):
    """Sign in, or send an API key, to do this."""


class NotFound(HomageError):
    """There is no such thing, or it is not yours to see."""


class Forbidden(HomageError):
    """You may not do this."""


class Conflict(HomageError):
    """The present state does not admit this."""


class Invalid(HomageError):
    """The input is not usable as it is."""


class PaymentRequired(HomageError):
    """There is not enough credit for this."""


class TooMany(HomageError):
    """This was asked too often; wait a little. The fact `retry_after` says how many seconds."""


class Unavailable(HomageError):
    """Something needed is not reachable now; try again later."""
