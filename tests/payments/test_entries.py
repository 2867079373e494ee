"""Every kind of entry conserves money, carries what it was computed from, and can be computed again by anyone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import canonical
from core.errors import Invalid
from core.money import Money
from core.shares import WHOLE
from licensing.dues import Part
from payments import entries, waterfall
from payments.entries import (
    Entry,
    FaultyEntry,
    FeePolicy,
    NotAnAmount,
    PayerAmongPayees,
    Posting,
    exploitation_program,
    fee_program,
    income_program,
)
from payments.waterfall import FaultyProgram, Program
from tests.payments.books import ADA, EVE, FEE, INCOME
from tests.payments.programs import shares

UNITS = st.integers(1, 10**15)
PPM = st.integers(0, WHOLE)


def fee(program: Program = FEE, before: int = 0, after: int = 5_000_000, *, payer: str = "bob") -> Entry:
    return entries.fee(program, before, after, work="w1", payer=payer, asset="USD/6", reference="work:w1:fee")


def earned(program: Program = INCOME, before: int = 0, after: int = 5_000_000, *, source: str = "world:x") -> Entry:
    return entries.exploitation(program, before, after, work="w1", source=source, asset="USD/6", reference="r1")


@st.composite
def fee_programs(draw: st.DrawFn) -> Program:
    return fee_program(compute=draw(st.integers(0, 10**6)), platform_ppm=draw(PPM), licensors=draw(shares()))


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    names = [to for to, _ in draw(shares())]
    cut = dict(draw(shares(most=len(names))))
    rows = [(name, cut.get(name, 0)) for name in names]
    made = []
    for name, share in rows:
        royalty = draw(PPM)
        same = draw(st.booleans())  # two licenses of one licensor
        made.append(Part("creator:same" if same else name, share, royalty, draw(st.integers(0, WHOLE - royalty))))
    return made


@given(fee_programs(), UNITS, UNITS)
def test_a_fee_conserves_money_and_computes_again(program: Program, before: int, amount: int) -> None:
    entry = fee(program, before, before + amount)
    assert sum(posting.amount for posting in entry.postings) == 0
    assert entry.postings[0] == Posting("hold:w1", -amount)
    assert min(posting.amount for posting in entry.postings[1:]) > 0
    assert entries.recompute(entry) == entry.postings


@given(fee_programs(), UNITS, UNITS, st.integers(0, 10**15))
def test_a_reversal_gives_back_the_whole_amount_and_computes_again(
    program: Program, before: int, amount: int, more: int
) -> None:
    entry = fee(program, before, before + amount)
    back = entries.reverse(entry, received=before + amount + more)
    assert back.postings[0] == Posting("hold:w1", amount)
    assert sum(posting.amount for posting in back.postings) == 0
    assert entries.recompute(back) == back.postings
    if not more:
        assert sorted(back.postings, key=str) == sorted(
            (Posting(p.account, -p.amount) for p in entry.postings), key=str
        )


@given(UNITS)
def test_transfers_reverse_to_nothing(amount: int) -> None:
    for entry in (
        entries.topup(charge="c1", person="bob", amount=Money(amount), processor="rehearsal"),
        entries.hold(work="w1", person="bob", amount=Money(amount)),
        entries.release(work="w1", person="bob", amount=Money(amount)),
    ):
        back = entries.reverse(entry)
        assert [(p.account, p.amount) for p in back.postings] == [(p.account, -p.amount) for p in entry.postings]
        assert (back.kind, back.reference) == (f"{entry.kind}-reversal", f"{entry.reference}-reversal")


def test_a_recomputation_finds_a_unit_moved_between_payees() -> None:
    entry = fee()
    moved = tuple(replace(p, amount=p.amount + {"platform": 1, ADA: -1}.get(p.account, 0)) for p in entry.postings)
    assert entries.recompute(replace(entry, postings=moved)) != moved


def test_an_entry_carries_all_it_was_computed_from() -> None:
    facts = fee().facts
    assert facts["program"] == FEE.document()
    assert facts["program_id"] == FEE.id
    assert (facts["before"], facts["after"], facts["work"], facts["person"]) == (0, 5_000_000, "w1", "bob")
    canonical.dumps(fee().document())


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {}},
        {"reference": "other"},
        {"asset": "EUR/6"},
        {"postings": (Posting("a", 1), Posting("b", -1))},
    ],
)
def test_the_hash_is_of_the_content(change: dict[str, object]) -> None:
    entry = entries.hold(work="w1", person="bob", amount=Money(5))
    if "postings" in change:
        change = {"postings": (Posting("credit:bob", -6), Posting("hold:w1", 6))}
    assert replace(entry, **change).inputs_hash() != entry.inputs_hash()  # type: ignore[arg-type]


GOOD = (Posting("credit:bob", -5), Posting("hold:w1", 5))


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("sum to 1", {"postings": (Posting("credit:bob", -5), Posting("hold:w1", 6))}),
        ("two accounts", {"postings": ()}),
        ("appears twice", {"postings": (Posting("platform", -5), Posting("platform", 5))}),
        ("zero", {"postings": (*GOOD, Posting("platform", 0))}),
        ("64 bits", {"postings": (Posting("credit:bob", -(2**63)), Posting("hold:w1", 2**63))}),
        ("kind of account", {"postings": (Posting("credit:bob", -5), Posting("pocket:eve", 5))}),
        ("kind of account", {"postings": (Posting("credit:", -5), Posting("hold:w1", 5))}),
        ("no kind of entry", {"kind": "gift"}),
        ("no kind of entry", {"kind": "fee-reversal-reversal"}),
        ("reference", {"reference": ""}),
        ("reference", {"reference": "a b"}),
        ("reference", {"reference": "x" * 201}),
        ("reference", {"reference": "straße"}),
    ],
)
def test_what_makes_no_entry_is_never_made(words: str, change: dict[str, object]) -> None:
    good = Entry("hold", "r1", "USD/6", GOOD, {})
    with pytest.raises(FaultyEntry, match=words):
        replace(good, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [0, -5, 2**63])
def test_only_a_positive_amount_within_64_bits_moves(amount: int) -> None:
    with pytest.raises(NotAnAmount):
        entries.hold(work="w1", person="bob", amount=Money(amount))
    for make in (fee, earned):
        with pytest.raises(NotAnAmount):
            make(before=7, after=7 + amount)  # type: ignore[operator]


def test_what_a_work_earns_comes_from_outside() -> None:
    with pytest.raises(FaultyEntry, match="world:"):
        earned(source="credit:bob")


def test_a_fee_never_goes_back_to_its_payer() -> None:
    with pytest.raises(PayerAmongPayees):
        fee_program(compute=0, platform_ppm=0, licensors=[(ADA, WHOLE)], payer=[ADA, "person:bob"])
    with pytest.raises(PayerAmongPayees):
        fee(INCOME, payer="bob")
    own = fee_program(compute=0, platform_ppm=0, licensors=[(ADA, WHOLE)], payer=[ADA], self_licensed=True)
    assert own.payees == {ADA}


def test_the_house_takes_its_part_before_the_licensors() -> None:
    assert waterfall.increments(FEE, 0, 5_000_000) == {
        "compute": 20_000,
        "platform": 747_000,
        ADA: 2_963_100,
        EVE: 1_269_900,
    }
    assert waterfall.increments(FEE, 0, 15_000) == {"compute": 15_000, "platform": 0, ADA: 0, EVE: 0}


@given(shares(), PPM, st.data())
def test_fan_and_platform_have_their_millionths_of_the_gross(
    licensors: list[tuple[str, int]], platform: int, data: st.DataObject
) -> None:
    fan = data.draw(st.integers(0, WHOLE - platform))
    gross = data.draw(UNITS)
    program = exploitation_program(fan="person:bob", fan_ppm=fan, platform_ppm=platform, licensors=licensors)
    due = waterfall.increments(program, 0, gross)
    assert sum(due.values()) == gross
    assert abs(due.get("platform", 0) - Fraction(gross * platform, WHOLE)) < 1
    assert abs(due.get("person:bob", 0) - Fraction(gross * fan, WHOLE)) <= 2


@pytest.mark.parametrize(
    ("fan", "platform", "licensors"),
    [
        (600_000, 400_001, [(ADA, WHOLE)]),
        (-1, 0, [(ADA, WHOLE)]),
        (0, -1, [(ADA, WHOLE)]),
        (0, 0, [("person:eve", WHOLE)]),
        (0, 0, [(ADA, WHOLE - 1)]),
        (0, 0, []),
    ],
)
def test_shares_that_do_not_add_up_make_no_program(fan: int, platform: int, licensors: list[tuple[str, int]]) -> None:
    with pytest.raises(FaultyProgram):
        exploitation_program(fan="person:bob", fan_ppm=fan, platform_ppm=platform, licensors=licensors)


@given(PPM, st.data())
def test_one_license_gives_exactly_its_terms(royalty: int, data: st.DataObject) -> None:
    fan = data.draw(st.integers(0, WHOLE - royalty))
    program = income_program([Part(ADA, WHOLE, royalty, fan)], fan="person:bob")
    due = waterfall.increments(program, 0, WHOLE)
    assert (due.get("person:bob", 0), due.get("platform", 0)) == (fan, WHOLE - royalty - fan)
    assert due.get(ADA, 0) == royalty


@given(parts(), UNITS)
def test_each_license_rules_its_own_part_of_a_mix(mix: list[Part], gross: int) -> None:
    due = waterfall.increments(income_program(mix, fan="person:bob"), 0, gross)
    assert sum(due.values()) == gross
    exact: dict[str, int] = {"person:bob": 0, "platform": 0}
    for part in mix:
        exact[part.licensor] = exact.get(part.licensor, 0) + part.share * part.royalty_ppm
        exact["person:bob"] += part.share * part.fan_ppm
        exact["platform"] += part.share * (WHOLE - part.royalty_ppm - part.fan_ppm)
    for to, weight in exact.items():
        # two roundings to millionths of the gross, and the sticks' few units
        assert abs(due.get(to, 0) - Fraction(gross * weight, WHOLE * WHOLE)) <= Fraction(2 * gross, WHOLE) + 6


@given(parts(), st.randoms(use_true_random=False))
def test_the_order_of_licenses_does_not_matter(mix: list[Part], random: Random) -> None:
    shuffled = list(mix)
    random.shuffle(shuffled)
    assert income_program(shuffled, fan="person:bob") == income_program(mix, fan="person:bob")


def test_a_tie_for_the_last_millionth_goes_the_same_way_in_every_order() -> None:
    mix = [Part(ADA, 250_000, 1_000, 0), Part(EVE, 250_000, 1_000, 0), Part("creator:kim", 500_000, 500, 0)]
    assert len({income_program(order, fan="person:bob").id for order in permutations(mix)}) == 1


def test_two_licenses_with_different_terms() -> None:
    mix = [Part(ADA, 750_000, 500_000, 400_000), Part(EVE, 250_000, 900_000, 0)]
    program = income_program(mix, fan="person:bob")
    assert waterfall.increments(program, 0, 1_000_000) == {
        "platform": 100_000,
        "person:bob": 300_000,
        ADA: 375_000,
        EVE: 225_000,
    }


def test_a_license_whose_assets_gave_nothing_earns_nothing() -> None:
    mix = [Part(ADA, WHOLE, 500_000, 400_000), Part(EVE, 0, 1_000_000, 0)]
    assert EVE not in income_program(mix, fan="person:bob").payees


def test_parts_that_are_no_whole_make_no_program() -> None:
    with pytest.raises(FaultyProgram):
        income_program([Part(ADA, WHOLE - 1, 500_000, 0)], fan="person:bob")


def test_creators_who_waive_all_income_are_paid_none() -> None:
    program = income_program([Part(ADA, 400_000, 0, WHOLE), Part(EVE, 600_000, 0, 250_000)], fan="person:bob")
    due = waterfall.increments(program, 0, 1_000_000)
    assert (due["person:bob"], due["platform"], due.get(ADA, 0), due.get(EVE, 0)) == (550_000, 450_000, 0, 0)


@pytest.mark.parametrize("wrong", [{"platform_ppm": 1_000_001}, {"platform_ppm": -1}, {"compute": Money(-1)}])
def test_a_fee_policy_takes_no_more_than_there_is(wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        FeePolicy(**wrong)  # type: ignore[arg-type]


def test_only_credit_and_holds_have_a_floor() -> None:
    floors = {
        x for x in ("platform", "compute", "world:x", "credit:b", "hold:w", ADA, "person:b") if entries.has_floor(x)
    }
    assert floors == {"credit:b", "hold:w"}
