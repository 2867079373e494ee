"""Pure: five sets of terms to start from, in plain words, so that a first offer needs no reading.

None of them allows training, one alone allows advertising, and all hold for the whole world: a creator who wants
something else changes the fields.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core.money import Money
from licensing.terms import MOST_LETTERS, Terms

YEARS = 3


@dataclass(frozen=True)
class Preset:
    """One set of terms. `words`: what it means, in one or two sentences. `credited`: works must name the creator."""

    id: str
    title: str
    words: str
    uses: frozenset[str]
    report_uses: frozenset[str]
    price: str
    royalty_ppm: int
    fan_ppm: int
    max_copy_ppm: int = 50_000
    cap: int | None = None
    credited: bool = True

    def terms(self, *, starts_on: dt.date, ends_on: dt.date, creator: str = "", medium: str = "picture") -> Terms:
        """The preset as terms for these days; `creator` is named in the credit that works must carry, if it fits."""
        credit = f"in the style of {creator}" if creator and self.credited else ""
        return Terms(
            medium=medium,
            uses=self.uses,
            report_uses=self.report_uses,
            starts_on=starts_on,
            ends_on=ends_on,
            cap=self.cap,
            price=Money.parse(self.price),
            royalty_ppm=self.royalty_ppm,
            fan_ppm=self.fan_ppm,
            max_copy_ppm=self.max_copy_ppm,
            attribution=credit if len(credit) <= MOST_LETTERS else "",
        )


PRESETS = (
    Preset(
        id="post",
        title="Fans may post it",
        words="A fan may show the work online and hang a print of it at home, naming you. Nobody may sell it.",
        uses=frozenset({"publish", "print"}),
        report_uses=frozenset(),
        price="2.00",
        royalty_ppm=500_000,
        fan_ppm=400_000,
    ),
    Preset(
        id="sell",
        title="Post and sell, half each",
        words="A fan may also sell the work and prints of it. Each sale is reported, and you both get half.",
        uses=frozenset({"publish", "print", "sell"}),
        report_uses=frozenset({"sell"}),
        price="5.00",
        royalty_ppm=500_000,
        fan_ppm=500_000,
    ),
    Preset(
        id="business",
        title="Everything but advertising",
        words="Businesses too may show, stream, print, sell and sample the work. Sales, streams and samples are"
        " reported, and most of what they earn is yours.",
        uses=frozenset({"publish", "print", "sell", "stream", "sample"}),
        report_uses=frozenset({"sell", "stream", "sample"}),
        price="25.00",
        royalty_ppm=600_000,
        fan_ppm=300_000,
    ),
    Preset(
        id="advertise",
        title="Advertising too, at a price",
        words="All of that, and the work may advertise something. Your name stays out of it: no credit is asked for.",
        uses=frozenset({"publish", "print", "sell", "stream", "sample", "advertise"}),
        report_uses=frozenset({"sell", "stream", "sample", "advertise"}),
        price="150.00",
        royalty_ppm=700_000,
        fan_ppm=200_000,
        credited=False,
    ),
    Preset(
        id="one",
        title="One small gift",
        words="Each fan may make a single work for free, to show and to print at home, naming you.",
        uses=frozenset({"publish", "print"}),
        report_uses=frozenset(),
        price="0.00",
        royalty_ppm=500_000,
        fan_ppm=500_000,
        cap=1,
    ),
)


def window(*, today: dt.date, until: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """First and last day of an offer made today: three years, or until the consent ends."""
    try:
        ends = today.replace(year=today.year + YEARS)
    except ValueError:  # 29 February
        ends = today.replace(year=today.year + YEARS, day=28)
    return today, min(ends, until) if until is not None and until > today else ends
