"""Secrets that we give out and keep only the SHA-256 of: 256 random bits need no slow hash."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def fresh(prefix: str = "") -> tuple[str, str]:
    """A new secret (43 letters of base64url behind the prefix), and its hash to keep."""
    secret = prefix + secrets.token_urlsafe(BYTES)
    return secret, hash_of(secret)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
