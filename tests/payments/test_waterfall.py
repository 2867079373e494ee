"""Programs divide every amount whole, fairly, and the same however it is cut; an oracle in fractions agrees."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from math import floor
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.shares import WHOLE
from payments import waterfall
from payments.waterfall import MOST_STEPS, FaultyProgram, Kind, Program, Step, entitled, increments, sticks
from tests.payments.programs import AMOUNTS, programs, shares


def oracle(program: Program, g: int) -> list[int]:
    """E(g) in exact fractions, straight from what each kind of step says."""
    left, parts = Fraction(g), []
    for step in program.steps:
        rate = Fraction(step.num, step.den or 1)
        part = {
            Kind.SHARE: lambda rate=rate, left=left: rate * left,
            Kind.UPTO: lambda rate=rate, left=left, step=step: min(Fraction(floor(rate * left)), Fraction(step.cap)),
            Kind.FIRST: lambda left=left, step=step: min(left, Fraction(step.cap)),
            Kind.TIER: lambda rate=rate, left=left, step=step: (
                rate * min(left, step.cap) + Fraction(step.num2, step.den) * max(Fraction(0), left - step.cap)
            ),
            Kind.REST: lambda left=left: left,
        }[step.kind]()
        whole = floor(part)
        parts.append(whole)
        left -= whole
    return parts


@given(programs(), AMOUNTS)
def test_entitlements_are_what_the_oracle_says(program: Program, g: int) -> None:
    assert entitled(program, g) == oracle(program, g)


@given(programs(), AMOUNTS)
def test_parts_sum_to_the_whole_and_none_is_negative(program: Program, g: int) -> None:
    parts = entitled(program, g)
    assert sum(parts) == g
    assert min(parts) >= 0


@given(programs(), AMOUNTS, AMOUNTS)
def test_nobody_loses_when_revenue_grows(program: Program, g: int, more: int) -> None:
    assert all(new >= old for old, new in zip(entitled(program, g), entitled(program, g + more), strict=True))


@given(programs(), st.lists(AMOUNTS, min_size=1, max_size=12))
def test_how_revenue_is_cut_into_payments_does_not_matter(program: Program, amounts: list[int]) -> None:
    paid: dict[str, int] = {}
    before = 0
    for amount in amounts:
        for to, part in increments(program, before, before + amount).items():
            paid[to] = paid.get(to, 0) + part
        before += amount
    assert paid == increments(program, 0, sum(amounts))


@given(programs(), st.lists(AMOUNTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_refunds_in_any_order_end_where_the_refunded_had_never_been(
    program: Program, amounts: list[int], random: Random
) -> None:
    refunded = [amount for amount in amounts if random.random() < 0.5]
    random.shuffle(refunded)
    paid = increments(program, 0, sum(amounts))
    now = sum(amounts)
    for amount in refunded:
        for to, part in increments(program, now, now - amount).items():
            assert part <= 0
            paid[to] += part
        now -= amount
    assert paid == increments(program, 0, now)


@given(programs())
def test_a_program_reads_back_from_its_json_with_the_same_id(program: Program) -> None:
    again = waterfall.read(json.loads(json.dumps(program.document())))
    assert again == program
    assert again.id == program.id


@given(programs(), programs())
def test_ids_tell_rules_apart(one: Program, other: Program) -> None:
    assert (one.id == other.id) == (one == other)


@given(shares(), AMOUNTS)
def test_sticks_are_nobodys_loss_beyond_the_promised_units(parts: list[tuple[str, int]], g: int) -> None:
    steps = sticks(parts)
    promised = sum(Fraction(1, k) for k in range(1, len(steps)))
    given_to = {step.to: part for step, part in zip(steps, entitled(Program(steps), g), strict=True)}
    for to, share in parts:
        assert abs(given_to.get(to, 0) - Fraction(g * share, WHOLE)) <= promised


@given(shares(), st.randoms(use_true_random=False))
def test_the_order_of_licensors_does_not_matter(parts: list[tuple[str, int]], random: Random) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert sticks(shuffled) == sticks(parts)


@pytest.mark.parametrize("parts", [[("creator:a", 999_999)], [("creator:a", 1_000_001), ("creator:b", -1)], []])
def test_shares_that_are_no_whole_are_refused(parts: list[tuple[str, int]]) -> None:
    with pytest.raises(FaultyProgram):
        sticks(parts)


def test_the_kinds_take_what_they_say() -> None:
    steps = (
        Step("a", Kind.FIRST, cap=100),
        Step("b", Kind.UPTO, 1, 2, cap=50),
        Step("c", Kind.TIER, 1, 10, cap=100, num2=5),
        Step("d", Kind.SHARE, 1, 3),
        Step("e", Kind.REST),
    )
    assert entitled(Program(steps), 40) == [40, 0, 0, 0, 0]
    assert entitled(Program(steps), 160) == [100, 30, 3, 9, 18]
    assert entitled(Program(steps), 1_150) == [100, 50, 460, 180, 360]


GOOD = Step("a", Kind.SHARE, 1, 2)
LAST = Step("z", Kind.REST)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (GOOD,),
        (LAST, LAST),
        (replace(GOOD, den=0), LAST),
        (replace(GOOD, den=2**32), LAST),
        (replace(GOOD, num=3), LAST),
        (replace(GOOD, num=-1), LAST),
        (replace(GOOD, num=True), LAST),
        (replace(GOOD, num=1.0), LAST),
        (replace(GOOD, cap=1), LAST),
        (replace(GOOD, to=""), LAST),
        (Step("a", Kind.UPTO, 1, 2, cap=2**128), LAST),
        (Step("a", Kind.TIER, 1, 2, cap=5, num2=3), LAST),
        (Step("z", Kind.REST, num=1),),
        (*[GOOD] * MOST_STEPS, LAST),
    ],
)
def test_a_program_that_could_not_divide_every_amount_is_never_made(steps: tuple[Step, ...]) -> None:
    with pytest.raises(FaultyProgram):
        Program(steps)


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"steps": []}, {"extra": 1}, {"steps": [{"to": "a", "kind": "rest"}]}, {"steps": None}]
)
def test_a_document_that_says_anything_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FaultyProgram):
        waterfall.read({**Program((LAST,)).document(), **change})


def test_nothing_less_than_nothing_was_received() -> None:
    with pytest.raises(ValueError, match="less than nothing"):
        entitled(Program((LAST,)), -1)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(programs(), AMOUNTS, AMOUNTS)
def test_twenty_thousand_programs_agree_with_the_oracle_and_lose_nothing(program: Program, a: int, b: int) -> None:
    before, after = entitled(program, a), entitled(program, a + b)
    assert before == oracle(program, a)
    assert sum(after) == a + b
    assert all(new >= old for old, new in zip(before, after, strict=True))
