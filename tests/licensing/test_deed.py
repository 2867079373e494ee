"""Deeds: every field is in them, no two terms share one, and the machine's copy reads back."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given

from core.money import Money
from licensing import deed
from licensing.deed import BadDeed
from licensing.terms import Terms
from tests.licensing import examples
from tests.licensing.examples import TERMS

CHANGES: dict[str, Any] = {
    "uses": frozenset({"publish", "print", "sell", "train"}),
    "report_uses": frozenset({"print"}),
    "territory": "world",
    "starts_on": dt.date(2026, 1, 2),
    "ends_on": dt.date(2029, 1, 2),
    "cap": None,
    "price": Money(5_000_001),
    "royalty_ppm": 500_001,
    "fan_ppm": 399_999,
    "max_copy_ppm": 50_001,
    "attribution": "",
}
ONLY_ONE_YET = {"medium", "version"}


def test_every_field_of_the_terms_is_covered_here() -> None:
    assert set(CHANGES) | ONLY_ONE_YET == {field.name for field in fields(Terms)}


@pytest.mark.parametrize("name", CHANGES)
def test_each_field_changes_both_deeds(name: str) -> None:
    other = replace(TERMS, **{name: CHANGES[name]})
    assert deed.text(other) != deed.text(TERMS)
    assert deed.odrl(other) != deed.odrl(TERMS)


@pytest.mark.parametrize(
    "words",
    [
        "version 1",
        "medium picture",
        "up to 3 works",
        "5.00 USD",
        "print, publish, sell",
        "reported: sell",
        "reserved to the creator",
        "AT, DE",
        "2026-01-01",
        "2029-01-01",
        "5 % of a work",
        "creators receive 50 %, the fan 40 %, the platform 10 %",
        "in the style of Ada Marsh",
        "revoke",
    ],
)
def test_the_text_says_it_in_plain_words(words: str) -> None:
    assert words in deed.text(TERMS)


@given(examples.terms(), examples.terms())
def test_different_terms_never_give_the_same_deed(one: Terms, other: Terms) -> None:
    assert (deed.text(one) == deed.text(other)) == (one == other)


@given(examples.terms())
def test_each_clause_keeps_to_its_line(terms: Terms) -> None:
    assert len(deed.text(terms).splitlines()) == len(deed.text(TERMS).splitlines())


@given(examples.terms())
def test_odrl_reads_back_as_the_terms(terms: Terms) -> None:
    assert deed.read_odrl(json.loads(json.dumps(deed.odrl(terms)))) == terms


def test_hash_is_of_the_text() -> None:
    assert deed.text_hash(TERMS) == hashlib.sha256(deed.text(TERMS).encode()).hexdigest()
    assert deed.odrl(TERMS)["homage:deed"] == deed.text_hash(TERMS)


VOCABULARY = {
    "action": {"derive", "distribute", "extract", "print", "sell", "stream", "attribute", "compensate", "inform"},
    "leftOperand": {"count", "dateTime", "media", "payAmount", "spatial"},
    "operator": {"eq", "gteq", "isAnyOf", "lt", "lteq"},
}


def words(part: Any, key: str) -> set[str]:
    """Every value of a key, at any depth."""
    if isinstance(part, list):
        return {word for item in part for word in words(item, key)}
    if not isinstance(part, dict):
        return set()
    own = {part[key]} if key in part else set()
    return own.union(*(words(item, key) for item in part.values()))


@given(examples.terms())
def test_odrl_uses_words_of_the_vocabulary_or_names_its_own(terms: Terms) -> None:
    for key, known in VOCABULARY.items():
        assert all(word in known or word.startswith("homage:") for word in words(deed.odrl(terms), key))


def test_odrl_has_the_shape_of_a_policy() -> None:
    """The information model: a Set has a uid and rules; a rule has a target and an action; a constraint three parts."""
    document = deed.odrl(TERMS)
    assert document["@type"] == "Set"
    assert document["uid"].startswith("urn:")
    rules = document["permission"] + document["prohibition"]
    assert all(rule["target"] and rule["action"] for rule in rules)
    constraints = [c for rule in rules for c in rule.get("constraint", [])]
    assert constraints
    assert all(set(c) == {"leftOperand", "operator", "rightOperand"} for c in constraints)
    assert {"target": "homage:style", "action": "homage:train"} in document["prohibition"]


@pytest.mark.parametrize(
    "path",
    [
        ("homage:fan",),
        ("homage:deed",),
        ("uid",),
        ("permission", 1, "action"),
        ("permission", 0, "constraint", 3, "rightOperand"),
        ("permission", 1, "constraint", 3, "rightOperand", 0),
        ("prohibition", 0, "action"),
    ],
)
def test_an_altered_deed_is_refused(path: tuple[str | int, ...]) -> None:
    document = copy.deepcopy(deed.odrl(TERMS))
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = "altered" if isinstance(place[path[-1]], str) else 1
    with pytest.raises(BadDeed):
        deed.read_odrl(document)


@pytest.mark.parametrize("value", [True, 1.0])
def test_a_value_of_another_kind_is_an_alteration(value: object) -> None:
    document = deed.odrl(replace(TERMS, royalty_ppm=1, fan_ppm=1))
    assert deed.read_odrl(document)
    with pytest.raises(BadDeed):
        deed.read_odrl({**document, "homage:version": value})


@pytest.mark.parametrize("document", [{}, {"permission": []}, {"permission": "all"}, {"permission": [{}]}])
def test_what_is_no_deed_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(BadDeed):
        deed.read_odrl(document)
