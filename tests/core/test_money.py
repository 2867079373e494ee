"""Money: whole units of a named asset, exact in every reckoning, never mixed, never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import USD, Money

amounts = st.integers(-(10**18), 10**18)
scales = st.integers(0, 18)


@given(amounts, amounts)
def test_adding_and_taking_away_are_exact(a: int, b: int) -> None:
    one, other = Money(a), Money(b)
    assert (one + other) - other == one
    assert one - other == -(other - one)
    assert (one < other, one <= other, one > other) == (a < b, a <= b, a > b)


@given(st.integers(-(10**15) + 1, 10**15 - 1), scales)
def test_parse_reads_what_str_writes(amount: int, scale: int) -> None:
    money = Money(amount, f"EUR/{scale}")
    written = str(money).removesuffix(" EUR").replace(",", "")
    assert Money.parse(written, f"EUR/{scale}") == money
    assert Decimal(written) == Decimal(amount).scaleb(-scale)


@given(amounts, scales)
def test_str_shows_cents_and_no_trailing_noise(amount: int, scale: int) -> None:
    decimals = str(Money(amount, f"EUR/{scale}")).removesuffix(" EUR").partition(".")[2]
    assert len(decimals) >= min(2, scale)
    assert len(decimals) <= 2 or not decimals.endswith("0")


@pytest.mark.parametrize(
    ("text", "amount"),
    [("4.20", 4_200_000), ("0", 0), ("-0.000001", -1), (" 7 ", 7_000_000), ("1.50000000000", 1_500_000), ("-0", 0)],
)
def test_decimals_are_read_exactly(text: str, amount: int) -> None:
    assert Money.parse(text) == Money(amount, USD)


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "1.", ".5", "1,000.00", "1e3", "NaN", "inf", "+1", "--1", "1 000", "0x10", "٣.٥", "1" * 16),
        *("0.0000001", "1\n2", "$5", "5 USD", "½"),
    ],
)
def test_what_is_no_amount_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse(text)
    assert repr(text) in refused.value.message


def test_a_long_text_is_not_quoted_whole() -> None:
    with pytest.raises(Invalid) as refused:
        Money.parse("9" * 5000)
    assert len(refused.value.message) < 100


@pytest.mark.parametrize("asset", ["USD", "usd/6", "USD/19", "USD/", "/6", "USD/6\n", "U/2", "USD/-1", "USD/06", ""])
def test_an_asset_names_its_scale(asset: str) -> None:
    with pytest.raises(Invalid):
        Money(1, asset)
    with pytest.raises(Invalid):
        Money.parse("1", asset)


@pytest.mark.parametrize("amount", [1.0, True, "1", None, Decimal(1)])
def test_only_whole_numbers_are_counted(amount: Any) -> None:
    with pytest.raises(TypeError):
        Money(amount)


def test_assets_are_never_mixed() -> None:
    for reckon in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(Invalid, match="cannot be reckoned together"):
            reckon(Money(1, "USD/6"), Money(1, "USD/2"))
    assert Money(1, "USD/6") != Money(1, "USD/2")


def test_money_goes_with_money_only_and_has_no_truth() -> None:
    amount: Any = Money(1)
    for wrong in (lambda: amount + 1, lambda: sum([amount]), lambda: amount < 1, lambda: bool(amount)):
        with pytest.raises(TypeError):
            wrong()


def test_thousands_are_grouped_for_people() -> None:
    assert str(Money(-1_234_567_890_000)) == "-1,234,567.89 USD"
    assert str(Money(333_333)) == "0.333333 USD"
    assert str(Money(5, "JPY/0")) == "5 JPY"
