"""The ledger against a model of a few dictionaries, after every step of whatever people may do."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from sqlalchemy import text

from core import db
from core.errors import HomageError
from core.money import Money
from payments import entries, ledger
from payments.ledger import NotEnoughCredit, NothingHeld
from payments.models import Entry
from payments.waterfall import Program
from tests.payments import books
from tests.payments.books import ADA, AT, EVE
from tests.payments.test_waterfall import oracle

PEOPLE = ("bob", "kim")
AMOUNTS = st.one_of(st.integers(1, 9), st.integers(1, 10**7))
FEES = [
    books.FEE,
    entries.fee_program(compute=3, platform_ppm=333_333, licensors=[(ADA, 1), (EVE, 999_999)]),
]
INCOMES = [
    entries.exploitation_program(
        fan=f"person:{who}", fan_ppm=fan, platform_ppm=7, licensors=[(ADA, 333_334), (EVE, 666_666)]
    )
    for who, fan in (("bob", 500_000), ("kim", 1))
]


class Books(RuleBasedStateMachine):
    """Each run has a transaction of its own, which is rolled back."""

    sessions: db.Sessions
    posted: Bundle[str] = Bundle("posted")

    def __init__(self) -> None:
        super().__init__()
        self.session = self.sessions()
        self.plain: Counter[str] = Counter()  # what was moved from account to account
        self.received: Counter[tuple[str, str]] = Counter()  # G of (work, kind)
        self.programs: dict[tuple[str, str], Program] = {}
        self.held: dict[str, tuple[str, int]] = {}  # who paid how much for a work
        self.entries: dict[str, entries.Entry] = {}
        self.number = 0

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    @rule(target=posted, person=st.sampled_from(PEOPLE), amount=AMOUNTS)
    def top_up(self, person: str, amount: int) -> Any:
        self.number += 1
        entry = entries.topup(charge=f"c{self.number}", person=person, amount=Money(amount), processor="rehearsal")
        return self.post(entry, {"world:rehearsal": -amount, f"credit:{person}": amount})

    @rule(target=posted, person=st.sampled_from(PEOPLE), amount=AMOUNTS)
    def hold(self, person: str, amount: int) -> Any:
        self.number += 1
        work = f"w{self.number}"
        entry = entries.hold(work=work, person=person, amount=Money(amount))
        reference = self.post(entry, {f"credit:{person}": -amount, f"hold:{work}": amount}, NotEnoughCredit)
        if entry.reference in self.entries:
            self.held[work] = (person, amount)
        return reference

    @rule(target=posted, data=st.data())
    def release(self, data: st.DataObject) -> Any:
        if not self.held:
            return multiple()
        work = data.draw(st.sampled_from(sorted(self.held)))
        person, amount = self.held[work]
        entry = entries.release(work=work, person=person, amount=Money(amount))
        return self.post(entry, {f"hold:{work}": -amount, f"credit:{person}": amount}, NothingHeld)

    @rule(target=posted, data=st.data(), program=st.sampled_from(FEES))
    def fee(self, data: st.DataObject, program: Program) -> Any:
        if not self.held:
            return multiple()
        work = data.draw(st.sampled_from(sorted(self.held)))
        return self.collect("fee", work, self.held[work][1], program, f"hold:{work}", f"work:{work}:fee")

    @rule(target=posted, work=st.sampled_from(["w1", "w2", "w3"]), amount=AMOUNTS, program=st.sampled_from(INCOMES))
    def earn(self, work: str, amount: int, program: Program) -> Any:
        self.number += 1
        return self.collect("exploitation", work, amount, program, "world:reported", f"income:{self.number}")

    @rule(target=posted, reference=posted)
    def reverse(self, reference: str) -> Any:
        entry = self.entries[reference]
        back = reference + "-reversal"
        if entry.kind.endswith("-reversal") or back in self.entries:
            return multiple()
        changes: dict[str, int] = {}
        if entry.kind in entries.STREAMS:
            amount = entry.facts["after"] - entry.facts["before"]
            changes = {entry.facts["source"]: amount}
        else:
            changes = {p.account: -p.amount for p in entry.postings}
        if self.breaks_a_floor(changes):
            with pytest.raises((NotEnoughCredit, NothingHeld)):
                ledger.reverse(self.session, reference=reference, at=AT)
            return multiple()
        row = ledger.reverse(self.session, reference=reference, at=AT)
        self.plain.update(changes)
        if entry.kind in entries.STREAMS:
            self.received[str(entry.work), entry.kind] -= amount
        return self.keep(row)

    @rule(reference=posted)
    def post_again(self, reference: str) -> None:
        """The same entry again is the stored one; the same reference with another amount is refused."""
        entry = self.entries[reference]
        assert ledger.post(self.session, entry, at=AT).reference == reference
        source, target, *rest = entry.postings
        other = (entries.Posting(source.account, source.amount - 1), entries.Posting(target.account, target.amount + 1))
        if all(p.amount for p in other):
            forged = entries.Entry(entry.kind, reference, entry.asset, (*other, *rest), entry.facts)
            with pytest.raises(ledger.ReferenceReused):
                ledger.post(self.session, forged, at=AT)

    @invariant()
    def every_balance_is_what_the_model_says(self) -> None:
        expected = Counter(self.plain)
        for (work, kind), received in self.received.items():
            program = self.programs[work, kind]
            for step, part in zip(program.steps, oracle(program, received), strict=True):
                expected[step.to] += part
        rows = self.session.execute(
            text(
                "SELECT name, coalesce(sum(amount), 0) FROM ledger_accounts a LEFT JOIN postings p ON p.account = a.id"
                " GROUP BY name"
            )
        )
        found = {name: int(total) for name, total in rows}
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}

    @invariant()
    def the_books_are_true(self) -> None:
        books.assert_true(self.session)

    @invariant()
    def a_split_sums_to_what_was_received(self) -> None:
        for (work, kind), received in self.received.items():
            assert sum(amount for _, amount in ledger.split_of(self.session, work=work, kind=kind)) == received

    def collect(self, kind: str, work: str, amount: int, program: Program, source: str, reference: str) -> Any:
        if reference in self.entries:  # a work's fee is taken once; again it is the stored entry, if all is the same
            program = self.programs[work, kind]
        known = self.programs.get((work, kind))
        fails = self.breaks_a_floor({source: -amount}) and reference not in self.entries

        def collect() -> Entry:
            return ledger.collect(
                self.session,
                kind=kind,
                program=program,
                work=work,
                amount=Money(amount),
                source=source,
                reference=reference,
                at=AT,
            )

        if known not in (None, program):
            with pytest.raises(ledger.OtherProgram):
                collect()
            return multiple()
        if fails:
            with pytest.raises(NothingHeld):
                collect()
            return multiple()
        row = collect()
        if reference in self.entries:
            return multiple()
        self.programs[work, kind] = program
        self.received[work, kind] += amount
        self.plain[source] -= amount
        return self.keep(row)

    def post(self, entry: entries.Entry, changes: dict[str, int], refusal: type[HomageError] = HomageError) -> Any:
        if entry.reference in self.entries:
            assert ledger.post(self.session, entry, at=AT).reference == entry.reference
            return multiple()
        if self.breaks_a_floor(changes):
            with pytest.raises(refusal):
                ledger.post(self.session, entry, at=AT)
            return multiple()
        row = ledger.post(self.session, entry, at=AT)
        self.plain.update(changes)
        return self.keep(row)

    def breaks_a_floor(self, changes: dict[str, int]) -> bool:
        return any(entries.has_floor(name) and self.plain[name] + change < 0 for name, change in changes.items())

    def keep(self, row: Entry) -> str:
        self.entries[row.reference] = ledger.stored(self.session, row)
        return row.reference


def run(sessions: db.Sessions, *, examples: int, steps: int) -> None:
    machine = type("Machine", (Books,), {"sessions": sessions})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


def test_the_ledger_is_its_model(sessions: db.Sessions) -> None:
    run(sessions, examples=12, steps=25)


@pytest.mark.slow
def test_the_ledger_is_its_model_for_long(sessions: db.Sessions) -> None:
    run(sessions, examples=80, steps=50)
