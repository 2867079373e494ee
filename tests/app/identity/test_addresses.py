"""Which addresses are the same, and which are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.addresses import BadAddress, mark, normalized


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Marsh+homage@Example.ORG ", "ada.marsh+homage@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ADA@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("o'neil@mail.example.org", "o'neil@mail.example.org"),
    ],
)
def test_one_address_is_kept_in_one_spelling(written: str, kept: str) -> None:
    assert normalized(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@example",
        "ada@127.0.0.1",
        "ada@-example.org",
        "ada@example..org",
        ".ada@example.org",
        "a..da@example.org",
        "ada@example.org\r\nBcc: eve@example.org",
        "ada marsh@example.org",
        "ada@exam ple.org",
        "<ada@example.org>",
        "ada@example.org,eve@example.org",
        "x" * 65 + "@example.org",
        "ada@" + "x" * 64 + ".org",
        "ada@example.org\0",
        "ad\u0130a@example.org",
    ],
)
def test_what_mail_cannot_be_sent_to_is_refused(written: str) -> None:
    with pytest.raises(BadAddress):
        normalized(written)


@given(st.text(max_size=300))
def test_whatever_is_written_is_kept_in_its_last_spelling_or_refused(written: str) -> None:
    try:
        kept = normalized(written)
    except BadAddress:
        return
    assert normalized(kept) == kept
    assert kept.isascii()
    assert kept.isprintable()


def test_a_mark_tells_addresses_apart_without_showing_them() -> None:
    assert mark("ada@example.org") == mark("ada@example.org") != mark("eve@example.org")
    assert "ada" not in mark("ada@example.org")
