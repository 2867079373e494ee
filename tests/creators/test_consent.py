"""What a declaration must say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import canonical
from creators.consent import MOST_YEARS, ConsentIncomplete, Declaration, check

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = Declaration(
    creator="cre_01",
    legal_name="Ada Marsh",
    is_author=True,
    holds_rights=True,
    adult=True,
    medium="picture",
    uses="Pictures that fans make from their own photographs, to publish and to print.",
    expires_on=date(2031, 3, 1),
    declared_at=AT,
)


def test_a_complete_declaration_passes() -> None:
    check(GOOD, AT)


def test_everything_missing_is_named_at_once() -> None:
    bad = replace(
        GOOD,
        legal_name=" ",
        is_author=False,
        holds_rights=False,
        adult=False,
        medium="smell",
        uses="anything goes",
        expires_on=date(2046, 3, 1),
    )
    with pytest.raises(ConsentIncomplete) as caught:
        check(bad, AT)
    assert len(caught.value.facts["missing"]) == 7
    assert "\n" not in caught.value.message
    for word in ("legal name", "author", "rights", "of age", "medium", "specifically", "10 years"):
        assert word in caught.value.message


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"legal_name": "Ada\nMarsh"}, "legal name"),
        ({"legal_name": "A" * 201}, "legal name"),
        ({"uses": "any any any any any any"}, "specifically"),
        ({"uses": "word " * 4 + "x" * 2_000}, "2,000"),
        ({"ai_training": "maybe"}, "AI training"),
        ({"declared_at": datetime(2026, 3, 1)}, "time zone"),  # noqa: DTZ001  # the fault under test
        ({"declared_at": AT + timedelta(seconds=1)}, "future"),
        ({"expires_on": date(2026, 3, 1)}, "passed"),
        ({"expires_on": date(2036, 3, 2)}, "2036-03-01"),
    ],
)
def test_each_fault_has_its_own_words(change: dict[str, object], word: str) -> None:
    with pytest.raises(ConsentIncomplete, match=word) as caught:
        check(replace(GOOD, **change), AT)  # type: ignore[arg-type]
    assert caught.value.facts["missing"]


@settings(deadline=None)
@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)), st.integers(1, 4000))
def test_term_is_ten_years_at_most(day: date, days: int) -> None:
    declared = datetime(day.year, day.month, day.day, tzinfo=UTC)
    ends = day + timedelta(days=days)
    leap = (day.month, day.day) == (2, 29)
    limit = date(day.year + MOST_YEARS, day.month, 28 if leap else day.day)
    declaration = replace(GOOD, declared_at=declared, expires_on=ends)
    if ends <= limit:
        check(declaration, declared)
    else:
        with pytest.raises(ConsentIncomplete):
            check(declaration, declared)


def test_training_is_reserved_unless_said() -> None:
    assert GOOD.document()["ai_training"] == "notAllowed"
    assert "not allowed" in GOOD.statement()


@pytest.mark.parametrize(
    "change",
    [
        {"creator": "cre_02"},
        {"legal_name": "Ida Marsh"},
        {"is_author": False},
        {"holds_rights": False},
        {"adult": False},
        {"medium": "sound"},
        {"uses": "Posters for concerts in Vienna and nothing else."},
        {"expires_on": date(2030, 3, 1)},
        {"declared_at": AT - timedelta(days=1)},
        {"ai_training": "allowed"},
    ],
)
def test_statement_and_hash_depend_on_every_field(change: dict[str, object]) -> None:
    other = replace(GOOD, **change)  # type: ignore[arg-type]
    assert other.statement() != GOOD.statement()
    assert other.hash != GOOD.hash


def test_hash_is_of_the_canonical_document() -> None:
    assert GOOD.hash == canonical.digest(GOOD.document())
    assert GOOD.document()["statement"] == GOOD.statement()


def test_valid_until_is_the_start_of_the_last_day() -> None:
    assert GOOD.valid_until == datetime(2031, 3, 1, tzinfo=UTC)
