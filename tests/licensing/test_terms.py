"""Terms: what they refuse to say, and how they are written down."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from core import canonical
from core.money import Money
from licensing.terms import BadTerms, Terms, read, training
from licensing.territories import CODES
from tests.licensing import examples
from tests.licensing.examples import TERMS


def test_defaults_allow_publishing_and_reserve_training() -> None:
    plain = Terms(
        medium="picture",
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2027, 1, 1),
        price=Money(0),
        royalty_ppm=500_000,
        fan_ppm=500_000,
        max_copy_ppm=0,
    )
    assert plain.uses == {"publish"}
    assert plain.territory == "world"
    assert not plain.permit(use="train", medium="picture", territory="world", date=dt.date(2026, 6, 1))


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(BadTerms) as caught:
        replace(
            TERMS,
            uses=frozenset({"publish", "eat"}),
            report_uses=frozenset({"stream"}),
            medium="smell",
            territory=frozenset({"XX"}),
            ends_on=TERMS.starts_on,
            cap=0,
            price=Money(-1),
            royalty_ppm=700_000,
            fan_ppm=300_001,
            attribution="two\nlines",
            version=2,
        )
    assert len(caught.value.facts["faults"]) == 10
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "change",
    [
        {"uses": frozenset()},
        {"territory": frozenset()},
        {"territory": "DE"},
        {"territory": frozenset({"de"})},
        {"cap": True},
        {"cap": 1.0},
        {"price": Money(1, "EUR/6")},
        {"price": Money(10**15 + 1)},
        {"royalty_ppm": -1},
        {"fan_ppm": 0.5},
        {"max_copy_ppm": 1_000_001},
        {"attribution": " x"},
        {"attribution": "x" * 201},
        {"attribution": "a\u2028b"},
        {"attribution": "a\u202eb"},
    ],
)
def test_nonsense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        replace(TERMS, **change)


def test_there_are_249_territories() -> None:
    assert len(CODES) == 249


@given(examples.terms())
def test_terms_are_read_back_as_written(terms: Terms) -> None:
    assert read(terms.document()) == terms
    assert terms.hash == canonical.digest(terms.document())


@given(examples.terms(), examples.terms())
def test_different_terms_have_different_hashes(one: Terms, other: Terms) -> None:
    assert (one.hash == other.hash) == (one == other)


@given(examples.terms())
def test_income_is_split_whole(terms: Terms) -> None:
    assert terms.royalty_ppm + terms.fan_ppm + terms.platform_ppm == 1_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"cap": "3"},
        {"uses": ["print", "print", "publish", "sell"]},
        {"uses": ["sell", "publish", "print"]},
        {"uses": 7},
        {"uses": [["print"]]},
        {"uses": "print"},
        {"territory": ["AT", None]},
        {"territory": None},
        {"starts_on": "20260101"},
        {"starts_on": "soon"},
        {"starts_on": 20260101},
        {"price": 5},
        {"price": {"amount": 5.0, "asset": "USD/6"}},
        {"price": {"amount": 5}},
        {"price": {"amount": 5, "asset": "dollars"}},
        {"price": {"amount": 5_000_000, "asset": "USD/6", "tip": 1}},
        {"royalty_ppm": 0.5},
        {"attribution": None},
        {"price": {"amount": 5_000_000, "asset": "USD/6", "tip": 0.5}},
        {"version": "1"},
        {"version": True},
        {"extra": 1},
    ],
)
def test_a_document_in_any_other_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        read({**TERMS.document(), **change})


@pytest.mark.parametrize("document", [None, [], "terms", {}, {1: 2}])
def test_what_is_no_document_is_refused(document: object) -> None:
    with pytest.raises(BadTerms):
        read(document)


def test_training_is_reserved_unless_all_terms_name_it_and_then_within_what_all_allow() -> None:
    free = replace(TERMS, uses=frozenset({"train"}), report_uses=frozenset(), territory="world")
    near = replace(free, territory=frozenset({"DE", "AT"}), ends_on=dt.date(2026, 6, 1))
    assert training([]) == training([TERMS]) == training([free, TERMS]) == ""
    assert training([free]) == f"as its licenses allow: from {free.starts_on} until {free.ends_on}, worldwide"
    assert training([free, near]) == f"as its licenses allow: from {free.starts_on} until 2026-06-01, in AT, DE"
    assert training([near, replace(free, territory=frozenset({"FR"}))]) == ""
    assert training([near, replace(free, starts_on=dt.date(2026, 6, 1))]) == ""
    assert training([replace(free, report_uses=frozenset({"train"}))]).endswith(", each use reported")
    assert "in 40 countries" in training([replace(free, territory=frozenset(sorted(CODES)[:40]))])
