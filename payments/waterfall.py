"""Pure: a program divides everything a stream has ever received; a payment pays each payee's difference.

Step by step each payee is entitled to an integer function E(G) of the cumulative revenue G, taken from what the steps
before have left. So the parts always sum to G, nobody's part falls when G grows, the way revenue was cut into payments
does not matter, and a refund of r is E(G - r). Boundary: numbers and names of payees in, numbers out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from core import canonical
from core.errors import Invalid
from core.shares import WHOLE

MOST_STEPS = 64  # the on-chain form of a program holds 32
_UINT32, _UINT128 = 2**32, 2**128  # the on-chain widths of fractions and caps


class FaultyProgram(Invalid):
    """The steps do not make a program that divides every amount."""


class Kind(StrEnum):
    """What a step takes of `left`, the amount that the steps before it left over."""

    SHARE = "share"  # num/den of left
    UPTO = "upto"  # num/den of left, at most cap in all
    FIRST = "first"  # everything, until cap is reached
    TIER = "tier"  # num/den of left up to cap, num2/den of what lies above
    REST = "rest"  # everything; the last step, and only the last


_USES = {
    Kind.SHARE: {"num", "den"},
    Kind.UPTO: {"num", "den", "cap"},
    Kind.FIRST: {"cap"},
    Kind.TIER: {"num", "den", "cap", "num2"},
    Kind.REST: set[str](),
}


@dataclass(frozen=True)
class Step:
    """One payee's rule. Fields that its kind does not use are 0, so a rule has one spelling and one hash."""

    to: str
    kind: Kind
    num: int = 0
    den: int = 0
    cap: int = 0
    num2: int = 0

    def takes(self, left: int) -> int:
        """The step's part of `left` units, 0 <= part <= left; never falling in `left`, and neither is the remainder."""
        if self.kind is Kind.SHARE:
            return left * self.num // self.den
        if self.kind is Kind.UPTO:
            return min(left * self.num // self.den, self.cap)
        if self.kind is Kind.FIRST:
            return min(left, self.cap)
        if self.kind is Kind.TIER:
            low = min(left, self.cap)
            return (low * self.num + (left - low) * self.num2) // self.den
        return left

    def document(self) -> dict[str, Any]:
        return {
            "to": self.to,
            "kind": self.kind.value,
            "num": self.num,
            "den": self.den,
            "cap": self.cap,
            "num2": self.num2,
        }


@dataclass(frozen=True)
class Program:
    """An ordered list of steps, checked when it is made. Raises FaultyProgram."""

    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST_STEPS:
            raise FaultyProgram(f"a program has 1 to {MOST_STEPS} steps, not {len(self.steps)}")
        for number, step in enumerate(self.steps, 1):
            fault = _fault(step, last=number == len(self.steps))
            if fault:
                raise FaultyProgram(f"step {number} of the program {fault}", step=number)

    def document(self) -> dict[str, Any]:
        """The program as plain JSON values; `read` gives it back."""
        return {"version": 1, "steps": [step.document() for step in self.steps]}

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical document, in hex: equal rules have equal ids."""
        return canonical.digest(self.document())

    @property
    def payees(self) -> frozenset[str]:
        return frozenset(step.to for step in self.steps)


def read(document: dict[str, Any]) -> Program:
    """The program that `document()` wrote. Raises FaultyProgram for anything else."""
    try:
        steps = tuple(Step(**{**step, "kind": Kind(step["kind"])}) for step in document["steps"])
    except (KeyError, TypeError, ValueError) as error:
        raise FaultyProgram(f"this is no program's document: {error}") from error
    program = Program(steps)
    if program.document() != document:
        raise FaultyProgram("this is no program's document: it says more than the steps, or another version")
    return program


def entitled(program: Program, g: int) -> list[int]:
    """E(g) of each step, in units: what it is due of `g` units received so far (g >= 0). The list sums to g."""
    if g < 0:
        raise ValueError("a stream cannot have received less than nothing")
    left, parts = g, []
    for step in program.steps:
        part = step.takes(left)
        left -= part
        parts.append(part)
    return parts


def increments(program: Program, before: int, after: int) -> dict[str, int]:
    """What each payee gets as the stream goes from `before` to `after` units: E(after) - E(before), summed per payee.

    In the order of first appearance; sums to after - before. A stream that shrinks (a refund) gives negative amounts.
    """
    due: dict[str, int] = {}
    for step, old, new in zip(program.steps, entitled(program, before), entitled(program, after), strict=True):
        due[step.to] = due.get(step.to, 0) + new - old
    return due


def sticks(shares: Sequence[tuple[str, int]]) -> tuple[Step, ...]:
    """Steps that give each payee its share of the whole, in millionths that sum to 1,000,000; zero shares are left out.

    "p_k of the gross" becomes p_k / (1,000,000 - earlier p) of what is left; the rest goes to the last. Larger shares
    come first (equal ones by name), so the order given does not matter, and with n payees nobody is further from the
    exact share than 1 + 1/2 + … + 1/(n-1) units: under 4 for up to 31 payees, at any amount.
    Raises FaultyProgram when the shares do not sum to the whole, or are negative.
    """
    if min((share for _, share in shares), default=0) < 0 or sum(share for _, share in shares) != WHOLE:
        raise FaultyProgram(f"shares are not negative and sum to {WHOLE:,}", shares=[list(pair) for pair in shares])
    order = sorted((pair for pair in shares if pair[1]), key=lambda pair: (-pair[1], pair[0]))
    left, steps = WHOLE, []
    for to, share in order[:-1]:
        steps.append(Step(to, Kind.SHARE, share, left))
        left -= share
    return (*steps, Step(order[-1][0], Kind.REST))


def _fault(step: Step, *, last: bool) -> str | None:
    """What is wrong with a step, for the sentence "step 2 of the program …", or None."""
    numbers = dict(zip(("num", "den", "cap", "num2"), astuple(step)[2:], strict=True))
    if any(type(value) is not int for value in numbers.values()):  # bool and float are both refused
        return "holds something that is no whole number"
    idle = sorted(name for name, value in numbers.items() if value and name not in _USES[step.kind])
    checks = (
        (not isinstance(step.to, str) or not step.to, "names no payee"),
        (idle, f"is a {step.kind} and has no use for {', '.join(idle)}; leave that at 0"),
        ((step.kind is Kind.REST) != last, "must be the rest" if last else "takes the rest; only the last may"),
        ("den" in _USES[step.kind] and not 0 < step.den < _UINT32, "divides by a den that is not in 1 … 2^32 - 1"),
        (not 0 <= step.num <= step.den, "takes more than there is, or less than nothing: 0 <= num <= den"),
        (not 0 <= step.num2 <= step.den, "takes more than there is, or less than nothing: 0 <= num2 <= den"),
        (not 0 <= step.cap < _UINT128, "has a cap that is not in 0 … 2^128 - 1"),
    )
    return next((words for wrong, words in checks if wrong), None)
