"""Cursors: opaque on the wire, and whatever a stranger puts into one is refused before the database sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import Request, Response

from core.web import BadCursor, Page, decode_cursor, encode_cursor

AT = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)


def page(after: list[Any] | None) -> Page:
    return Page(Request({"type": "http"}), Response(), 10, after)


def test_a_sort_key_comes_back_as_what_it_was() -> None:
    cursor = encode_cursor([AT, 5, "sty_1"])
    assert page(decode_cursor(cursor)).key(datetime, int, str) == (AT, 5, "sty_1")
    assert page(None).key(datetime, str) is None


@pytest.mark.parametrize("cursor", ["x", "bm90IGpzb24", encode_cursor([1.5]), encode_cursor([None]), "eyJhIjoxfQ"])
def test_what_no_list_gave_out_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(cursor)


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        (["a"], (str, str)),
        (["a", "b", "c"], (str, str)),
        (["a"], (int,)),
        ([True], (int,)),
        ([1 << 63], (int,)),
        ([1], (str,)),
        (["nul\0"], (str,)),
        (["\ud800"], (str,)),
        (["yesterday"], (datetime,)),
        (["2026-03-01T12:00:00"], (datetime,)),
    ],
)
def test_a_key_of_another_list_is_refused(after: list[Any], kinds: tuple[type, ...]) -> None:
    with pytest.raises(BadCursor):
        page(after).key(*kinds)
