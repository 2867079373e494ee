"""Passwords: long enough and not among the first that anyone would try; kept as argon2id hashes.

After NIST SP 800-63B: a length, a list of what is common, nothing about kinds of letters. Hashing takes 64 MiB and
tens of milliseconds (RFC 9106's second choice), so only as many are hashed at once as there are processors.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Invalid

FEWEST_LETTERS, MOST_LETTERS = 10, 200
FEWEST_DIFFERENT = 4
# fmt: off
COMMON = frozenset({
    "0123456789", "1234567890", "0987654321", "12345678910", "123456789a", "1q2w3e4r5t", "1qaz2wsx3edc",
    "abcdefghij", "abcdefghijk", "administrator", "basketball", "changeme123", "football123", "iloveyou12",
    "iloveyou123", "letmein123", "letmein1234", "mypassword", "password01", "password10", "password12",
    "password123", "password1234", "passw0rd123", "p@ssword123", "p@ssw0rd123", "passwordpassword", "princess123",
    "q1w2e3r4t5", "qazwsxedcr", "qwerty1234", "qwerty12345", "qwertyuiop", "qwertyuiop123", "secret1234",
    "sunshine123", "superman123", "trustno1234", "welcome123", "welcome1234", "zaq12wsxcde", "homagehomage",
    "homage1234", "homage12345",
})
# fmt: on
_HASHER = PasswordHasher()
_SEATS = threading.BoundedSemaphore(os.cpu_count() or 2)


class WeakPassword(Invalid):
    """The password would be guessed."""


def check(password: str, *, email: str, name: str) -> None:
    """Raises WeakPassword, saying which."""
    said = plain(password)
    own = {plain(x).casefold() for x in (email, email.partition("@")[0], name)}
    faults = (
        (len(said) < FEWEST_LETTERS, f"it has fewer than {FEWEST_LETTERS} letters"),
        (len(said) > MOST_LETTERS, f"it has more than {MOST_LETTERS} letters"),
        (said.casefold() in own, "it is your address or your name"),
        (said.casefold() in COMMON, "it is one of the first that anyone would try"),
        (len(set(said)) < FEWEST_DIFFERENT, "it repeats the same few letters"),
    )
    fault = next((words for found, words in faults if found), None)
    if fault:
        raise WeakPassword(f"choose another password: {fault}; a few words that only you would put together are good")


def hashed(password: str) -> str:
    with _SEATS:
        return _HASHER.hash(plain(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password of this hash. Without one it takes as long, and is not."""
    with _SEATS:
        try:
            return _HASHER.verify(kept or _nobodys(), plain(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than we use now."""
    return _HASHER.check_needs_rehash(kept)


def plain(text: str) -> str:
    """One form for what looks the same, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", text)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's")
