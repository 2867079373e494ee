"""Passwords: argon2id, one form for what looks the same, and as long for nobody's as for somebody's."""

from __future__ import annotations

import time

import pytest

from app.identity import passwords


def test_the_common_ones_are_long_enough_to_need_naming() -> None:
    assert [word for word in passwords.COMMON if len(word) < passwords.FEWEST_LETTERS] == []
    assert [word for word in passwords.COMMON if word != word.casefold()] == []


def test_a_hash_is_argon2id_and_never_twice_the_same() -> None:
    one, two = passwords.hashed("a quiet green field"), passwords.hashed("a quiet green field")
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert one != two
    assert passwords.matches(one, "a quiet green field")
    assert not passwords.matches(one, "a quiet green fiel")
    assert not passwords.outdated(one)


@pytest.mark.parametrize("kept", ["", "nonsense", "$argon2id$v=19$m=65536,t=3,p=4$x$y"])
def test_a_damaged_hash_matches_nothing(kept: str) -> None:
    assert not passwords.matches(kept, "a quiet green field")


def test_nobodys_password_takes_as_long_and_never_matches() -> None:
    kept = passwords.hashed("a quiet green field")
    assert not passwords.matches(None, "nobody's")  # the stand-in's own

    def seconds(known: str | None) -> float:
        best = 9.0
        for _ in range(3):
            start = time.perf_counter()
            passwords.matches(known, "not the password")
            best = min(best, time.perf_counter() - start)
        return best

    assert seconds(None) > 0.2 * seconds(kept)
