"""Decisions: all reasons, never more for less, and the least of several."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.policy import BadQuestion, Decision, deny, evaluate, least
from licensing.terms import USES, Terms
from licensing.territories import CODES, WORLD
from tests.licensing import examples
from tests.licensing.examples import DAYS, PLACES, TERMS

RANK = {"deny": 0, "needs-report": 1, "permit": 2}
DAY = dt.date(2026, 6, 1)
USE = st.none() | st.sampled_from(USES)
PLACE = st.just(WORLD) | PLACES


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_what_is_named_is_permitted() -> None:
    assert evaluate(TERMS, use="print", medium="picture", territory="DE", date=DAY) == Decision("permit")


def test_reported_uses_are_allowed_and_say_so() -> None:
    decision = evaluate(TERMS, use="sell", medium="picture", territory="AT", date=DAY)
    assert (decision.permission, codes(decision)) == ("needs-report", ["report"])


def test_all_reasons_are_given_with_clause_and_license() -> None:
    decision = evaluate(
        TERMS, use="advertise", medium="picture", territory="FR", date=dt.date(2029, 1, 1), license="lic_x"
    )
    assert decision.permission == "deny"
    assert [(r.code, r.clause, r.license) for r in decision.reasons] == [
        ("use", "uses", "lic_x"),
        ("territory", "territory", "lic_x"),
        ("expired", "ends_on", "lic_x"),
    ]
    assert all(r.text for r in decision.reasons)


def test_window_is_closed_at_its_start_and_open_at_its_end() -> None:
    def ask(day: dt.date) -> list[str]:
        return codes(evaluate(TERMS, use="print", medium="picture", territory="DE", date=day))

    assert ask(dt.date(2025, 12, 31)) == ["not-yet"]
    assert ask(dt.date(2026, 1, 1)) == []
    assert ask(dt.date(2028, 12, 31)) == []
    assert ask(dt.date(2029, 1, 1)) == ["expired"]


def test_training_is_reserved() -> None:
    assert codes(evaluate(TERMS, use="train", medium="picture", territory="DE", date=DAY)) == ["training-reserved"]


def test_the_world_is_more_than_any_list() -> None:
    everywhere = replace(TERMS, territory=CODES)
    assert codes(evaluate(everywhere, use="print", medium="picture", territory=WORLD, date=DAY)) == ["territory"]


def test_making_has_no_territory() -> None:
    assert evaluate(TERMS, use=None, medium="picture", territory=WORLD, date=DAY).permission == "permit"


@pytest.mark.parametrize(
    "question",
    [
        {"use": "eat", "medium": "picture", "territory": "DE"},
        {"use": "print", "medium": "smell", "territory": "DE"},
        {"use": "print", "medium": "picture", "territory": "de"},
    ],
)
def test_unknown_words_are_refused(question: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        evaluate(TERMS, date=DAY, **question)


@given(examples.terms(), USE, PLACE, DAYS)
def test_permit_and_evaluate_agree(terms: Terms, use: str | None, place: str, day: dt.date) -> None:
    decision = evaluate(terms, use=use, medium="picture", territory=place, date=day)
    assert terms.permit(use=use, medium="picture", territory=place, date=day) == (decision.permission != "deny")
    assert (decision.permission == "permit") == (decision.reasons == ())


@given(examples.terms(), st.sampled_from(USES), PLACES, DAYS)
def test_asking_for_less_is_never_refused_where_more_was_allowed(
    terms: Terms, use: str, place: str, day: dt.date
) -> None:
    def rank(use: str | None, place: str) -> int:
        return RANK[evaluate(terms, use=use, medium="picture", territory=place, date=day).permission]

    assert rank(use, place) >= rank(use, WORLD)
    assert rank(None, place) >= rank(use, place)


@given(examples.terms(), st.data(), USE, PLACE, DAYS)
def test_narrower_terms_never_allow_more(
    terms: Terms, data: st.DataObject, use: str | None, place: str, day: dt.date
) -> None:
    uses = data.draw(st.frozensets(st.sampled_from(sorted(terms.uses)), min_size=1))
    pool = CODES if terms.territory == WORLD else terms.territory
    places = data.draw(st.just(terms.territory) | st.frozensets(st.sampled_from(sorted(pool)), min_size=1, max_size=3))
    length = (terms.ends_on - terms.starts_on).days
    first = data.draw(st.integers(0, length - 1))
    last = data.draw(st.integers(first + 1, length))
    narrower = replace(
        terms,
        uses=uses,
        report_uses=uses & (terms.report_uses | data.draw(st.frozensets(st.sampled_from(USES)))),
        territory=places,
        starts_on=terms.starts_on + dt.timedelta(days=first),
        ends_on=terms.starts_on + dt.timedelta(days=last),
    )
    wide = evaluate(terms, use=use, medium="picture", territory=place, date=day)
    narrow = evaluate(narrower, use=use, medium="picture", territory=place, date=day)
    assert RANK[narrow.permission] <= RANK[wide.permission]


DECISIONS = st.sampled_from(
    [
        Decision("permit"),
        evaluate(TERMS, use="sell", medium="picture", territory="DE", date=DAY),
        deny("revoked", "license", "revoked", license="lic_x"),
        deny("quota", "cap", "used up"),
    ]
)


@given(st.lists(DECISIONS, min_size=1), DECISIONS)
def test_the_least_permission_wins_and_no_reason_is_lost(several: list[Decision], one: Decision) -> None:
    together = least([*several, one])
    assert RANK[together.permission] == min(RANK[d.permission] for d in [*several, one])
    assert together.reasons == tuple(r for d in [*several, one] for r in d.reasons)


def test_of_nothing_there_is_no_license() -> None:
    assert codes(least([])) == ["no-license"]
    assert least([]).permission == "deny"
