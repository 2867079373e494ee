"""Pure: e-mail addresses as they are kept and compared, and the mark that stands for one in logs."""

from __future__ import annotations

import hashlib
import re

from core.errors import Invalid

MOST_LETTERS = 254
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class BadAddress(Invalid):
    """This is no e-mail address that mail can be sent to."""


def normalized(email: str) -> str:
    """The address in lower case, an international domain in its ASCII form. Raises BadAddress."""
    local, at, domain = email.strip().casefold().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    plain = len(labels) >= 2 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    if not (at and plain and _LOCAL.fullmatch(local) and len(local) <= 64 and len(local + domain) < MOST_LETTERS):
        raise BadAddress(f"{email[:60]!r} is no e-mail address; write it like name@example.org")
    return f"{local}@{domain}"


def mark(email: str) -> str:
    """What a log says instead of the address: equal for equal addresses, and not readable."""
    return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()[:16]
