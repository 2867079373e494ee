"""What a finished work earns is divided by its claim and its licenses' terms, the same in whatever order it comes."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from attribution import named
from attribution.models import RecordedClaim
from core import ids
from core.errors import NotFound
from core.money import Money
from core.shares import WHOLE
from licensing import grounds
from licensing.models import License
from payments import income, ledger
from payments.entries import FaultyEntry, NotAnAmount
from payments.income import NoTermsFor, NotFinished
from payments.ledger import ReferenceReused
from payments.waterfall import increments
from tests.payments import books, made
from tests.payments.books import AT

INCOME = Money.parse("12.34")


def report(session: Session, work: str, amount: Money = INCOME, reference: str = "r1") -> None:
    income.report(session, work=work, amount=amount, reference=reference, at=AT)


def split(session: Session, work: str) -> dict[str, int]:
    return dict(ledger.split_of(session, work=work, kind="exploitation"))


@pytest.fixture
def fan(session: Session) -> str:
    return made.person(session)


@pytest.fixture
def ada(session: Session) -> str:
    return made.creator(session)


def test_income_is_divided_by_the_terms_of_the_license(session: Session, fan: str, ada: str) -> None:
    given = made.license(session, fan=fan, licensor=ada)
    work = made.work(session, fan=fan, parts=[(given, 1_000_000)])
    report(session, work)
    assert split(session, work) == {"platform": 1_234_000, f"person:{fan}": 4_936_000, f"creator:{ada}": 6_170_000}
    assert books.on(session, "world:reported") == -12_340_000
    books.assert_true(session)


def test_each_license_rules_the_part_that_was_made_from_it(session: Session, fan: str, ada: str) -> None:
    eve = made.creator(session, "Eve Lund")
    mild = made.license(session, fan=fan, licensor=ada, royalty_ppm=500_000, fan_ppm=400_000)
    strict = made.license(session, fan=fan, licensor=eve, royalty_ppm=900_000, fan_ppm=0)
    work = made.work(session, fan=fan, parts=[(mild, 750_000), (strict, 250_000)])
    report(session, work, Money(1_000_000))
    assert split(session, work) == {
        "platform": 100_000,
        f"person:{fan}": 300_000,
        f"creator:{ada}": 375_000,
        f"creator:{eve}": 225_000,
    }


def test_a_verdict_says_what_the_ledger_divides_also_of_two_styles_of_one_creator(
    session: Session, fan: str, ada: str
) -> None:
    first, second = (made.license(session, fan=fan, licensor=ada, fan_ppm=ppm) for ppm in (0, 400_000))
    work = made.work(session, fan=fan, parts=[(first, 250_000), (second, 750_000)])
    owed = grounds.answer(session, named.one(session, "work", work), at=AT).income
    paid = increments(income.program_of(session, income.claim_of(session, work=work)), 0, WHOLE)
    assert owed is not None
    assert (owed.fan_ppm, owed.licensors) == (300_000, ((ada, WHOLE),))
    assert (paid[f"person:{fan}"], paid[f"creator:{ada}"]) == (owed.fan_ppm, owed.creators_ppm)


def test_two_styles_of_one_creator_each_keep_their_terms(session: Session, fan: str, ada: str) -> None:
    low = made.license(session, fan=fan, licensor=ada, royalty_ppm=100_000, fan_ppm=900_000)
    high = made.license(session, fan=fan, licensor=ada, royalty_ppm=1_000_000, fan_ppm=0)
    work = made.work(session, fan=fan, parts=[(low, 500_000), (high, 500_000)])
    report(session, work, Money(1_000_000))
    assert split(session, work) == {f"person:{fan}": 450_000, f"creator:{ada}": 550_000}


def test_reports_in_any_order_and_cut_add_up_to_the_same(session: Session, fan: str, ada: str) -> None:
    eve = made.creator(session, "Eve Lund")
    parts = [
        (made.license(session, fan=fan, licensor=ada, royalty_ppm=333_333, fan_ppm=333_333), 333_334),
        (made.license(session, fan=fan, licensor=eve, royalty_ppm=700_001, fan_ppm=7), 666_666),
    ]
    one, many = made.work(session, fan=fan, parts=parts), made.work(session, fan=fan, parts=parts)
    report(session, one, Money(10_007), "whole")
    for number, units in enumerate((1, 9_000, 6, 1, 999)):
        report(session, many, Money(units), f"part-{number}")
    assert split(session, one) == split(session, many)


def test_a_report_counts_once(session: Session, fan: str, ada: str) -> None:
    work = made.work(session, fan=fan, parts=[(made.license(session, fan=fan, licensor=ada), 1_000_000)])
    for _ in range(3):
        report(session, work)
    assert sum(split(session, work).values()) == INCOME.amount
    with pytest.raises(ReferenceReused):
        report(session, work, Money(1))


def test_a_withdrawn_work_still_owes_what_it_earned(session: Session, fan: str, ada: str) -> None:
    work = made.work(session, fan=fan, parts=[(made.license(session, fan=fan, licensor=ada), 1_000_000)])
    claim = session.get_one(RecordedClaim, work)
    claim.withdrawn_at, claim.withdrawn_reason = AT, "she changed her mind"
    license = session.scalars(select(License)).one()
    license.state, license.revoked_at, license.epoch = "revoked", AT, 1
    report(session, work)
    assert sum(split(session, work).values()) == INCOME.amount


def test_a_style_that_gave_nothing_earns_nothing(session: Session, fan: str, ada: str) -> None:
    eve = made.creator(session, "Eve Lund")
    used, unused = (made.license(session, fan=fan, licensor=who) for who in (ada, eve))
    work = made.work(session, fan=fan, parts=[(used, 1_000_000), (unused, 0)])
    report(session, work)
    assert f"creator:{eve}" not in split(session, work)


def test_only_a_finished_work_earns(session: Session) -> None:
    with pytest.raises(NotFinished, match="not finished"):
        report(session, ids.new("wrk"))
    with pytest.raises(NotFound):
        report(session, "nonsense")


@pytest.mark.parametrize("units", [0, -1])
def test_income_is_positive(session: Session, fan: str, ada: str, units: int) -> None:
    work = made.work(session, fan=fan, parts=[(made.license(session, fan=fan, licensor=ada), 1_000_000)])
    with pytest.raises(NotAnAmount):
        report(session, work, Money(units))


@pytest.mark.parametrize("reference", ["", "with space", "ü", "x" * 200])
def test_a_reference_must_fit_the_ledger(session: Session, fan: str, ada: str, reference: str) -> None:
    work = made.work(session, fan=fan, parts=[(made.license(session, fan=fan, licensor=ada), 1_000_000)])
    if reference == "":
        report(session, work, reference=reference)  # `income:` alone is a reference like any other
        return
    with pytest.raises(FaultyEntry):
        report(session, work, reference=reference)


def test_a_claim_whose_terms_are_not_the_license_pays_nobody(session: Session, fan: str, ada: str) -> None:
    given = made.license(session, fan=fan, licensor=ada)
    other = made.license(session, fan=fan, licensor=ada, fan_ppm=0)
    forged = made.Given(given.license, given.style, ada, given.asset, other.terms)
    work = made.work(session, fan=fan, parts=[(forged, 1_000_000)])
    with pytest.raises(NoTermsFor):
        report(session, work)


def test_a_part_that_rests_on_no_license_pays_nobody(session: Session, fan: str, ada: str) -> None:
    given = made.license(session, fan=fan, licensor=ada)
    stranger = made.Given(given.license, given.style, made.creator(session, "Eve Lund"), given.asset, given.terms)
    work = made.work(session, fan=fan, parts=[(given, 1_000_000)])
    row = session.get_one(RecordedClaim, work)
    document = {**row.document, "contributions": [{**row.document["contributions"][0], "licensor": stranger.licensor}]}
    with pytest.raises(NoTermsFor, match="rests on no single license"):
        income.program_of(session, income.Claim.read(document))
