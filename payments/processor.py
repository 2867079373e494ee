"""What the house needs of whoever moves money outside it; its adapters are known to `app` only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from core.errors import Unavailable
from core.money import Money

REHEARSAL = "rehearsal"  # the name of the stand-in that moves no real money


class ProcessorUnavailable(Unavailable):
    """The processor gave no answer; whether it charged is not known."""


@dataclass(frozen=True)
class Event:
    """What a processor says happened to a charge. `id` is its own and the same however often it says so.

    charge: the id of our charge. external: the processor's id of it. payload: all it said, as plain JSON values.
    """

    id: str
    kind: Literal["charge.succeeded", "charge.failed"]
    charge: str
    external: str
    amount: Money
    reason: str | None
    payload: dict[str, Any]


class Processor(Protocol):
    """Charges a fan. No transaction is open while it is asked."""

    @property
    def name(self) -> str:
        """Names its account, `world:<name>`, and its events."""
        ...

    def charge(self, *, charge: str, amount: Money) -> Sequence[Event]:
        """Ask for a payment; what is known of it so far, nothing while it is undecided.

        Asking again under the same charge moves no more money and tells what has become known since.
        Raises ProcessorUnavailable.
        """
        ...
