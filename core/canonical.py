"""One spelling for a document, so that its hash means its content."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from core.errors import Invalid


def dumps(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8; floats are refused, since their spelling is not one.

    Raises Invalid for text that has no UTF-8 (half of a surrogate pair, as a JSON escape can smuggle in).
    """
    _refuse_floats(value)
    return again(value)


def again(value: Any) -> bytes:
    """`dumps` of what is known to hold no floats. Raises Invalid likewise."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Invalid("a text holds half a character (a lone surrogate); write it again") from error


def digest(value: Any) -> str:
    """SHA-256 of `dumps(value)` in hex."""
    return hashlib.sha256(dumps(value)).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("a canonical document holds no floats; use integers or strings")
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError("a canonical document's keys are strings")
            _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
