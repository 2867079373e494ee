"""Signatures by the Standard Webhooks specification 1.0: HMAC-SHA256 of id, time and body, by the webhook's secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
_BYTES = 32  # the specification asks for 24 to 64


def fresh() -> str:
    """A new secret, as receivers keep it: `whsec_` and 32 random bytes in base 64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(event: str, body: bytes, secrets: Iterable[str], *, at: datetime) -> dict[str, str]:
    """The headers of one attempt. Each secret signs, so that a receiver may know the old one or the new."""
    moment = int(at.timestamp())
    signed = b".".join((event.encode(), str(moment).encode(), body))
    return {
        "webhook-id": event,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
