"""Terms of every kind, for the tests of this floor."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from core.money import Money
from core.shares import WHOLE
from licensing.terms import USES, Terms
from licensing.territories import CODES, WORLD

TERMS = Terms(
    medium="picture",
    starts_on=dt.date(2026, 1, 1),
    ends_on=dt.date(2029, 1, 1),
    price=Money.parse("5.00"),
    royalty_ppm=500_000,
    fan_ppm=400_000,
    max_copy_ppm=50_000,
    uses=frozenset({"publish", "print", "sell"}),
    report_uses=frozenset({"sell"}),
    territory=frozenset({"AT", "DE"}),
    cap=3,
    attribution="in the style of Ada Marsh",
)

DAYS = st.dates(min_value=dt.date(2020, 1, 1), max_value=dt.date(2040, 1, 1))
PLACES = st.sampled_from(sorted(CODES))
CREDITS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=60)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    uses = draw(st.frozensets(st.sampled_from(USES), min_size=1))
    days = sorted(draw(st.lists(DAYS, min_size=2, max_size=2, unique=True)))
    royalty = draw(st.integers(0, WHOLE))
    return Terms(
        medium="picture",
        starts_on=days[0],
        ends_on=days[1],
        price=Money(draw(st.integers(0, 10**15))),
        royalty_ppm=royalty,
        fan_ppm=draw(st.integers(0, WHOLE - royalty)),
        max_copy_ppm=draw(st.integers(0, WHOLE)),
        uses=uses,
        report_uses=draw(st.frozensets(st.sampled_from(sorted(uses)))),
        territory=draw(st.just(WORLD) | st.frozensets(PLACES, min_size=1, max_size=5)),
        cap=draw(st.none() | st.integers(1, 10**9)),
        attribution=draw(CREDITS),
    )
