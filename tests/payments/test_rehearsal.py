"""The stand-in keeps a processor's promises, and says at every turn that no money moves."""

from __future__ import annotations

import pytest

from core.money import Money
from payments.processor import Processor, ProcessorUnavailable
from payments.processors.rehearsal import LOUD, OtherAmount, RehearsalProcessor

FIVE = Money.parse("5.00")


def test_every_answer_says_that_no_money_moved() -> None:
    processor = RehearsalProcessor()
    processor.will("decline", "refuse")
    (declined,) = processor.charge(charge="chg_1", amount=FIVE)
    assert declined.payload["note"] == LOUD
    assert "no real money" in LOUD
    with pytest.raises(ProcessorUnavailable, match="REHEARSAL"):
        processor.charge(charge="chg_2", amount=FIVE)
    (paid,) = processor.charge(charge="chg_2", amount=FIVE)
    assert paid.payload["note"] == LOUD


def test_a_charge_is_taken_once_and_told_alike_each_time() -> None:
    processor: Processor = RehearsalProcessor()
    first = processor.charge(charge="chg_1", amount=FIVE)
    assert processor.charge(charge="chg_1", amount=FIVE) == first
    assert isinstance(processor, RehearsalProcessor)
    assert processor.charged == FIVE


def test_a_charge_has_one_amount() -> None:
    processor = RehearsalProcessor()
    processor.charge(charge="chg_1", amount=FIVE)
    with pytest.raises(OtherAmount):
        processor.charge(charge="chg_1", amount=Money.parse("5.01"))
    assert processor.charged == FIVE


def test_outcomes_come_in_the_order_they_were_asked_for_then_it_succeeds() -> None:
    processor = RehearsalProcessor()
    processor.will("delay", "duplicate", "decline")
    told = [[x.kind for x in processor.charge(charge=f"chg_{i}", amount=FIVE)] for i in range(4)]
    assert told == [[], ["charge.succeeded"] * 2, ["charge.failed"], ["charge.succeeded"]]
    assert [x.kind for x in processor.charge(charge="chg_0", amount=FIVE)] == ["charge.succeeded"]
    assert processor.charged == Money.parse("15.00")


def test_a_restart_forgets_but_tells_the_same_event() -> None:
    before, after = RehearsalProcessor(), RehearsalProcessor()
    assert before.charge(charge="chg_1", amount=FIVE) == after.charge(charge="chg_1", amount=FIVE)
