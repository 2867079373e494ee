"""Money is a whole number of the smallest unit of a named asset; it cannot be built from a float.

Everything inside runs on `USD/6`: the unit is a millionth of a dollar, one cent is 10,000 units. Rails that take whole
cents carry the rest over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import Invalid

USD = "USD/6"
_ASSET = re.compile(r"[A-Z][A-Z0-9]{2,11}/([0-9]|1[0-8])")
_DECIMAL = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,15})(?:\.(?P<part>[0-9]{1,40}))?")


@dataclass(frozen=True, order=False)
class Money:
    """`amount` units of `asset`, where the asset's name ends in its scale: `Money(5_000_000, "USD/6")` is $5."""

    amount: int
    asset: str = USD

    def __post_init__(self) -> None:
        if type(self.amount) is not int:  # bool and float are both refused
            raise TypeError(f"money is counted in whole units, not {type(self.amount).__name__}")
        if not _ASSET.fullmatch(self.asset):
            raise Invalid(f"{self.asset[:40]!r} is no asset; write a code and its scale, like USD/6")

    @classmethod
    def parse(cls, text: str, asset: str = USD) -> Money:
        """Read a decimal such as `"4.20"`. Raises Invalid when it is none, or finer than the asset's scale."""
        scale = cls(0, asset).scale
        found = _DECIMAL.fullmatch(text.strip())
        if not found:
            raise Invalid(f"{text[:40]!r} is no amount; write it like 4.20")
        part = (found["part"] or "").rstrip("0")
        if len(part) > scale:
            raise Invalid(f"{text[:40]!r} is finer than {asset} can hold ({scale} decimals)")
        units = int(found["whole"]) * 10**scale + int(part.ljust(scale, "0") or 0)
        return cls(-units if found["sign"] else units, asset)

    @property
    def scale(self) -> int:
        return int(self.asset.rpartition("/")[2])

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.asset)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.asset)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.asset)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __bool__(self) -> bool:
        raise TypeError("say what you ask of money: compare its amount with 0")

    def _same(self, other: Money) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money goes with money, not with {type(other).__name__}")
        if other.asset != self.asset:
            raise Invalid(f"{self.asset} and {other.asset} cannot be reckoned together")
        return other.amount

    def __str__(self) -> str:
        """For people: at least two decimals, no trailing noise, e.g. `4.20 USD` or `0.333333 USD`."""
        units, scale = abs(self.amount), self.scale
        whole, part = divmod(units, 10**scale)
        decimals = str(part).rjust(scale, "0").rstrip("0").ljust(min(2, scale), "0") if scale else ""
        sign = "-" if self.amount < 0 else ""
        return f"{sign}{whole:,}{'.' if decimals else ''}{decimals} {self.asset.partition('/')[0]}"
