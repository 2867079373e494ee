"""Canonical documents: one spelling for one content, so that the hash means the content."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import canonical
from core.errors import Invalid

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
leaves = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | text
documents = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4), max_leaves=20
)


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same content, with every mapping's keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: shuffled(value[key], rng) for key in keys}
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


@given(documents)
def test_reading_gives_the_document_back(document: Any) -> None:
    assert json.loads(canonical.dumps(document)) == document


@given(documents, st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_count(document: Any, rng: random.Random) -> None:
    assert canonical.dumps(shuffled(document, rng)) == canonical.dumps(document)


@given(documents, documents)
def test_different_contents_have_different_hashes(one: Any, other: Any) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)  # Python's 1 == True is not JSON's
    assert (canonical.digest(one) == canonical.digest(other)) == same


def test_the_spelling_is_fixed() -> None:
    assert canonical.dumps({"b": [1, True, None], "a": "é\n"}) == '{"a":"é\\n","b":[1,true,null]}'.encode()
    assert canonical.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("value", [1.0, [0.5], {"a": {"b": float("nan")}}, (1, 2.0), {1: "a"}, {"a": {None: 1}}])
def test_floats_and_unnamed_keys_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="canonical document"):
        canonical.dumps(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, ["ok", {"a": "x\ud83d"}]])
def test_half_a_character_is_refused(value: Any) -> None:
    with pytest.raises(Invalid, match="half a character"):
        canonical.digest(value)


@pytest.mark.parametrize("value", [object(), {"a": b"bytes"}, {1, 2}])
def test_what_has_no_spelling_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical.dumps(value)
