"""What a work will cost and who will get what, before it is ordered: by the same code that pays."""

from __future__ import annotations

from dataclasses import dataclass

from core.shares import quantize
from payments import entries, waterfall
from payments.entries import FeePolicy


@dataclass(frozen=True)
class Line:
    """One payee's part of a fee, in units. `role`: compute, platform or licensor."""

    to: str
    role: str
    amount: int


def lines(*, price: int, policy: FeePolicy, licensors: list[tuple[str, int]]) -> list[Line]:
    """How a fee of `price` units is split among licensors with these relative weights; the lines sum to the price."""
    if price == 0:
        return []
    shares = list(quantize(dict(licensors)).items())
    program = entries.fee_program(
        compute=min(policy.compute.amount, price), platform_ppm=policy.platform_ppm, licensors=shares
    )
    split = waterfall.increments(program, 0, price)
    return [Line(to, role_of(to), amount) for to, amount in split.items()]


def role_of(account: str) -> str:
    """The role an account plays in a split: its own name for the house's accounts, else licensor or fan."""
    kind = account.partition(":")[0]
    return {"creator": "licensor", "person": "fan"}.get(kind, kind)
