"""Programs of every kind, for the tests of this floor."""

from __future__ import annotations

from hypothesis import strategies as st

from payments.waterfall import Kind, Program, Step

PAYEES = st.sampled_from(["platform", "compute", "creator:ada", "creator:eve", "creator:kim", "person:bob"])
AMOUNTS = st.one_of(st.integers(0, 50), st.integers(0, 10**7), st.integers(0, 2**63 - 1))
CAPS = st.one_of(st.integers(0, 30), st.integers(0, 10**7), st.integers(0, 2**128 - 1))
DENS = st.one_of(st.integers(1, 12), st.just(1_000_000), st.integers(1, 2**32 - 1))


@st.composite
def steps(draw: st.DrawFn) -> Step:
    kind = draw(st.sampled_from([Kind.SHARE, Kind.UPTO, Kind.FIRST, Kind.TIER]))
    to = draw(PAYEES)
    if kind is Kind.FIRST:
        return Step(to, kind, cap=draw(CAPS))
    den = draw(DENS)
    num = draw(st.integers(0, den))
    if kind is Kind.SHARE:
        return Step(to, kind, num, den)
    if kind is Kind.UPTO:
        return Step(to, kind, num, den, draw(CAPS))
    return Step(to, kind, num, den, draw(CAPS), draw(st.integers(0, den)))


@st.composite
def programs(draw: st.DrawFn) -> Program:
    return Program((*draw(st.lists(steps(), max_size=8)), Step(draw(PAYEES), Kind.REST)))


@st.composite
def shares(draw: st.DrawFn, most: int = 12) -> list[tuple[str, int]]:
    """Licensors with shares that sum to a million, some of them perhaps 0."""
    cuts = sorted(draw(st.lists(st.integers(0, 1_000_000), max_size=most - 1)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 1_000_000], strict=True)]
    return [(f"creator:c{number}", part) for number, part in enumerate(parts)]
