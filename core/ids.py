"""Ids that say what they name and sort by the time they were made: `wrk_01jc3q…`."""

from __future__ import annotations

import os
import re
import time

from core.errors import NotFound

PREFIXES = {
    "per": "person",
    "cre": "creator",
    "sty": "style",
    "ast": "asset",
    "con": "consent",
    "vpf": "voice proof",
    "off": "offer",
    "lic": "license",
    "wrk": "work",
    "ent": "entry",
    "chg": "charge",
    "prg": "program",
    "rep": "report",
    "usg": "usage report",
    "mtc": "match",
    "upl": "upload",
    "bat": "batch",
    "ses": "session",
    "key": "API key",
    "msg": "message",
    "evt": "event",
    "whk": "webhook",
    "dlv": "delivery",
}
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_SHAPE = re.compile(rf"(?P<prefix>{'|'.join(PREFIXES)})_[{_ALPHABET}]{{26}}")


def new(prefix: str) -> str:
    """A fresh id: the prefix, 48 bits of milliseconds, 80 random bits (the layout of a ULID)."""
    if prefix not in PREFIXES:
        raise ValueError(f"unknown kind of id: {prefix}")
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    digits = "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{digits}"


def pattern(prefix: str) -> str:
    """What every id of this kind matches, as a regular expression for those who describe one."""
    return f"^{prefix}_[{_ALPHABET}]{{26}}$"


def check(value: str, prefix: str) -> str:
    """The id itself when it has the right shape, else NotFound: a malformed id names nothing."""
    found = _SHAPE.fullmatch(value)
    if not found or found["prefix"] != prefix:
        raise NotFound(f"there is no {PREFIXES[prefix]} {value[:60]!r}", id=value[:60])
    return value
