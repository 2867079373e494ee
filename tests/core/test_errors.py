"""Errors by meaning: every error has one, says it in one line, and has a stable name."""

from __future__ import annotations

import inspect

import pytest

from core import errors
from core.errors import HomageError
from tests.house.test_docs import errors as all_errors

MEANINGS = (
    errors.Unauthenticated,
    errors.NotFound,
    errors.Forbidden,
    errors.Conflict,
    errors.Invalid,
    errors.PaymentRequired,
    errors.TooMany,
    errors.Unavailable,
)


def test_every_error_has_exactly_one_meaning() -> None:
    for kind in set(all_errors()) - {HomageError}:
        assert sum(issubclass(kind, meaning) for meaning in MEANINGS) == 1 or kind.__module__.startswith("app"), kind


def test_no_two_errors_share_a_code() -> None:
    codes = [kind("x").code for kind in all_errors()]
    assert sorted(codes) == sorted(set(codes))


def test_every_title_is_one_sentence() -> None:
    for kind in all_errors():
        title = inspect.cleandoc(kind.__doc__ or "")
        assert "\n" not in title, kind
        assert title.endswith("."), kind


def test_an_error_carries_its_words_its_facts_and_its_name() -> None:
    class NotEnoughPaint(errors.Conflict):
        """The pot is empty."""

    error = NotEnoughPaint("the pot is empty; open another", left=0)
    assert (str(error), error.message, error.facts) == (error.message, "the pot is empty; open another", {"left": 0})
    assert error.code == "not-enough-paint"
    with pytest.raises(HomageError):
        raise error


def test_the_drawn_tree_is_the_real_one() -> None:
    drawn = [line.split()[1] for line in (errors.__doc__ or "").splitlines() if "──" in line]
    assert drawn == [meaning.__name__ for meaning in MEANINGS]
    assert [kind for kind in HomageError.__subclasses__() if kind.__module__ == "core.errors"] == list(MEANINGS)
