"""Pure: a signed verdict that somebody presents: is it what a house said, when, and does it still count?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core import signatures
from core.signatures import VERDICT, SignatureRefused, Verified

LIFETIME: Final = timedelta(hours=24)  # no verdict counts for longer
SKEW: Final = timedelta(minutes=5)  # so far the clocks of signer and reader may be apart


@dataclass(frozen=True)
class Presented:
    """A verdict whose signature holds. `verdict`: what was said; `expired`: its time is over."""

    kid: str
    retired_at: datetime | None
    issued_at: datetime
    expires_at: datetime
    expired: bool
    verdict: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "kid": self.kid,
            "retired_at": None if self.retired_at is None else self.retired_at.isoformat(),
            "issued_at": self.issued_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "expired": self.expired,
            "verdict": self.verdict,
        }


def read(jws: str, jwks: object, *, at: datetime, sandbox: bool = False) -> Presented:
    """What was said, if these keys signed it, while they signed. `sandbox`: one about made-up works counts, too.

    Raises SignatureRefused, SignerUnknown."""
    found = signatures.verified(jws, jwks, typ=VERDICT)
    said = _object(found)
    issued, expires = _time(said, "iat"), _time(said, "exp")
    if said.get("sandbox") and not sandbox:
        raise SignatureRefused("this verdict is of the sandbox, about a made-up work: it counts nowhere else")
    if not issued < expires <= issued + LIFETIME:
        raise SignatureRefused(f"this verdict claims to count from {issued} until {expires}; 24 hours are the most")
    if issued > at + SKEW:
        raise SignatureRefused(f"this verdict says that it was signed at {issued}, after {at}; check the clock")
    if not found.signed_in_time(issued):
        raise SignatureRefused(
            f"this verdict says that it was signed at {issued}, after its key was retired at {found.retired_at};"
            " ask the house again"
        )
    return Presented(found.kid, found.retired_at, issued, expires, at >= expires, said)


def _object(found: Verified) -> dict[str, Any]:
    try:
        said = json.loads(found.payload)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise SignatureRefused("what is signed is no verdict; ask the house again")
    return said


def _time(said: dict[str, Any], name: str) -> datetime:
    """A NumericDate (RFC 7519), whole seconds."""
    value = said.get(name)
    if type(value) is not int or not 0 <= value < 1 << 34:
        raise SignatureRefused(f"this verdict does not say its {name!r} in seconds; ask the house again")
    return datetime.fromtimestamp(value, UTC)
