"""REHEARSAL: a stand-in processor. NO REAL MONEY MOVES: nobody is charged, nobody is paid, every answer says so.

It behaves like a real one where that matters: one charge per key, events that come late, twice or not at all, answers
that are lost after the money has moved. What it does next can be asked for with `will`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.errors import Conflict
from core.money import Money
from payments.processor import REHEARSAL, Event, ProcessorUnavailable

LOUD = "REHEARSAL: no real money moved"
Outcome = Literal["succeed", "decline", "delay", "duplicate", "lose", "refuse"]


class OtherAmount(Conflict):
    """This charge was asked for with another amount."""


@dataclass(frozen=True)
class _Asked:
    amount: Money
    outcome: Outcome


class RehearsalProcessor:
    """Accepts every charge unless told otherwise. It forgets when the process ends; its event ids stay the same."""

    name: str = REHEARSAL

    def __init__(self) -> None:
        self._next: deque[Outcome] = deque()
        self._asked: dict[str, _Asked] = {}
        self._lock = threading.Lock()

    @property
    def charged(self) -> Money:
        """What it would have taken from fans so far."""
        taken = [asked.amount for asked in self._asked.values() if asked.outcome != "decline"]
        return sum(taken, Money(0))

    def will(self, *outcomes: Outcome) -> None:
        """What happens to the next new charges, in this order, before it succeeds again.

        decline: the payment fails. delay: no answer until asked again. duplicate: the event comes twice. lose: the
        payment succeeds but the answer is lost. refuse: no answer, and no payment.
        """
        self._next.extend(outcomes)

    def charge(self, *, charge: str, amount: Money) -> Sequence[Event]:
        """See `payments.processor.Processor`. Raises OtherAmount, ProcessorUnavailable."""
        with self._lock:
            known = self._asked.get(charge)
            if known is None:
                return self._first(charge, amount)
        if known.amount != amount:
            raise OtherAmount(f"charge {charge} was asked for {known.amount}, not {amount}; send a new key")
        return self._tell(charge, known)

    def _first(self, charge: str, amount: Money) -> Sequence[Event]:
        outcome = self._next.popleft() if self._next else "succeed"
        if outcome == "refuse":
            raise ProcessorUnavailable(f"{LOUD}: the processor does not answer; ask again later", charge=charge)
        asked = self._asked[charge] = _Asked(amount, outcome)
        if outcome == "lose":
            raise ProcessorUnavailable(f"{LOUD}: the processor's answer was lost; ask again", charge=charge)
        return [] if outcome == "delay" else self._tell(charge, asked)

    def _tell(self, charge: str, asked: _Asked) -> Sequence[Event]:
        failed = asked.outcome == "decline"
        event = Event(
            id=f"evt_{charge}_{'failed' if failed else 'succeeded'}",
            kind="charge.failed" if failed else "charge.succeeded",
            charge=charge,
            external=f"rehearsal_{charge}",
            amount=asked.amount,
            reason="declined on request" if failed else None,
            payload={"note": LOUD, "amount": asked.amount.amount, "asset": asked.amount.asset},
        )
        return [event, event] if asked.outcome == "duplicate" else [event]
