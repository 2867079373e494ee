"""Signed verdicts: is it what the house said, and does it still count? Needs no house, only its public keys."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
from jwt.api_jwk import PyJWK
from jwt.api_jws import decode_complete, get_unverified_header

TYPE = "homage-verdict+jwt"
DAY = 86_400
SKEW = 300  # seconds that the clocks of house and reader may be apart
LATE = 60  # seconds for which a retired key may still sign


class NotSigned(Exception):
    """The signature does not hold, or the verdict does not count (any more)."""


class KeyUnknown(NotSigned):
    """None of the given keys made the signature; the house may have a new one."""


def now() -> float:
    return time.time()


def checked(jws: str, keys: Mapping[str, Any], *, at: float | None, sandbox: bool = False) -> dict[str, Any]:
    """What the house said. `keys`: its JWK set, as `/.well-known/jwks.json` has it. `at`: the time to judge by, in
    seconds since 1970; None leaves the 24 hours aside. `sandbox`: whether one about made-up works counts, too.

    Raises NotSigned, KeyUnknown.
    """
    try:
        header = get_unverified_header(jws)
        if (header.get("alg"), header.get("typ")) != ("EdDSA", TYPE):
            raise NotSigned(f"this is signed as {header.get('alg')} {header.get('typ')}, not as a verdict")
        key = _named(keys, header.get("kid"))
        known = PyJWK({"kty": "OKP", "crv": "Ed25519", "x": key.get("x")}, algorithm="EdDSA")
        said = json.loads(decode_complete(jws, known, algorithms=["EdDSA"])["payload"])
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise NotSigned(f"the signature does not hold: {error}") from error
    _count(said, key, at)
    if said.get("sandbox") and not sandbox:
        raise NotSigned("this verdict is of the sandbox: it is about a made-up work")
    return dict(said)


def _named(keys: Mapping[str, Any], kid: object) -> Mapping[str, Any]:
    for key in keys.get("keys", ()):
        if key.get("kid") == kid and key.get("signs", TYPE) == TYPE:
            return dict(key)
    raise KeyUnknown("none of the given keys made this signature; fetch the house's keys anew")


def _count(said: Any, key: Mapping[str, Any], at: float | None) -> None:
    begin, end = (said.get("iat"), said.get("exp")) if isinstance(said, dict) else (None, None)
    if not (isinstance(begin, int) and isinstance(end, int) and begin < end <= begin + DAY):
        raise NotSigned("this does not say when it was signed, or claims to count for more than 24 hours")
    retired = key.get("retired_at")
    if retired is not None and begin > datetime.fromisoformat(retired).timestamp() + LATE:
        raise NotSigned(f"this was signed after its key was retired at {retired}")
    if at is None:
        return
    if begin > at + SKEW:
        raise NotSigned("this was signed in the future; check the clock")
    if at >= end:
        raise NotSigned("this verdict's 24 hours are over; ask again")
